//! A result moves between threads.

use std::rc::Rc;

use devtools_runtime::rpc_function;

#[derive(Clone)]
struct Tree(Rc<u8>);

impl serde::Serialize for Tree {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Tree {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|value| Self(Rc::new(value)))
    }
}

#[rpc_function(name = "my-plugin:get-tree")]
fn get_tree() -> Tree {
    Tree(Rc::new(1))
}

fn main() {
    drop(GetTree::definition());
}
