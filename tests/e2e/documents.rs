//! The documents name sections, files and tests that exist, and the manifests leave no test out.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder that people write, with one of these endings.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "node_modules", "corpus", "vectors"].contains(&&*name)
                && !name.starts_with('.')
            {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

fn all_files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root(), endings, &mut found);
    assert!(!found.is_empty());
    found
}

/// The headings of a page, without their marks.
fn headings(page: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    page.lines().filter_map(move |line| {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        let heading = line.trim_start_matches('#');
        (!in_code && heading.len() < line.len()).then(|| heading.trim())
    })
}

/// The anchor that the page's host makes of a heading.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter_map(|char| match char {
        ' ' => Some('-'),
        '-' | '_' => Some(char),
        _ => char.is_alphanumeric().then_some(char),
    });
    kept.collect()
}

#[test]
fn every_citation_of_the_protocol_is_of_a_section() {
    let page = read(&root().join("docs/protocol.md"));
    let anchors: HashSet<String> = headings(&page).map(anchor).collect();
    let numbers: HashSet<&str> = headings(&page)
        .filter_map(|heading| heading.split(' ').next())
        .collect();
    let mut cited = 0;
    for path in all_files(&[".rs", ".md", ".js", ".mjs"]) {
        if path.ends_with("tests/e2e/documents.rs") {
            continue;
        }
        let text = read(&path);
        for rest in text.split("protocol.md").skip(1) {
            let at = path.display();
            if let Some(link) = rest.strip_prefix('#') {
                let named: String = link
                    .chars()
                    .take_while(|char| !")`> \"\n".contains(*char))
                    .collect();
                assert!(anchors.contains(&named), "{at} cites protocol.md#{named}");
                cited += 1;
            }
            let number = rest
                .trim_start_matches('`')
                .strip_prefix(' ')
                .unwrap_or_default();
            let number: String = number
                .chars()
                .take_while(|char| char.is_ascii_digit() || *char == '.')
                .collect();
            let number = number.trim_end_matches('.');
            if !number.is_empty() {
                assert!(numbers.contains(number), "{at} cites protocol.md {number}");
                cited += 1;
            }
        }
    }
    assert!(cited > 100, "{cited} citations");
}

#[test]
fn every_link_to_the_repository_leads_to_a_file_of_it() {
    const MAIN: [&str; 3] = ["/blob/main/", "/tree/main/", "/devtools-runtime/main/"];
    let mut links = 0;
    for path in all_files(&[".md", ".rs"]) {
        if path.ends_with("tests/e2e/documents.rs") {
            continue;
        }
        let text = read(&path);
        for rest in MAIN.iter().flat_map(|main| text.split(main).skip(1)) {
            let link = rest.split(|char: char| ")`>#\" \n".contains(char)).next();
            let target = root().join(link.unwrap());
            assert!(target.exists(), "{} links to {link:?}", path.display());
            links += 1;
        }
    }
    assert!(links > 50, "{links} links");
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut links = 0;
    for path in all_files(&[".md"]) {
        let text = read(&path);
        for rest in text.split("](").skip(1) {
            let link = rest.split([')', '\n']).next().unwrap();
            if link.contains("://") || link.is_empty() || link.contains('`') || link.contains(' ') {
                continue;
            }
            // Of a page of the generated documentation, to an item: rustdoc looks after those.
            if link.contains("::") || link.contains('@') {
                continue;
            }
            let (file, section) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let at = path.display();
            assert!(target.exists(), "{at} links to {link}");
            if !section.is_empty() {
                let page = read(&target);
                assert!(
                    headings(&page).map(anchor).any(|anchor| anchor == section),
                    "{at} links to {link}"
                );
            }
            links += 1;
        }
    }
    assert!(links > 10, "{links} links");
}

/// The names of the pages of the book, without their ending.
fn pages() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages = names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()));
    pages.collect()
}

#[test]
fn the_sidebar_of_the_book_has_every_page_once() {
    let config = read(&root().join("docs/.vitepress/config.mjs"));
    let links = config.split("link: '/").skip(1);
    let links = links.map(|rest| match rest.split('\'').next().unwrap() {
        "" => "README".to_owned(),
        page => page.to_owned(),
    });
    let links: Vec<String> = links.collect();
    let listed: BTreeSet<String> = links.iter().cloned().collect();
    assert_eq!(links.len(), listed.len(), "a page is in it twice");
    assert_eq!(listed, pages(), "left: the sidebar, right: docs/*.md");
}

#[test]
fn the_first_page_of_the_book_links_to_every_page() {
    let first = read(&root().join("docs/README.md"));
    for page in pages() {
        assert!(
            page == "README" || first.contains(&format!("]({page}.md)")),
            "docs/README.md does not link to {page}.md"
        );
    }
}

/// The languages and options of the code of a page, as they are written behind the fences.
fn fences(page: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    page.lines().filter_map(move |line| {
        let fence = line.strip_prefix("```")?;
        in_code = !in_code;
        in_code.then_some(fence)
    })
}

#[test]
fn every_page_with_rust_is_compiled() {
    let compiled = read(&root().join("tests/guides/lib.rs"));
    for page in pages() {
        let text = read(&root().join(format!("docs/{page}.md")));
        // The programs of a file that is named are compiled by `book.rs`, in a package of their own.
        let has_rust = fences(&text).any(|fence| fence.starts_with("rust") && !fence.contains('['));
        assert_eq!(
            has_rust,
            compiled.contains(&format!("\"{page}.md\"")),
            "{page}.md has Rust (left), and is in tests/guides/lib.rs (right)"
        );
    }
}

/// A source file without line breaks inside of texts, and without the marks that escape quotes.
fn as_printed(source: &str) -> String {
    let mut text = String::new();
    for line in source.lines() {
        let line = line.trim();
        let continued = line.strip_suffix('\\');
        text.push_str(continued.unwrap_or(line));
        if continued.is_none() {
            text.push('\n');
        }
    }
    text.replace("\\\"", "\"")
}

#[test]
fn every_message_of_the_troubleshooting_is_printed_by_something() {
    let mut sources = Vec::new();
    for folder in [
        "devtools-runtime/src",
        "devtools-macros/src",
        "integrations/nats/src",
    ] {
        files(&root().join(folder), &[".rs", ".js"], &mut sources);
    }
    let sources: Vec<String> = sources.iter().map(|path| as_printed(&read(path))).collect();
    // The compiler and the browser print these.
    let of_others = [
        "future cannot be sent between threads safely",
        "enum is not supported in",
        "Failed to fetch dynamically imported module",
        "404",
        "__client.js",
        "unknown",
        "invalid type",
        "UnknownIssuer",
        "CaUsedAsEndEntity",
        "ConnectionRefused",
    ];
    let page = read(&root().join("docs/troubleshooting.md"));
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let mut messages = 0;
    let mut unknown = Vec::new();
    for row in rows {
        let cell = row.split(" | ").next().unwrap().trim_start_matches("| ");
        for message in quoted(cell) {
            let parts = message.split('…').filter(|part| part.len() > 3);
            for part in parts {
                let part = part.trim_matches([' ', ':', '`', '"', '(', ')']);
                let is_known = of_others.iter().any(|other| part.contains(other))
                    || sources.iter().any(|source| source.contains(part));
                if !is_known {
                    unknown.push((part, message));
                }
            }
            messages += 1;
        }
    }
    assert!(unknown.is_empty(), "nothing prints these: {unknown:#?}");
    assert!(messages > 50, "{messages} messages");
}

/// The texts in back quotes of a cell, which may be double ones.
fn quoted(cell: &str) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = cell;
    while let Some(start) = rest.find('`') {
        rest = &rest[start..];
        let mark = if rest.starts_with("``") { "``" } else { "`" };
        rest = &rest[mark.len()..];
        let end = rest.find(mark).unwrap_or_else(|| panic!("{cell}"));
        texts.push(rest[..end].trim());
        rest = &rest[end + mark.len()..];
    }
    texts
}

/// The folders of the crates that are published.
const PUBLISHED: [&str; 4] = [
    "devtools-macros",
    "devtools-runtime",
    "integrations/mcp",
    "integrations/nats",
];

#[test]
fn the_crates_have_the_documents_of_the_repository() {
    for krate in PUBLISHED {
        let mut copies = vec!["LICENSE-APACHE", "LICENSE-MIT"];
        if krate == "devtools-runtime" {
            copies.push("README.md");
        }
        for copy in copies {
            let of_crate = read(&root().join(krate).join(copy));
            let original = read(&root().join(copy));
            assert!(of_crate == original, "copy {copy} to {krate}/{copy}");
        }
    }
}

#[test]
fn what_the_coverage_of_the_guides_names_is_there() {
    let page = read(&root().join("docs/guides-coverage.md"));
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let rows: Vec<&str> = rows
        .into_iter()
        .filter(|row| *row != "| construct | shown by |")
        .collect();
    assert!(rows.len() > 100, "{} rows", rows.len());
    for row in rows {
        let row = row.replace("\\|", "¦");
        let shown_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for place in shown_by.split("<br>") {
            let mut quoted = place.split('`').skip(1).step_by(2);
            let file = quoted
                .next()
                .unwrap_or_else(|| panic!("nothing shows {row}"));
            let text = read(&root().join(file));
            for name in quoted {
                assert!(text.contains(name), "{file} has no {name}");
            }
        }
    }
}

/// The public modules of the runtime that a person writes for, by name.
fn modules(lib: &str) -> Vec<&str> {
    let lines = lib.lines();
    let public = lines.filter_map(|line| line.strip_prefix("pub mod "));
    let names = public.map(|rest| rest.trim_end_matches([';', '{', ' ']));
    // Values have a page of their own, the command line is a file of its own, and one is for the macros alone.
    names
        .filter(|name| !["js", "cli", "__private"].contains(name))
        .collect()
}

#[test]
fn every_module_has_a_page_with_an_example_and_is_on_the_first_page() {
    let source = root().join("devtools-runtime/src");
    let first = read(&source.join("docs/front.md"));
    let lib = read(&source.join("lib.rs"));
    let modules = modules(&lib);
    assert!(modules.len() > 5, "{modules:?}");
    for module in modules {
        let page = read(&source.join(format!("docs/modules/{module}.md")));
        assert!(page.contains("\n```"), "{module} has no example");
        assert!(
            first.contains(&format!("[`{module}`]")),
            "{module} is not on the first page"
        );
    }
}

#[test]
fn the_root_has_few_names() {
    const MOST: usize = 45;
    let lib = read(&root().join("devtools-runtime/src/lib.rs"));
    let used = lib.split("\npub use ").skip(1);
    let used = used.map(|used| used.split(';').next().unwrap_or_default());
    let names = used.map(|used| used.split(',').filter(|name| name.trim() != "}").count());
    let names: usize = names.sum();
    assert!((20..=MOST).contains(&names), "{names} names");
}

/// The file of a program or library, and those of its modules.
fn with_modules(file: PathBuf, found: &mut Vec<PathBuf>) {
    let text = read(&file);
    let folder = match file.file_stem().and_then(|name| name.to_str()) {
        Some("main" | "lib" | "mod") => file.parent().unwrap().to_owned(),
        _ => file.with_extension(""),
    };
    let folder_of_file = file.parent().unwrap().to_owned();
    found.push(file);
    let mut path = None;
    for line in text.lines() {
        let attribute = line.strip_prefix("#[path = \"");
        if let Some(named) = attribute.and_then(|rest| rest.split('"').next()) {
            path = Some(folder_of_file.join(named));
            continue;
        }
        let line = line.trim_start_matches("pub ").strip_suffix(';');
        let Some(module) = line.and_then(|line| line.strip_prefix("mod ")) else {
            continue;
        };
        if let Some(path) = path.take() {
            with_modules(path, found);
            continue;
        }
        let beside = folder.join(module).with_extension("rs");
        let below = folder.join(module).join("mod.rs");
        with_modules(if beside.exists() { beside } else { below }, found);
    }
}

#[test]
fn what_is_not_built_as_a_test_has_no_tests() {
    let mut programs = 0;
    for manifest in all_files(&["Cargo.toml"]) {
        let text = read(&manifest);
        let targets = text.split("\n[").skip(1);
        for target in targets.filter(|target| target.lines().any(|line| line == "test = false")) {
            let value_of = |key: &str| {
                let value = target.split(&format!("\n{key} = \"")).nth(1)?;
                value.split('"').next()
            };
            let path = match (value_of("path"), value_of("name")) {
                (Some(path), _) => path.to_owned(),
                (None, Some(name)) if target.starts_with("[bench]]") => {
                    format!("benches/{name}.rs")
                }
                (None, _) => "src/lib.rs".to_owned(),
            };
            let mut files = Vec::new();
            with_modules(manifest.parent().unwrap().join(path), &mut files);
            for file in files {
                let (text, at) = (read(&file), file.display());
                let is_tested = text.contains("#[test]") || text.contains("#[tokio::test");
                assert!(
                    !is_tested,
                    "{at} has tests, and its target says `test = false`"
                );
            }
            programs += 1;
        }
    }
    assert!(programs > 5, "{programs} targets");
}
