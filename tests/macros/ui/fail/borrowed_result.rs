//! A result is owned: it outlives the call.

use std::borrow::Cow;

use devtools_runtime::{PluginState, rpc_function};

#[derive(PluginState)]
struct Project {
    name: String,
}

#[rpc_function(name = "my-plugin:get-name")]
fn get_name(project: &Project) -> &str {
    &project.name
}

#[rpc_function(name = "my-plugin:get-title")]
fn get_title(project: &Project) -> Option<Cow<'_, str>> {
    Some(Cow::Borrowed(&project.name))
}

#[rpc_function(name = "my-plugin:get-version")]
fn get_version() -> &'static str {
    "1"
}

fn main() {
    let project = Project {
        name: String::new(),
    };
    println!(
        "{} {:?} {}",
        get_name(&project),
        get_title(&project),
        get_version()
    );
}
