//! The declarations for TypeScript, as the real compiler sees them.

mod corpus;
mod guides;
mod looks;
mod values;

use std::fs;

use tests::node;

/// Has the compilers check these files; what is in them must be right, and what they expect to be wrong must be wrong.
async fn typecheck(files: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().canonicalize().unwrap();
    node::run("typecheck.mjs", &[path.to_str().unwrap()]).await;
}
