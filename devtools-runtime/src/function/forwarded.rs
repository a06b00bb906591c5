//! A function that runs in another process.

use std::sync::Arc;

use crate::function::definition::FunctionDefinition;
use crate::function::facts::Facts;
use crate::function::info::FunctionInfo;
use crate::function::reply::Call;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;

/// Defines a function of another process, whose calls `start` forwards.
///
/// The definition knows no parameters, because these are constants of the other program. The description of the function has them.
#[track_caller]
pub(crate) fn forwarded_function(
    info: &FunctionInfo,
    start: impl Fn(Call<'_>) -> Started + Send + Sync + 'static,
) -> FunctionDefinition {
    let facts = Facts {
        kind: info.kind,
        encoding: info.encoding,
        description: info.description.clone().into(),
        title: info.title.clone().map(Into::into),
        ..Facts::of_closure(info.name.clone().into())
    };
    let location = SourceLocation::of_caller();
    FunctionDefinition::closure(facts, location, false, Arc::new(start), None)
}
