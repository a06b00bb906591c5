//! The facts about a function that do not depend on its types.

use std::any::{Any, TypeId};
use std::borrow::Cow;
#[cfg(feature = "typescript")]
use std::sync::Arc;

use crate::function::attributes::{Attributes, AttributesRef};
use crate::function::inject::Injection;
use crate::function::kind::{FunctionKind, Side};
use crate::function::parameter::Parameter;
#[cfg(feature = "typescript")]
use crate::function::rpc_error::ErrorVariant;
#[cfg(feature = "typescript")]
use crate::function::types::{FunctionSchema, Types};
use crate::wire::Encoding;

/// The facts about a function that do not depend on its types.
#[derive(Clone)]
pub(crate) struct Facts {
    /// The type that stands for the function. `None` for a closure.
    pub(super) identity: Option<fn() -> TypeId>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: FunctionKind,
    pub(crate) side: Side,
    pub(crate) encoding: Encoding,
    pub(crate) parameters: Cow<'static, [Parameter]>,
    pub(crate) description: Cow<'static, str>,
    /// `None` if all have their defaults.
    pub(crate) attributes: Option<AttributesRef>,
    /// The option `layer`, if the function has one: a [`StaticLayer`](crate::function::StaticLayer). The type is erased,
    /// because it depends on definitions, which depend on this file.
    pub(super) layer: Option<&'static (dyn Any + Send + Sync)>,
    pub(super) injected: &'static [Injection],
    /// The schemas of its types.
    #[cfg(feature = "typescript")]
    pub(crate) types: Types,
    /// The schemas of a function of another process.
    #[cfg(feature = "typescript")]
    pub(super) foreign: Option<Arc<FunctionSchema>>,
    /// The variants of its errors. There are none if they travel as their message.
    #[cfg(feature = "typescript")]
    pub(crate) errors: &'static [ErrorVariant],
}

impl Facts {
    /// Returns the facts about a query that is a closure, of which only the name is known.
    pub(crate) fn of_closure(name: Cow<'static, str>) -> Self {
        Self {
            identity: None,
            name,
            kind: FunctionKind::Query,
            side: Side::Server,
            encoding: Encoding::Json,
            parameters: Cow::Borrowed(&[]),
            description: Cow::Borrowed(""),
            attributes: None,
            layer: None,
            injected: &[],
            #[cfg(feature = "typescript")]
            types: Types::UNKNOWN,
            #[cfg(feature = "typescript")]
            foreign: None,
            #[cfg(feature = "typescript")]
            errors: &[],
        }
    }

    /// Returns the name if it is a constant of the program, and an empty one otherwise.
    pub(crate) fn name_in_program(&self) -> &'static str {
        match self.name {
            Cow::Borrowed(name) => name,
            Cow::Owned(_) => "",
        }
    }

    pub(super) fn attributes(&self) -> Attributes {
        match &self.attributes {
            Some(attributes) => *attributes.get(),
            None => Attributes::NONE,
        }
    }

    /// Returns whether callers may read errors that are internal otherwise.
    pub(crate) fn publishes_errors(&self) -> bool {
        self.attributes().public_errors
    }
}

crate::debug_impl! { Facts { name, kind, .. } }
