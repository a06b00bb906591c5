//! Looks up a call in a dump, and tells a record from a fallback.

use crate::dump::read::manifest::ManifestEntry;
use crate::dump::read::request::ParsedRequest;
use crate::dump::read::static_dump::{LookupFailure, NOT_RECORDED, StaticDump, failure, record};
use crate::peer::unknown_function;
use crate::wire::RequestId;
use crate::wire::js::Value;

/// The reply to a call, by its origin.
#[derive(Debug)]
pub(crate) enum DumpReply {
    /// A record for these arguments.
    Record(String),
    /// The fallback for arguments that have no record.
    Fallback(String),
    /// An error, because there is neither.
    Missing(String),
}

impl StaticDump {
    /// Returns `true` if the dump has an entry for this function.
    pub(crate) fn holds(&self, function: &str) -> bool {
        self.manifest.get(function).is_some()
    }

    /// Looks up a call and makes a reply with this id.
    pub(crate) async fn lookup(
        &self,
        function: &str,
        arguments: Vec<Value>,
        id: &RequestId,
    ) -> DumpReply {
        let question = ParsedRequest {
            id: id.clone(),
            function: function.to_owned(),
            optional: false,
            arguments: Ok(arguments),
        };
        match self.find(&question).await {
            Ok(shard) if self.has_record(&question) => DumpReply::Record(shard.reply(id)),
            Ok(shard) => DumpReply::Fallback(shard.reply(id)),
            Err(LookupFailure::Unknown) => {
                DumpReply::Missing(failure(None, &unknown_function(function)).reply(id))
            }
            Err(LookupFailure::Failed(code, message)) => {
                let reply = failure(Some(code), &message).reply(id);
                if code == NOT_RECORDED {
                    DumpReply::Missing(reply)
                } else {
                    // The record exists, but its file is damaged.
                    DumpReply::Record(reply)
                }
            }
        }
    }

    fn has_record(&self, question: &ParsedRequest) -> bool {
        match (self.manifest.get(&question.function), &question.arguments) {
            (Some(ManifestEntry::Query { records, .. }), Ok(arguments)) => {
                matches!(record(records, arguments), Ok(Some(_)))
            }
            _ => true,
        }
    }
}
