//! The checked error, and the checks that create it.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericParam, Generics, Ident, LitStr, Member,
    Path, Type, parse_quote,
};

use crate::diagnostics::Diagnostics;
use crate::names::kebab_case;
use crate::rpc_error::args::{Args, On};
use crate::rpc_error::renamed::{case, in_case, rename};

/// An error type that has passed all checks. Its expansion cannot fail.
pub(super) struct RpcError<'a> {
    pub(super) name: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) runtime: Path,
    pub(super) variants: Vec<Variant<'a>>,
}

/// A variant of an enum, or a whole struct.
pub(super) struct Variant<'a> {
    /// The name of the variant. `None` for a struct.
    pub(super) name: Option<&'a Ident>,
    pub(super) code: LitStr,
    pub(super) disclosure: Disclosure<'a>,
}

/// The parts of an error that its caller sees.
pub(super) enum Disclosure<'a> {
    /// The caller sees the code only.
    Internal,
    /// The caller sees the code, the message and these fields.
    Public(Vec<Part<'a>>),
}

/// A field that is sent.
pub(super) struct Part<'a> {
    pub(super) member: Member,
    pub(super) ty: &'a Type,
    pub(super) key: Key,
}

/// The position of a field in the data.
pub(super) enum Key {
    Whole,
    Item(usize),
    Named(String),
}

impl<'a> RpcError<'a> {
    /// Checks the type and its attributes, and reports all mistakes in both.
    pub(super) fn validate(item: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Option<Self> {
        let name = &item.ident;
        check_generics(item, diagnostics);
        let on = match &item.data {
            Data::Struct(_) => On::Struct,
            Data::Enum(_) => On::Enum,
            Data::Union(data) => {
                let help = format!("write `enum {name}`, with a variant for each way to fail");
                let problem = "a union cannot be an error of an RPC function";
                diagnostics.error(data.union_token, problem, help);
                return None;
            }
        };
        let args = Args::parse(&item.attrs, on, diagnostics);
        let runtime = args
            .runtime
            .clone()
            .unwrap_or_else(|| parse_quote!(::devtools_runtime));
        let variants = match &item.data {
            Data::Struct(data) => {
                let case = supported(case(&item.attrs, "rename_all"), name, diagnostics);
                let form = Form {
                    ident: name,
                    attrs: &item.attrs,
                    fields: &data.fields,
                    case,
                };
                vec![form.validate(args, None, diagnostics)]
            }
            Data::Enum(data) => {
                let everywhere = case(&item.attrs, "rename_all_fields");
                let everywhere = supported(everywhere, name, diagnostics);
                let forms = data.variants.iter().map(|variant| {
                    let args = Args::parse(&variant.attrs, On::Variant, diagnostics);
                    let case = case(&variant.attrs, "rename_all");
                    let case = supported(case, &variant.ident, diagnostics);
                    let form = Form {
                        ident: &variant.ident,
                        attrs: &variant.attrs,
                        fields: &variant.fields,
                        case: case.or_else(|| everywhere.clone()),
                    };
                    form.validate(args, Some(&variant.ident), diagnostics)
                });
                forms.collect()
            }
            Data::Union(_) => return None,
        };
        let variants: Vec<_> = variants.into_iter().flatten().collect();
        check_codes(&variants, diagnostics);
        diagnostics.is_empty().then_some(())?; // one mistake, one error: never expand past it
        Some(Self {
            name,
            generics: &item.generics,
            runtime,
            variants,
        })
    }
}

/// A variant or a struct before the checks.
struct Form<'a> {
    ident: &'a Ident,
    attrs: &'a [Attribute],
    fields: &'a Fields,
    case: Option<String>,
}

impl<'a> Form<'a> {
    fn validate(
        &self,
        args: Args,
        name: Option<&'a Ident>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Variant<'a>> {
        for field in self.fields {
            Args::parse(&field.attrs, On::Field, diagnostics); // reports any attribute, because a field takes none
        }
        let code = self.code(args.code, diagnostics);
        let internal = match (&args.internal, &args.public) {
            (Some(_), Some(public)) => {
                let ident = self.ident;
                let problem = format!("`{ident}` cannot be both internal and public");
                diagnostics.error(public, problem, "remove one of the two");
                true
            }
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => wraps_source(self.attrs, self.fields),
        };
        let disclosure = if internal {
            Disclosure::Internal
        } else {
            Disclosure::Public(self.parts(diagnostics))
        };
        Some(Variant {
            name,
            code: code?,
            disclosure,
        })
    }

    /// Returns the given code, or the name in kebab-case.
    fn code(&self, given: Option<LitStr>, diagnostics: &mut Diagnostics) -> Option<LitStr> {
        let derived = kebab_case(&self.ident.unraw().to_string());
        let Some(code) = given else {
            if derived.is_empty() {
                let problem = format!("no code can be derived from the name `{}`", self.ident);
                let help = "write one: `#[rpc_error(code = \"not-found\")]`";
                diagnostics.error(self.ident, problem, help);
                return None;
            }
            // A later error about the code is reported at the name.
            return Some(LitStr::new(&derived, self.ident.span()));
        };
        let written = code.value();
        let right = kebab_case(&written);
        if right == written && !written.is_empty() {
            return Some(code);
        }
        let problem = if written.is_empty() {
            "the code is empty".to_owned()
        } else {
            format!("the code `{written}` is not in kebab-case")
        };
        let proposal = [right, derived]
            .into_iter()
            .find(|proposal| !proposal.is_empty());
        let proposal = proposal.as_deref().unwrap_or("not-found");
        diagnostics.error(&code, problem, format!("write `code = \"{proposal}\"`"));
        None
    }

    fn parts(&self, diagnostics: &mut Diagnostics) -> Vec<Part<'a>> {
        let alone = self.fields.len() == 1;
        let fields: &'a Fields = self.fields;
        let parts = fields.iter().enumerate().map(|(index, field)| {
            let renamed = supported(rename(&field.attrs), self.ident, diagnostics);
            let (member, key) = match &field.ident {
                Some(name) => {
                    let plain = || in_case(&name.unraw().to_string(), self.case.as_deref());
                    let key = Key::Named(renamed.unwrap_or_else(plain));
                    (Member::Named(name.clone()), key)
                }
                None if alone => (Member::from(index), Key::Whole),
                None => (Member::from(index), Key::Item(index)),
            };
            Part {
                member,
                ty: &field.ty,
                key,
            }
        });
        parts.collect()
    }
}

/// Returns the name or case from serde's attributes. Reports an attribute that is not supported here.
fn supported(
    name: Result<Option<String>, Path>,
    form: &Ident,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    name.unwrap_or_else(|option| {
        let problem = "`RpcError` does not support this attribute of serde";
        let help = format!(
            "put the fields into a struct that derives serde's traits, \
             and hold it alone: `{form}({form}Data)`"
        );
        diagnostics.error(option, problem, help);
        None
    })
}

/// Returns `true` if this form holds another error. The text of that error may be private, so the form is internal by
/// default.
///
/// The source is found by the same rules as in `thiserror`.
fn wraps_source(attrs: &[Attribute], fields: &Fields) -> bool {
    let transparent = attrs.iter().any(|attribute| {
        attribute.path().is_ident("error")
            && attribute
                .parse_args::<Ident>()
                .is_ok_and(|word| word == "transparent")
    });
    let is_source = |field: &Field| {
        field.ident.as_ref().is_some_and(|name| name == "source")
            || field.attrs.iter().any(|attribute| {
                let path = attribute.path();
                path.is_ident("from") || path.is_ident("source") || path.is_ident("backtrace")
            })
    };
    transparent || fields.iter().any(is_source)
}

/// Refuses lifetimes, because borrowed values cannot be rebuilt from text. Type parameters are allowed.
fn check_generics(item: &DeriveInput, diagnostics: &mut Diagnostics) {
    for parameter in &item.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            let problem = "an error of an RPC function cannot borrow";
            let help = "hold owned values, such as `String` for `&str`";
            diagnostics.error(&lifetime.lifetime, problem, help);
        }
    }
}

fn check_codes(variants: &[Variant<'_>], diagnostics: &mut Diagnostics) {
    let mut first = HashMap::new();
    for variant in variants {
        let Some(name) = variant.name else { continue };
        let code = variant.code.value();
        if let Some(other) = first.get(&code) {
            let problem = format!("`{other}` has the code `{code}` already");
            let help = format!("give `{name}` a code of its own: `#[rpc_error(code = \"..\")]`");
            diagnostics.error(&variant.code, problem, help);
        } else {
            first.insert(code, name);
        }
    }
}

impl Part<'_> {
    /// Returns the span for errors about the field's type.
    pub(super) fn span(&self) -> Span {
        self.ty.span()
    }
}
