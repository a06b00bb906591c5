//! Reads the options of all attributes: `name = "…", flag, as = Name`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::token::Paren;
use syn::{Attribute, Ident, LitStr, Meta, Token};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;
use crate::option_value::Value;

/// Declares the options of one attribute: a struct with a field for each of them, and its [`Options`].
///
/// - `"name" => name: LitStr = "\"my-plugin:chat\""` is an option with a value. The last string is an example of the value,
///   for messages.
/// - `"patches" => patches` is a flag. Its field holds the word itself.
/// - `"agent" => agent(AgentArgs = "agent(safety = \"read\")")` is a flag that may have options of its own.
///
/// A string literal after the struct sets [`Options::ELSEWHERE`].
macro_rules! options {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Args:ident {
            $($key:literal => $field:ident $(: $value:ty = $example:literal)? $(($group:ty = $whole:literal))?),* $(,)?
        }
        $($elsewhere:literal)?
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $Args {
            $($vis $field: Option<$crate::options::options!(@slot $($value)? $(group $group)?)>),*
        }

        impl $crate::options::Options for $Args {
            $(const ELSEWHERE: &'static str = $elsewhere;)?

            fn known(&self) -> &'static [&'static str] {
                &[$($key),*]
            }

            fn read(
                &mut self,
                key: &syn::Ident,
                input: syn::parse::ParseStream<'_>,
                diagnostics: &mut $crate::diagnostics::Diagnostics,
            ) -> syn::Result<bool> {
                match key.to_string().as_str() {
                    $($key => $crate::options::options!(
                        @read (&mut self.$field, key, input, diagnostics) $($example)? $(group $whole)?
                    )?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
    (@slot) => { syn::Ident };
    (@slot group $group:ty) => { $crate::options::Group<$group> };
    (@slot $value:ty) => { $value };
    (@read ($($passed:expr),*)) => { $crate::options::flag($($passed),*) };
    (@read ($($passed:expr),*) group $whole:literal) => { $crate::options::group($($passed),*, $whole) };
    (@read ($($passed:expr),*) $example:literal) => { $crate::options::set($($passed),*, $example) };
}

pub(crate) use options;

/// A list of options while it is read.
pub(crate) trait Options {
    /// Returns the names of the options.
    fn known(&self) -> &'static [&'static str];

    /// The text that follows the list of known options in messages. It says where other options are written.
    const ELSEWHERE: &'static str = "";

    /// Reads the rest of the option `key`. Returns `false`, and reads nothing, if no option has that name.
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool>;

    /// Returns the problem with an option that [`read`](Self::read) does not know, and what to write in its place.
    fn unknown(&self, key: &str) -> (String, String) {
        let help = match nearest(key, self.known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => known_options(self),
        };
        (format!("unknown option `{key}`"), help)
    }
}

/// Reads the tokens in the parentheses of an attribute.
pub(crate) fn parse<O: Options + Default>(tokens: TokenStream, diagnostics: &mut Diagnostics) -> O {
    let mut options = O::default();
    let read = |input: ParseStream<'_>| read_options(&mut options, input, diagnostics);
    let read = read.parse2(tokens);
    diagnostics.ok(read);
    options
}

/// Reads the options in all attributes of this name, such as `#[rpc(nullable)]`. `example` is an option for messages.
pub(crate) fn read_attributes<O: Options>(
    options: &mut O,
    attrs: &[Attribute],
    name: &str,
    example: &str,
    diagnostics: &mut Diagnostics,
) {
    for attribute in attrs.iter().filter(|it| it.path().is_ident(name)) {
        if let Meta::List(list) = &attribute.meta {
            let read = |input: ParseStream<'_>| read_options(options, input, diagnostics);
            let read = list.parse_args_with(read);
            diagnostics.ok(read);
        } else {
            let problem = format!("`#[{name}]` needs an option in parentheses");
            let help = format!("write `#[{name}({example})]`");
            diagnostics.error(&attribute.meta, problem, help);
        }
    }
}

/// Reads every option it can, and reports those it can't.
fn read_options<O: Options>(
    options: &mut O,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    while !input.is_empty() {
        read_option(options, input, diagnostics)?;
        separator(input, diagnostics)?;
    }
    Ok(())
}

fn read_option<O: Options>(
    options: &mut O,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        let stray = up_to_comma(input)?;
        let help = match syn::parse2::<LitStr>(stray.clone()) {
            Ok(value) => match options.known().first() {
                Some(first) => format!("name the option: `{first} = \"{}\"`", value.value()),
                None => known_options(options),
            },
            Err(_) => known_options(options),
        };
        diagnostics.error(stray, "expected an option", help);
        return Ok(());
    }
    let key = input.call(Ident::parse_any)?;
    if options.read(&key, input, diagnostics)? {
        return Ok(());
    }
    let (problem, help) = options.unknown(&key.to_string());
    diagnostics.error(&key, problem, help);
    up_to_comma(input).map(drop)
}

/// Reads `= value` into the option's slot.
pub(crate) fn set<T: Value>(
    slot: &mut Option<T>,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
    example: &str,
) -> syn::Result<()> {
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        let value = match up_to_comma(input)?.into_iter().last() {
            Some(TokenTree::Literal(value)) => value.to_string(),
            _ => example.to_owned(),
        };
        let help = format!("write `{key} = {value}`");
        diagnostics.error(key, format!("`{key}` needs a value"), help);
        return Ok(());
    }
    input.parse::<Token![=]>()?;
    let Some(value) = T::read(input) else {
        let written = up_to_comma(input)?;
        let text: String = written.to_string().split_whitespace().collect();
        if text.is_empty() {
            let help = format!("write `{key} = {example}`");
            diagnostics.error(key, format!("`{key}` needs a value"), help);
        } else {
            let (problem, right) = T::correct(&text, example);
            diagnostics.error(written, problem, format!("write `{key} = {right}`"));
        }
        return Ok(());
    };
    if slot.is_some() {
        report_twice(key, diagnostics);
    }
    *slot = Some(value?);
    Ok(())
}

/// Reads an option that has no value: the word itself goes into the slot.
pub(crate) fn flag(
    slot: &mut Option<Ident>,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(Paren) {
        up_to_comma(input)?;
        let help = format!("write `{key}` alone, or leave it out");
        diagnostics.error(key, format!("`{key}` takes no value"), help);
    }
    if slot.is_some() {
        report_twice(key, diagnostics);
    }
    *slot = Some(key.clone());
    Ok(())
}

/// A flag that may have options of its own.
pub(crate) struct Group<O> {
    /// The flag itself.
    pub(crate) key: Ident,
    pub(crate) options: O,
}

/// Reads a flag with its own options, if it has any. `whole` is an example with such an option.
pub(crate) fn group<O: Options + Default>(
    slot: &mut Option<Group<O>>,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
    whole: &str,
) -> syn::Result<()> {
    let mut options = O::default();
    if input.peek(Paren) {
        let inner;
        syn::parenthesized!(inner in input);
        read_options(&mut options, &inner, diagnostics)?;
    } else if input.peek(Token![=]) {
        up_to_comma(input)?;
        let help = format!("write `{key}`, or `{whole}`");
        diagnostics.error(key, format!("`{key}` takes no value"), help);
    }
    if slot.is_some() {
        report_twice(key, diagnostics);
    }
    *slot = Some(Group {
        key: key.clone(),
        options,
    });
    Ok(())
}

fn report_twice(key: &Ident, diagnostics: &mut Diagnostics) {
    diagnostics.error(
        key,
        format!("`{key}` is given twice"),
        "remove one of the two",
    );
}

/// Reads the comma between two options.
fn separator(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    let next: TokenTree = input.fork().parse()?;
    let place = match next {
        TokenTree::Punct(_) => "in place of",
        _ => "before",
    };
    diagnostics.error(
        &next,
        "expected a comma",
        format!("write `,` {place} `{next}`"),
    );
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(());
    }
    // The next token usually begins an option. If it does not, it belongs to the same mistake and is skipped.
    if input.peek(Ident::peek_any) {
        Ok(())
    } else {
        up_to_comma(input).map(drop)
    }
}

fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([TokenTree::parse(input)?]);
    }
    Ok(skipped)
}

fn known_options<O: Options + ?Sized>(options: &O) -> String {
    let known = match options.known() {
        [] => "there are no options here".to_owned(),
        [only] => format!("the only option is `{only}`"),
        known => format!("the options are `{}`", known.join("`, `")),
    };
    known + O::ELSEWHERE
}
