//! The source keeps to the order of `ARCHITECTURE.md`: no circles of imports, and folders use only what stands above them.
//!
//! The tests read the paths that begin with `crate`, `self` or `super`, in `use` declarations and elsewhere, and follow
//! re-exports to the file that has the item. Code that is only for tests does not count. Circles that are not mended yet are
//! counted here by folder: a number that is too small fails, and so does one that is too large, so the list can only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// How many files of a folder of the runtime still import each other in a circle.
const KNOWN_IN_RUNTIME: &[(&str, usize)] = &[];

/// How many files of a folder of the macros still do.
const KNOWN_IN_MACROS: &[(&str, usize)] = &[];

/// Imports of the runtime that are still against the order of the folders: from, and to.
const KNOWN_AGAINST_ORDER: &[(&str, &str)] = &[];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn no_files_of_the_runtime_import_each_other_in_a_circle() {
    check_circles("devtools-runtime", KNOWN_IN_RUNTIME);
}

#[test]
fn no_files_of_the_macros_import_each_other_in_a_circle() {
    check_circles("devtools-macros", KNOWN_IN_MACROS);
}

fn check_circles(package: &str, known: &[(&str, usize)]) {
    let source = Source::read(package);
    let circles = source.circles();
    let mut found = BTreeMap::new();
    for file in circles.iter().flatten() {
        let folder = file.split('/').next().unwrap_or_default();
        *found.entry(folder).or_insert(0) += 1;
    }
    let known: BTreeMap<_, _> = known.iter().copied().collect();
    let mut imports = String::new();
    for (from, to) in source.edges() {
        if circles
            .iter()
            .any(|it| it.contains(&from) && it.contains(&to))
        {
            let _ = writeln!(imports, "  {from} uses {to}");
        }
    }
    assert_eq!(
        found, known,
        "left: files in circles, right: known\n{imports}"
    );
}

#[test]
fn folders_use_what_stands_above_them() {
    let order = order();
    let position = |file: &str| {
        let top = file.split(['/', '.']).next()?;
        order.iter().position(|name| name == top)
    };
    let source = Source::read("devtools-runtime");
    let mut found = BTreeSet::new();
    for (from, to) in source.edges() {
        if let (Some(user), Some(used)) = (position(&from), position(&to))
            && user < used
        {
            found.insert((from, to));
        }
    }
    let known = KNOWN_AGAINST_ORDER.iter();
    let known = known.map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
    assert_eq!(found, known.collect(), "left: found, right: known");
    for file in source.files.keys() {
        assert!(
            file == "lib.rs" || position(file).is_some(),
            "ARCHITECTURE.md does not say where `{file}` stands"
        );
    }
}

#[test]
fn a_client_needs_no_server() {
    for (from, to) in Source::read("devtools-runtime").edges() {
        let is_of_client = from.starts_with("client/");
        let is_of_server = ["host/", "server/"].iter().any(|it| to.starts_with(it));
        let writes_dumps = to.starts_with("dump/")
            && !["dump/hash/", "dump/read/"]
                .iter()
                .any(|it| to.starts_with(it));
        assert!(
            !(is_of_client && (is_of_server || writes_dumps)),
            "{from} uses {to}"
        );
    }
}

/// A `mod.rs` exports outward only, and siblings import the file that has the item.
#[test]
fn siblings_import_leaves() {
    for package in ["devtools-runtime", "devtools-macros"] {
        let source = Source::read(package);
        let files = source.files.keys();
        let folders: BTreeSet<_> = files.filter_map(|it| Some(it.split_once('/')?.0)).collect();
        for folder in folders {
            let found: Vec<_> = source.through_own_folder(folder).collect();
            assert!(
                found.is_empty(),
                "`{folder}`, by way of `mod.rs`: {found:#?}"
            );
        }
    }
}

/// The names in the source of the runtime, in the order of `ARCHITECTURE.md`.
fn order() -> Vec<String> {
    let page = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let house = page.split("```").nth(1).unwrap();
    let house = house.split("devtools-runtime/src/\n").nth(1).unwrap();
    let lines = house.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let names: Vec<_> = names
        .map(|name| {
            name.trim_end_matches('/')
                .trim_end_matches(".rs")
                .to_owned()
        })
        .collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

/// The path of a module or an item: its segments behind `crate`.
type ItemPath = Vec<String>;

/// The source of a crate.
struct Source {
    /// By their paths beneath `src`.
    files: BTreeMap<String, File>,
    /// The file of each module.
    modules: BTreeMap<ItemPath, String>,
}

/// The imports and exports of a file.
#[derive(Default)]
struct File {
    module: ItemPath,
    /// The paths that it uses.
    used: BTreeSet<ItemPath>,
    /// The items that it re-exports, by their names here. `*` exports all items of the path.
    exported: Vec<(String, ItemPath)>,
}

impl Source {
    fn read(package: &str) -> Self {
        let root = repository().join(package).join("src");
        let mut source = Self {
            files: BTreeMap::new(),
            modules: BTreeMap::new(),
        };
        let mut texts = Vec::new();
        collect(&root, &root, &mut texts);
        assert!(texts.len() > 5, "{package}");
        for (name, _) in &texts {
            source.modules.insert(module_of(name), name.clone());
        }
        for (name, text) in texts {
            let module = module_of(&name);
            let file = File::parse(&text, module, &source.modules);
            source.files.insert(name, file);
        }
        source
    }

    /// The file that has the item of a path, which re-exports are followed to.
    fn file_of(&self, path: &[String], depth: usize) -> Option<&str> {
        let (module, rest) = (0..=path.len())
            .rev()
            .map(|length| path.split_at(length))
            .find(|(module, _)| self.modules.contains_key(*module))?;
        let name = &self.modules[module];
        if let (Some(item), Some(file)) = (rest.first(), self.files.get(name)) {
            for (exported, target) in &file.exported {
                if depth < 8 && exported == item {
                    return self.file_of(target, depth + 1);
                }
            }
        }
        Some(name)
    }

    fn edges(&self) -> BTreeSet<(String, String)> {
        let mut edges = BTreeSet::new();
        for (from, file) in &self.files {
            for path in &file.used {
                if let Some(to) = self.file_of(path, 0).filter(|to| to != from) {
                    edges.insert((from.clone(), to.to_owned()));
                }
            }
        }
        edges
    }

    /// The files of a folder and the items that they import by way of a `mod.rs` above them in that folder.
    fn through_own_folder<'s>(
        &'s self,
        folder: &'s str,
    ) -> impl Iterator<Item = (&'s str, String)> {
        let prefix = format!("{folder}/");
        let top: ItemPath = folder.split('/').map(str::to_owned).collect();
        let files = self.files.iter();
        let files = files.filter(move |(name, _)| name.starts_with(&prefix));
        files.flat_map(move |(name, file)| {
            let top = top.clone();
            let paths = file.used.iter().filter(move |path| {
                // The item is in a module that the file is in, or that has the item from elsewhere.
                let (_, module) = path.split_last().unwrap();
                module.starts_with(&top)
                    && file.module.starts_with(module)
                    && self.modules.contains_key(module)
                    && file.module != module
                    && !self.modules.contains_key(*path)
                    && self.modules[module].ends_with("mod.rs")
            });
            paths.map(move |path| (&**name, path.join("::")))
        })
    }

    /// The sets of files that import each other, directly or not.
    fn circles(&self) -> BTreeSet<Vec<String>> {
        let edges = self.edges();
        let reach = |start: &String| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(file) = open.pop() {
                for (from, to) in edges.range((file.clone(), String::new())..) {
                    if from != file {
                        break;
                    }
                    if seen.insert(to) {
                        open.push(to);
                    }
                }
            }
            seen
        };
        let reached: BTreeMap<_, _> = self.files.keys().map(|file| (file, reach(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, from_here) in &reached {
            if from_here.contains(file) {
                let circle = from_here.iter().filter(|it| reached[**it].contains(file));
                circles.insert(circle.map(ToString::to_string).collect());
            }
        }
        circles
    }
}

/// Reads all files of a crate that are not only for tests.
fn collect(root: &Path, folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy();
        let name = name.replace('\\', "/");
        let is_for_tests = name
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs");
        if is_for_tests {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, texts);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            texts.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn module_of(file: &str) -> ItemPath {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let path = if path == "lib" { "" } else { path };
    path.split('/')
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

impl File {
    fn parse(text: &str, module: ItemPath, modules: &BTreeMap<ItemPath, String>) -> Self {
        let tokens = without_tests(tokens(text));
        let mut file = Self {
            module,
            ..Self::default()
        };
        // Modules that are imported or declared: their items are used by way of these names.
        let mut aliases = BTreeMap::new();
        // The tokens outside of `use` declarations.
        let mut code = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let is_use = tokens[at] == "use";
            let is_export = is_use && at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
            if is_use {
                at += 1;
            }
            let begin = at;
            let mut paths = Vec::new();
            let is_path = matches!(&*tokens[at], "crate" | "self" | "super")
                && tokens.get(at + 1).is_some_and(|next| next == "::");
            if is_path {
                at = tree(&tokens, at, &file.module, &mut Vec::new(), &mut paths);
            } else if is_use {
                // A path of another crate.
                at += tokens[at..]
                    .iter()
                    .take_while(|token| *token != ";")
                    .count();
            } else {
                at += 1;
            }
            if !is_use {
                code.extend_from_slice(&tokens[begin..at]);
            }
            for (name, path) in paths {
                if is_export {
                    file.exported.push((name, path));
                } else if is_use && modules.contains_key(&path) {
                    aliases.insert(name, path);
                } else {
                    file.used.insert(path);
                }
            }
        }
        for window in code.windows(3) {
            if let [word, name, end] = window
                && word == "mod"
                && end == ";"
            {
                let mut path = file.module.clone();
                path.push(name.clone());
                aliases.insert(name.clone(), path);
            }
        }
        for window in code.windows(4) {
            let [before, name, colons, item] = window else {
                continue;
            };
            if before != "::"
                && colons == "::"
                && let Some(path) = aliases.get(name)
            {
                let mut path = path.clone();
                path.push(item.clone());
                file.used.insert(path);
            }
        }
        file
    }
}

/// Reads a path with what is in its braces. Adds the paths with the names by which they are known, and returns where it
/// ends.
fn tree(
    tokens: &[String],
    mut at: usize,
    module: &[String],
    prefix: &mut ItemPath,
    paths: &mut Vec<(String, ItemPath)>,
) -> usize {
    let depth = prefix.len();
    let mut is_first = depth == 0;
    loop {
        let token = &*tokens[at];
        match token {
            "{" => {
                at += 1;
                while tokens[at] != "}" {
                    at = tree(tokens, at, module, prefix, paths);
                    at += usize::from(tokens[at] == ",");
                }
                prefix.truncate(depth);
                return at + 1;
            }
            "crate" if is_first => {}
            "self" if is_first => prefix.extend_from_slice(module),
            "super" => {
                if is_first {
                    prefix.extend_from_slice(module);
                }
                prefix.pop();
            }
            // The module itself, in braces.
            "self" => {}
            name => prefix.push(name.to_owned()),
        }
        is_first = false;
        at += 1;
        if tokens.get(at).is_some_and(|next| next == "::")
            && tokens.get(at + 1).is_some_and(|next| next != "<")
        {
            at += 1;
            continue;
        }
        let mut name = prefix.last().cloned().unwrap_or_default();
        if tokens.get(at).is_some_and(|next| next == "as") {
            name.clone_from(&tokens[at + 1]);
            at += 2;
        }
        paths.push((name, prefix.clone()));
        prefix.truncate(depth);
        return at;
    }
}

/// The words and signs of a file, without comments and texts.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|char| {
                let is_end = char == '"' && !escaped;
                escaped = char == '\\' && !escaped;
                is_end
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if first == '\'' && rest[1..].starts_with('\\') {
            rest[3..].find('\'').map_or(rest.len(), |end| end + 4)
        } else if first == '\'' && rest[1..].chars().nth(1) == Some('\'') {
            2 + rest[1..].chars().next().map_or(0, char::len_utf8)
        } else if first.is_alphanumeric() || first == '_' {
            let is_word = |char: char| char.is_alphanumeric() || char == '_';
            let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Leaves out the items behind `#[cfg(test)]` and `#[cfg(all(test, …))]`.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const ONLY: [&str; 5] = ["#", "[", "cfg", "(", "test"];
    const ALSO: [&str; 7] = ["#", "[", "cfg", "(", "all", "(", "test"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let is_test = rest.iter().take(ONLY.len()).eq(ONLY.iter())
            || rest.iter().take(ALSO.len()).eq(ALSO.iter());
        if !is_test {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += rest.iter().take_while(|token| *token != "]").count() + 1;
        let mut depth = 0_usize;
        while at < tokens.len() {
            match &*tokens[at] {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let is_over = depth == 0 && matches!(&*tokens[at], "}" | ";" | ",");
            at += 1;
            if is_over {
                break;
            }
        }
    }
    kept
}

#[test]
fn a_circle_is_found_whatever_way_the_files_name_each_other() {
    let mut source = Source {
        files: BTreeMap::new(),
        modules: BTreeMap::new(),
    };
    let texts = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a/mod.rs",
            "mod one; mod two; pub(crate) use self::two::{Two as Second}; struct Own; fn f() { two::g() }",
        ),
        (
            "a/one.rs",
            "use crate::{a::Second, b}; fn f() { b::g() } #[cfg(test)] mod tests { use crate::lone::X; } #[cfg(all(test, unix))] mod more { use crate::lone::X; }",
        ),
        (
            "a/two.rs",
            "/* crate::b::X */ fn f(_: super::Own) -> super::super::b::B { \"crate::lone\" }",
        ),
        ("b.rs", "fn g(_: &crate::a::one::One) {} // crate::lone"),
        ("lone.rs", "use crate::b::g;"),
    ];
    for (name, _) in texts {
        source.modules.insert(module_of(name), name.to_owned());
    }
    for (name, text) in texts {
        let file = File::parse(text, module_of(name), &source.modules);
        source.files.insert(name.to_owned(), file);
    }
    let circle = ["a/mod.rs", "a/one.rs", "a/two.rs", "b.rs"].map(str::to_owned);
    assert_eq!(source.circles(), BTreeSet::from([circle.to_vec()]));
    let leaves: Vec<_> = source.through_own_folder("a").collect();
    let through_mod = [("a/one.rs", "a::Second"), ("a/two.rs", "a::Own")];
    assert_eq!(
        leaves,
        through_mod.map(|(file, item)| (file, item.to_owned()))
    );
}
