//! Golden expansions, one per feature, in `tests/expand`. A difference there is a question of design.
//!
//! After a change, run this with `UPDATE_EXPECT=1` and read the difference.

use expect_test::{ExpectFile, expect_file};
use quote::quote;

use super::attribute;

macro_rules! golden {
    ($name:ident: #[rpc_function($($args:tt)*)] $($item:tt)*) => {
        #[test]
        fn $name() {
            let golden = expect_file![concat!("../../tests/expand/", stringify!($name), ".rs")];
            check(quote!($($args)*), quote!($($item)*), &golden);
        }
    };
}

fn check(args: proc_macro2::TokenStream, item: proc_macro2::TokenStream, golden: &ExpectFile) {
    let expansion = syn::parse2(attribute(args, item)).expect("the expansion is Rust");
    golden.assert_eq(&prettyplease::unparse(&expansion));
}

golden! {
    query:
    #[rpc_function()]
    /// Looks a module up by its id.
    pub async fn get_module(id: String, options: Option<ModuleOptions>) -> Option<Module> {
        find(&id, options)
    }
}

golden! {
    injected_references:
    #[rpc_function(name = "my-plugin:count-files", kind = "action")]
    fn count_files(ctx: &DevToolsContext, r#in: PathBuf, files: &Files) -> usize {
        files.count(ctx, &r#in)
    }
}

golden! {
    result:
    #[rpc_function(name = "my-plugin:read-file")]
    pub async fn read_file(path: String) -> Result<FileContent, ReadError> {
        read(&path).await
    }
}

golden! {
    event:
    #[rpc_function(name = "my-plugin:log", kind = "event")]
    async fn log(line: String) {
        println!("{line}");
    }
}

golden! {
    client_declaration:
    #[rpc_function(name = "my-plugin:refresh", kind = "event", side = "client")]
    #[cfg(feature = "panel")]
    pub async fn refresh(paths: Vec<PathBuf>);
}

golden! {
    static_function:
    #[rpc_function(name = "my-plugin:get-version", kind = "static")]
    fn get_version() -> Version {
        Version(1)
    }
}

golden! {
    all_options:
    #[rpc_function(
        name = "my-plugin:merge", kind = "action", as = MergeMaps, side = "server",
        encoding = "structured-clone", crate = toolkit::rpc,
    )]
    pub(crate) fn merge(left: Map, right: Map) -> Map {
        left.merge(right)
    }
}

golden! {
    setup:
    #[rpc_function(name = "my-plugin:find", setup)]
    async fn find(ctx: &DevToolsContext) -> Result<Setup<fn(text: String, u8) -> Vec<Hit>>, Error> {
        let index = Index::open(ctx.cwd()).await?;
        Ok(Setup::handler(move |text: String, limit: u8| index.find(&text, limit)))
    }
}

golden! {
    nullable:
    #[rpc_function(name = "my-plugin:find-files")]
    fn find_files(#[rpc(nullable)] filter: Option<String>, limit: usize) -> Vec<PathBuf> {
        find(filter, limit)
    }
}

golden! {
    dump:
    #[rpc_function(name = "my-plugin:get-module", dump = crate::dumps::modules)]
    fn get_module(id: String) -> Option<Module> {
        find(&id)
    }
}

golden! {
    snapshot:
    #[rpc_function(name = "my-plugin:list", snapshot, cacheable, title = "List")]
    fn list(filter: Option<String>) -> Vec<Module> {
        all(filter)
    }
}

golden! {
    blocking:
    #[rpc_function(name = "my-plugin:scan", kind = "action", blocking, timeout = "5s")]
    fn scan(files: &Files, path: PathBuf) -> usize {
        files.scan(&path)
    }
}

golden! {
    agent:
    #[rpc_function(name = "my-plugin:remove", kind = "action", agent(safety = "destructive", tags = ["files"]))]
    /// Removes a file.
    async fn remove(path: PathBuf) {
        trash(&path).await;
    }
}

golden! {
    implements:
    #[rpc_function(implements = api::GetModule)]
    async fn get_module(graph: &Graph, id: String, deep: Option<bool>) -> Result<Module, NotFound> {
        graph.find(&id, deep)
    }
}

#[test]
fn past_a_mistake_only_the_function_is_left() {
    let item = quote!(
        pub fn get_data<T>(&self, id: &str) -> &str {
            id
        }
    );
    let tokens = attribute(quote!(name = "get-data", kind = fetch), item.clone()).to_string();
    let errors = tokens
        .strip_prefix(&item.to_string())
        .expect("the function comes first");
    assert_eq!(errors.matches("compile_error").count(), 6, "{errors}");
    assert!(!errors.contains(" impl "), "{errors}");
}
