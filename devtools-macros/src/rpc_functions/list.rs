//! The list as written, and its checks.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::Brace;
use syn::{Attribute, LitStr, Path, Token, Visibility, braced};

use crate::diagnostics::Diagnostics;
use crate::names;

/// The input of the macro: `$crate; pub struct MyPluginFunctions { GetModule, fs::ReadFile }`.
pub(super) struct List {
    pub(super) runtime: Path,
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) keyword: Token![struct],
    pub(super) name: Ident,
    pub(super) brace: Brace,
    pub(super) entries: Vec<ListItem>,
}

/// One entry: the path of a function's type.
pub(super) struct ListItem {
    attrs: Vec<Attribute>,
    pub(super) path: Path,
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let runtime = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if !input.peek(Token![struct]) {
            let help = "a list of functions is declared as a struct\n\
                        help: write `pub struct MyPluginFunctions { GetModule, ListModules }`";
            return Err(input.error(help));
        }
        let keyword = input.parse()?;
        let name: Ident = input.parse()?;
        if input.peek(Token![<]) {
            let message = format!(
                "a list of functions cannot be generic\nhelp: write `struct {name} {{ … }}`"
            );
            return Err(input.error(message));
        }
        let content;
        let brace = braced!(content in input);
        let entries = Punctuated::<ListItem, Token![,]>::parse_terminated(&content)?;
        if !input.is_empty() {
            return Err(input.error(
                "one list at a time\nhelp: write another `rpc_functions! { … }` for another list",
            ));
        }
        Ok(Self {
            runtime,
            attrs,
            vis,
            keyword,
            name,
            brace,
            entries: entries.into_iter().collect(),
        })
    }
}

impl Parse for ListItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        if let Ok(name) = input.parse::<LitStr>() {
            let message = "a list names the types of functions\n\
                           help: write the type that `#[rpc_function]` adds beside the function, \
                           such as `GetModule` for `fn get_module`";
            return Err(syn::Error::new(name.span(), message));
        }
        let path = input.call(Path::parse_mod_style)?;
        if !input.is_empty() && !input.peek(Token![,]) {
            let written = written(&path);
            return Err(input.error(format!(
                "expected `,` after `{written}`\nhelp: a list holds paths of types: `{written},`"
            )));
        }
        Ok(Self { attrs, path })
    }
}

impl ListItem {
    /// Returns the entry's conditions: the attributes that [`List::check`] accepts.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }

    /// Returns `true` if the entry has no condition. The same path under another condition is another entry.
    fn is_unconditional(&self) -> bool {
        self.conditions().next().is_none()
    }

    /// Returns the type that was probably meant, if the path is that of the function itself.
    fn of_function(&self) -> Option<String> {
        let last = self.path.segments.last()?.ident.unraw().to_string();
        let is_function = last.starts_with(|letter: char| letter.is_lowercase());
        is_function.then(|| names::pascal_case(&last))
    }

    /// Returns the path as text.
    pub(super) fn written(&self) -> String {
        written(&self.path)
    }
}

fn written(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

impl List {
    /// Reports mistakes that can be seen without resolving the paths.
    pub(super) fn check(&self, diagnostics: &mut Diagnostics) {
        let mut listed = HashSet::new();
        for entry in &self.entries {
            for attr in &entry.attrs {
                if !attr.path().is_ident("cfg") {
                    let help =
                        "only `#[cfg(…)]` goes here: the docs of a function are at the function";
                    diagnostics.error(
                        attr,
                        "a function in a list has no attributes of its own",
                        help,
                    );
                }
            }
            if let Some(identity) = entry.of_function() {
                let problem = format!(
                    "`{}` is a function, and a list holds types",
                    entry.written()
                );
                let help =
                    format!("list the type that `#[rpc_function]` adds beside it: `{identity}`");
                diagnostics.error(&entry.path, problem, help);
                continue;
            }
            if !entry.is_unconditional() {
                continue;
            }
            let written = entry.written();
            if !listed.insert(written.clone()) {
                diagnostics.error(
                    &entry.path,
                    format!("`{written}` is listed twice"),
                    "list each function once",
                );
            }
        }
    }

    /// Returns the entries, except those that were reported: repeated ones, and paths that are not types.
    pub(super) fn distinct(&self) -> impl Iterator<Item = &ListItem> {
        let mut listed = HashSet::new();
        self.entries.iter().filter(move |entry| {
            entry.of_function().is_none()
                && (!entry.is_unconditional() || listed.insert(entry.written()))
        })
    }
}
