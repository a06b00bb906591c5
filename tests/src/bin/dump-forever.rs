//! Builds a dump into the folder that it is given, again and again, until somebody kills it. Each build differs from the last
//! one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use devtools_runtime::dump::DumpOptions;
use devtools_runtime::{DevTools, EmbeddedFile, Mode, define_rpc_function};

const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"<!doctype html>")];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let build = Arc::new(AtomicUsize::new(0));
    let current = Arc::clone(&build);
    let get = define_rpc_function("dump-forever:get").handler(move |id: usize| {
        let build = current.load(Ordering::Relaxed);
        format!("record {id} of build {build}")
    });
    let devtools = DevTools::builder()
        .mode(Mode::Build)
        .function(get)
        .build()
        .await?;
    devtools.context().views().host_static("/__page/", PAGE)?;
    println!("building");
    loop {
        build.fetch_add(1, Ordering::Relaxed);
        let options = DumpOptions::new().inputs("dump-forever:get", (0..100).map(|id| (id,)));
        devtools.build_with(&folder, options).await?;
    }
}
