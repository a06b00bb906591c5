//! The functions of one side of a connection, by name.

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use tokio::sync::watch;

use crate::function::definition::FunctionDefinition;
use crate::function::source_location::SourceLocation;

/// Functions by name. Readers hold a snapshot, so looking a name up takes no lock.
pub(crate) type FunctionTable = HashMap<Cow<'static, str>, FunctionDefinition>;

/// A set of functions that can change while it is served.
#[derive(Debug)]
pub(crate) struct Registry {
    table: watch::Sender<Arc<FunctionTable>>,
}

/// The error of two different functions that have the same name.
///
/// ```
/// use devtools_runtime::context::RegisterError;
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let rpc = devtools.context().rpc();
/// rpc.register(define_rpc_function("my-plugin:ping").handler(|| true))?;
/// let Err(RegisterError::Duplicate(error)) = rpc.register(define_rpc_function("my-plugin:ping").handler(|| false)) else {
///     panic!("both were registered");
/// };
/// assert!(error.first.line < error.second.line);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.problem())]
#[non_exhaustive]
pub struct DuplicateFunction {
    /// The name.
    pub name: Cow<'static, str>,
    /// The location of the function that has the name already.
    pub first: SourceLocation,
    /// The location of the function that was refused.
    pub second: SourceLocation,
}

impl DuplicateFunction {
    fn problem(&self) -> String {
        let Self {
            name,
            first,
            second,
        } = self;
        if first == second {
            // A loop, or a plugin that is set up twice.
            format!(
                "the code at {first} defines `{name}` a second time: register it once, or replace the first with `update`"
            )
        } else {
            format!("two functions are named `{name}`: one at {first}, another at {second}")
        }
    }
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            table: watch::Sender::new(Arc::default()),
        }
    }

    /// Adds a function. Adding the same one again changes nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if another function has the name.
    pub(crate) fn insert(&self, function: FunctionDefinition) -> Result<(), DuplicateFunction> {
        let mut outcome = Ok(());
        self.table.send_if_modified(|table| {
            let table = Arc::make_mut(table);
            match table.entry(function.owned_name()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(function.registered());
                    true
                }
                Entry::Occupied(taken) => {
                    if !taken.get().is_same_function(&function) {
                        outcome = Err(DuplicateFunction {
                            name: function.owned_name(),
                            first: taken.get().location(),
                            second: function.location(),
                        });
                    }
                    false
                }
            }
        });
        outcome
    }

    /// Adds a function. Replaces one of the same name.
    pub(crate) fn replace(&self, function: FunctionDefinition) {
        self.table.send_modify(|table| {
            Arc::make_mut(table).insert(function.owned_name(), function.registered());
        });
    }

    /// Replaces the function of the same name. Returns `false` if there is none.
    pub(crate) fn update(&self, function: FunctionDefinition) -> bool {
        let mut function = Some(function);
        self.table.send_if_modified(|table| {
            let Some(function) = function.take() else {
                return false;
            };
            match Arc::make_mut(table).get_mut(function.name()) {
                Some(known) => {
                    *known = function.registered();
                    true
                }
                None => false,
            }
        })
    }

    /// Removes a function. Returns `false` if there is none of the name.
    pub(crate) fn remove(&self, name: &str) -> bool {
        self.table
            .send_if_modified(|table| Arc::make_mut(table).remove(name).is_some())
    }

    /// Returns the current functions.
    pub(crate) fn snapshot(&self) -> Arc<FunctionTable> {
        Arc::clone(&self.table.borrow())
    }

    /// Returns a receiver of the current functions and of every change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<FunctionTable>> {
        self.table.subscribe()
    }
}
