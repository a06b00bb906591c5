//! The signals that ask the process to end.

use tokio::sync::oneshot;

/// The signals that ask the process to end. A signal that comes before [`received`](Self::received) is called is not lost,
/// and it no longer ends the process by itself.
#[derive(Debug)]
pub(crate) struct EndSignals {
    signals: Signals,
    /// Resolves when standard input has ended, if that ends the process too.
    input: Option<oneshot::Receiver<()>>,
}

/// The signals that are registered.
#[cfg(unix)]
type Signals = [Option<tokio::signal::unix::Signal>; 2];

#[cfg(not(unix))]
type Signals = ();

impl EndSignals {
    /// Also ends the process when its standard input ends: the parent that holds the other end is gone then.
    #[cfg(feature = "cli")]
    pub(crate) fn or_end_of_input(mut self) -> Self {
        let (ended, input) = oneshot::channel();
        // The thread reads until the end, and nothing else can interrupt it. It ends with the process.
        let read = move || {
            // An error is an end as well.
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = ended.send(());
        };
        match std::thread::Builder::new()
            .name("devtools-input".to_owned())
            .spawn(read)
        {
            Ok(_) => self.input = Some(input),
            Err(error) => {
                tracing::warn!(%error, "could not watch standard input, whose end does not end this process");
            }
        }
        self
    }

    /// Waits until the process is asked to end.
    pub(super) async fn received(mut self) {
        tokio::select! {
            () = signalled(&mut self.signals) => {}
            () = ended(&mut self.input) => {}
        }
        tracing::info!("shutting down");
    }
}

async fn ended(input: &mut Option<oneshot::Receiver<()>>) {
    match input {
        // The thread sends before it drops the sender.
        Some(input) => drop(input.await),
        None => std::future::pending().await,
    }
}

#[cfg(unix)]
impl EndSignals {
    /// Registers the signals. If that fails, a signal ends the process at once, as by default.
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = |kind| {
            signal(kind)
                .inspect_err(
                    |error| tracing::warn!(%error, ?kind, "could not register a signal, which will end the process at once"),
                )
                .ok()
        };
        Self {
            signals: [SignalKind::interrupt(), SignalKind::terminate()].map(listen),
            input: None,
        }
    }
}

#[cfg(unix)]
async fn signalled(signals: &mut Signals) {
    let [interrupt, terminate] = signals;
    tokio::select! {
        () = received(interrupt) => {}
        () = received(terminate) => {}
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
impl EndSignals {
    /// Signals are registered by [`received`](Self::received) on this system.
    pub(crate) fn listen() -> Self {
        Self {
            signals: (),
            input: None,
        }
    }
}

#[cfg(not(unix))]
async fn signalled(_: &mut Signals) {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "could not register the interrupt, which will end the process at once");
        std::future::pending::<()>().await;
    }
}
