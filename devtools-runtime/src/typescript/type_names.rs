//! What a named type is called, by the type alone: never by what else a program has.
//!
//! The name is that of the type in Rust, or the one that `#[schemars(rename = "..")]` gives it. An instance of a generic type has the names of
//! its arguments in its own: `Page<Module>` is `PageOfModule`. Where the author has put the arguments into the name,
//! `#[schemars(rename = "Page_of_{T}")]`, nothing is added.
//!
//! schemars numbers types of one name in the order in which it meets them. It knows them apart by an id, which has the path of the module, and tells
//! nobody; its debug form has it. If that form ever changes, [`ids`] finds nothing, and the numbers of schemars are what is left.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;

use crate::typescript::text::pascal_case;

/// The ids of the types that a generator has named, by these names.
///
/// It is asked when the definitions have been taken out: their text might look like anything.
pub(super) fn ids(generator: &SchemaGenerator) -> BTreeMap<String, String> {
    let text = format!("{generator:?}");
    let field = "schema_id_to_name: {";
    let Some(at) = text.rfind(field) else {
        return BTreeMap::new();
    };
    // `SchemaUid("crate::Page", Serialize): "Page", ...`
    let mut rest = &text[at + field.len()..];
    let mut ids = BTreeMap::new();
    while let Some(entry) = rest.strip_prefix("SchemaUid(") {
        let Some((id, after)) = string(entry) else {
            break;
        };
        let name = after.split_once("): ").and_then(|(_, name)| string(name));
        let Some((name, after)) = name else {
            break;
        };
        ids.insert(name, id);
        rest = after.trim_start_matches(", ");
    }
    ids
}

/// The string that a debug form begins with, and what follows it.
fn string(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('"')?;
    let mut string = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((string, &text[at + 1..])),
            // No identifier has a character that is written in any other way.
            '\\' => string.push(chars.next()?.1),
            c => string.push(c),
        }
    }
    None
}

/// The name of a type with this id, to which schemars has given that name.
pub(super) fn type_name(id: &str, given: &str) -> String {
    let (path, arguments) = match id.split_once('<') {
        Some((path, arguments)) => (path, Some(arguments)),
        None => (id, None),
    };
    let Some((_, own)) = path.rsplit_once("::") else {
        // It has not been derived: the type says its name itself.
        return given.to_owned();
    };
    match arguments {
        None => own.to_owned(),
        // The author has said where the arguments go.
        Some(_) if own.contains('{') => given.to_owned(),
        Some(arguments) => {
            let of = names_in(arguments, path);
            if of.is_empty() {
                own.to_owned()
            } else {
                format!("{own}Of{}", of.join("And"))
            }
        }
    }
}

/// What to call a type whose name another type has too: as many modules as that, then the name. `None` if it does not stand in so many.
pub(super) fn qualified(id: &str, name: &str, modules: usize) -> Option<String> {
    let path = id.split('<').next().unwrap_or_default();
    let mut of = Vec::with_capacity(modules);
    let mut segments = path.rsplit("::").skip(1);
    for _ in 0..modules {
        of.push(pascal_case(segments.next()?));
    }
    of.reverse();
    Some(of.concat() + name)
}

/// The names of the types in a list of arguments: derived ones follow each other without anything between them.
fn names_in(arguments: &str, of: &str) -> Vec<String> {
    let own_crate = of.split("::").next().unwrap_or_default();
    let mut names = Vec::new();
    // What the next name begins with: `ArrayOf`.
    let mut before = String::new();
    let is_path = |c: char| c.is_alphanumeric() || "_:".contains(c);
    let mut rest = arguments;
    while let Some(first) = rest.chars().next() {
        if !is_path(first) {
            if first == '[' {
                before.push_str("ArrayOf");
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(|c| !is_path(c)).unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        let mut paths = apart(path, own_crate).into_iter().peekable();
        while let Some(path) = paths.next() {
            let name = path.rsplit("::").next().unwrap_or_default();
            let name = capitalized(name);
            // `Option<Module>` is one name: `OptionOfModule`.
            if paths.peek().is_none() && after.starts_with('<') {
                before.push_str(&name);
                before.push_str("Of");
            } else {
                names.push(std::mem::take(&mut before) + &name);
            }
        }
        rest = after;
    }
    names
}

/// Takes apart `app::Left` and `app::Right`, which are written `app::Leftapp::Right`.
fn apart<'t>(path: &'t str, own_crate: &'t str) -> Vec<&'t str> {
    let first = path.split("::").next().unwrap_or_default();
    let mut paths = Vec::new();
    let mut begin = 0;
    let mut from = first.len();
    while let Some(at) = path[from..].find("::").map(|at| at + from) {
        let segment = path[begin..at].rsplit("::").next().unwrap_or_default();
        let next = [first, own_crate].into_iter().find(|crate_name| {
            !crate_name.is_empty()
                && segment.len() > crate_name.len()
                && segment.ends_with(crate_name)
        });
        // A module may be called like the crate, and more: there must be a type before it.
        let begins = next.filter(|_| begin != at - segment.len());
        if let Some(next) = begins {
            let split = at - next.len();
            paths.push(&path[begin..split]);
            begin = split;
        }
        from = at + 2;
    }
    paths.push(&path[begin..]);
    paths
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use schemars::{JsonSchema, generate::SchemaSettings};

    use super::{ids, qualified, type_name};

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "its schema is what is looked at")]
    struct Page<T> {
        items: Vec<T>,
    }

    #[derive(JsonSchema)]
    struct Pair<A, B>(A, B);

    #[derive(JsonSchema)]
    #[schemars(rename = "List_of_{T}")]
    #[expect(dead_code, reason = "its schema is what is looked at")]
    struct Renamed<T>(T, u8);

    #[derive(JsonSchema)]
    struct Module;

    mod graph {
        #[derive(schemars::JsonSchema)]
        #[expect(dead_code, reason = "its schema is what is looked at")]
        pub(super) struct Node(u8, u8);
    }

    mod syntax {
        #[derive(schemars::JsonSchema)]
        #[expect(dead_code, reason = "its schema is what is looked at")]
        pub(super) struct Node(u8);
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "its schema is what is looked at")]
    struct Everything {
        syntax: syntax::Node,
        graph: graph::Node,
        modules: Page<Module>,
        numbers: Page<u8>,
        lists: Page<Vec<Option<graph::Node>>>,
        pair: Pair<Module, graph::Node>,
        renamed: Renamed<Module>,
        result: Result<Module, String>,
    }

    #[test]
    fn a_name_depends_on_the_type_alone() {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        generator.subschema_for::<Everything>();
        generator.take_definitions(false);
        let ids = ids(&generator);
        let mut names: Vec<(String, String)> = ids
            .iter()
            .map(|(given, id)| (given.clone(), type_name(id, given)))
            .collect();
        names.sort();
        let names: Vec<(&str, &str)> = names
            .iter()
            .map(|(given, name)| (&**given, &**name))
            .collect();
        let expected = [
            ("Everything", "Everything"),
            ("List_of_Module", "List_of_Module"),
            ("Module", "Module"),
            ("Node", "Node"),
            ("Node2", "Node"),
            ("Page", "PageOfModule"),
            ("Page2", "PageOfUint8"),
            ("Page3", "PageOfArrayOfOptionOfNode"),
            ("Pair", "PairOfModuleAndNode"),
            ("Result_of_Module_or_string", "Result_of_Module_or_string"),
        ];
        assert_eq!(names, expected);
        let qualified: Vec<String> = ["Node", "Node2"]
            .iter()
            .map(|given| qualified(&ids[*given], "Node", 1).unwrap())
            .collect();
        assert_eq!(qualified, ["SyntaxNode", "GraphNode"]);
    }
}
