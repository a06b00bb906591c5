//! The functions that a connection answers with.

use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{FunctionDefinition, FunctionTable, SharedScope};
use crate::peer::{Access, AccessCell};
use crate::wire::Payload;

/// Is told of a call of a name that no function has, with its arguments.
pub(crate) type OnUnknownCall = dyn Fn(&str, Payload<'_>) + Send + Sync;

/// What a [`Driver`](super::Driver) dispatches to.
///
/// Each driver keeps a snapshot of the table, and looks whether there is a newer one with a single
/// atomic read: a call takes no lock.
#[derive(Clone)]
pub(crate) struct Functions {
    table: Arc<FunctionTable>,
    updates: watch::Receiver<Arc<FunctionTable>>,
    scope: SharedScope,
    /// What the other side has to earn first, if anything.
    access: Option<Arc<AccessCell>>,
    on_unknown_call: Option<Arc<OnUnknownCall>>,
}

/// What a name stands for.
pub(crate) enum Found<'f> {
    /// A function, and what its calls are given by reference.
    Function(&'f FunctionDefinition, &'f SharedScope),
    /// A function that the other side may not call.
    Refused,
    /// Nothing.
    Unknown,
}

impl Functions {
    pub(crate) fn new(
        mut updates: watch::Receiver<Arc<FunctionTable>>,
        scope: SharedScope,
    ) -> Self {
        let table = Arc::clone(&updates.borrow_and_update());
        Self {
            table,
            updates,
            scope,
            access: None,
            on_unknown_call: None,
        }
    }

    /// The same functions, for a side that may call them while `access` is open.
    pub(crate) fn gated(self, access: Arc<AccessCell>) -> Self {
        Self {
            access: Some(access),
            ..self
        }
    }

    /// The same functions, and `on_unknown_call` is told of calls that are none of theirs.
    pub(crate) fn reporting_to(self, on_unknown_call: Option<Arc<OnUnknownCall>>) -> Self {
        Self {
            on_unknown_call,
            ..self
        }
    }

    /// Whether the other side is one that has to earn trust and has not.
    pub(crate) fn are_for_untrusted(&self) -> bool {
        let access = self.access.as_ref();
        access.is_some_and(|access| access.get() == Access::Unauthorized)
    }

    /// Tells whoever wants to know of a call that is none of these functions'. What a side does that may call nothing
    /// is of no interest.
    pub(crate) fn report_unknown_call(&self, name: &str, arguments: Payload<'_>) {
        let admitted = self
            .access
            .as_ref()
            .is_none_or(|access| access.admits(name));
        if let Some(on_unknown_call) = self.on_unknown_call.as_ref().filter(|_| admitted) {
            on_unknown_call(name, arguments);
        }
    }

    /// Whether the other side may call all of these functions.
    pub(crate) fn are_open(&self) -> bool {
        self.access
            .as_ref()
            .is_none_or(|access| access.get() == Access::Open)
    }

    /// The function of this name.
    ///
    /// Names are exact, and are looked up before it is asked who calls ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)).
    pub(crate) fn find(&mut self, name: &str) -> Found<'_> {
        // An error means that the registry is gone: what it held last is still right.
        if self.updates.has_changed().unwrap_or(false) {
            self.table = Arc::clone(&self.updates.borrow_and_update());
        }
        let Some(function) = self.table.get(name) else {
            return Found::Unknown;
        };
        let admitted = self
            .access
            .as_ref()
            .is_none_or(|access| access.admits(name));
        if admitted {
            Found::Function(function, &self.scope)
        } else {
            Found::Refused
        }
    }
}
