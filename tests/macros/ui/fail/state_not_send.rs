//! State moves to the thread that needs it.

use std::rc::Rc;

use devtools_runtime::PluginState;

#[derive(PluginState)]
struct Tree {
    root: Rc<str>,
}

fn main() {
    println!("{}", Tree { root: "/".into() }.root);
}
