//! A server on a thread of its own, whose processor time is measured.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use devtools_runtime::inspector::Inspector;
use devtools_runtime::{Auth, DevTools, rpc_function};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::load::broken;
use crate::load::socket::Target;

#[derive(Debug, Serialize, Deserialize)]
struct Pong {
    id: String,
    data: String,
}

/// Returns its argument.
#[rpc_function(name = "bench:ping")]
fn ping(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}

/// A running server. Dropping it ends the server.
#[derive(Debug)]
pub struct ServerThread {
    target: Target,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ServerThread {
    /// Starts a server with this inspector, and waits until it listens.
    pub fn start(inspector: Inspector) -> io::Result<Self> {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let started = crate::load::runtime().map(|runtime| {
                runtime.block_on(serve(inspector, &tell, stopped));
            });
            if let Err(error) = started {
                let _ = tell.send(Err(error)); // nobody waits any more only if this thread has told before
            }
        });
        let told = told.recv().map_err(|_| broken("the server has ended"))?;
        let (url, runtime) = told?;
        let target = Target::of_mount(&url).ok_or_else(|| broken(format!("no target: {url}")))?;
        Ok(Self {
            target,
            runtime,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns the address to connect to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the processor time that the thread of the server has used.
    pub async fn processor_time(&self) -> io::Result<Duration> {
        let time = self.runtime.spawn(async { thread_time() });
        time.await.map_err(io::Error::other)
    }
}

impl Drop for ServerThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Started = io::Result<(String, Handle)>;

async fn serve(inspector: Inspector, tell: &mpsc::Sender<Started>, stopped: oneshot::Receiver<()>) {
    let builder = DevTools::builder()
        .without_collected()
        .function(Ping::definition())
        .auth(Auth::None)
        .inspector(inspector);
    let server = match builder.bind("127.0.0.1:0").await {
        Ok(server) => server,
        Err(error) => {
            let _ = tell.send(Err(io::Error::other(error)));
            return;
        }
    };
    let _ = tell.send(Ok((server.url(), Handle::current())));
    let _ = stopped.await; // fails when the sender is dropped, which is the sign to stop
    server.shutdown().await;
}

/// Returns the processor time of this thread.
#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().unwrap_or_default()
}

/// Returns the time of the clock, where the time of a thread cannot be read.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    let began = std::time::SystemTime::UNIX_EPOCH.elapsed();
    began.unwrap_or_default()
}
