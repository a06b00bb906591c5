//! The attribute as written: shape only.

use proc_macro2::TokenStream;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Meta, Path};

use crate::declared::{keep, key, mistaken, options, unknown};
use crate::diagnostics::Diagnostics;

const OPTIONS: &[&str] = &["name", "patches", "read_only", "crate"];

/// What stands in `#[rpc_shared_state(..)]`, none of it looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) patches: Option<()>,
    pub(super) read_only: Option<()>,
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
        match (&*key(option), option, value) {
            (
                "name",
                _,
                Some(Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                })),
            ) => keep(&mut self.name, text.clone(), option, diagnostics),
            ("patches", Meta::Path(_), _) => keep(&mut self.patches, (), option, diagnostics),
            ("read_only", Meta::Path(_), _) => {
                keep(&mut self.read_only, (), option, diagnostics);
            }
            (
                "crate",
                _,
                Some(Expr::Path(ExprPath {
                    qself: None, path, ..
                })),
            ) => keep(&mut self.runtime, path.clone(), option, diagnostics),
            ("name", ..) => {
                let help = "name = \"my-plugin:progress\"";
                mistaken(option, "a string", help, diagnostics);
            }
            ("patches", ..) => mistaken(option, "a flag", "patches", diagnostics),
            ("read_only", ..) => mistaken(option, "a flag", "read_only", diagnostics),
            ("crate", ..) => mistaken(option, "a path", "crate = devtools_runtime", diagnostics),
            _ => unknown(option, OPTIONS, "", diagnostics),
        }
    }
}
