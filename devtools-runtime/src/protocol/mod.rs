//! The functions that the protocol itself consists of, as both sides know them: names and types.
//!
//! The server's are registered in `host`, the client's in `client`.

/// What the names of the protocol's own functions begin with.
const SCOPES: [&str; 4] = [
    "devframe:",
    "anonymous:devframe:",
    "hub:",
    "devtools-runtime:",
];

/// Whether a function of this name belongs to the protocol, or to what is built on it here, and not to the program.
pub(crate) fn is_built_in(name: &str) -> bool {
    SCOPES.iter().any(|scope| name.starts_with(scope))
}

/// Makes the identity of a function of the protocol, as the attribute would.
macro_rules! function {
    (
        $(#[$docs:meta])*
        $name:ident $(<$value:ident>)? = $wire:literal, $kind:ident, $side:ident, $encoding:ident,
        ($($parameter:ident: $type:ty),*) -> $output:ty
    ) => {
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
    };
}

pub(crate) mod auth;
pub(crate) mod cache;
pub(crate) mod docks;
pub(crate) mod introspection;
pub(crate) mod state;
pub(crate) mod streaming;
