//! Positional arguments: from the wire into a tuple, and back.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::Error as MissingError;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor,
};
use serde::ser::{Serialize, SerializeTuple, Serializer};
use serde::{Deserialize, forward_to_deserialize_any};

use crate::function::tuples::tuples;
use crate::function::{ArgumentError, RpcFunction, Rule, rules};
use crate::wire::json;
use crate::wire::{self, Document, Encoding, MAX_DEPTH, Payload, ReadError};

/// A type that can be a parameter of an RPC function.
///
/// Implemented for everything that serde reads and writes: the server reads it, a Rust caller writes
/// it.
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
    /// Makes the argument.
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

/// A parameter that comes off the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name in the signature.
    pub name: &'static str,
    /// Whether the type is an `Option`, so that a caller may leave it out at the end.
    pub optional: bool,
}

impl Parameter {
    /// A parameter of this name.
    pub const fn new(name: &'static str, optional: bool) -> Self {
        Self { name, optional }
    }
}

/// The wire parameters of a function, as a tuple of up to eight.
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

    /// Whether each may be left out.
    #[doc(hidden)]
    fn optional() -> Vec<bool>;

    #[doc(hidden)]
    fn read<'de, A: SeqAccess<'de>>(elements: &mut Elements<'_, A>) -> Result<Self, A::Error>;

    #[doc(hidden)]
    fn write<S: SerializeTuple>(&self, elements: &mut S) -> Result<(), S::Error>;

    /// Checks each by its rule; the first that fails ends it.
    #[doc(hidden)]
    fn check(&self, rules: &[Rule]) -> Result<(), Misfit>;
}

/// The elements of an argument array, one after the other.
#[derive(Debug)]
pub struct Elements<'r, A> {
    sequence: A,
    /// How many were asked for: on failure, the position of the wrong one.
    position: &'r Cell<usize>,
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
            fn check(&self, rules: &[Rule]) -> Result<(), Misfit> {
                $(rules::check(rules, $index, &self.$index)?;)*
                Ok(())
            }
        }
    )*};
}

tuples!(arguments);

/// The parameters of a closure, which have no names that anybody could know.
pub(crate) fn parameters_of<A: RpcArguments>() -> Vec<Parameter> {
    const NAMES: [&str; 8] = [
        "arg0", "arg1", "arg2", "arg3", "arg4", "arg5", "arg6", "arg7",
    ];
    let named = NAMES.into_iter().zip(A::optional());
    named
        .map(|(name, optional)| Parameter::new(name, optional))
        .collect()
}

/// Arguments, written as an array.
pub(crate) struct Positional<'a, A>(pub(crate) &'a A);

impl<A: RpcArguments> Serialize for Positional<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut elements = serializer.serialize_tuple(A::COUNT)?;
        self.0.write(&mut elements)?;
        elements.end()
    }
}

/// Reads and checks the arguments of `F`.
pub(crate) fn read<F: RpcFunction>(payload: Payload<'_>) -> Result<F::Args, ArgumentError> {
    let arguments = match F::ENCODING {
        Encoding::Json => read_json(payload),
        Encoding::StructuredClone => read_clone(payload),
    };
    arguments
        .and_then(|arguments| checked(arguments, F::RULES))
        .map_err(|misfit| misfit.of(F::NAME, F::PARAMETERS))
}

/// The arguments, if they satisfy these rules.
pub(crate) fn checked<A: RpcArguments>(arguments: A, rules: &[Rule]) -> Result<A, Misfit> {
    // Without the feature there are no rules, and nothing is compiled here for each tuple.
    if cfg!(feature = "validate") && !rules.is_empty() {
        arguments.check(rules)?;
    }
    Ok(arguments)
}

/// Reads the arguments of a function whose parameters travel as JSON.
///
/// A caller may still have sent structured clone: its types then take their JSON form. So a function
/// is compiled for one codec only.
pub(crate) fn read_json<A: RpcArguments>(payload: Payload<'_>) -> Result<A, Misfit> {
    let text = match payload {
        nothing if nothing.is_nothing() => Cow::Borrowed("[]"),
        Payload::Clone(_) => Cow::Owned(rewritten(payload)?),
        json => json
            .to_json()
            .map_err(|error| Misfit::new(0, error.to_string()))?,
    };
    json::check(&text, MAX_DEPTH + 1).map_err(|refused| {
        let (position, path) = wire::locate_byte(&text, refused.at());
        Misfit {
            position,
            path,
            problem: refused.to_string(),
        }
    })?;
    let read = json::with_well_formed(&text, |text| {
        let position = Cell::new(0);
        let arguments = TupleSeed::<A>::new(&position).deserialize(&mut json::deserializer(text));
        arguments.map_err(|error| {
            let (element, path) = wire::locate(text, &error);
            Misfit {
                position: position.get(),
                // The error of a missing argument points at the end of the array, inside no argument.
                path: if element == position.get() {
                    path
                } else {
                    String::new()
                },
                problem: wire::problem_of(&error),
            }
        })
    });
    if json::NUMBERS_HAVE_TEXT && read.is_err() {
        let document = Document::of_json(&text);
        let node = document.root().with_levels(MAX_DEPTH + 1);
        let again = TupleSeed::<A>::new(&Cell::new(0)).deserialize(node.with_finite_floats());
        return again.or(read);
    }
    read
}

/// The JSON text of arguments that came as structured clone, each rewritten alone: an error names the one it is about.
fn rewritten(payload: Payload<'_>) -> Result<String, Misfit> {
    let whole = |error: ReadError| Misfit::new(0, error.to_string());
    let mut text = String::from("[");
    let Ok(elements) = payload.elements() else {
        // It is no array, which the tuple says better.
        return payload.to_json().map(Cow::into_owned).map_err(whole);
    };
    for (position, element) in elements.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        match element.to_json() {
            Ok(json) => text.push_str(&json),
            Err(ReadError::Clone(error)) => {
                return Err(Misfit {
                    position,
                    path: error.path().to_owned(),
                    problem: error.problem().to_owned(),
                });
            }
            Err(error) => return Err(Misfit::new(position, error.to_string())),
        }
    }
    text.push(']');
    Ok(text)
}

/// Reads the arguments of a function that is declared structured clone, from either codec.
pub(crate) fn read_clone<A: RpcArguments>(payload: Payload<'_>) -> Result<A, Misfit> {
    let node = match payload {
        Payload::Clone(node) if !payload.is_nothing() => node,
        json => return read_json(json),
    };
    let position = Cell::new(0);
    TupleSeed::<A>::new(&position)
        .deserialize(node.with_levels(MAX_DEPTH + 1).with_finite_floats())
        .map_err(|error| {
            // The path starts with the element's index, which the position says already.
            let path = error.path().to_string();
            Misfit {
                position: position.get(),
                path: path
                    .find(']')
                    .map_or(String::new(), |end| path[end + 1..].to_owned()),
                problem: error.problem().to_string(),
            }
        })
}

/// What was wrong with the arguments of a call.
#[derive(Debug)]
pub struct Misfit {
    position: usize,
    path: String,
    problem: String,
}

impl Misfit {
    pub(super) fn new(position: usize, problem: String) -> Self {
        Self {
            position,
            path: String::new(),
            problem,
        }
    }

    /// The error, with the names that only the function knows.
    pub(crate) fn of(
        self,
        function: impl Into<Cow<'static, str>>,
        parameters: &[Parameter],
    ) -> ArgumentError {
        ArgumentError {
            function: function.into(),
            position: self.position + 1,
            parameter: parameters
                .get(self.position)
                .map_or("arguments", |parameter| parameter.name),
            path: shortened(self.path, LONGEST_PATH),
            problem: shortened(self.problem, LONGEST_PROBLEM),
        }
    }
}

/// How many characters of a path are shown: a value may be nested deeper than anybody wants to read.
pub(super) const LONGEST_PATH: usize = 200;

/// How many characters of a problem are shown. It may quote what the caller sent, with escapes that are longer than
/// the characters they stand for.
pub(super) const LONGEST_PROBLEM: usize = 1000;

/// The text, up to so many characters.
pub(super) fn shortened(mut text: String, longest: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(longest) {
        text.truncate(end);
        text.push('…');
    }
    text
}

struct TupleSeed<'r, A> {
    position: &'r Cell<usize>,
    arguments: PhantomData<A>,
}

impl<'r, A> TupleSeed<'r, A> {
    fn new(position: &'r Cell<usize>) -> Self {
        Self {
            position,
            arguments: PhantomData,
        }
    }
}

impl<'de, A: RpcArguments> DeserializeSeed<'de> for TupleSeed<'_, A> {
    type Value = A;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<A, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, A: RpcArguments> Visitor<'de> for TupleSeed<'_, A> {
    type Value = A;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of arguments")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, sequence: S) -> Result<A, S::Error> {
        let mut elements = Elements {
            sequence,
            position: self.position,
        };
        let arguments = A::read(&mut elements)?;
        while elements.sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(arguments)
    }
}

/// The source of an argument that was left out.
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::Serialize;

    use super::{Misfit, Parameter, RpcArguments, read_json};
    use crate::wire::Payload;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Options {
        deep: bool,
    }

    const PARAMETERS: &[Parameter] =
        &[Parameter::new("id", false), Parameter::new("options", true)];

    fn read<A: RpcArguments>(json: &str) -> Result<A, String> {
        let misfit = |misfit: Misfit| misfit.of("my-plugin:get-module", PARAMETERS).to_string();
        read_json(Payload::Json(json)).map_err(misfit)
    }

    #[test]
    fn a_trailing_option_may_be_absent_null_or_given() {
        let read = read::<(String, Option<Options>)>;
        assert_eq!(read(r#"["x"]"#), Ok(("x".into(), None)));
        assert_eq!(read(r#"["x",null]"#), Ok(("x".into(), None)));
        assert_eq!(
            read(r#"["x",{"deep":true}]"#),
            Ok(("x".into(), Some(Options { deep: true })))
        );
        assert_eq!(read(r#"["x",null,[1,{}],"extra"]"#), Ok(("x".into(), None)));
    }

    #[test]
    fn no_arguments_at_all_are_none() {
        assert_eq!(read_json::<()>(Payload::Absent).map_err(|_| ()), Ok(()));
        assert_eq!(read::<()>("null"), Ok(()));
        assert_eq!(read::<(Option<u8>,)>("null"), Ok((None,)));
    }

    #[test]
    fn a_misfit_names_function_argument_path_and_what_was_expected() {
        let read = |json| read::<(String, Option<Options>)>(json).unwrap_err();
        assert_eq!(
            read("[]"),
            "argument 1 (`id`) of `my-plugin:get-module`: missing argument"
        );
        assert_eq!(
            read("[1]"),
            "argument 1 (`id`) of `my-plugin:get-module`: invalid type: integer `1`, expected a string"
        );
        assert_eq!(
            read(r#"["x",{"deep":"yes"}]"#),
            "argument 2 (`options`) of `my-plugin:get-module` at `.deep`: invalid type: string \"yes\", expected a boolean"
        );
        assert_eq!(
            read(r#"["x",{}]"#),
            "argument 2 (`options`) of `my-plugin:get-module`: missing field `deep`"
        );
        assert_eq!(
            read("7"),
            "argument 1 (`id`) of `my-plugin:get-module`: invalid type: integer `7`, expected an array of arguments"
        );
    }
}
