//! The spellings of arguments that have the same meaning. A record answers all of them.

use crate::wire::js::Value;

/// The number of absent arguments at the end for which other spellings are tried.
const MAX_ABSENT: usize = 8;

/// Returns the arguments as they were passed, followed by other spellings with the same meaning: absent arguments at
/// the end as `undefined`, as `null`, and left out.
///
/// Arguments are hashed as they were passed ([protocol 8.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#85-the-hash-of-arguments)), and Rust writes `None` as `null`.
pub(super) fn spellings(arguments: &[Value]) -> impl Iterator<Item = Vec<Value>> + '_ {
    let absent = arguments.iter().rev().take_while(|value| is_absent(value));
    let absent = absent.take(MAX_ABSENT).count();
    let given = &arguments[..arguments.len() - absent];
    let filled = move |count: usize, value: &Value| {
        let mut filled = given.to_vec();
        filled.resize(given.len() + count, value.clone());
        filled
    };
    let others = (1..=absent)
        .rev()
        .flat_map(move |count| {
            [
                filled(count, &Value::Undefined),
                filled(count, &Value::Null),
            ]
        })
        .chain((absent > 0).then(|| given.to_vec()));
    std::iter::once(arguments.to_vec()).chain(others)
}

pub(super) fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Undefined | Value::Null)
}
