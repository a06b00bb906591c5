//! One call that is made for a dump, from its arguments to the files of its result.

use std::sync::Arc;

use crate::dump::collect::shards::indented;
use crate::dump::collect::variants::variants;
use crate::dump::collected::Sum;
use crate::dump::hash::{ArgumentHash, hash_arguments};
use crate::dump::record::Inputs;
use crate::function::{
    Call, CallLimits, CallRecord, FunctionDefinition, Invocation, RecordedFailure, ReplyText,
    ReplyTo, SharedScope,
};
use crate::wire::{Document, Encoding, Payload, js};

/// A function that is called for a dump, with the settings of its calls.
pub(super) struct Job {
    pub(super) function: FunctionDefinition,
    pub(super) scope: SharedScope,
    pub(super) limits: CallLimits,
    pub(super) pretty: bool,
}

/// The position of a call in the dump, and its purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallPosition {
    /// The position of the function in the dump.
    pub(super) function: usize,
    /// The position of the call among those of the function.
    pub(super) order: u32,
    pub(super) purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To record the result of a static function.
    Static,
    /// To record the result for these arguments.
    Record,
    /// To record the result for these arguments, and for all others without a record.
    RecordAndFallback,
    /// To record the result for all arguments without a record.
    Fallback,
}

/// The result of a call.
#[derive(Debug)]
pub(super) struct CallResult {
    pub(super) position: CallPosition,
    /// The arguments for people: JSON, or close to it.
    pub(super) arguments: String,
    /// The error message, if the call failed.
    pub(super) failure: Option<String>,
    /// The files to write, unless the call has no usable result.
    pub(super) files: Option<RecordFiles>,
}

#[derive(Debug)]
pub(super) struct RecordFiles {
    pub(super) hashes: Hashes,
    pub(super) file: RecordFile,
    pub(super) fallback: Option<RecordFile>,
}

/// The hashes of the arguments that a record answers.
#[derive(Debug)]
pub(super) struct Hashes {
    pub(super) own: ArgumentHash,
    /// The hashes of other arguments with the same meaning.
    pub(super) others: Vec<ArgumentHash>,
}

/// The content of a file, with its checksum.
#[derive(Debug)]
pub(super) struct RecordFile {
    pub(super) content: String,
    pub(super) sum: Sum,
}

impl RecordFile {
    fn new(content: String) -> Self {
        Self {
            sum: Sum::of(content.as_bytes()),
            content,
        }
    }
}

impl Job {
    /// Makes a call. `arguments` are encoded as the function reads them.
    pub(super) async fn call(&self, position: CallPosition, arguments: String) -> CallResult {
        let encoding = self.function.encoding();
        let inputs = match position.purpose {
            Purpose::Static => Inputs::Omitted,
            _ => match Inputs::of(encoding, &arguments) {
                Ok(inputs) => inputs,
                Err(error) => return CallResult::unusable(position, arguments, error.to_string()),
            },
        };
        let hashes = match self.hashes(position.purpose, &arguments) {
            Ok(hashes) => hashes,
            Err(problem) => return CallResult::unusable(position, arguments, problem),
        };
        let recording = Arc::new(RecordedFailure::default());
        let reply = ReplyTo::Record(Arc::clone(&recording));
        let output = self.run(&arguments, reply).await;
        let record = |inputs| CallRecord::of(encoding, inputs, output.as_deref(), &recording);
        let wants_fallback =
            position.purpose == Purpose::RecordAndFallback && recording.error().is_none();
        let fallback = wants_fallback
            .then(|| record(&Inputs::Empty).text)
            .flatten();
        self.ended(position, &arguments, hashes, record(&inputs), fallback)
    }

    /// Returns the result of a call that need not be made, because the record is given.
    pub(super) fn stored(
        &self,
        position: CallPosition,
        arguments: &str,
        record: CallRecord,
    ) -> CallResult {
        match self.hashes(position.purpose, arguments) {
            Ok(hashes) => self.ended(position, arguments, hashes, record, None),
            Err(problem) => CallResult::unusable(position, arguments.to_owned(), problem),
        }
    }

    fn ended(
        &self,
        position: CallPosition,
        arguments: &str,
        hashes: Hashes,
        record: CallRecord,
        fallback: Option<String>,
    ) -> CallResult {
        let encoding = self.function.encoding();
        let Some(text) = record.text else {
            let problem = record
                .failure
                .unwrap_or_else(|| "the function gave no result".into());
            return CallResult::unusable(position, arguments.to_owned(), problem);
        };
        let file_of = |text| RecordFile::new(indented(encoding, self.pretty, text));
        CallResult {
            position,
            arguments: match record.failure {
                Some(_) => shown(encoding, arguments),
                None => String::new(),
            },
            failure: record.failure,
            files: Some(RecordFiles {
                hashes,
                fallback: fallback.map(file_of),
                file: file_of(text),
            }),
        }
    }

    pub(super) fn hashes(&self, purpose: Purpose, arguments: &str) -> Result<Hashes, String> {
        let values = values(self.function.encoding(), arguments)?;
        let hash = |values: &[js::Value]| hash_arguments(values).map_err(|error| error.to_string());
        let others = match purpose {
            Purpose::Record => variants(&values, self.function.parameters()),
            // The function gives the same result for all other arguments.
            _ => Vec::new(),
        };
        Ok(Hashes {
            own: hash(&values)?,
            others: others
                .iter()
                .map(|values| hash(values))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Makes the call, and waits for its end.
    async fn run(&self, arguments: &str, reply: ReplyTo) -> ReplyText {
        let begin = |arguments: Payload<'_>| {
            let invocation = Invocation {
                function: &self.function,
                limits: self.limits,
                parent: None,
            };
            invocation.begin(Call {
                scope: &self.scope,
                arguments,
                reply: reply.clone(),
            })
        };
        let started = match self.function.encoding() {
            Encoding::Json => begin(Payload::Json(arguments)),
            Encoding::StructuredClone => match Document::parse(arguments) {
                Ok(document) => begin(Payload::Clone(document.root())),
                Err(error) => return reply.error(&error),
            },
        };
        started.end().await.outcome
    }
}

impl CallResult {
    /// Returns the size of the record's file in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.files
            .as_ref()
            .map_or(0, |files| files.file.content.len())
    }

    /// Makes the result of a call that has no usable result.
    pub(super) fn unusable(position: CallPosition, arguments: String, problem: String) -> Self {
        Self {
            position,
            arguments,
            failure: Some(problem),
            files: None,
        }
    }
}

/// Returns the arguments one by one.
fn values(encoding: Encoding, arguments: &str) -> Result<Vec<js::Value>, String> {
    match encoding {
        Encoding::Json => serde_json::from_str(arguments).map_err(|error| error.to_string()),
        Encoding::StructuredClone => Document::parse(arguments)
            .and_then(|document| document.root().read())
            .map_err(|error| error.to_string()),
    }
}

/// Returns the arguments as text for people.
fn shown(encoding: Encoding, arguments: &str) -> String {
    match encoding {
        Encoding::Json => arguments.to_owned(),
        Encoding::StructuredClone => values(encoding, arguments)
            .ok()
            .and_then(|values| serde_json::to_string(&values).ok())
            .unwrap_or_else(|| "[…]".to_owned()),
    }
}
