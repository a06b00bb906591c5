//! The two forms of a definition: constants of the program, or a copy that was changed while it runs.

use std::sync::Arc;

use crate::function::dump_hook::{DefinedDump, DumpFn};
use crate::function::erased::{ErasedFunction, Handler, HandlerRef};
use crate::function::facts::Facts;
use crate::function::per_context::{MakePerContext, PerContext};
use crate::function::source_location::SourceLocation;

/// The form of a definition.
#[derive(Clone)]
pub(super) enum DefinitionForm {
    /// A few words of memory that point at constants of the program.
    Static(StaticDefinition),
    /// A definition on the heap, which a registry has changed, or which was made while the program runs.
    Changed(Arc<ChangedDefinition>),
}

/// An annotated function and its location.
#[derive(Clone, Copy)]
pub(super) struct StaticDefinition {
    pub(super) function: &'static dyn ErasedFunction,
    pub(super) file: &'static str,
    pub(super) package: &'static str,
    pub(super) line: u32,
    /// Whether the function has an implementation in this program.
    pub(super) has_body: bool,
    /// The option `dump`.
    pub(super) dump: Option<DumpFn>,
}

/// A definition whose parts can be changed.
#[derive(Clone)]
pub(super) struct ChangedDefinition {
    pub(super) facts: Facts,
    pub(super) location: SourceLocation,
    pub(super) handler: Handler,
    /// Whether the handler is a closure that does not wait.
    pub(super) runs_at_once: bool,
    /// Whether the handler passes the call to another process.
    pub(super) forwards: bool,
    /// The option `dump`.
    pub(super) dump: Option<DumpFn>,
    /// The dump from [`define_rpc_function`](crate::define_rpc_function).
    pub(super) defined_dump: Option<Arc<DefinedDump>>,
    /// For a function that is set up: makes the state for one context.
    pub(super) make_per_context: Option<MakePerContext>,
    /// The state for the context that holds this definition.
    pub(super) per_context: Option<PerContext>,
}

impl DefinitionForm {
    pub(super) fn facts(&self) -> &Facts {
        match self {
            Self::Static(definition) => definition.function.facts(),
            Self::Changed(definition) => &definition.facts,
        }
    }

    pub(super) fn location(&self) -> SourceLocation {
        match self {
            Self::Static(definition) => SourceLocation {
                file: definition.file,
                line: definition.line,
                package: definition.package,
            },
            Self::Changed(definition) => definition.location,
        }
    }

    pub(super) fn handler(&self) -> HandlerRef<'_> {
        match self {
            Self::Static(definition) if definition.has_body => {
                HandlerRef::Static(definition.function)
            }
            Self::Static(_) => HandlerRef::Declared,
            Self::Changed(definition) => match &definition.handler {
                Handler::Declared => HandlerRef::Declared,
                Handler::Static(function) => HandlerRef::Static(*function),
                Handler::Dynamic(start) => HandlerRef::Dynamic(&**start),
            },
        }
    }

    /// Returns the option `dump`.
    pub(super) fn dump_option(&self) -> Option<DumpFn> {
        match self {
            Self::Static(definition) => definition.dump,
            Self::Changed(definition) => definition.dump,
        }
    }

    pub(super) fn make_per_context(&self) -> Option<MakePerContext> {
        match self {
            Self::Static(definition) => definition.function.per_context(),
            Self::Changed(definition) => definition.make_per_context,
        }
    }

    /// Returns the changed definition. `None` if nothing was changed.
    pub(super) fn changed(&self) -> Option<&ChangedDefinition> {
        match self {
            Self::Static(_) => None,
            Self::Changed(definition) => Some(definition),
        }
    }

    /// Returns a definition that can be changed.
    pub(super) fn into_changed(self) -> Arc<ChangedDefinition> {
        match &self {
            Self::Static(definition) => Arc::new(ChangedDefinition {
                facts: self.facts().clone(),
                location: self.location(),
                handler: if definition.has_body {
                    Handler::Static(definition.function)
                } else {
                    Handler::Declared
                },
                runs_at_once: false,
                forwards: false,
                dump: definition.dump,
                defined_dump: None,
                make_per_context: self.make_per_context(),
                per_context: None,
            }),
            Self::Changed(definition) => Arc::clone(definition),
        }
    }
}
