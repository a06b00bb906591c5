//! The helper attribute as written: shape only.

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Token};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;

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
        let mut args = Self::default();
        let ours = attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("rpc_error"));
        for attribute in ours {
            let Meta::List(list) = &attribute.meta else {
                let help = "write the options in parentheses, such as `#[rpc_error(internal)]`";
                diagnostics.error(&attribute.meta, "expected options", help);
                continue;
            };
            let options = Punctuated::<Meta, Token![,]>::parse_terminated;
            for option in diagnostics
                .ok(options.parse2(list.tokens.clone()))
                .into_iter()
                .flatten()
            {
                args.option(&option, on, diagnostics);
            }
        }
        args
    }

    fn option(&mut self, option: &Meta, on: On, diagnostics: &mut Diagnostics) {
        let key = option.path();
        let name = key
            .get_ident()
            .map_or_else(String::new, ToString::to_string);
        if !on.options().contains(&&*name) {
            let (problem, help) = on
                .elsewhere(&name)
                .unwrap_or_else(|| unknown(&name, on.options()));
            diagnostics.error(key, problem, help);
            return;
        }
        match &*name {
            "code" => {
                let code = value(option, diagnostics);
                keep(&mut self.code, code, option, diagnostics);
            }
            "crate" => {
                let path = path(option, diagnostics);
                keep(&mut self.runtime, path, option, diagnostics);
            }
            "internal" => {
                let flag = flag(option, diagnostics);
                keep(&mut self.internal, flag, option, diagnostics);
            }
            _ => {
                let flag = flag(option, diagnostics);
                keep(&mut self.public, flag, option, diagnostics);
            }
        }
    }
}

fn unknown(name: &str, options: &[&str]) -> (String, String) {
    let help = match nearest(name, options) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if options.is_empty() => {
            "a field takes none: say it of the variant, such as `#[rpc_error(internal)]`".to_owned()
        }
        None => format!("the options here are `{}`", options.join("`, `")),
    };
    (format!("unknown option `{name}`"), help)
}

fn keep<T>(slot: &mut Option<T>, value: Option<T>, option: &Meta, diagnostics: &mut Diagnostics) {
    if slot.is_some() {
        let name = option
            .path()
            .get_ident()
            .map_or_else(String::new, ToString::to_string);
        let problem = format!("`{name}` is given twice");
        diagnostics.error(option.path(), problem, "remove one of the two");
    }
    *slot = value.or(slot.take());
}

fn flag(option: &Meta, diagnostics: &mut Diagnostics) -> Option<Ident> {
    let key = option.path().get_ident()?;
    if let Meta::Path(_) = option {
        return Some(key.clone());
    }
    let help = format!("write `{key}` alone");
    diagnostics.error(option, format!("`{key}` has no value"), help);
    None
}

fn value(option: &Meta, diagnostics: &mut Diagnostics) -> Option<LitStr> {
    let example = "write `code = \"not-found\"`";
    match option {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(code),
                ..
            }) => return Some(code.clone()),
            other => diagnostics.error(other, "expected a string", example),
        },
        other => diagnostics.error(other, "`code` needs a value", example),
    }
    None
}

fn path(option: &Meta, diagnostics: &mut Diagnostics) -> Option<Path> {
    let example = "write `crate = devtools_runtime`";
    match option {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Path(path) if path.qself.is_none() => return Some(path.path.clone()),
            other => diagnostics.error(other, "expected a path", example),
        },
        other => diagnostics.error(other, "`crate` needs a value", example),
    }
    None
}
