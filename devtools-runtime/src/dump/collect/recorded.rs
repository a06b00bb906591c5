//! Tells which calls of a function a build would record, without making them.

use std::collections::HashSet;

use crate::dump::collect::call::{Job, Purpose};
use crate::dump::collect::plan::{self, OtherCalls, Plan, Resolved};
use crate::dump::hash::ArgumentHash;
use crate::dump::options::DumpOptions;
use crate::function::{BoxError, FunctionDefinition};
use crate::host::{DevToolsContext, RpcSession};

/// The number of calls of one function that are examined at most. A function may declare any number of them.
const MOST_CALLS: usize = 100_000;

/// The calls of a function that a build would record.
#[derive(Debug)]
pub(crate) enum RecordedCalls {
    /// No calls, because the function is in no dump.
    None,
    /// All calls get the same answer.
    All,
    /// The calls whose arguments have these hashes. Other calls get the fallback, if there is one.
    Some {
        hashes: HashSet<ArgumentHash>,
        has_fallback: bool,
    },
}

/// Finds the calls of `function` that a build with the default options would record.
///
/// # Errors
///
/// If the dump that the function declares cannot be computed, or has arguments that cannot be read or hashed.
pub(crate) async fn recorded_calls(
    context: &DevToolsContext,
    function: &FunctionDefinition,
) -> Result<RecordedCalls, BoxError> {
    let Ok(plan) = plan::plan_of(context, function, &DumpOptions::new()) else {
        return Ok(RecordedCalls::None);
    };
    if matches!(plan, Plan::Static) {
        return Ok(RecordedCalls::All);
    }
    let scope = context.scope_of(RpcSession::local());
    let Resolved::Query(query) = plan.resolve(function, &scope).await? else {
        return Ok(RecordedCalls::None);
    };
    if matches!(
        query.other_calls,
        OtherCalls::LikeNone | OtherCalls::LikeFirst
    ) {
        return Ok(RecordedCalls::All);
    }
    let job = Job {
        function: function.clone(),
        scope,
        limits: context.call_limits(),
        pretty: false,
    };
    let recorded = query
        .records
        .into_iter()
        .map(|(arguments, _)| Ok(arguments));
    let called = query.calls.map(|(_, arguments)| arguments);
    let mut hashes = HashSet::new();
    for (at, arguments) in recorded.chain(called).take(MOST_CALLS).enumerate() {
        if at % 256 == 255 {
            tokio::task::yield_now().await; // other tasks run meanwhile
        }
        let found = job.hashes(Purpose::Record, &arguments?)?;
        hashes.insert(found.own);
        hashes.extend(found.others);
    }
    Ok(RecordedCalls::Some {
        hashes,
        has_fallback: query.fallback.is_some(),
    })
}
