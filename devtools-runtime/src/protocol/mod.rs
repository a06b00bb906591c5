//! The functions of the protocol itself: their names and types, for both sides.
//!
//! `host` registers those of the server, `client` those of the client.

/// The prefixes of the names of the protocol's functions.
const SCOPES: [&str; 6] = [
    "devframe:",
    "anonymous:devframe:",
    "hub:",
    "devframes:plugin:inspect:",
    "devframes:plugin:messages:",
    "devtools-runtime:",
];

/// Returns `true` if a function with this name belongs to the protocol or to this crate, and not to the program.
pub(crate) fn is_built_in(name: &str) -> bool {
    SCOPES.iter().any(|scope| name.starts_with(scope))
}

/// Declares the identity types of functions of the protocol, as the attribute does for a program's function.
macro_rules! functions {
    ($(
        $(#[$docs:meta])*
        $name:ident $(<$value:ident>)? = $wire:literal, $kind:ident, $side:ident, $encoding:ident,
        ($($parameter:ident: $type:ty),*) -> $output:ty;
    )*) => {$(
        $(#[$docs])*
        #[derive(Debug)]
        pub(crate) struct $name $(<$value>(std::marker::PhantomData<$value>))?;

        impl $(<$value: $crate::function::RpcArgument>)? $crate::function::RpcFunction for $name $(<$value>)? {
            const NAME: &'static str = $wire;
            const KIND: $crate::function::FunctionKind = $crate::function::FunctionKind::$kind;
            const SIDE: $crate::function::Side = $crate::function::Side::$side;
            const ENCODING: $crate::wire::Encoding = $crate::wire::Encoding::$encoding;
            const PARAMETERS: &'static [$crate::function::Parameter] =
                &[$($crate::function::Parameter::new(stringify!($parameter), false)),*];
            type Args = ($($type,)*);
            type Output = $output;
            type Error = std::convert::Infallible;
        }
    )*};
}

#[cfg(feature = "inspector")]
pub(crate) use functions;

pub(crate) mod agent;
pub(crate) mod auth;
pub(crate) mod cache;
pub(crate) mod component;
pub(crate) mod docks;
pub(crate) mod introspection;
pub(crate) mod message;
pub(crate) mod messages;
pub(crate) mod state;
pub(crate) mod streaming;
pub(crate) mod vite;
