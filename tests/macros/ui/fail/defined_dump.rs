//! The dump of a closure is typed by the closure.

use devtools_runtime::{DevToolsContext, Dump, define_rpc_function};

fn main() {
    drop(
        define_rpc_function("my-plugin:other-arguments")
            .dump(|_: &DevToolsContext| Dump::inputs([(1_u8,)]).fallback(0_usize))
            .handler(|path: String| path.len()),
    );
    drop(
        define_rpc_function("my-plugin:other-result")
            .dump(|_: &DevToolsContext| Dump::inputs([(String::new(),)]).fallback("none"))
            .handler(|path: String| path.len()),
    );
    drop(define_rpc_function("my-plugin:no-dump").dump(|_: &DevToolsContext| 1_u8));
}
