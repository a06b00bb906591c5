//! Static dumps: what names a record, what is written, and that it is what the real builder writes.

mod errors;
mod folder;
mod guides;
#[cfg(feature = "every-feature")]
mod hash;
mod killed;
mod preview;
mod read;
mod running;
mod states;
mod write;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use devtools_runtime::dump::{DumpOptions, DumpReport};
use devtools_runtime::{DevTools, FunctionDefinition, Mode};

type Tree = BTreeMap<String, Vec<u8>>;

/// The files of a folder, by their paths.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(path) = folders.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                files.insert(name.to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

pub(crate) fn text<'t>(tree: &'t Tree, path: &str) -> &'t str {
    let content = tree.get(path);
    let content = content.unwrap_or_else(|| panic!("no `{path}`: {:?}", tree.keys()));
    std::str::from_utf8(content).unwrap()
}

pub(crate) async fn dump(
    functions: Vec<FunctionDefinition>,
    options: DumpOptions,
) -> (Tree, DumpReport) {
    built(&program(functions).await, options).await
}

/// The dump of a program.
pub(crate) async fn built(program: &DevTools, options: DumpOptions) -> (Tree, DumpReport) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("dist");
    let report = program.build_with(&folder, options).await.unwrap();
    (tree(&folder), report)
}

/// A program of these functions.
pub(crate) async fn program(functions: Vec<FunctionDefinition>) -> DevTools {
    let mut builder = DevTools::builder().without_collected().mode(Mode::Build);
    for function in functions {
        builder = builder.function(function);
    }
    builder.build().await.unwrap()
}
