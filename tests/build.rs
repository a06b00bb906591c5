//! Writes the first program of the README as a page shows it into a file, which `first-program` is made of.

use std::path::Path;
use std::{env, fs};

const README: &str = "../README.md";

/// The address that the program listens at. The test uses a free port.
const ADDRESS: &str = "\"127.0.0.1:7812\"";

fn main() {
    println!("cargo::rerun-if-changed={README}");
    let readme = fs::read_to_string(README).expect("the README");
    let program = readme
        .split("\n```rust")
        .nth(1)
        .and_then(|block| block.split_once('\n')?.1.split("\n```").next())
        .expect("a program in the README");
    assert_eq!(
        program.matches(ADDRESS).count(),
        1,
        "the program listens once"
    );
    let program = program.replace(ADDRESS, "\"127.0.0.1:0\"");
    let folder = env::var_os("OUT_DIR").expect("Cargo names the folder");
    fs::write(Path::new(&folder).join("first_program.rs"), program).expect("the program");
}
