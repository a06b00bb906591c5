//! A gateway and three workers, each of them started in a terminal of its own:
//!
//! ```text
//! nats-server -js -sd /tmp/nats
//! cargo run -p fleet -- worker one
//! cargo run -p fleet -- worker two
//! cargo run -p fleet -- worker three
//! cargo run -p fleet -- gateway
//! ```
//!
//! The gateway prints the address of its panel, which shows which worker has answered. Stop a worker, or start another gateway with
//! `--port`, and watch.

use std::error::Error;
use std::time::Duration;

use clap::{Parser, Subcommand};
use devtools_nats::Nats;
use devtools_runtime::{
    Auth, DevTools, DevToolsContext, DevToolsPlugin, EmbeddedFile, FunctionDefinition, SetupError,
    define_rpc_function, rpc_function,
};

/// Runs a gateway or a worker.
#[derive(Debug, Parser)]
struct Options {
    /// The address of the NATS server.
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:4222")]
    nats: String,
    #[command(subcommand)]
    role: Role,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Serves the panel, and forwards its calls to workers.
    Gateway {
        /// The port of the panel.
        #[arg(long, default_value_t = 7817)]
        port: u16,
    },
    /// Runs calls under a name.
    Worker {
        /// The name that the panel shows.
        name: String,
    },
}

/// Tells the panels of all gateways that a job was done.
#[rpc_function(name = "fleet:job-done", kind = "event", side = "client")]
async fn job_done(worker: String);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .init();
    let options = Options::parse();
    let nats = Nats::options(options.nats).namespace("fleet").connect();
    let builder = DevTools::builder().backplane(nats.await?);
    match options.role {
        Role::Gateway { port } => {
            // Anybody on this machine may call these functions: they do no harm.
            let builder = builder.auth(Auth::None).use_workers().plugin(Panel);
            builder.serve(("127.0.0.1", port)).await?;
        }
        Role::Worker { name } => {
            let devtools = builder.function(do_job(name)).build().await?;
            devtools.work().await;
        }
    }
    Ok(())
}

/// Returns the function of a worker. It returns the name of the worker after a while.
fn do_job(worker: String) -> FunctionDefinition {
    let job = define_rpc_function("fleet:do-job").action();
    job.async_handler(move || {
        let worker = worker.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            worker
        }
    })
}

/// The panel of a gateway.
struct Panel;

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    include_bytes!("../panel/index.html"),
)];

impl DevToolsPlugin for Panel {
    fn name(&self) -> &'static str {
        "fleet"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let context = ctx.clone();
        let announce = define_rpc_function("fleet:announce").action();
        ctx.rpc()
            .register(announce.try_async_handler(move |worker: String| {
                let context = context.clone();
                async move { JobDone::broadcast(&context, worker).await }
            }))?;
        ctx.views().host_static("/__fleet/", PANEL)?;
        Ok(())
    }
}
