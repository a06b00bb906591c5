//! Shared states that are declared once for both sides.

use std::marker::PhantomData;

#[cfg(feature = "typescript")]
use crate::function::DescribeType;
#[cfg(feature = "client")]
use crate::state::client::ClientStates;
use crate::state::error::SharedStateError;
use crate::state::options::StateOptions;
use crate::state::server::States;
use crate::state::shared_state::{SharedState, SharedValue};

/// A shared state that both sides know by a type. The attribute [`rpc_shared_state`](macro@crate::rpc_shared_state)
/// implements it for a struct.
///
/// ```
/// use devtools_runtime::state::RpcSharedState;
/// use devtools_runtime::{DevTools, rpc_shared_state};
///
/// /// The number of open files.
/// #[rpc_shared_state(name = "docs-of-declared-states:open-files")]
/// pub struct OpenFiles(u32);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let open_files = OpenFiles::create(devtools.context(), 0)?;
/// open_files.mutate(|count| *count += 1)?;
/// assert_eq!((OpenFiles::NAME, *open_files.value()), ("docs-of-declared-states:open-files", 1));
/// # Ok(())
/// # }
/// ```
pub trait RpcSharedState: 'static {
    /// The key on the wire, `scope:name`.
    const NAME: &'static str;

    /// The type of its value: a [`SharedValue`].
    type Value;

    #[doc(hidden)]
    type Carrier: StateCarrier<Value = Self::Value>;

    /// Returns the options that the state is created with.
    fn options() -> StateOptions;
}

/// The operations on the value of a declared state. This trait stands between a state and its value, so that the compiler
/// reports an unsuitable type once, and with the message of [`SharedValue`].
#[doc(hidden)]
pub trait StateCarrier {
    type Value;

    fn create(
        states: &States,
        key: &str,
        initial: Self::Value,
        options: StateOptions,
    ) -> Result<SharedState<Self::Value>, SharedStateError>;

    #[cfg(feature = "client")]
    fn open(
        states: &ClientStates,
        key: &str,
        initial: Option<Self::Value>,
        closed: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Result<SharedState<Self::Value>, SharedStateError>> + Send;
}

impl<T: SharedValue> StateCarrier for PhantomData<T> {
    type Value = T;

    fn create(
        states: &States,
        key: &str,
        initial: T,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        states.open(key, initial, options)
    }

    #[cfg(feature = "client")]
    fn open(
        states: &ClientStates,
        key: &str,
        initial: Option<T>,
        closed: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Result<SharedState<T>, SharedStateError>> + Send {
        states.open(key, initial, closed)
    }
}

/// An entry of the program's list of declared states. It describes a state without creating it.
#[cfg(feature = "typescript")]
#[derive(Debug)]
pub struct DeclaredState {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// The description of the value's type.
    pub(crate) describe: Option<DescribeType>,
    /// The note of the attribute `deprecated`, if there is one.
    pub(crate) deprecated: Option<&'static str>,
    /// The position among several declarations with the same name.
    pub(crate) identity: fn() -> &'static str,
}

#[cfg(feature = "typescript")]
impl DeclaredState {
    /// Returns the entry of a state.
    pub const fn new<S: RpcSharedState>(
        description: &'static str,
        describe: Option<DescribeType>,
    ) -> Self {
        Self {
            name: S::NAME,
            description,
            describe,
            deprecated: None,
            identity: std::any::type_name::<S>,
        }
    }

    /// Marks the state as deprecated with this note, which may be empty.
    #[must_use]
    pub const fn deprecated(mut self, note: &'static str) -> Self {
        self.deprecated = Some(note);
        self
    }
}

#[cfg(feature = "typescript")]
inventory::collect!(DeclaredState);
