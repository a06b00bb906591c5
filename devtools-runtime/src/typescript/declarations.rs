//! The file: named types, the interfaces of both sides, and what they augment.

use std::fmt::Write as _;

use crate::function::{FunctionDefinition, FunctionKind, Side};
use crate::typescript::described::DescribedFunction;
use crate::typescript::error::TypesError;
use crate::typescript::expression::Printer;
use crate::typescript::named::{Named, required, ways};
use crate::typescript::names::{Names, Way};
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::text::{comment, parameter, quoted};

/// What is declared of one kind of thing: an interface that others extend.
struct Section {
    /// What the name of the interface ends with, here and in the modules it augments.
    name: &'static str,
    description: &'static str,
    side: Side,
}

// Shared states and channels come here, with interfaces of their own.
const SECTIONS: [Section; 2] = [
    Section {
        name: "ServerFunctions",
        description: "What panels call.",
        side: Side::Server,
    },
    Section {
        name: "ClientFunctions",
        description: "What the server calls in panels.",
        side: Side::Client,
    },
];

/// The declarations of these functions.
pub(crate) fn declarations(
    functions: impl IntoIterator<Item = FunctionDefinition>,
    options: &TypeScriptOptions,
) -> Result<String, TypesError> {
    let named = Named::new(functions, options)?;
    let Named {
        described, names, ..
    } = &named;
    let sections: Vec<(&Section, Vec<&DescribedFunction>)> = SECTIONS
        .iter()
        .map(|section| {
            let of = |function: &&DescribedFunction| function.definition.side() == section.side;
            (section, described.functions.iter().filter(of).collect())
        })
        .filter(|(_, functions): &(_, Vec<_>)| !functions.is_empty())
        .collect();
    let interfaces: Vec<String> = sections
        .iter()
        .map(|(section, _)| format!("{}{}", named.prefix, section.name))
        .collect();

    let mut text =
        String::from("// Generated from Rust by devtools-runtime: changes will be lost.\n");
    for (name, rust_name, way) in names.declared() {
        let Some(schema) = described.definitions(way.direction).get(rust_name) else {
            continue;
        };
        let mut printer = printer(way, names, format!("`{rust_name}`"), |printer| {
            printer.declaration(name, schema)
        })?;
        printer.insert(0, '\n');
        text.push_str(&printer);
    }
    for ((section, functions), interface) in sections.iter().zip(&interfaces) {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n/** {} */\nexport interface {interface} {{\n",
            section.description
        );
        for function in functions {
            text.push_str(&comment(function.definition.description(), "  "));
            let _ = writeln!(
                text,
                "  {}: {}",
                quoted(function.definition.name()),
                signature(function, &named)?
            );
        }
        text.push_str("}\n");
    }
    if sections.is_empty() {
        // Without it the file is no module, and would replace those that it augments.
        text.push_str("\nexport {}\n");
    }
    for (module, augmented) in &options.augmented {
        if sections.is_empty() {
            break;
        }
        let _ = write!(text, "\ndeclare module {} {{\n", quoted(module));
        for ((section, _), interface) in sections.iter().zip(&interfaces) {
            let _ = writeln!(
                text,
                "  interface {augmented}{} extends {interface} {{}}",
                section.name
            );
        }
        text.push_str("}\n");
    }
    Ok(text)
}

/// `(id: string, options?: Options) => Promise<Module | null>`.
fn signature(function: &DescribedFunction, named: &Named) -> Result<String, TypesError> {
    let definition = &function.definition;
    let parameters = definition.parameters();
    let required = required(definition);
    let mut list = Vec::with_capacity(parameters.len());
    let (argument, result) = ways(definition);
    for (position, (of, schema)) in parameters.iter().zip(&function.arguments).enumerate() {
        let place = format!("the parameter `{}` of `{}`", of.name, definition.name());
        let expression = printer(argument, &named.names, place, |printer| {
            printer.expression(schema)
        })?;
        let name = parameter(of.name);
        list.push(if position < required {
            format!("{name}: {expression}")
        } else {
            // Who leaves it out need not write `null`; who is called may get it.
            match definition.side() {
                Side::Server => format!("{name}?: {}", expression.not_null()),
                Side::Client => format!("{name}?: {expression}"),
            }
        });
    }
    let place = format!("the result of `{}`", definition.name());
    let output = printer(result, &named.names, place, |printer| {
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
    names: &Names,
    place: String,
    print: impl FnOnce(&mut Printer<'_>) -> Result<T, TypesError>,
) -> Result<T, TypesError> {
    let mut printer = Printer {
        encoding: way.encoding,
        name: &|name| names.of(name, way),
        place: vec![place],
    };
    print(&mut printer)
}
