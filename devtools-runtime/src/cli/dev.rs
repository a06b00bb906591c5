//! `dev`: serving.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::cli::progress::ProgressLine;
use crate::cli::{EXIT_STATUS, say};
use crate::devtools::EndSignals;
use crate::function::BoxError;
use crate::{DevTools, DevToolsBuilder, DumpOptions, Mode, ServeError, Server, StaticPreview};

/// The command `dev`, as [`clap::Args`] that other parsers take in.
// No group: its name would be taken from programs that call their own options `Dev`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_STATUS)]
#[group(skip)]
pub struct Dev {
    /// The address to listen at
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port to listen at; 0 picks a free one
    #[arg(long, default_value_t = 7812)]
    port: u16,
    /// Who may call: everybody, or who has shown a one-time code [default: as the program says]
    #[arg(long, value_enum, value_name = "none|otp", hide_possible_values = true)]
    auth: Option<Who>,
    /// Answers as the static dump would, and says what it would miss
    #[arg(long)]
    static_preview: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Who {
    None,
    Otp,
}

impl Dev {
    /// What the context is there for. A preview of a build is one for its functions.
    pub fn mode(&self) -> Mode {
        if self.static_preview {
            Mode::Build
        } else {
            Mode::Dev
        }
    }

    /// Serves what `builder` makes until the process is told to end (SIGINT, SIGTERM).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        self.run_with(builder, |_| Ok(())).await
    }

    /// [`run`](Self::run), and calls `ready` with the server once it listens, before the line that says so. What `ready`
    /// returns is kept until the server has ended; with an error, the program ends.
    ///
    /// ```no_run
    /// # use std::process::ExitCode;
    /// # use devtools_runtime::{DevToolsBuilder, cli};
    /// # struct Watching;
    /// # fn watch(context: &devtools_runtime::DevToolsContext) -> std::io::Result<Watching> { Ok(Watching) }
    /// async fn dev(dev: cli::Dev, builder: DevToolsBuilder) -> ExitCode {
    ///     dev.run_with(builder, |server| Ok(watch(server.devtools().context())?)).await
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_with<T>(
        self,
        builder: DevToolsBuilder,
        ready: impl FnOnce(&Server) -> Result<T, Box<dyn std::error::Error + Send + Sync>>,
    ) -> ExitCode {
        say::ended(self.serve(builder, ready).await)
    }

    async fn serve<T>(
        self,
        builder: DevToolsBuilder,
        ready: impl FnOnce(&Server) -> Result<T, BoxError>,
    ) -> Result<ExitCode, BoxError> {
        let builder = match self.auth {
            None => builder,
            Some(Who::None) => builder.auth(crate::Auth::None),
            Some(Who::Otp) => builder.gated(),
        };
        let end = EndSignals::listen();
        let devtools = builder.mode(self.mode()).build().await?;
        let preview = if self.static_preview {
            Some(preview(&devtools).await?)
        } else {
            None
        };
        let bound = devtools.bind((self.host.as_str(), self.port)).await;
        let server = bound.map_err(|error| self.not_bound(error))?;
        let kept = ready(&server)?;
        say::out(format_args!("listening on {}", server.url()));
        for view in devtools.context().views().bases() {
            say::note(format_args!("panel: {}", server.sign_in_url(&view)));
        }
        server.run_until(end).await;
        drop(kept);
        if let Some(preview) = preview {
            say::note(preview.missed());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn not_bound(&self, error: ServeError) -> BoxError {
        let Self { host, port, .. } = self;
        match error {
            ServeError::Bind(error) if error.kind() == io::ErrorKind::AddrInUse => format!(
                "{host}:{port} is taken: choose another port with `--port`, or any free one with `--port 0`"
            )
            .into(),
            ServeError::Bind(error) => format!("{host}:{port} cannot be listened at: {error}").into(),
            error => error.into(),
        }
    }
}

/// Has `devtools` answer as its static dump would. Says what is in the dump, and then what is not.
async fn preview(devtools: &DevTools) -> Result<StaticPreview, BoxError> {
    let line = Arc::new(ProgressLine::new());
    let shown = Arc::clone(&line);
    let options = DumpOptions::new().on_progress(move |progress| shown.show(progress));
    let preview = devtools
        .preview_static(options, |missed| say::note(missed))
        .await;
    line.clear();
    Ok(preview?)
}
