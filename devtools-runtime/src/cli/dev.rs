//! The command `dev`: serves the functions and panels.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::blocking;
use crate::cli::exit_status::EXIT_STATUS;
use crate::cli::progress::ProgressLine;
use crate::cli::{output, tls, vite};
use crate::devtools::EndSignals;
use crate::dump::{DumpOptions, StaticPreview};
use crate::files;
use crate::files::instances::{self, Instance, InstanceFile};
use crate::function::BoxError;
use crate::host::{HostPattern, NoHost, NoOrigin, OriginPattern};
use crate::inspector::{Editor, NoEditor};
use crate::recording::{Recorder, RecordingStatus};
use crate::{DevTools, DevToolsBuilder, Mode, ServeError, Server};

/// The command `dev`, as [`clap::Args`] for use in other parsers.
// There is no argument group, because its name would collide with that of a program's own options called `Dev`.
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
    /// Another host name to accept: a name, `.and.all.below` or an address; separated by commas; or in
    /// `DEVTOOLS_ALLOW_HOST`
    #[arg(long, value_name = "HOST", value_delimiter = ',', value_parser = host)]
    allow_host: Vec<String>,
    /// Another origin whose pages may connect: `https://host`, a name, `.and.all.below` or `scheme://*`; or in `DEVTOOLS_ALLOW_ORIGIN`
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    allow_origin: Vec<String>,
    /// Another origin whose pages may show panels in frames, in the same notation; or in `DEVTOOLS_ALLOW_FRAME`
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    allow_frame: Vec<String>,
    /// The clients that may call functions: all, or only those with a one-time code [default: set by the program]
    #[arg(long, value_enum, value_name = "none|otp", hide_possible_values = true)]
    auth: Option<AuthChoice>,
    /// A token that clients may sign in with; other users of this machine can read arguments, so `DEVTOOLS_RUNTIME_TOKEN` is better
    #[arg(long, value_name = "TOKEN", conflicts_with = "auth")]
    token: Option<String>,
    /// The path of the functions [default: set by the program, usually `/__devtools/`]
    #[arg(long, value_name = "PATH")]
    base: Option<String>,
    /// The path that a proxy takes off all requests, such as `/team` [default: set by the program, usually none]
    #[arg(long, value_name = "PATH")]
    root_path: Option<String>,
    #[command(flatten)]
    identity: tls::CertificateFiles,
    /// Lets the inspector open source files in an editor, such as `code`; without a value, that of `LAUNCH_EDITOR`, `VISUAL` or `EDITOR`
    /// [default: that of `LAUNCH_EDITOR`, if it is set]
    #[arg(long, value_name = "COMMAND", num_args = 0..=1, default_missing_value = "")]
    editor: Option<String>,
    /// Answers calls from a static dump, and prints each call that the dump has no answer for
    #[arg(long)]
    static_preview: bool,
    /// Records the sessions to this file, without tokens and codes; `replay` serves it
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The names of fields that are left out of the recording, such as `password`; separated by commas
    #[arg(long, value_name = "FIELD", value_delimiter = ',', requires = "record")]
    redact: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AuthChoice {
    None,
    Otp,
}

impl Dev {
    /// Returns the mode of the context: [`Mode::Build`] for a preview of a build.
    pub fn mode(&self) -> Mode {
        if self.static_preview {
            Mode::Build
        } else {
            Mode::Dev
        }
    }

    /// Serves the functions of `builder` until the process receives SIGINT or SIGTERM.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        self.run_with(builder, |_| Ok(())).await
    }

    /// Serves as [`run`](Self::run) does. Calls `ready` with the server once it listens, before the line with its
    /// address is printed. The value that `ready` returns is dropped when the server has ended. If `ready` fails, the
    /// program ends.
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
        output::exit_code(self.serve(builder, |_| Ok(()), ready).await)
    }

    /// Returns whether the command line sets which clients may call functions.
    pub(super) fn says_who_may_call(&self) -> bool {
        self.auth.is_some() || self.token.is_some()
    }

    /// Returns whether the sessions are recorded to this file.
    pub(super) fn records_to(&self, file: &Path) -> bool {
        let record = self.record.as_deref();
        record.is_some_and(|record| is_same_file(record, file))
    }

    /// Serves as [`run_with`](Self::run_with) does. Calls `prepare` before anybody can connect.
    pub(super) async fn serve<T>(
        self,
        builder: DevToolsBuilder,
        prepare: impl FnOnce(&DevTools) -> Result<(), BoxError>,
        ready: impl FnOnce(&Server) -> Result<T, BoxError>,
    ) -> Result<ExitCode, BoxError> {
        let identity = self.identity.clone().read()?;
        let builder = match self.auth {
            None => builder,
            Some(AuthChoice::None) => builder.auth(crate::Auth::None),
            Some(AuthChoice::Otp) => builder.gated(),
        };
        let builder = match &self.base {
            Some(base) => builder.base(base),
            None => builder,
        };
        let builder = match &self.root_path {
            Some(path) => builder.root_path(path),
            // Vite shows the views at their own paths.
            None if vite::is_parent() => builder.root_path(""),
            None => builder,
        };
        let tokens = [self.token.clone(), vite::token()?];
        let builder = tokens
            .into_iter()
            .flatten()
            .fold(builder, DevToolsBuilder::trusting);
        let builder = match self.editor()? {
            Some(editor) => builder.editor(editor),
            None => builder,
        };
        let builder = match &self.record {
            Some(file) => builder.record(Recorder::new(file).redact(self.redact.clone())),
            None => builder,
        };
        let builder = vite::configure(self.allow(builder)?)?;
        let end = if vite::is_parent() {
            EndSignals::listen().or_end_of_input()
        } else {
            EndSignals::listen()
        };
        let devtools = builder.mode(self.mode()).build().await?;
        let preview = if self.static_preview {
            Some(preview(&devtools).await?)
        } else {
            None
        };
        prepare(&devtools)?;
        let bound = identity
            .bind(&devtools, (self.host.as_str(), self.port))
            .await;
        let server = bound.map_err(|error| self.not_bound(error))?;
        let kept = ready(&server)?;
        let listed = list(&server).await;
        output::out(format_args!("listening on {}", server.url()));
        if !vite::is_parent() {
            server.announce();
        }
        server.run_until(end).await;
        drop((kept, listed));
        if let Some(preview) = preview {
            output::note(preview.missed());
        }
        if let (Some(file), Some(recording)) = (&self.record, devtools.recording()) {
            note_recording(file, &recording);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Adds the hosts and origins that the command line and the environment allow.
    fn allow(&self, mut builder: DevToolsBuilder) -> Result<DevToolsBuilder, BoxError> {
        let hosts = in_environment("DEVTOOLS_ALLOW_HOST", host)?;
        for host in self.allow_host.iter().chain(&hosts) {
            builder = builder.allow_host(host);
        }
        let origins = in_environment("DEVTOOLS_ALLOW_ORIGIN", origin)?;
        for origin in self.allow_origin.iter().chain(&origins) {
            builder = builder.allow_origin(origin);
        }
        let frames = in_environment("DEVTOOLS_ALLOW_FRAME", origin)?;
        for origin in self.allow_frame.iter().chain(&frames) {
            builder = builder.allow_frame(origin);
        }
        Ok(builder)
    }

    /// Returns the editor that the command line or the environment asks for.
    fn editor(&self) -> Result<Option<Editor>, NoEditor> {
        match self.editor.as_deref() {
            Some("") => Editor::from_environment().map(Some),
            Some(command) => command.parse().map(Some),
            None if std::env::var_os("LAUNCH_EDITOR").is_some_and(|it| !it.is_empty()) => {
                Editor::from_environment().map(Some)
            }
            None => Ok(None),
        }
    }

    fn not_bound(&self, error: ServeError) -> BoxError {
        let Self { host, port, .. } = self;
        match error {
            ServeError::Bind(error) if error.kind() == io::ErrorKind::AddrInUse => format!(
                "could not bind {host}:{port}: the port is in use; choose another with `--port`, or 0 for a free one"
            )
            .into(),
            ServeError::Bind(error) if error.address().is_none() => {
                let why = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
                format!("could not bind {host}: it is not an address of this machine: {why}").into()
            }
            error => error.into(),
        }
    }
}

/// Lists the server among the programs that run on this machine, for the inspector of others.
async fn list(server: &Server) -> Option<InstanceFile> {
    let origin = server.url_of("");
    let instance = Instance {
        pid: std::process::id(),
        port: server.local_addr().port(),
        base_path: server.base().to_owned(),
        id: files::program_name(),
        name: files::program_name(),
        root_dir: server.devtools().context().cwd().display().to_string(),
        mcp: None,
        started_at: instances::now(),
        origin,
    };
    // The work does not panic.
    let written = blocking::store(move || InstanceFile::write(&instance)).await;
    written.ok().flatten()
}

/// Prints how many frames were recorded, how many are missing, and why the recording has ended, if it has.
fn note_recording(file: &Path, recording: &RecordingStatus) {
    let (file, frames) = (file.display(), recording.frames);
    output::note(format_args!("recorded {frames} frames to {file}"));
    if recording.dropped > 0 {
        let dropped = recording.dropped;
        output::note(format_args!(
            "  {dropped} frames are missing: they came faster than they could be written"
        ));
    }
    if let Some(reason) = &recording.ended {
        output::note(format_args!("  the recording ended early: {reason}"));
    }
}

/// Reads a variable with a list of values, separated by commas. An unset or empty variable is an empty list.
fn in_environment<E: Display>(
    variable: &str,
    read: fn(&str) -> Result<String, E>,
) -> Result<Vec<String>, BoxError> {
    let Some(list) = std::env::var_os(variable) else {
        return Ok(Vec::new());
    };
    let list = list
        .to_str()
        .ok_or_else(|| format!("the variable {variable} is not valid Unicode"))?;
    let values = list
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty());
    values
        .map(|value| read(value).map_err(|error| format!("{variable}: {error}").into()))
        .collect()
}

fn host(text: &str) -> Result<String, NoHost> {
    text.parse::<HostPattern>().map(|_| text.to_owned())
}

fn origin(text: &str) -> Result<String, NoOrigin> {
    text.parse::<OriginPattern>().map(|_| text.to_owned())
}

/// Makes `devtools` answer from a static dump. Shows the progress of the dump, and prints each call that it misses.
async fn preview(devtools: &DevTools) -> Result<StaticPreview, BoxError> {
    let line = Arc::new(ProgressLine::new());
    let shown = Arc::clone(&line);
    let options = DumpOptions::new().on_progress(move |progress| shown.show(progress));
    let preview = devtools
        .preview_static(options, |missed| output::note(missed))
        .await;
    line.clear();
    Ok(preview?)
}

/// Returns whether two paths lead to one file, also through links.
fn is_same_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    let identity = |path: &Path| {
        use std::os::unix::fs::MetadataExt as _;

        path.metadata().map(|file| (file.dev(), file.ino())).ok()
    };
    #[cfg(not(unix))]
    let identity = |path: &Path| path.canonicalize().ok();
    let first = identity(one);
    first.is_some() && first == identity(other)
}
