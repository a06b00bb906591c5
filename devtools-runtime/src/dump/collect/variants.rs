//! Lists other arguments with the same meaning, as JavaScript may call a function with them.

use crate::function::Parameter;
use crate::wire::js;

/// The number of variants that a record answers at most.
const MOST: usize = 32;

/// Returns all other arguments that mean the same as `given` to a function with these parameters.
///
/// An optional parameter without a value is `undefined` or `null`, and at the end it may also be absent; the hashes
/// of these differ ([protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)). If there are more than [`MOST`] variants, only those are returned in which all
/// such parameters are `undefined`, or all are `null`.
pub(super) fn variants(given: &[js::Value], parameters: &[Parameter]) -> Vec<Vec<js::Value>> {
    let is_open = |position: usize| {
        let value = given.get(position).unwrap_or(&js::Value::Undefined);
        let parameter = parameters.get(position);
        parameter.is_some_and(|parameter| parameter.optional)
            && matches!(value, js::Value::Undefined | js::Value::Null)
    };
    let count = parameters.len().max(given.len());
    let open: Vec<usize> = (0..count).filter(|position| is_open(*position)).collect();
    if open.is_empty() {
        return Vec::new();
    }
    // All parameters from this position on may be absent.
    let trailing = (0..count).rev().take_while(|position| is_open(*position));
    let shortest = count - trailing.count();
    let ways: usize = (shortest..=count)
        .map(|length| 1 << open.iter().filter(|position| **position < length).count())
        .sum();
    let mut variants = Vec::with_capacity(ways.min(MOST));
    for length in shortest..=count {
        let open: Vec<usize> = open
            .iter()
            .copied()
            .filter(|position| *position < length)
            .collect();
        let all: u32 = (1 << open.len()) - 1;
        let choices: Vec<u32> = match (ways > MOST, all) {
            (true, 1..) => vec![0, all],
            _ => (0..=all).collect(),
        };
        for choice in choices {
            let mut variant: Vec<js::Value> = given.iter().take(length).cloned().collect();
            variant.resize(length, js::Value::Undefined);
            for (bit, position) in open.iter().enumerate() {
                variant[*position] = match choice >> bit & 1 {
                    0 => js::Value::Undefined,
                    _ => js::Value::Null,
                };
            }
            if variant != given {
                variants.push(variant);
            }
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::{MOST, variants};
    use crate::function::Parameter;
    use crate::wire::js::Value::{self, Null, Number, Undefined};

    const REQUIRED: Parameter = Parameter::new("a", false);
    const OPTIONAL: Parameter = Parameter::new("b", true);

    fn one() -> Value {
        Number(1.0)
    }

    #[test]
    fn what_is_given_means_only_itself() {
        let none: Vec<Vec<Value>> = Vec::new();
        assert_eq!(variants(&[], &[]), none);
        assert_eq!(variants(&[Null], &[REQUIRED]), none);
        assert_eq!(variants(&[one(), one()], &[REQUIRED, OPTIONAL]), none);
    }

    #[test]
    fn nothing_at_the_end_is_absent_undefined_and_null() {
        let absent = vec![one()];
        let undefined = vec![one(), Undefined];
        let null = vec![one(), Null];
        let parameters = [REQUIRED, OPTIONAL];
        assert_eq!(
            variants(&null, &parameters),
            [absent.clone(), undefined.clone()]
        );
        assert_eq!(variants(&absent, &parameters), [undefined, null]);
    }

    #[test]
    fn nothing_in_the_middle_is_undefined_and_null() {
        let parameters = [OPTIONAL, REQUIRED];
        assert_eq!(
            variants(&[Null, one()], &parameters),
            [vec![Undefined, one()]]
        );
    }

    #[test]
    fn of_many_only_those_that_are_alike() {
        assert_eq!(variants(&[Null, Null], &[OPTIONAL; 2]).len(), 6);
        let many = vec![Null; 8];
        let variants = variants(&many, &[OPTIONAL; 8]);
        assert_eq!(variants.len(), 16);
        assert!(variants.len() <= MOST);
        assert!(variants.contains(&vec![Undefined; 8]) && variants.contains(&Vec::new()));
    }
}
