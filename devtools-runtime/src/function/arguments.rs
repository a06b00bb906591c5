//! Positional arguments as a tuple, which is written as an array.

use std::cell::Cell;

use serde::de::value::Error as MissingError;
use serde::de::{DeserializeOwned, Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};
use serde::{Deserialize, forward_to_deserialize_any};

use crate::function::argument_problem::ArgumentProblem;
use crate::function::parameter::Parameter;
use crate::function::rules::{self, Rule};
use crate::function::tuples::tuples;

/// A type that can be a parameter of an RPC function.
///
/// Implemented for every type that serde reads and writes: the server reads it, and a Rust caller writes it.
///
/// ```
/// use devtools_runtime::rpc_function;
/// use serde::{Deserialize, Serialize};
///
/// /// A parameter of a type of one's own.
/// #[derive(Default, Serialize, Deserialize)]
/// #[serde(rename_all = "camelCase", default)]
/// struct ListOptions {
///     include_hidden: bool,
///     max_depth: Option<u8>,
/// }
///
/// #[rpc_function(name = "docs-of-arguments:list")]
/// fn list(folder: String, options: Option<ListOptions>) -> Vec<String> {
///     let options = options.unwrap_or_default();
///     if options.include_hidden { vec![format!("{folder}/.git")] } else { Vec::new() }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of an RPC function",
    label = "cannot be read from a request",
    note = "if the type is yours, derive it: `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait RpcArgument: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> RpcArgument for T {}

/// A value that a caller may pass for a parameter of type `T`: a `T`, or a `&str` for a `String`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter of type `{T}`",
    label = "expected `{T}`"
)]
pub trait IntoArgument<T> {
    /// Converts the value.
    fn into_argument(self) -> T;
}

impl<T> IntoArgument<T> for T {
    fn into_argument(self) -> T {
        self
    }
}

impl IntoArgument<String> for &str {
    fn into_argument(self) -> String {
        self.to_owned()
    }
}

impl IntoArgument<String> for &String {
    fn into_argument(self) -> String {
        self.clone()
    }
}

/// The parameters that a caller sends, as a tuple of up to eight.
///
/// A missing trailing argument is read as serde reads a missing field: `None` for an `Option`, an
/// error for anything else. Arguments beyond the parameters are ignored, as in JavaScript.
#[diagnostic::on_unimplemented(
    message = "these cannot be the parameters of an RPC function",
    note = "a function takes up to eight parameters from the wire: put more into a struct"
)]
pub trait RpcArguments: Sized + Send + 'static {
    #[doc(hidden)]
    const COUNT: usize;

    /// Returns for each parameter whether it may be omitted.
    #[doc(hidden)]
    fn optional() -> Vec<bool>;

    #[doc(hidden)]
    fn read<'de, A: SeqAccess<'de>>(elements: &mut Elements<'_, A>) -> Result<Self, A::Error>;

    #[doc(hidden)]
    fn write<S: SerializeTuple>(&self, elements: &mut S) -> Result<(), S::Error>;

    /// Checks each argument by its rule, and returns the first problem.
    #[doc(hidden)]
    fn check(&self, rules: &[Rule]) -> Result<(), ArgumentProblem>;
}

/// The elements of an argument array, one after the other.
#[derive(Debug)]
pub struct Elements<'r, A> {
    pub(super) sequence: A,
    /// The number of elements that were read. After a failure, it is the position of the wrong one.
    pub(super) position: &'r Cell<usize>,
}

impl<'de, A: SeqAccess<'de>> Elements<'_, A> {
    fn next<T: Deserialize<'de>>(&mut self) -> Result<T, A::Error> {
        let element = self.sequence.next_element()?;
        let value = match element {
            Some(value) => value,
            None => T::deserialize(Missing).map_err(A::Error::custom)?,
        };
        self.position.set(self.position.get() + 1);
        Ok(value)
    }
}

macro_rules! arguments {
    ($($count:literal: ($($name:ident $index:tt),*);)*) => {$(
        impl<$($name: RpcArgument),*> RpcArguments for ($($name,)*) {
            const COUNT: usize = $count;

            fn optional() -> Vec<bool> {
                vec![$($name::deserialize(Missing).is_ok()),*]
            }

            #[allow(unused_variables, reason = "the empty tuple has no elements")]
            fn read<'de, Access: SeqAccess<'de>>(
                elements: &mut Elements<'_, Access>,
            ) -> Result<Self, Access::Error> {
                Ok(($(elements.next::<$name>()?,)*))
            }

            #[allow(unused_variables, reason = "the empty tuple has no elements")]
            fn write<Ser: SerializeTuple>(&self, elements: &mut Ser) -> Result<(), Ser::Error> {
                $(elements.serialize_element(&self.$index)?;)*
                Ok(())
            }

            #[allow(unused_variables, reason = "the empty tuple has no elements")]
            fn check(&self, rules: &[Rule]) -> Result<(), ArgumentProblem> {
                $(rules::check(rules, $index, &self.$index)?;)*
                Ok(())
            }
        }
    )*};
}

tuples!(arguments);

/// Returns the parameters of a closure, whose names are not known.
pub(crate) fn parameters_of<A: RpcArguments>() -> Vec<Parameter> {
    const NAMES: [&str; 8] = [
        "arg0", "arg1", "arg2", "arg3", "arg4", "arg5", "arg6", "arg7",
    ];
    let named = NAMES.into_iter().zip(A::optional());
    named
        .map(|(name, optional)| Parameter::new(name, optional))
        .collect()
}

/// Writes arguments as an array.
pub(crate) struct Positional<'a, A>(pub(crate) &'a A);

impl<A: RpcArguments> Serialize for Positional<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut elements = serializer.serialize_tuple(A::COUNT)?;
        self.0.write(&mut elements)?;
        elements.end()
    }
}

/// Returns the arguments if they satisfy these rules.
pub(crate) fn checked<A: RpcArguments>(arguments: A, rules: &[Rule]) -> Result<A, ArgumentProblem> {
    // Without the feature there are no rules, and nothing is compiled here for each tuple.
    if cfg!(feature = "validate") && !rules.is_empty() {
        arguments.check(rules)?;
    }
    Ok(arguments)
}

/// The deserializer of an argument that was omitted.
struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = MissingError;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, MissingError> {
        Err(MissingError::custom("missing argument"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MissingError> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
