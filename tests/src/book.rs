//! The pages of the book as a reader follows them: the files that they show, and the commands.

use std::fs;
use std::path::{Path, PathBuf};

/// A block of code of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The content of a file, whose path is behind the language: ```` ```rust [src/main.rs] ````.
    File {
        /// The path, relative to the package.
        path: String,
        /// The content.
        content: String,
    },
    /// Commands, one in each line.
    Shell(Vec<String>),
    /// A value that a command prints.
    Json(String),
    /// Anything else.
    Other,
}

/// The root of this repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads the blocks of a page of this repository, in their order.
///
/// # Panics
///
/// If there is no such page.
pub fn blocks(page: &str) -> Vec<Block> {
    let path = repository().join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let content = lines.by_ref().take_while(|line| *line != "```");
        let content: String = content.flat_map(|line| [line, "\n"]).collect();
        blocks.push(block(info, content));
    }
    blocks
}

fn block(info: &str, content: String) -> Block {
    if let Some((_, named)) = info.split_once('[') {
        let path = named.trim_end_matches(']').to_owned();
        return Block::File { path, content };
    }
    match info {
        "sh" => Block::Shell(content.lines().map(str::to_owned).collect()),
        "json" => Block::Json(content),
        _ => Block::Other,
    }
}
