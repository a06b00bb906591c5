//! A function that runs in another process.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::function::definition::FunctionDefinition;
use crate::function::facts::Facts;
use crate::function::info::FunctionInfo;
use crate::function::parameter::Parameter;
use crate::function::reply::Call;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
#[cfg(feature = "typescript")]
use crate::function::types::FunctionSchema;
use crate::mutex::Mutex;

/// Defines a function of another process, whose calls `start` forwards.
#[track_caller]
pub(crate) fn forwarded_function(
    info: &FunctionInfo,
    start: impl Fn(Call<'_>) -> Started + Send + Sync + 'static,
) -> FunctionDefinition {
    let parameters = info.parameters.iter();
    let parameters = parameters.map(|it| Parameter::new(constant(&it.name), it.optional));
    let facts = Facts {
        kind: info.kind,
        encoding: info.encoding,
        parameters: parameters.collect::<Vec<_>>().into(),
        description: info.description.clone().into(),
        title: info.title.clone().map(Into::into),
        #[cfg(feature = "typescript")]
        foreign: Some(Arc::new(FunctionSchema::of_info(
            info.schema.as_ref(),
            info.parameters.len(),
        ))),
        ..Facts::of_closure(info.name.clone().into())
    };
    let location = SourceLocation::of_caller();
    FunctionDefinition::closure(facts, location, false, Arc::new(start), None).forwarding()
}

/// The names of parameters of other processes. They live as long as this one, because parameters have constants for names.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The number of bytes of names that are kept. Those beyond it are all the same.
const LONGEST: usize = 1 << 20;

/// Returns the name of a parameter as a constant. Each name is stored once.
fn constant(name: &str) -> &'static str {
    let mut names = NAMES.lock();
    if let Some(known) = names.get(name) {
        return known;
    }
    let stored: usize = names.iter().map(|it| it.len()).sum();
    if stored + name.len() > LONGEST {
        return "arg";
    }
    let name: &'static str = String::leak(name.to_owned());
    names.insert(name);
    name
}
