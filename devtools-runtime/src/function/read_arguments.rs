//! Reads the arguments of a call from either codec.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::function::argument_problem::ArgumentProblem;
use crate::function::arguments::{Elements, RpcArguments, checked};
use crate::function::error::ArgumentError;
use crate::function::identity::RpcFunction;
use crate::wire::{self, Document, Encoding, MAX_DEPTH, Payload, ReadError, json, json_check};

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

/// Reads the arguments of a function whose parameters travel as JSON.
///
/// Arguments that arrive as structured clone are first rewritten as JSON, so that a function is compiled for one codec only.
pub(crate) fn read_json<A: RpcArguments>(payload: Payload<'_>) -> Result<A, ArgumentProblem> {
    let text = match payload {
        nothing if nothing.is_nothing() => Cow::Borrowed("[]"),
        Payload::Clone(_) => Cow::Owned(rewritten(payload)?),
        json => json
            .to_json()
            .map_err(|error| ArgumentProblem::new(0, error.to_string()))?,
    };
    json_check::check(&text, MAX_DEPTH + 1).map_err(|refused| {
        let (position, path) = wire::locate_byte(&text, refused.at());
        ArgumentProblem {
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
            ArgumentProblem {
                position: position.get(),
                // The error of a missing argument points at the end of the array, which is inside no argument.
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

/// Rewrites arguments from structured clone as JSON, one by one, so that an error names its argument.
fn rewritten(payload: Payload<'_>) -> Result<String, ArgumentProblem> {
    let whole = |error: ReadError| ArgumentProblem::new(0, error.to_string());
    let mut text = String::from("[");
    let Ok(elements) = payload.elements() else {
        // It is not an array. The error of the tuple is clearer.
        return payload.to_json().map(Cow::into_owned).map_err(whole);
    };
    for (position, element) in elements.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        match element.to_json() {
            Ok(json) => text.push_str(&json),
            Err(ReadError::Clone(error)) => {
                return Err(ArgumentProblem {
                    position,
                    path: error.path().to_owned(),
                    problem: error.problem().to_owned(),
                });
            }
            Err(error) => return Err(ArgumentProblem::new(position, error.to_string())),
        }
    }
    text.push(']');
    Ok(text)
}

/// Reads the arguments of a function that is declared structured clone, from either codec.
pub(crate) fn read_clone<A: RpcArguments>(payload: Payload<'_>) -> Result<A, ArgumentProblem> {
    let node = match payload {
        Payload::Clone(node) if !payload.is_nothing() => node,
        json => return read_json(json),
    };
    let position = Cell::new(0);
    TupleSeed::<A>::new(&position)
        .deserialize(node.with_levels(MAX_DEPTH + 1).with_finite_floats())
        .map_err(|error| {
            // The path starts with the index of the element, which is the position.
            let path = error.path().to_string();
            ArgumentProblem {
                position: position.get(),
                path: path
                    .find(']')
                    .map_or(String::new(), |end| path[end + 1..].to_owned()),
                problem: error.problem().to_string(),
            }
        })
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::Serialize;

    use super::{ArgumentProblem, RpcArguments, read_json};
    use crate::function::Parameter;
    use crate::wire::Payload;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Options {
        deep: bool,
    }

    const PARAMETERS: &[Parameter] =
        &[Parameter::new("id", false), Parameter::new("options", true)];

    fn read<A: RpcArguments>(json: &str) -> Result<A, String> {
        let misfit =
            |misfit: ArgumentProblem| misfit.of("my-plugin:get-module", PARAMETERS).to_string();
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
