//! Errors that a caller receives as their own type: by a code, the data of a variant, and a message.
//!
//! [`RpcError`] selects the part of an error that its caller may see, and rebuilds the error from it. [`Failure`] says whether the
//! errors of a function are of this sort. [`coded_message`](crate::wire::coded_message) is their form on the wire.

mod coded_error;
mod data;
mod disclosed;
mod failure;
#[cfg(feature = "typescript")]
mod variants;

pub use self::coded_error::RpcError;
pub use self::data::{
    Disclosure, ErrorData, ErrorField, FieldPosition, RpcErrorField, error_field,
};
pub(crate) use self::disclosed::Disclosed;
pub use self::failure::Failure;
#[cfg(feature = "typescript")]
pub use self::variants::ErrorVariant;
