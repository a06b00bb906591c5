//! The function-like macros. Each passes `$crate` to the procedural macro that does the work, so that a renamed crate is
//! found.

/// Declares a list of functions: those that a plugin serves, or those that a client calls.
///
/// ```standalone_crate
/// use devtools_runtime::{DevTools, call, rpc_function, rpc_functions};
///
/// mod fs {
///     use devtools_runtime::rpc_function;
///
///     /// Reads a text file.
///     #[rpc_function(name = "my-plugin:read-file")]
///     pub async fn read_file(path: String) -> Result<String, std::io::Error> {
///         std::fs::read_to_string(path)
///     }
/// }
///
/// /// Says how many files there are.
/// #[rpc_function(name = "my-plugin:count-files")]
/// fn count_files() -> u64 {
///     3
/// }
///
/// rpc_functions! {
///     /// Everything this plugin serves.
///     pub struct MyPluginFunctions { CountFiles, fs::ReadFile }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Explicit registration, for programs that cannot rely on what the linker collects.
/// let devtools = DevTools::builder().functions::<MyPluginFunctions>().build().await?;
///
/// // Over a socket: `DevToolsRpcClient::<MyPluginFunctions>::connect(url)`.
/// let rpc = devtools.client().with_functions::<MyPluginFunctions>();
/// assert_eq!(call!(rpc, "my-plugin:count-files").await?, 3);
/// # Ok(())
/// # }
/// ```
///
/// The list holds the types that [`#[rpc_function]`](macro@crate::rpc_function) adds beside functions, by path; `#[cfg(…)]` goes
/// before one. They may be declarations without a body, functions of the client, and functions of other crates. The
/// list is a type that is never built. It implements [`FunctionList`](crate::FunctionList).
///
/// Lists can be combined: wherever a list is expected, a tuple of up to eight lists may be passed, and tuples may be
/// nested.
///
/// # Errors
///
/// A list that has a function twice, or two functions of one name, does not compile. The message names both.
#[macro_export]
macro_rules! rpc_functions {
    ($($list:tt)*) => {
        $crate::__private::rpc_functions! { $crate; $($list)* }
    };
}

/// Calls a function by its name: `call!(rpc, "my-plugin:read-file", "src/main.rs").await?`.
///
/// The name is looked up at compile time in the list of `rpc`, which is a
/// [`DevToolsRpcClient<MyPluginFunctions>`](crate::DevToolsRpcClient), or the result of
/// [`RpcSession::with_functions`](crate::RpcSession::with_functions). The arguments and the future are those of the
/// function's own wrapper: `ReadFile::call(&rpc, "src/main.rs")`, or `notify` if the function is an event. As in the
/// wrapper, `&str` is accepted for a `String`, and `None` stands for an `Option` that is left out.
///
/// ```
/// use devtools_runtime::{CallError, DevToolsRpcClient, RpcSession, call, rpc_function, rpc_functions};
///
/// #[rpc_function(name = "my-plugin:read-file")]
/// async fn read_file(path: String, lines: Option<u32>) -> String;
///
/// #[rpc_function(name = "my-plugin:highlight", kind = "action", side = "client")]
/// async fn highlight(selector: String) -> bool;
///
/// rpc_functions! {
///     /// The functions of the server.
///     pub struct ServerFunctions { ReadFile }
/// }
/// rpc_functions! {
///     /// What each panel has.
///     pub struct PanelFunctions { Highlight }
/// }
///
/// async fn length(rpc: &DevToolsRpcClient<ServerFunctions>) -> Result<usize, CallError> {
///     let file = call!(rpc, "my-plugin:read-file", "src/main.rs", None).await?;
///     Ok(file.len())
/// }
///
/// async fn show(session: &RpcSession) -> Result<bool, CallError> {
///     let panel = session.with_functions::<PanelFunctions>();
///     call!(panel, "my-plugin:highlight", "#app").await
/// }
/// ```
///
/// It does not work in modules under `#![no_implicit_prelude]`. Call the wrappers of the functions' types there.
///
/// # Errors
///
/// A call does not compile if the name is not in the list, if several lists of a tuple have it, or if an argument
/// does not fit. For an unknown name, the message says which functions the list has:
///
/// ```compile_fail,E0277
/// # use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};
/// # #[rpc_function(name = "my-plugin:read-file")]
/// # async fn read_file(path: String) -> String;
/// # rpc_functions! {
/// #     struct ServerFunctions { ReadFile }
/// # }
/// # async fn show(rpc: &DevToolsRpcClient<ServerFunctions>) {
/// // error: there is no function `my-plugin:raed-file` in `ServerFunctions`
/// let file = call!(rpc, "my-plugin:raed-file", "src/main.rs").await;
/// # }
/// ```
#[macro_export]
macro_rules! call {
    ($($call:tt)*) => {
        $crate::__private::call!($crate; $($call)*)
    };
}

/// Asserts that a function was collected into this program, and so is served by every server that it builds.
///
/// Takes a name, or the function's type. It is for tests: a crate that nothing names is not linked, and its functions
/// are missing without an error.
///
/// ```
/// use devtools_runtime::{assert_registered, rpc_function};
///
/// #[rpc_function(name = "my-plugin:get-data")]
/// fn get_data() -> u32 {
///     7
/// }
///
/// assert_registered!("my-plugin:get-data");
/// assert_registered!(GetData);
/// ```
///
/// # Panics
///
/// If no function with a body, or more than one, was collected under this name, or if the function of this type was
/// not collected. The message says what to do.
#[macro_export]
macro_rules! assert_registered {
    ($name:literal $(,)?) => {
        $crate::__private::assert_registered($name)
    };
    ($function:path $(,)?) => {
        $crate::__private::assert_function_registered::<$function>()
    };
}

/// Expands to the descriptions of the types of a function's parameters and result, among the items of its `RpcFunction`.
#[cfg(any(feature = "validate", feature = "typescript"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __of_types {
    ($($parameter:ty),*) => {
        $crate::__rules! { $($parameter),* }
        $crate::__described! { $($parameter),* }
    };
}

/// Without the features, it expands to nothing.
#[cfg(not(any(feature = "validate", feature = "typescript")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __of_types {
    ($($parameter:ty),*) => {};
}

/// Expands to the bounds of the types of a function's parameters and result, among the items of its `RpcFunction`.
#[cfg(feature = "validate")]
#[doc(hidden)]
#[macro_export]
macro_rules! __rules {
    ($($parameter:ty),*) => {
        const RULES: &'static [$crate::__private::Rule] =
            &[$($crate::__private::Probe::<$parameter>::RULE),*];
        const OUTPUT_RULE: $crate::__private::Rule =
            $crate::__private::Probe::<<Self as $crate::RpcFunction>::Output>::RULE;
    };
}

/// Without the feature `validate`, it expands to nothing.
#[cfg(not(feature = "validate"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __rules {
    ($($parameter:ty),*) => {};
}

/// Expands to the attribute's options for the types of a function: see `function/types.rs`.
#[cfg(feature = "typescript")]
#[doc(hidden)]
#[macro_export]
macro_rules! __described {
    ($($argument:ty),*) => {
        const TYPES: $crate::__private::Types = $crate::__private::Types {
            arguments: &[$($crate::__private::Probe::<$argument>::DESCRIBE),*],
            output: $crate::__private::Probe::<<Self as $crate::RpcFunction>::Output>::DESCRIBE,
        };
    };
}

/// Without the feature `typescript`, it expands to nothing.
#[cfg(not(feature = "typescript"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __described {
    ($($argument:tt)*) => {};
}

/// Expands to the variants of an error, among the items of its `RpcError`.
#[cfg(feature = "typescript")]
#[doc(hidden)]
#[macro_export]
macro_rules! __of_variants {
    ($($code:literal [$($field:ty: $kind:ident $(($at:literal))?),*])*) => {
        const VARIANTS: &'static [$crate::__private::ErrorVariant] = {
            #[allow(unused_imports, reason = "the code is generated, and its author cannot mend it")]
            use $crate::__private::ProbeFallback as _;
            &[$($crate::__private::ErrorVariant {
                code: $code,
                fields: &[$((
                    $crate::__private::FieldPosition::$kind $(($at))?,
                    $crate::__private::Probe::<$field>::DESCRIBE,
                )),*],
            }),*]
        };
    };
}

/// Without the feature `typescript`, it expands to nothing.
#[cfg(not(feature = "typescript"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __of_variants {
    ($($variant:tt)*) => {};
}

/// Expands to the entry of a channel or a shared state in the program's list.
#[cfg(feature = "typescript")]
#[doc(hidden)]
#[macro_export]
macro_rules! __described_value {
    ($entry:ident $identity:ident ($value:ty) $description:literal $($deprecated:literal)?) => {
        #[allow(unused_imports, deprecated, reason = "the code is generated, and its author cannot mend it")]
        const _: () = {
            use $crate::__private::ProbeFallback as _;
            $crate::__private::inventory::submit! {
                $crate::__private::$entry::new::<$identity>(
                    $description,
                    $crate::__private::Probe::<$value>::DESCRIBE,
                )
                $(.deprecated($deprecated))?
            }
        };
    };
}

/// Without the feature `typescript`, it expands to nothing.
#[cfg(not(feature = "typescript"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __described_value {
    ($($value:tt)*) => {};
}
