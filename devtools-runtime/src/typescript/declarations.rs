//! Writes the declaration file: named types, the interfaces of functions, shared states and channels, and their
//! augmentations.

use std::fmt::Write as _;

use serde_json::Value;

use crate::function::{FunctionKind, Side};
use crate::streaming::ChannelDirection;
use crate::typescript::described::{Described, DescribedFunction, DescribedValue};
use crate::typescript::error::TypesError;
use crate::typescript::expression::Expression;
use crate::typescript::floats;
use crate::typescript::named::{
    INTERFACES, NamedSurface, READ, StateTypes, errors_way, required, ways, written,
};
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::printer::Printer;
use crate::typescript::surface::Surface;
use crate::typescript::text::{comment, parameter, quoted};
use crate::typescript::way::Way;

/// One generated interface.
struct Section {
    /// The end of the interface's name.
    name: &'static str,
    description: &'static str,
    /// Whether the clients declare an interface to be augmented. They have none for channels.
    augments: bool,
    /// One line for each member, after its comment.
    members: String,
}

fn sections(named: &NamedSurface) -> Result<Vec<Section>, TypesError> {
    let Described {
        channels, states, ..
    } = &named.described;
    let chunk = |channel: &DescribedValue| {
        let place = format!("the chunk of `{}`", channel.name);
        value(place, written(channel), &channel.written, named)
    };
    let upload = |channel: &DescribedValue| {
        let place = format!("an upload to `{}`", channel.name);
        value(place, READ, &channel.read, named)
    };
    // Clients may write back a value that they have read, so one type is enough.
    let value_of = |state: &DescribedValue| {
        let place = format!("the value of `{}`", state.name);
        value(place, written(state), &state.written, named)
    };
    let [server, client, shared_states, streams, uploads, errors] = INTERFACES;
    let section = |name, description, augments, members| Section {
        name,
        description,
        augments,
        members,
    };
    let functions = |side| functions(named, side);
    let mut sections = vec![
        section(
            server,
            "Functions of the server that panels call.",
            true,
            functions(Side::Server)?,
        ),
        section(
            client,
            "Functions of panels that the server calls.",
            true,
            functions(Side::Client)?,
        ),
        section(
            shared_states,
            "Values that the server and panels share.",
            true,
            values(&states.iter().collect::<Vec<_>>(), value_of)?,
        ),
        section(
            streams,
            "The chunks of each channel's streams.",
            false,
            values(&going(channels, ChannelDirection::Streams), chunk)?,
        ),
        section(
            uploads,
            "The chunks of uploads to each channel.",
            false,
            values(&going(channels, ChannelDirection::Uploads), upload)?,
        ),
        section(
            errors,
            "The errors of functions that have codes, for `asRpcError`.",
            false,
            errors_of(named)?,
        ),
    ];
    sections.retain(|section| !section.members.is_empty());
    Ok(sections)
}

/// Writes the declarations of a program.
pub(crate) fn declarations(
    surface: &Surface,
    options: &TypeScriptOptions,
) -> Result<String, TypesError> {
    let named = NamedSurface::new(surface, options, StateTypes::Written)?;
    let NamedSurface {
        described,
        names,
        prefix,
    } = &named;
    let sections = sections(&named)?;

    let augmenting: Vec<&Section> = sections.iter().filter(|section| section.augments).collect();
    let augmented = if augmenting.is_empty() {
        &[]
    } else {
        options.augmented.as_slice()
    };

    let mut text =
        String::from("// Generated from Rust by devtools-runtime: changes will be lost.\n");
    if floats::are_sent(&named) {
        text.push_str(floats::NOTE);
    }
    if !augmented.is_empty() {
        text.push_str(
            "\n// These imports make the augmentations below work. A module that is not installed is ignored.\n",
        );
    }
    for (module, _) in augmented {
        // Writing to a string does not fail.
        let _ = write!(text, "// @ts-ignore\nimport {}\n", quoted(module));
    }
    for (name, id, way) in names.declared() {
        let Some(schema) = described.definitions(way.direction).get(id) else {
            continue;
        };
        let place = format!("`{}`", described.name(id));
        let declaration = printer(way, &named, place, |printer| {
            printer.declaration(name, schema)
        })?;
        text.push('\n');
        text.push_str(&declaration);
    }
    for Section {
        name,
        description,
        members,
        ..
    } in &sections
    {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n/** {description} */\nexport interface {prefix}{name} {{\n{members}}}\n"
        );
    }
    if sections.is_empty() {
        // Without an export the file would be no module, and would replace the modules that it augments.
        text.push_str("\nexport {}\n");
    }
    for (module, augmented) in augmented {
        let _ = write!(text, "\ndeclare module {} {{\n", quoted(module));
        for Section { name, .. } in &augmenting {
            let _ = writeln!(
                text,
                "  interface {augmented}{name} extends {prefix}{name} {{}}"
            );
        }
        text.push_str("}\n");
    }
    Ok(text)
}

/// Writes the members of an interface of functions.
fn functions(named: &NamedSurface, side: Side) -> Result<String, TypesError> {
    let functions = named.described.functions.iter();
    let mut members = String::new();
    for function in functions.filter(|function| function.definition.side() == side) {
        let definition = &function.definition;
        let description = match definition.role() {
            Some(role) => format!(
                "{}\n\nCallers need the role `{role}`.",
                definition.description()
            ),
            None => definition.description().to_owned(),
        };
        let said = documented(&description, definition.deprecated());
        members.push_str(&comment(&said, "  "));
        let signature = signature(function, named)?;
        // Writing to a string does not fail.
        let _ = writeln!(members, "  {}: {signature}", quoted(definition.name()));
    }
    Ok(members)
}

/// Writes the members of the interface of errors: `'my-plugin:read': { code: 'not-found', data: { path: string } }`.
fn errors_of(named: &NamedSurface) -> Result<String, TypesError> {
    let mut members = String::new();
    for function in &named.described.functions {
        let definition = &function.definition;
        if function.errors.is_empty() || definition.side() == Side::Client {
            continue;
        }
        let way = errors_way(definition.side());
        let mut variants = Vec::with_capacity(function.errors.len());
        for error in &function.errors {
            let code = quoted(error.code);
            variants.push(match &error.data {
                Some(schema) => {
                    let place = format!("the error `{}` of `{}`", error.code, definition.name());
                    let data = value(place, way, schema, named)?;
                    format!("{{ code: {code}, data: {data} }}")
                }
                None => format!("{{ code: {code}, data?: undefined }}"),
            });
        }
        // Writing to a string does not fail.
        let _ = writeln!(
            members,
            "  {}: {}",
            quoted(definition.name()),
            variants.join(" | ")
        );
    }
    Ok(members)
}

/// Returns a description, with a `@deprecated` tag if there is a note.
fn documented(description: &str, deprecated: Option<&str>) -> String {
    match deprecated {
        Some(note) => format!("{description}\n\n@deprecated {note}")
            .trim()
            .to_owned(),
        None => description.trim().to_owned(),
    }
}

/// Returns the channels whose chunks go in this direction.
fn going(channels: &[DescribedValue], way: ChannelDirection) -> Vec<&DescribedValue> {
    channels
        .iter()
        .filter(|channel| channel.goes(way))
        .collect()
}

/// Writes the members of an interface of channels or shared states.
fn values(
    of: &[&DescribedValue],
    expression: impl Fn(&DescribedValue) -> Result<Expression, TypesError>,
) -> Result<String, TypesError> {
    let mut members = String::new();
    for value in of {
        let said = documented(value.description, value.deprecated);
        members.push_str(&comment(&said, "  "));
        // Writing to a string does not fail.
        let _ = writeln!(members, "  {}: {}", quoted(&value.name), expression(value)?);
    }
    Ok(members)
}

fn value(
    place: String,
    way: Way,
    schema: &Value,
    named: &NamedSurface,
) -> Result<Expression, TypesError> {
    printer(way, named, place, |printer| printer.expression(schema))
}

/// Writes a signature: `(id: string, options?: Options) => Promise<Module | null>`.
fn signature(function: &DescribedFunction, named: &NamedSurface) -> Result<String, TypesError> {
    let definition = &function.definition;
    let parameters = definition.parameters();
    let required = required(definition);
    let mut list = Vec::with_capacity(parameters.len());
    let (argument, result) = ways(definition);
    for (position, (of, schema)) in parameters.iter().zip(&function.arguments).enumerate() {
        let place = format!("the parameter `{}` of `{}`", of.name, definition.name());
        let expression = printer(argument, named, place, |printer| printer.expression(schema))?;
        let name = parameter(of.name);
        list.push(if position < required {
            format!("{name}: {expression}")
        } else {
            // A caller may leave the argument out instead of writing `null`. A called function may get `null`.
            match definition.side() {
                Side::Server => format!("{name}?: {}", expression.not_null()),
                Side::Client => format!("{name}?: {expression}"),
            }
        });
    }
    let place = format!("the result of `{}`", definition.name());
    let output = printer(result, named, place, |printer| {
        printer.expression(&function.output)
    })?;
    let output = match output.to_string() {
        nothing if nothing == "null" || nothing == "undefined" => "void".to_owned(),
        _ if definition.kind() == FunctionKind::Event => "void".to_owned(),
        output => output,
    };
    Ok(format!("({}) => Promise<{output}>", list.join(", ")))
}

fn printer<T>(
    way: Way,
    named: &NamedSurface,
    place: String,
    print: impl FnOnce(&mut Printer<'_>) -> Result<T, TypesError>,
) -> Result<T, TypesError> {
    let name = |id: &str| named.names.of(id, way);
    print(&mut Printer::new(&named.described, way, &name, place))
}
