//! The attribute as written: shape only.

use proc_macro2::TokenStream;
use syn::{Expr, ExprLit, ExprPath, Lit, LitInt, LitStr, Meta, Path};

use crate::declared::{keep, key, mistaken, options, unknown};
use crate::diagnostics::Diagnostics;

const OPTIONS: &[&str] = &["name", "replay", "encoding", "direction", "crate"];

/// What stands in `#[rpc_channel(..)]`, none of it looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) replay: Option<LitInt>,
    pub(super) encoding: Option<LitStr>,
    pub(super) direction: Option<LitStr>,
    pub(super) runtime: Option<Path>,
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        for option in options(tokens, diagnostics) {
            args.option(&option, diagnostics);
        }
        args
    }

    fn option(&mut self, option: &Meta, diagnostics: &mut Diagnostics) {
        let value = match option {
            Meta::NameValue(pair) => Some(&pair.value),
            Meta::Path(_) | Meta::List(_) => None,
        };
        let literal = match value {
            Some(Expr::Lit(ExprLit { lit, .. })) => Some(lit),
            _ => None,
        };
        match (&*key(option), literal, value) {
            ("name", Some(Lit::Str(text)), _) => {
                keep(&mut self.name, text.clone(), option, diagnostics);
            }
            ("replay", Some(Lit::Int(number)), _) => {
                keep(&mut self.replay, number.clone(), option, diagnostics);
            }
            ("encoding", Some(Lit::Str(text)), _) => {
                keep(&mut self.encoding, text.clone(), option, diagnostics);
            }
            ("direction", Some(Lit::Str(text)), _) => {
                keep(&mut self.direction, text.clone(), option, diagnostics);
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
            ("name", ..) => {
                let help = "name = \"my-plugin:chat\"";
                mistaken(option, "a string", help, diagnostics);
            }
            ("replay", ..) => mistaken(option, "a number of chunks", "replay = 100", diagnostics),
            ("encoding", ..) => {
                mistaken(option, "a string", "encoding = \"json\"", diagnostics);
            }
            ("direction", ..) => {
                mistaken(option, "a string", "direction = \"uploads\"", diagnostics);
            }
            ("crate", ..) => mistaken(option, "a path", "crate = devtools_runtime", diagnostics),
            _ => {
                let elsewhere = "; others are given with `ChannelOptions`";
                unknown(option, OPTIONS, elsewhere, diagnostics);
            }
        }
    }
}
