//! The examples that the guides give of static functions, live and in a dump beside an application's own build.

use std::fs;
use std::path::PathBuf;

use devtools_runtime::dump::check_dump;
use devtools_runtime::vite::ViteConfig;
use devtools_runtime::{
    Auth, DevTools, DevToolsBuilder, DevToolsContext, DevToolsRpcClient, Mode, Setup, rpc_function,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    root: PathBuf,
    plugins: Vec<String>,
    mode: Mode,
}

// Constant data of the project, computed once.
#[rpc_function(name = "guides:get-config", kind = "static", setup)]
fn get_config(ctx: &DevToolsContext) -> Setup<fn() -> Config> {
    let vite = ctx.vite_config().cloned().unwrap_or_default();
    let config = Config {
        root: vite.root,
        plugins: vite.plugins,
        mode: ctx.mode(),
    };
    Setup::handler(move || config.clone())
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Info {
    version: String,
    root: PathBuf,
}

#[rpc_function(name = "guides:info", kind = "static", as = GetInfo)]
fn info(ctx: &DevToolsContext) -> Info {
    Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        root: ctx.cwd().to_owned(),
    }
}

fn program(mode: Mode) -> DevToolsBuilder {
    let config = ViteConfig {
        root: "/project".into(),
        plugins: vec!["vue".to_owned(), "inspect".to_owned()],
        ..ViteConfig::default()
    };
    let builder = DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .cwd("/project");
    builder
        .mode(mode)
        .vite_config(config)
        .function(GetConfig::definition())
        .function(GetInfo::definition())
}

#[tokio::test]
async fn a_build_of_the_application_takes_the_panel_with_it() {
    // The output of the application's own build is left alone: the panel is a folder of it.
    let app = tempfile::tempdir().unwrap();
    fs::write(app.path().join("index.html"), "<!doctype html>").unwrap();
    let folder = app.path().join("__devtools-static");
    let built = program(Mode::Build).build().await.unwrap();
    let report = built.build(&folder).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert!(check_dump(&folder).unwrap().is_whole());
    let page = fs::read_to_string(app.path().join("index.html")).unwrap();
    assert_eq!(page, "<!doctype html>");

    let served = program(Mode::Dev).build().await.unwrap();
    let of_dump = DevToolsRpcClient::open_static(&folder).await.unwrap();
    for (rpc, mode) in [(served.client(), Mode::Dev), (of_dump, Mode::Build)] {
        let expected = Config {
            root: "/project".into(),
            plugins: vec!["vue".to_owned(), "inspect".to_owned()],
            mode,
        };
        assert_eq!(GetConfig::call(&rpc).await.unwrap(), expected);
        let info = GetInfo::call(&rpc).await.unwrap();
        assert_eq!(info.root, PathBuf::from("/project"));
        assert_eq!(info.version, env!("CARGO_PKG_VERSION"));
    }
}
