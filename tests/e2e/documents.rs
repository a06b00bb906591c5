//! The documents name sections, files and tests that exist, and the manifests leave no test out.

use std::collections::HashSet;
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

#[test]
fn the_readme_of_the_crate_is_that_of_the_repository() {
    let of_crate = read(&root().join("devtools-runtime/README.md"));
    assert!(
        of_crate == read(&root().join("README.md")),
        "copy README.md to devtools-runtime/README.md"
    );
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
    found.push(file);
    for line in text.lines() {
        let line = line.trim_start_matches("pub ").strip_suffix(';');
        let Some(module) = line.and_then(|line| line.strip_prefix("mod ")) else {
            continue;
        };
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
            let path = target.split("\npath = \"").nth(1);
            let path = path.map_or("src/lib.rs", |path| path.split('"').next().unwrap());
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
