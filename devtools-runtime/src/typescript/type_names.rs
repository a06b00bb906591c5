//! The name of a type, which depends on the type alone, never on the rest of the program.
//!
//! It is the name of the Rust type, or the one in `#[schemars(rename = "..")]`. The name of a generic type contains
//! the names of its arguments: `Page<Module>` is `PageOfModule`. If the author has put the arguments into the name,
//! as in `#[schemars(rename = "Page_of_{T}")]`, nothing is added.
//!
//! schemars numbers types that share a name in the order in which it meets them. It distinguishes them by an id with
//! the path of the module, which only its debug output shows. If that output ever changes, [`ids`] finds nothing, and
//! the numbers of schemars remain.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;

use crate::typescript::text::pascal_case;

/// Reads the ids of the types that a generator has named, by these names.
///
/// Call it after the definitions were taken out, because their text could be anything.
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

/// Parses the string literal at the beginning of a debug output. Returns it with the rest.
fn string(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('"')?;
    let mut string = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((string, &text[at + 1..])),
            // No identifier contains a character with any other escape.
            '\\' => string.push(chars.next()?.1),
            c => string.push(c),
        }
    }
    None
}

/// Returns the name of the type with this id. `given` is the name that schemars gave it.
pub(super) fn type_name(id: &str, given: &str) -> String {
    let (path, arguments) = match id.split_once('<') {
        Some((path, arguments)) => (path, Some(arguments)),
        None => (id, None),
    };
    let Some((_, own)) = path.rsplit_once("::") else {
        // The type does not derive its schema and sets its name itself.
        return given.to_owned();
    };
    match arguments {
        None => own.to_owned(),
        // The author has put the arguments into the name.
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

/// Returns the name with `modules` enclosing modules before it. `None` if there are fewer modules.
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

/// Returns the names of the types in a list of arguments. Names of derived types have no separator between them.
fn names_in(arguments: &str, of: &str) -> Vec<String> {
    let own_crate = of.split("::").next().unwrap_or_default();
    let mut names = Vec::new();
    // The beginning of the next name, for example `ArrayOf`.
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
            // `Option<Module>` becomes one name: `OptionOfModule`.
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

/// Splits `app::Leftapp::Right` into `app::Left` and `app::Right`.
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
        // The name of a module may end with the crate's name, so there must be a type before it.
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
    #[expect(dead_code, reason = "only its schema is used")]
    struct Page<T> {
        items: Vec<T>,
    }

    #[derive(JsonSchema)]
    struct Pair<A, B>(A, B);

    #[derive(JsonSchema)]
    #[schemars(rename = "List_of_{T}")]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Renamed<T>(T, u8);

    #[derive(JsonSchema)]
    struct Module;

    mod graph {
        #[derive(schemars::JsonSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        pub(super) struct Node(u8, u8);
    }

    mod syntax {
        #[derive(schemars::JsonSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        pub(super) struct Node(u8);
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
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
