//! The pages that lead through a package of its own work as they are written, in a fresh folder. So does the template.

use std::fs;
use std::path::{Path, PathBuf};

use devtools_runtime::{Auth, DevTools};
use file_explorer::{Explorer, FileExplorer, FileExplorerFunctions, PANEL_BASE};
use tests::book::{Block, blocks, repository};
use tests::fresh::{Fresh, Listening};
use tests::node;

/// The address that the pages name.
const ADDRESS: &str = "http://127.0.0.1:7812";

/// The options with which the pages check a script.
const COMPILER_OPTIONS: &str =
    "--noEmit --checkJs --module esnext --moduleResolution bundler --target esnext";

/// Follows pages: writes their files, and runs their commands.
struct Reader {
    fresh: Fresh,
    listening: Option<Listening>,
    /// The output of the last command.
    printed: String,
    /// Which checks in the browser follow each start of the program or of Vite.
    visits: &'static [&'static str],
}

impl Reader {
    async fn follow(&mut self, page: &str, visits: &'static [&'static str]) {
        self.visits = visits;
        for block in blocks(page) {
            match block {
                Block::File { path, content } => self.fresh.write(&path, &content),
                Block::Shell(lines) => {
                    for line in lines {
                        self.run(&line).await;
                    }
                }
                Block::Json(expected) => {
                    let value = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
                    assert_eq!(value(&self.printed), value(&expected));
                }
                Block::Other => {}
            }
        }
        assert!(
            self.visits.is_empty(),
            "{page} does not start the program for {:?}",
            self.visits
        );
    }

    async fn run(&mut self, line: &str) {
        println!("$ {line}");
        let folder = line.strip_prefix("cd ");
        match folder.map(|folder| folder.split_once(" && ").unwrap_or((folder, ""))) {
            Some((folder, "")) => self.fresh.folder.push(folder),
            Some((folder, command)) => {
                self.fresh.folder.push(folder);
                self.run_here(command).await;
                self.fresh.folder.pop();
            }
            None => self.run_here(line).await,
        }
    }

    async fn run_here(&mut self, line: &str) {
        if line == "cargo run -- dev" {
            self.listening = None; // the earlier one
            let listening = self.fresh.dev("todo-finder").await;
            let visit = self.next_visit();
            node::run_browser("getting-started.mjs", &[visit, &listening.page]).await;
            self.listening = Some(listening);
        } else if line == "npm run dev" {
            let listening = self.listening.as_ref().expect("the program");
            let config = fs::read_to_string(self.fresh.folder.join("vite.config.js")).unwrap();
            assert!(config.contains(ADDRESS), "{config}");
            let config = config.replace(ADDRESS, origin(listening));
            self.fresh.write("vite.config.js", &config);
            let script = self.fresh.npm_run_dev().await;
            let place = format!("{} {}", script.page, listening.log.display());
            let visit = self.next_visit();
            node::run_browser("getting-started.mjs", &[visit, &place]).await;
        } else if line == "npm install --save-dev vite typescript" {
            let project = self.fresh.folder.to_str().unwrap();
            node::run_vite("packages.mjs", &[project]).await;
        } else if line.starts_with("python3 -m http.server") {
            // The check serves the folder itself, at a path of its own.
            let folder = self.fresh.folder.join("dist");
            node::run_browser("getting-started.mjs", &["static", folder.to_str().unwrap()]).await;
        } else if let Some(arguments) = line.strip_prefix("npx --package typescript tsc ") {
            compile(&self.fresh, arguments, true).await;
        } else {
            let origin = self.listening.as_ref().map_or(ADDRESS, origin);
            self.printed = self.fresh.run(&line.replace(ADDRESS, origin)).await;
        }
    }

    fn next_visit(&mut self) -> &'static str {
        let (visit, later) = self.visits.split_first().expect("a check for each start");
        self.visits = later;
        visit
    }
}

/// Returns the address of a program, as the pages write it.
fn origin(listening: &Listening) -> &str {
    listening.url.strip_suffix("/__devtools/").unwrap()
}

/// Runs the compiler of TypeScript in a package. `is_right` says whether it should find nothing wrong.
async fn compile(fresh: &Fresh, arguments: &str, is_right: bool) {
    let Some(package) = node::package("typescript-6").await else {
        return;
    };
    let compiler = package.join("bin/tsc");
    let line = format!("node {} {arguments}", compiler.display());
    let (succeeded, report, _) = fresh.try_run(&line).await;
    assert_eq!(succeeded, is_right, "{report}");
}

#[tokio::test]
async fn getting_started_and_then_a_panel_with_vite_work_as_written() {
    let mut reader = Reader {
        fresh: Fresh::new(),
        listening: None,
        printed: String::new(),
        visits: &[],
    };
    reader
        .follow("docs/getting-started.md", &["list", "hide"])
        .await;
    let script = fs::read_to_string(reader.fresh.folder.join("panel/app.js")).unwrap();
    // As the page says, the compiler marks what does not exist.
    let wrong = script.replace("todo.line}", "todo.lines}");
    assert_ne!(wrong, script);
    reader.fresh.write("panel/app.js", &wrong);
    let checked = format!("{COMPILER_OPTIONS} panel/app.js");
    compile(&reader.fresh, &checked, false).await;
    reader.fresh.write("panel/app.js", &script);

    if node::package("typescript-6").await.is_none() {
        return; // it was said
    }
    // A package of npm has comments too, which are not those of the project.
    let package = "ui/node_modules/some-package/index.js";
    let foreign = "// TODO: show this tool to nobody\n";
    reader.fresh.write(package, foreign);
    reader
        .follow("docs/panels-with-vite.md", &["list", "vite", "hide"])
        .await;
    let built = fs::read_to_string(reader.fresh.folder.join("panel/app.js")).unwrap();
    assert_ne!(built, script, "Vite has not written the panel");
    // As the page says, `tsc` compares the page with the types, and the test of the types compares these with the program.
    let main = fs::read_to_string(reader.fresh.folder.join("ui/src/main.ts")).unwrap();
    let wrong = main.replace("${todo.line}", "${todo.lines}");
    assert_ne!(wrong, main);
    reader.fresh.write("ui/src/main.ts", &wrong);
    reader.fresh.folder.push("ui");
    let (is_built, report, _) = reader.fresh.try_run("npm run build").await;
    reader.fresh.folder.pop();
    assert!(!is_built && report.contains("'lines'"), "{report}");
    let test = fs::read_to_string(reader.fresh.folder.join("tests/tool.rs")).unwrap();
    let of_ui = test.replace("\"panel/rpc.d.ts\"", "\"ui/src/rpc.d.ts\"");
    assert_ne!(of_ui, test);
    reader.fresh.write("tests/tool.rs", &of_ui);
    reader.fresh.run("cargo test").await;
}

/// The placeholders of the template, and what they stand for in the test.
const PLACEHOLDERS: [(&str, &str); 3] = [
    ("{{project-name}}", "my-tool"),
    ("{{crate_name}}", "my_tool"),
    ("{{project-name | upper_camel_case}}", "MyTool"),
];

/// The files of a folder and the folders in it, with their paths relative to it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_package_of_the_template_is_tested_and_shows_its_panel() {
    let mut fresh = Fresh::new();
    fresh.folder.push("my-tool");
    let template = repository().join("templates/plugin");
    for file in files_below(&template) {
        let path = file.to_str().unwrap().replace('\\', "/");
        if path == "cargo-generate.toml" {
            continue;
        }
        let mut content = fs::read_to_string(template.join(&file)).unwrap();
        for (placeholder, value) in PLACEHOLDERS {
            content = content.replace(placeholder, value);
        }
        assert!(!content.contains("{{"), "{path} has an unknown placeholder");
        fresh.write(&path, &content);
    }
    let client = fs::read_to_string(repository().join("devtools-runtime/src/panel/client.d.ts"));
    let copy = fs::read_to_string(template.join("panel/__client.d.ts"));
    assert!(
        copy.unwrap() == client.unwrap(),
        "copy client.d.ts into the template"
    );
    compile(
        &fresh,
        &format!("--strict {COMPILER_OPTIONS} panel/app.js"),
        true,
    )
    .await;

    fresh.run("cargo fmt --check").await;
    fresh.run("cargo test").await;
    let listening = fresh.dev("my-tool").await;
    node::run_browser("template.mjs", &[&listening.page]).await;
}

/// The file of the picture in the README.
const PICTURE: &str = "docs/images/file-explorer.png";

#[tokio::test]
async fn the_picture_of_the_readme_can_be_taken() {
    // `UPDATE_PICTURE=1 cargo test -p tests --test book picture` takes it anew.
    let picture = repository().join(PICTURE);
    let folder = tempfile::tempdir().unwrap();
    let file = match std::env::var_os("UPDATE_PICTURE") {
        Some(_) => picture.clone(),
        None => folder.path().join("picture.png"),
    };
    let explorer = Explorer::open(&repository().join("templates/plugin")).unwrap();
    let devtools = DevTools::builder()
        .auth(Auth::None)
        .cwd("/home/you/my-tool")
        .without_collected()
        .functions::<FileExplorerFunctions>()
        .plugin(FileExplorer::new(explorer));
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.url_of(PANEL_BASE);
    node::run_browser("picture.mjs", &[&address, file.to_str().unwrap()]).await;
    server.shutdown().await;

    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(
        readme.contains(PICTURE),
        "the README does not show the picture"
    );
    let size = fs::metadata(&picture).unwrap().len();
    assert!(
        (5_000..60_000).contains(&size),
        "the picture has {size} bytes"
    );
}
