//! Mistakes in every place of one function: all are reported, and each once.

use devtools_runtime::rpc_function;

#[rpc_function(name = "getModule", kind = "qurey", side = "serve", encodng = "json")]
async unsafe fn get_module<T>(id: &str, _: u8, deep: &mut bool) -> impl Iterator<Item = T> {
    *deep = id.is_empty();
    std::iter::empty()
}

fn main() {
    let mut deep = true;
    drop(unsafe { get_module::<u8>("", 1, &mut deep) });
}
