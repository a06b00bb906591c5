#![doc = include_str!("../docs/modules/typescript.md")]

// Declarations for TypeScript: the functions, channels and shared states of a program ([`surface`]), and the types of
// their values.
//
// The schemas are generated once ([`described`]), in both directions: of the values that Rust reads, and of those
// that it writes. The types then get their names ([`names`]) and are written ([`expression`]). Everything is sorted,
// so that the same program gives the same text.

#[cfg(feature = "cli")]
mod changes;
#[cfg(feature = "cli")]
mod compatible;
mod declarations;
mod described;
mod direction;
mod error;
mod expression;
mod file;
mod floats;
mod foreign;
mod keyed;
mod lines;
mod lock;
mod named;
mod names;
mod openrpc;
mod options;
mod printer;
mod references;
mod schema;
mod surface;
mod text;
mod type_names;
mod way;

#[cfg(feature = "cli")]
pub(crate) use self::changes::compare;
pub(crate) use self::declarations::declarations;
pub(crate) use self::file::{check, write};
pub(crate) use self::lock::lock;
pub(crate) use self::openrpc::openrpc;
pub(crate) use self::surface::Surface;

pub use self::error::TypesError;
pub use self::keyed::KeyedBy;
pub use self::options::TypeScriptOptions;
pub use crate::function::{DescribedTypes, FunctionSchema};
pub use crate::host::UnknownFunction;
