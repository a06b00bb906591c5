//! One call that is made for a dump, from its arguments to what is kept of it.

use std::sync::Arc;

use crate::dump::collect::shards::{as_fallback, indented};
use crate::dump::collect::variants::variants;
use crate::dump::collected::Sum;
use crate::dump::hash::{ArgumentHash, hash_arguments};
use crate::function::{
    Call, CallLimits, FunctionDefinition, Invocation, KeptCall, KeptRecord, Outcome, ReplyTo,
    SharedScope,
};
use crate::wire::{Document, Encoding, Inputs, Payload, js};

/// A function that calls are made of.
pub(super) struct Job {
    pub(super) function: FunctionDefinition,
    pub(super) scope: SharedScope,
    pub(super) limits: CallLimits,
    pub(super) pretty: bool,
}

/// What a call is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The position of the function in the dump.
    pub(super) function: usize,
    /// The position of the call among those of the function.
    pub(super) order: u32,
    pub(super) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The result of a static function.
    Static,
    /// That for these arguments.
    Record,
    /// That for these arguments, and for all that are not recorded.
    RecordAndFallback,
    /// That for all that are not recorded.
    Fallback,
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) place: Place,
    /// As JSON, or something like it: for people.
    pub(super) arguments: String,
    /// What the call failed with.
    pub(super) failure: Option<String>,
    /// What is kept of it.
    pub(super) files: Option<Files>,
}

#[derive(Debug)]
pub(super) struct Files {
    pub(super) hashes: Hashes,
    pub(super) kept: Kept,
    pub(super) fallback: Option<Kept>,
}

/// The hashes of the arguments that a record answers.
#[derive(Debug)]
pub(super) struct Hashes {
    pub(super) own: ArgumentHash,
    /// Of arguments that mean the same.
    pub(super) others: Vec<ArgumentHash>,
}

/// A file.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) content: String,
    pub(super) sum: Sum,
}

impl Kept {
    fn new(content: String) -> Self {
        Self {
            sum: Sum::of(content.as_bytes()),
            content,
        }
    }
}

impl Job {
    /// Makes a call. `arguments` are written as the function reads them.
    pub(super) async fn call(&self, place: Place, arguments: String) -> Ended {
        let encoding = self.function.encoding();
        let inputs = match place.role {
            Role::Static => None,
            _ => match Inputs::of(encoding, &arguments) {
                Ok(inputs) => Some(inputs),
                Err(error) => return Ended::unusable(place, arguments, error.to_string()),
            },
        };
        let hashes = match self.hashes(place.role, &arguments) {
            Ok(hashes) => hashes,
            Err(problem) => return Ended::unusable(place, arguments, problem),
        };
        let kept = Arc::new(KeptCall::new(encoding, inputs));
        let text = self.run(&arguments, ReplyTo::Dump(Arc::clone(&kept))).await;
        let failure = kept.failure().map(str::to_owned);
        self.ended(place, &arguments, hashes, KeptRecord { text, failure })
    }

    /// What comes of a call that need not be made.
    pub(super) fn stored(&self, place: Place, arguments: &str, record: KeptRecord) -> Ended {
        match self.hashes(place.role, arguments) {
            Ok(hashes) => self.ended(place, arguments, hashes, record),
            Err(problem) => Ended::unusable(place, arguments.to_owned(), problem),
        }
    }

    fn ended(&self, place: Place, arguments: &str, hashes: Hashes, record: KeptRecord) -> Ended {
        let encoding = self.function.encoding();
        let Some(text) = record.text else {
            let problem = record
                .failure
                .unwrap_or_else(|| "the function gave no result".into());
            return Ended::unusable(place, arguments.to_owned(), problem);
        };
        let wants_fallback = place.role == Role::RecordAndFallback && record.failure.is_none();
        let fallback = wants_fallback
            .then(|| as_fallback(encoding, &text))
            .flatten();
        let file = |text| Kept::new(indented(encoding, self.pretty, text));
        Ended {
            place,
            arguments: match record.failure {
                Some(_) => shown(encoding, arguments),
                None => String::new(),
            },
            failure: record.failure,
            files: Some(Files {
                hashes,
                fallback: fallback.map(file),
                kept: file(text),
            }),
        }
    }

    fn hashes(&self, role: Role, arguments: &str) -> Result<Hashes, String> {
        let values = values(self.function.encoding(), arguments)?;
        let hash = |values: &[js::Value]| hash_arguments(values).map_err(|error| error.to_string());
        let others = match role {
            Role::Record => variants(&values, self.function.parameters()),
            // Whatever else it is called with gets the same.
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
    async fn run(&self, arguments: &str, reply: ReplyTo) -> Outcome {
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

impl Ended {
    /// The size of what is kept.
    pub(super) fn bytes(&self) -> usize {
        self.files
            .as_ref()
            .map_or(0, |files| files.kept.content.len())
    }

    /// A call of which nothing can be kept.
    pub(super) fn unusable(place: Place, arguments: String, problem: String) -> Self {
        Self {
            place,
            arguments,
            failure: Some(problem),
            files: None,
        }
    }
}

/// The arguments, one by one.
fn values(encoding: Encoding, arguments: &str) -> Result<Vec<js::Value>, String> {
    match encoding {
        Encoding::Json => serde_json::from_str(arguments).map_err(|error| error.to_string()),
        Encoding::StructuredClone => Document::parse(arguments)
            .and_then(|document| document.root().read())
            .map_err(|error| error.to_string()),
    }
}

/// The arguments for people.
fn shown(encoding: Encoding, arguments: &str) -> String {
    match encoding {
        Encoding::Json => arguments.to_owned(),
        Encoding::StructuredClone => values(encoding, arguments)
            .ok()
            .and_then(|values| serde_json::to_string(&values).ok())
            .unwrap_or_else(|| "[…]".to_owned()),
    }
}
