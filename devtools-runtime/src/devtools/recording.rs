//! Recording the sessions of a program, and replaying them.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::devtools::handle::DevTools;
use crate::dump::failure::DumpError;
use crate::dump::options::DumpOptions;
use crate::dump::report::DumpReport;
use crate::function::PluginState;
use crate::host::DevToolsContext;
use crate::peer::FrameSink as _;
use crate::recording::{
    self, KnownFunctions, Recording, RecordingStatus, RecordingWriter, ReplayOptions,
};

/// The recorder of a context, if its sessions are recorded.
#[derive(Default)]
struct AttachedRecorder(OnceLock<Arc<RecordingWriter>>);

impl PluginState for AttachedRecorder {}

/// Gives a recorder the functions of the context whose sessions it records.
pub(super) fn attach(context: &DevToolsContext, recorder: Arc<RecordingWriter>) {
    recorder.know(KnownFunctions {
        of_program: context.functions().subscribe(),
        of_clients: context.settings().client_functions.clone(),
    });
    if let Some(trust) = context.trust() {
        trust
            .fixed_tokens()
            .for_each(|token| recorder.learn_secret(token));
        let told = Arc::downgrade(&recorder);
        trust.on_secret(Arc::new(move |secret| {
            if let Some(recorder) = told.upgrade() {
                recorder.learn_secret(secret);
            }
        }));
    }
    let attached: &AttachedRecorder = context.own_state();
    // A context is attached once, when it is made.
    let _ = attached.0.set(recorder);
}

/// The error of replaying a recording while another one is replayed.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::testing::{Recording, ReplayOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().without_collected().build().await?;
/// let recording = Recording::parse(r#"{"devtools-recording":1}"#)?;
/// devtools.replay(&recording, ReplayOptions::new())?;
/// assert!(devtools.replay(&recording, ReplayOptions::new()).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("a recording is replayed already: each `DevTools` replays one")]
#[non_exhaustive]
pub struct AlreadyReplaying;

impl DevTools {
    /// Serves a recording in place of the functions: clients that connect from now on get the recorded answers (feature `recording`, which `cli`
    /// includes).
    ///
    /// - **Calls** with the same name and arguments get the recorded answer, or the recorded error. The order of properties does not matter, and
    ///   neither does whether an argument at the end is absent or `null`. If the same call was recorded several times, the answers come in the
    ///   recorded order, and then the last one again. Where an action or an event came between two of the same queries, the first answer is for
    ///   the time before it, and the second one for the time after it, however often the client asks.
    /// - **Events, chunks of streams, changes of shared states, and calls to the client** come in the recorded order, each after the requests
    ///   that were recorded before it, and after the recorded time. With [`ReplayOptions`] they come faster, or at once.
    /// - **Sessions**: the first client that connects gets the first session of the recording, and so on. After the
    ///   last session, the first one is used again. A call that the session did not make is looked up in the other
    ///   sessions.
    /// - **A call that is not recorded** fails with a [`RemoteError`](crate::RemoteError) whose code is `not-recorded`. Its message has the recorded
    ///   calls that are nearest to it.
    /// - **A change of a shared state** that is not recorded is confirmed to the client that makes it.
    /// - **The rest** is the program's: its views, its metadata and its gate, and those functions of the protocol for
    ///   which the recording has no answers. Its own functions do not run, and its events reach nobody. Calls that
    ///   the program makes itself run as always.
    /// - **Calls by plain HTTP** are answered from all sessions, in the recorded order.
    ///
    /// ```
    /// use devtools_runtime::testing::{Recording, ReplayOptions};
    /// use devtools_runtime::{DevTools, rpc_function};
    ///
    /// #[rpc_function(name = "docs-of-replay:get-temperature")]
    /// async fn get_temperature(city: String) -> f64;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let recording = Recording::parse(concat!(
    ///     r#"{"devtools-recording":1,"program":"weather","protocol":"devframe 1.3.5"}"#, "\n",
    ///     r#"{"at":1,"session":1,"from":"client","call":"docs-of-replay:get-temperature","id":1,"args":["Bergen"]}"#, "\n",
    ///     r#"{"at":2,"session":1,"from":"server","reply":1,"to":"docs-of-replay:get-temperature","result":7.5}"#, "\n",
    /// ))?;
    /// let devtools = DevTools::builder().without_collected().build().await?;
    /// devtools.replay(&recording, ReplayOptions::new().at_once())?;
    ///
    /// let rpc = devtools.client();
    /// assert_eq!(GetTemperature::call(&rpc, "Bergen").await?, 7.5);
    /// let error = GetTemperature::call(&rpc, "Oslo").await.unwrap_err();
    /// assert!(error.to_string().contains("Bergen"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a recording is replayed already.
    pub fn replay(
        &self,
        recording: &Recording,
        options: ReplayOptions,
    ) -> Result<(), AlreadyReplaying> {
        if recording::begin(self.context(), recording, options) {
            Ok(())
        } else {
            Err(AlreadyReplaying)
        }
    }

    /// Writes a static dump of a recording: the answers that clients got from queries and static functions, with the views of this program
    /// (feature `recording`, which `cli` includes). Returns the report, and the names of the recorded functions that this program does not have.
    ///
    /// No function runs. Of several answers to the same call, the last one is written. Calls with other arguments have no answer in the
    /// dump, and neither have functions that were not called. Shared states that clients have read have their last recorded value, unless
    /// this program has made them itself.
    ///
    /// Build the program for this alone: afterwards its functions answer from the recording.
    ///
    /// # Errors
    ///
    /// As [`build_with`](Self::build_with).
    ///
    /// # Cancel safety
    ///
    /// As [`build_with`](Self::build_with).
    pub async fn build_recorded(
        &self,
        recording: &Recording,
        folder: impl AsRef<Path>,
        options: DumpOptions,
    ) -> Result<(DumpReport, Vec<String>), DumpError> {
        let unknown = recording::prepare(self.context(), recording);
        Ok((self.build_with(folder, options).await?, unknown))
    }

    /// Returns the state of the recording that the builder was [told to make](crate::DevToolsBuilder::record), or `None` if nothing is recorded.
    /// [`shutdown`](Self::shutdown) waits until all frames are written.
    pub fn recording(&self) -> Option<RecordingStatus> {
        let attached: &AttachedRecorder = self.context().own_state();
        attached.0.get().map(|recorder| recorder.status())
    }
}
