//! What a dump has for a call, for who wants to know what that is.

use super::{Entry, NOT_RECORDED, Question, StaticDump, Unanswered, failure, record};
use crate::peer::unknown_function;
use crate::wire::RequestId;
use crate::wire::js::Value;

/// The reply to a call, by where it is from.
#[derive(Debug)]
pub(crate) enum Recalled {
    /// What was recorded for these arguments.
    Record(String),
    /// What is for all arguments that were not recorded.
    Fallback(String),
    /// An error: there is neither.
    Nothing(String),
}

impl StaticDump {
    /// Whether there is anything of this function.
    pub(crate) fn holds(&self, function: &str) -> bool {
        self.manifest.get(function).is_some()
    }

    /// The reply to the call with this id.
    pub(crate) async fn recall(
        &self,
        function: &str,
        arguments: Vec<Value>,
        id: &RequestId,
    ) -> Recalled {
        let question = Question {
            id: id.clone(),
            function: function.to_owned(),
            optional: false,
            arguments: Ok(arguments),
        };
        match self.find(&question).await {
            Ok(shard) if self.has_record(&question) => Recalled::Record(shard.reply(id)),
            Ok(shard) => Recalled::Fallback(shard.reply(id)),
            Err(Unanswered::Unknown) => {
                Recalled::Nothing(failure(None, &unknown_function(function)).reply(id))
            }
            Err(Unanswered::Failed(code, message)) => {
                let reply = failure(Some(code), &message).reply(id);
                if code == NOT_RECORDED {
                    Recalled::Nothing(reply)
                } else {
                    // There is something, and it is damaged.
                    Recalled::Record(reply)
                }
            }
        }
    }

    fn has_record(&self, question: &Question) -> bool {
        match (self.manifest.get(&question.function), &question.arguments) {
            (Some(Entry::Query { records, .. }), Ok(arguments)) => {
                matches!(record(records, arguments), Ok(Some(_)))
            }
            _ => true,
        }
    }
}
