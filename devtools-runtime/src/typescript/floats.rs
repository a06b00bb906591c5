//! Floats. JSON has no number for `NaN` and the infinities.

use serde_json::Value;

use crate::function::Side;
use crate::streaming::ChannelDirection;
use crate::typescript::direction::Direction;
use crate::typescript::named::NamedSurface;

/// The note about floats, once for a whole file. If each of them were `number | null` instead, panels would have to
/// check for values that hardly any program sends.
pub(super) const NOTE: &str = "
// A `number` that is a float in Rust arrives as `null` if it is `NaN` or infinite: JSON has no numbers for these.
// Where the type in Rust is an `Option`, it is `number | null` here.
";

/// Returns whether Rust sends a float somewhere.
pub(super) fn are_sent(named: &NamedSurface) -> bool {
    let described = &named.described;
    let declared = named.names.declared();
    let mut types = declared.filter_map(|(_, id, way)| {
        let is_sent = way.direction == Direction::Written;
        is_sent.then(|| described.definitions(way.direction).get(id))?
    });
    let mut functions = described.functions.iter();
    let sends = |side, arguments: &[Value], output: &Value| match side {
        Side::Server => has_float(output),
        Side::Client => arguments.iter().any(has_float),
    };
    let mut channels = described.channels.iter();
    let mut states = described.states.iter();
    types.any(has_float)
        || functions.any(|function| {
            let side = function.definition.side();
            sends(side, &function.arguments, &function.output)
        })
        || channels.any(|it| it.goes(ChannelDirection::Streams) && has_float(&it.written))
        || states.any(|it| has_float(&it.written))
}

/// Returns whether a schema contains a float. The named types that it refers to are not searched.
fn has_float(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(key, member)| match key.as_str() {
            "format" => matches!(member.as_str(), Some("float" | "double")),
            // These keywords hold values and no schemas.
            "const" | "enum" | "default" | "examples" => false,
            _ => has_float(member),
        }),
        Value::Array(members) => members.iter().any(has_float),
        _ => false,
    }
}
