//! The functions with which a connection answers calls.

use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{FunctionDefinition, FunctionTable, SharedScope};
use crate::peer::access::{AccessCell, ConnectionAccess};
use crate::wire::Payload;

/// A callback for calls of names that no function has. It gets the name and the arguments.
pub(crate) type OnUnknownCall = dyn Fn(&str, Payload<'_>) + Send + Sync;

/// The functions that a [`Driver`](super::Driver) dispatches to.
///
/// Each driver holds a snapshot of the table and checks for a newer one with an atomic load, so a call takes no lock.
#[derive(Clone)]
pub(crate) struct Functions {
    table: Arc<FunctionTable>,
    updates: watch::Receiver<Arc<FunctionTable>>,
    scope: SharedScope,
    /// The access of the other side, if it must be trusted before it may call these functions.
    access: Option<Arc<AccessCell>>,
    on_unknown_call: Option<Arc<OnUnknownCall>>,
}

/// The result of looking a name up.
pub(crate) enum FunctionLookup<'f> {
    /// A function, and the scope that supplies the injected parameters of its calls.
    Function(&'f FunctionDefinition, &'f SharedScope),
    /// A function that the other side may not call, because it is not trusted.
    Refused,
    /// No function has this name.
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

    crate::setters! {
        /// Restricts the functions to callers whose `access` is open.
        pub(crate) fn gated(access: Arc<AccessCell>) { access = Some(access) }

        /// Sets the callback for calls of names that none of these functions has.
        pub(crate) fn reporting_to(on_unknown_call: Option<Arc<OnUnknownCall>>) {
            on_unknown_call = on_unknown_call
        }
    }

    /// Returns whether the other side must be trusted and is not trusted yet.
    pub(crate) fn are_for_untrusted(&self) -> bool {
        let access = self.access.as_ref();
        access.is_some_and(|access| access.get() == ConnectionAccess::Unauthorized)
    }

    /// Reports a call of an unknown name to the callback. Calls of an untrusted side are not reported.
    pub(crate) fn report_unknown_call(&self, name: &str, arguments: Payload<'_>) {
        let admitted = self
            .access
            .as_ref()
            .is_none_or(|access| access.admits(name));
        if let Some(on_unknown_call) = self.on_unknown_call.as_ref().filter(|_| admitted) {
            on_unknown_call(name, arguments);
        }
    }

    /// Returns whether the other side may call all of these functions.
    pub(crate) fn are_open(&self) -> bool {
        self.access
            .as_ref()
            .is_none_or(|access| access.get() == ConnectionAccess::Open)
    }

    /// Finds the function of this name.
    ///
    /// The name must match exactly, and is looked up before the caller's access is checked ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)).
    pub(crate) fn find(&mut self, name: &str) -> FunctionLookup<'_> {
        // An error means that the registry was dropped: its last table is still right.
        if self.updates.has_changed().unwrap_or(false) {
            self.table = Arc::clone(&self.updates.borrow_and_update());
        }
        let Some(function) = self.table.get(name) else {
            return FunctionLookup::Unknown;
        };
        let admitted = self
            .access
            .as_ref()
            .is_none_or(|access| access.admits(name));
        if admitted {
            FunctionLookup::Function(function, &self.scope)
        } else {
            FunctionLookup::Refused
        }
    }
}
