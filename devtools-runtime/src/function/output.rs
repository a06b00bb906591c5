//! The types that a function can return and fail with.

use std::error::Error;
use std::fmt::{Debug, Display};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A type that a function can return.
///
/// Implemented for every type that serde reads and writes: the server writes it, and a Rust caller reads it.
///
/// ```
/// use devtools_runtime::rpc_function;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(tag = "kind", rename_all = "kebab-case")]
/// enum Resolved {
///     File { path: String },
///     Virtual { id: String },
/// }
///
/// /// Returns the module of an import, if there is one.
/// #[rpc_function(name = "docs-of-outputs:resolve")]
/// fn resolve(import: String) -> Option<Resolved> {
///     match import.strip_prefix("virtual:") {
///         Some(id) => Some(Resolved::Virtual { id: id.to_owned() }),
///         None => import.starts_with('/').then_some(Resolved::File { path: import }),
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by an RPC function",
    label = "cannot be written into a reply",
    note = "if the type is yours, derive it: `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait RpcOutput: Send + 'static {
    #[doc(hidden)]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> RpcOutput for T {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer)
    }
}

/// Implements the traits of serde for an output.
///
/// They are not supertraits of [`RpcOutput`], because the compiler would report each of them in its place.
pub(crate) struct SerdeOutput<T>(pub(crate) T);

impl<T: RpcOutput> Serialize for SerdeOutput<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: RpcOutput> Deserialize<'de> for SerdeOutput<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// A type that a function can fail with.
///
/// Implemented for every [`Error`] that can move between threads. [`Error`] is not a supertrait, because the compiler would report
/// it in place of this trait. A function may also return a type that becomes a boxed error, such as a `String`, an
/// `anyhow::Error` or a `Box<dyn Error + Send + Sync>`. Its error is then a [`RemoteError`](crate::RemoteError).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an RPC function",
    label = "is no `std::error::Error` that can move between threads",
    note = "if the type is yours, implement `std::error::Error` for it: `#[derive(thiserror::Error)]`",
    note = "a `String` can be one too, and so can `anyhow::Error` and `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait RpcFailure: Debug + Display + Send + Sync + 'static {
    #[doc(hidden)]
    fn as_error(&self) -> &(dyn Error + 'static);
}

#[diagnostic::do_not_recommend]
impl<E: Error + Send + Sync + 'static> RpcFailure for E {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}
