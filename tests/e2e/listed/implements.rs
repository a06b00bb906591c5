//! Functions that one crate declares and another implements.

use std::sync::Mutex;

use devtools_runtime::{
    Auth, DevTools, DevToolsContext, Dump, FunctionKind, PluginState, RpcFunction, Setup,
    rpc_function,
};
use tests::api::{self, Module, NotFound};

#[derive(Default, PluginState)]
struct Seen(Mutex<Vec<String>>);

#[rpc_function(implements = api::GetModule, dump = dump_modules)]
fn get_module(id: String, deep: Option<bool>) -> Result<Module, NotFound> {
    let deep = deep.unwrap_or(false);
    if id.is_empty() {
        Err(NotFound(id))
    } else {
        Ok(Module { id, deep })
    }
}

fn dump_modules(_ctx: &DevToolsContext) -> Dump<(String, Option<bool>), Result<Module, NotFound>> {
    Dump::inputs([("a".to_owned(), None)])
}

#[rpc_function(implements = api::GetTitle, setup)]
async fn get_title(ctx: &DevToolsContext) -> Setup<fn() -> String> {
    let mode = ctx.mode();
    Setup::handler(move || format!("{mode:?}"))
}

mod nested {
    use devtools_runtime::rpc_function;
    use tests::api::Seen;

    #[rpc_function(implements = Seen, as = SeenHere)]
    pub(crate) fn seen(state: &super::Seen, id: String) {
        state.0.lock().unwrap().push(id);
    }
}

#[tokio::test]
async fn a_declaration_is_implemented_in_another_crate() {
    // The crate of the declarations has functions of its own, which are not wanted here.
    let builder = DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .function(GetModule::definition())
        .function(GetTitle::definition())
        .function(nested::SeenHere::definition());
    let devtools = builder.plugin(Plugin).build().await.unwrap();
    let rpc = devtools.client();

    let module = api::GetModule::call(&rpc, "a", Some(true)).await.unwrap();
    let (id, deep) = ("a".to_owned(), true);
    assert_eq!(module, Module { id, deep });
    let missing = api::GetModule::call(&rpc, "", None).await.unwrap_err();
    assert_eq!(missing.to_string(), "no module is named ");
    let module = GetModule::invoke_local(devtools.context(), "b", None).await;
    assert_eq!(module.unwrap().id, "b");

    assert_eq!(api::GetTitle::call(&rpc).await.unwrap(), "Dev");
    api::Seen::notify(&rpc, "c").await.unwrap();
    // Calls begin in their order.
    api::GetModule::call(&rpc, "c", None).await.unwrap();
    let seen = devtools.context().state::<Seen>().unwrap();
    assert_eq!(*seen.0.lock().unwrap(), ["c"]);
}

#[test]
fn what_callers_see_is_what_was_declared() {
    let (declared, implemented) = (api::GetModule::definition(), GetModule::definition());
    assert_eq!(implemented.name(), "api:get-module");
    assert_eq!(implemented.description(), "Looks a module up by its id.");
    assert_eq!(implemented.parameters(), declared.parameters());
    assert_eq!(implemented.title(), Some("Get a module"));
    assert!(implemented.is_cacheable());
    assert!(implemented.location().file.ends_with("implements.rs"));
    assert_eq!(GetTitle::KIND, FunctionKind::Static);
    assert_eq!(nested::SeenHere::NAME, <api::Seen as RpcFunction>::NAME);
}

struct Plugin;

impl devtools_runtime::DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "implements"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), devtools_runtime::SetupError> {
        ctx.insert_state(Seen::default())?;
        Ok(())
    }
}
