//! The identity of a function: the type that stands for it.

use crate::function::arguments::RpcArguments;
use crate::function::kind::{FunctionKind, Side};
use crate::function::options::FunctionOptions;
use crate::function::output::{RpcFailure, RpcOutput};
use crate::function::parameter::Parameter;
use crate::function::rpc_error::Failure;
use crate::function::rules::Rule;
#[cfg(feature = "typescript")]
use crate::function::types::Types;
use crate::wire::Encoding;

/// The compile-time description of a function, for both sides of a connection.
///
/// [`#[rpc_function]`](macro@crate::rpc_function) implements this for the type it adds beside the function, named
/// after it in `PascalCase`. Write it by hand only for a name that the attribute cannot spell.
///
/// ```
/// use devtools_runtime::{RpcFunction, rpc_function};
///
/// /// Looks a module up.
/// #[rpc_function(name = "docs-of-identity:get-module")]
/// fn get_module(id: String, depth: Option<u8>) -> Option<String> {
///     depth.map(|_| id)
/// }
///
/// /// Works for every function.
/// fn signature<F: RpcFunction>() -> String {
///     let names: Vec<_> = F::PARAMETERS.iter().map(|parameter| parameter.name).collect();
///     format!("{}({})", F::NAME, names.join(", "))
/// }
///
/// assert_eq!(signature::<GetModule>(), "docs-of-identity:get-module(id, depth)");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an RPC function",
    label = "expected the type that `#[rpc_function]` adds beside a function",
    note = "the type has the function's name in PascalCase: `GetModule` for `fn get_module`"
)]
pub trait RpcFunction: 'static {
    /// The name on the wire, `scope:function`.
    const NAME: &'static str;
    /// The kind: static, query, action or event.
    const KIND: FunctionKind;
    /// The side that the function runs on.
    const SIDE: Side = Side::Server;
    /// The codec in which arguments and results are written.
    const ENCODING: Encoding = Encoding::Json;
    /// The parameters that a caller sends, in order.
    const PARAMETERS: &'static [Parameter];
    /// The doc comment.
    const DESCRIPTION: &'static str = "";
    /// The options of the function.
    const OPTIONS: FunctionOptions = FunctionOptions::new();

    /// The parameters that a caller sends, as a tuple.
    type Args: RpcArguments;
    /// The type that a successful call returns.
    type Output: RpcOutput;
    /// The error that a failed call returns; [`Infallible`](std::convert::Infallible) for a function without errors.
    type Error: RpcFailure;

    #[doc(hidden)]
    const FAILURE: Failure<Self::Error> = Failure::OPAQUE;

    /// The rules for each argument. Empty if there are none.
    #[doc(hidden)]
    const RULES: &'static [Rule] = &[];

    /// The rules for the result.
    #[doc(hidden)]
    const OUTPUT_RULE: Rule = Rule::NONE;

    #[cfg(feature = "typescript")]
    #[doc(hidden)]
    const TYPES: Types = Types::UNKNOWN;
}
