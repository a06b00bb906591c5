//! The inspector panel of the ecosystem, unmodified.

use devtools_runtime::docks::Command;
use devtools_runtime::inspector::Inspector;
use devtools_runtime::{Auth, DevTools, Mode, define_rpc_function, js, rpc_function};
use tests::node;

/// Adds two numbers.
#[rpc_function(name = "panels-e2e:add", agent)]
fn panel_add(a: i64, b: i64) -> i64 {
    a.saturating_add(b)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_panel_of_the_ecosystem_works() {
    let Some(panel) = node::package("@devframes/plugin-inspect--assets").await else {
        return;
    };
    let builder = DevTools::builder()
        .without_collected()
        .mode(Mode::Dev)
        .auth(Auth::None)
        .inspector(Inspector::new())
        .function(PanelAdd::definition());
    let devtools = builder.build().await.unwrap();
    let ctx = devtools.context();
    let collections = define_rpc_function("panels-e2e:collections")
        .encoding(devtools_runtime::functions::Encoding::StructuredClone)
        .handler(|| {
            let big = js::BigInt::from(1_i128 << 70);
            js::Value::Map([("big".into(), big.into())].into_iter().collect())
        });
    ctx.rpc().register(collections).unwrap();
    let clear = define_rpc_function("panels-e2e:clear")
        .action()
        .handler(|| ());
    ctx.rpc().register(clear).unwrap();
    let _state = ctx.rpc().shared_state("panels-e2e:state", 1_u8).unwrap();
    let greet = Command::new("panels-e2e:greet", "Greet").description("Greets");
    let run = |arguments: Vec<js::Value>| async move {
        let name = arguments
            .first()
            .and_then(js::Value::as_str)
            .unwrap_or_default();
        Ok(js::Value::from(format!("Hello, {name}")))
    };
    ctx.commands().register(greet, run).unwrap();
    let views = ctx.views();
    views
        .host_static("/__inspect/", panel.join("dist"))
        .unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let screenshot = folder.path().join("inspect.png");
    let page = server.url_of("/__inspect/");
    let base = server.url();
    let arguments = [&*page, &base, screenshot.to_str().unwrap()];
    node::run_browser("inspect-panel.mjs", &arguments).await;
}
