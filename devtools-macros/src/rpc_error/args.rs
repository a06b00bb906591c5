//! The helper attribute as written: shape only.

use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Meta, Path};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;
use crate::options::{Options, flag, read_options, set};

/// What stands in `#[rpc_error(..)]`, none of it looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) code: Option<LitStr>,
    pub(super) internal: Option<Ident>,
    pub(super) public: Option<Ident>,
    pub(super) runtime: Option<Path>,
}

/// What the attribute stands on, and thus which options it takes.
#[derive(Clone, Copy)]
pub(super) enum On {
    Enum,
    Struct,
    Variant,
    Field,
}

impl On {
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Enum => &["crate"],
            Self::Struct => &["code", "internal", "public", "crate"],
            Self::Variant => &["code", "internal", "public"],
            Self::Field => &[],
        }
    }

    /// Why an option that exists cannot stand here, and where it can.
    fn elsewhere(self, option: &str) -> Option<(String, String)> {
        let written = match option {
            "code" => "code = \"..\"",
            "internal" => "internal",
            "public" => "public",
            "crate" => "crate = path",
            _ => return None,
        };
        let (here, place) = match (self, option) {
            (Self::Enum, _) => ("an enum", "on its variants"),
            (Self::Variant, _) => ("a variant", "on the enum"),
            (Self::Field, "crate") => ("a field", "on the type"),
            (Self::Field, _) => ("a field", "on its variant or struct"),
            (Self::Struct, _) => return None,
        };
        Some((
            format!("`{option}` cannot be given for {here}"),
            format!("write `#[rpc_error({written})]` {place}"),
        ))
    }
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(attrs: &[Attribute], on: On, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = Reader {
            args: Self::default(),
            on,
        };
        let ours = attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("rpc_error"));
        for attribute in ours {
            if let Meta::List(list) = &attribute.meta {
                let read = |input: ParseStream<'_>| read_options(&mut reader, input, diagnostics);
                let read = list.parse_args_with(read);
                diagnostics.ok(read);
            } else {
                let help = "write the options in parentheses, such as `#[rpc_error(internal)]`";
                diagnostics.error(&attribute.meta, "expected options", help);
            }
        }
        reader.args
    }
}

/// The options that were read, and the item they stand on.
struct Reader {
    args: Args,
    on: On,
}

impl Options for Reader {
    fn known(&self) -> &'static [&'static str] {
        self.on.options()
    }

    #[rustfmt::skip]
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        let Self { args, on } = self;
        let name = key.to_string();
        match &*name {
            _ if !on.options().contains(&&*name) => return Ok(false),
            "code" => set(&mut args.code, key, "\"not-found\"", input, diagnostics),
            "internal" => flag(&mut args.internal, key, input, diagnostics),
            "public" => flag(&mut args.public, key, input, diagnostics),
            "crate" => set(&mut args.runtime, key, "devtools_runtime", input, diagnostics),
            _ => return Ok(false),
        }?;
        Ok(true)
    }

    fn unknown(&self, key: &str) -> (String, String) {
        let known = self.known();
        self.on.elsewhere(key).unwrap_or_else(|| {
            let help = match nearest(key, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => {
                    "a field takes none: say it of the variant, such as `#[rpc_error(internal)]`"
                        .to_owned()
                }
                None => format!("the options here are `{}`", known.join("`, `")),
            };
            (format!("unknown option `{key}`"), help)
        })
    }
}
