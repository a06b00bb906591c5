//! The options of the attribute, before the checks.

use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;
use crate::options::{Options, options, read_attributes};

options! {
    /// The options of `#[rpc_error(..)]`. Their values are not checked yet.
    pub(super) struct Args {
        "code" => code: LitStr = "\"not-found\"",
        "internal" => internal,
        "public" => public,
        "crate" => runtime: Path = "devtools_runtime",
    }
}

/// The item that the attribute stands on, which decides the options that it takes.
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

    /// Returns the problem with an option that another item takes, and where to write it.
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
    /// Reads the attributes `rpc_error` of an item, and reports all mistakes in them.
    pub(super) fn parse(attrs: &[Attribute], on: On, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = Reader {
            args: Self::default(),
            on,
        };
        read_attributes(&mut reader, attrs, "rpc_error", "internal", diagnostics);
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

    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        let is_known = self.known().iter().any(|known| key == known);
        Ok(is_known && self.args.read(key, input, diagnostics)?)
    }

    fn unknown(&self, key: &str) -> (String, String) {
        let known = self.known();
        self.on.elsewhere(key).unwrap_or_else(|| {
            let help = match nearest(key, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => {
                    "a field takes no options: write them on the variant, such as `#[rpc_error(internal)]`"
                        .to_owned()
                }
                None => format!("the options here are `{}`", known.join("`, `")),
            };
            (format!("unknown option `{key}`"), help)
        })
    }
}
