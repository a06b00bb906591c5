//! Results that are constant.

use std::sync::atomic::{AtomicU32, Ordering};

use devtools_runtime::{
    Auth, DevTools, DevToolsContext, PluginState, define_rpc_function, rpc_function,
};

use crate::program::{anywhere, client_of, serve};
use crate::wait::in_time;

/// How often [`constant`] has run.
#[derive(Default, PluginState)]
struct Runs(AtomicU32);

/// The same every time, as far as clients know.
#[rpc_function(name = "reconnect:constant", kind = "static")]
fn constant(runs: &Runs) -> u32 {
    runs.0.fetch_add(1, Ordering::Relaxed) + 1
}

pub(crate) trait WithRuns {
    async fn build_with_runs(self) -> DevTools;
}

impl WithRuns for devtools_runtime::DevToolsBuilder {
    async fn build_with_runs(self) -> DevTools {
        self.plugin(Counting).build().await.unwrap()
    }
}

struct Counting;

impl devtools_runtime::DevToolsPlugin for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), devtools_runtime::SetupError> {
        ctx.insert_state(Runs::default())?;
        Ok(())
    }
}

#[tokio::test]
async fn a_client_asks_once_for_what_is_constant() {
    let server = serve(Auth::None, anywhere()).await;
    let rpc = client_of(&server).connect().await.unwrap();
    for _ in 0..3 {
        assert_eq!(Constant::call(&rpc).await.unwrap(), 1);
    }
    // By its name, only where the client wants to keep what the server lets it keep.
    assert_eq!(
        rpc.call_dynamic::<u32>("reconnect:constant", ())
            .await
            .unwrap(),
        2
    );
    let caching = client_of(&server).cache_queries().connect().await.unwrap();
    let mut results = Vec::new();
    in_time(async {
        while results.len() < 2 || results[results.len() - 1] != results[results.len() - 2] {
            let result = caching.call_dynamic::<u32>("reconnect:constant", ());
            results.push(result.await.unwrap());
        }
    })
    .await;

    // Until the server says that what is known is old.
    let late = define_rpc_function("reconnect:late")
        .query()
        .handler(|| 1_u8);
    server.devtools().context().rpc().register(late).unwrap();
    let mut newest = 1;
    in_time(async {
        while newest == 1 {
            newest = Constant::call(&rpc).await.unwrap();
            // A known result is returned without waiting, which leaves nobody else a turn.
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(Constant::call(&rpc).await.unwrap(), newest);
}
