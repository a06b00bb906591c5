//! Injected values may be borrowed, also in parts, as long as the call runs.

use std::sync::{Mutex, PoisonError};

use devtools_runtime::{DevToolsContext, DevToolsPlugin, PluginState, SetupError, rpc_function};

#[derive(PluginState)]
struct Log {
    lines: Mutex<Vec<String>>,
    busy: tokio::sync::Mutex<()>,
    title: String,
}

impl Log {
    async fn write(&self, line: &str) -> usize {
        tokio::task::yield_now().await;
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.to_owned());
        lines.len()
    }
}

#[rpc_function(name = "borrows:write", kind = "action")]
async fn write(ctx: &DevToolsContext, log: &Log, line: String) -> usize {
    let title: &str = &log.title;
    let cwd = ctx.cwd();
    let borrowed = line.as_str();
    let _busy = log.busy.lock().await;
    let written = log.write(borrowed).await;
    written + title.len() + usize::from(cwd.is_relative()) + borrowed.len()
}

pub(crate) struct Plugin;

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "borrows"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Log {
            lines: Mutex::default(),
            busy: tokio::sync::Mutex::default(),
            title: "ab".to_owned(),
        })?;
        Ok(())
    }
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    assert_eq!(Write::call(&devtools.client(), "abc").await?, 6);
    assert_eq!(Write::invoke_local(devtools.context(), "abc").await?, 7);
    Ok(())
}
