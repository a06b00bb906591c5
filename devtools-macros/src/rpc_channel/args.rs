//! The attribute as written: shape only.

use proc_macro2::TokenStream;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ExprPath, Lit, LitInt, LitStr, Meta, Path, Token};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;

const OPTIONS: &[&str] = &["name", "replay", "encoding", "crate"];

/// What stands in `#[rpc_channel(..)]`, none of it looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) replay: Option<LitInt>,
    pub(super) encoding: Option<LitStr>,
    pub(super) runtime: Option<Path>,
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        let options = Punctuated::<Meta, Token![,]>::parse_terminated;
        for option in diagnostics.ok(options.parse2(tokens)).into_iter().flatten() {
            args.option(&option, diagnostics);
        }
        args
    }

    fn option(&mut self, option: &Meta, diagnostics: &mut Diagnostics) {
        let key = option.path();
        let name = key
            .get_ident()
            .map_or_else(String::new, ToString::to_string);
        let value = match option {
            Meta::NameValue(pair) => Some(&pair.value),
            Meta::Path(_) | Meta::List(_) => None,
        };
        let literal = match value {
            Some(Expr::Lit(ExprLit { lit, .. })) => Some(lit),
            _ => None,
        };
        match (&*name, literal, value) {
            ("name", Some(Lit::Str(text)), _) => {
                keep(&mut self.name, text.clone(), option, diagnostics);
            }
            ("replay", Some(Lit::Int(number)), _) => {
                keep(&mut self.replay, number.clone(), option, diagnostics);
            }
            ("encoding", Some(Lit::Str(text)), _) => {
                keep(&mut self.encoding, text.clone(), option, diagnostics);
            }
            (
                "crate",
                _,
                Some(Expr::Path(ExprPath {
                    qself: None, path, ..
                })),
            ) => {
                keep(&mut self.runtime, path.clone(), option, diagnostics);
            }
            ("name", ..) => mistaken(
                "name",
                "write `name = \"my-plugin:chat\"`",
                option,
                diagnostics,
            ),
            ("replay", ..) => mistaken("replay", "write `replay = 100`", option, diagnostics),
            ("encoding", ..) => {
                mistaken(
                    "encoding",
                    "write `encoding = \"json\"`",
                    option,
                    diagnostics,
                );
            }
            ("crate", ..) => {
                mistaken(
                    "crate",
                    "write `crate = devtools_runtime`",
                    option,
                    diagnostics,
                );
            }
            _ => {
                let help = match nearest(&name, OPTIONS) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!(
                        "the options are `{}`; others are given with `ChannelOptions`",
                        OPTIONS.join("`, `")
                    ),
                };
                diagnostics.error(key, format!("unknown option `{name}`"), help);
            }
        }
    }
}

fn mistaken(name: &str, help: &str, option: &Meta, diagnostics: &mut Diagnostics) {
    let kind = match name {
        "replay" => "a number of chunks",
        "crate" => "a path",
        _ => "a string",
    };
    diagnostics.error(option, format!("`{name}` is {kind}"), help);
}

fn keep<T>(slot: &mut Option<T>, value: T, option: &Meta, diagnostics: &mut Diagnostics) {
    if slot.is_some() {
        let name = option
            .path()
            .get_ident()
            .map_or_else(String::new, ToString::to_string);
        let problem = format!("`{name}` is given twice");
        diagnostics.error(option.path(), problem, "remove one of the two");
    }
    *slot = Some(value);
}
