//! Programs that the macros accept. Each module is one, and its test runs it.
//!
//! They are linked together, because linking takes most of the time. So the names of their functions differ, and every context
//! has the state that any of them wants.

use devtools_runtime::{DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, SetupError};

// Names of crates that only the root of a program can give.
extern crate devtools_runtime as renamed;
extern crate devtools_runtime as rt;
extern crate std as real_std;

pub mod channels;
pub mod compose;
pub mod errors;
pub mod functions;
pub mod states;

/// A builder with the state that the functions of all modules want.
pub fn builder() -> DevToolsBuilder {
    DevTools::builder()
        .plugin(functions::borrows_across_await::Plugin)
        .plugin(functions::many_parameters::Plugin)
        .plugin(Rest)
}

/// The state of functions that are compiled and not called.
struct Rest;

impl DevToolsPlugin for Rest {
    fn name(&self) -> &'static str {
        "rest"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(functions::hygiene::Hits(0))?;
        ctx.insert_state(functions::strict_lints::Names(Vec::new()))?;
        Ok(())
    }
}
