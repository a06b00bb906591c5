//! A function that runs in another process.

use std::sync::Arc;

use crate::function::agent::AgentOptions;
use crate::function::attributes::{Attributes, AttributesRef, OwnAttributes};
use crate::function::constants::{constant, constants};
use crate::function::definition::FunctionDefinition;
use crate::function::facts::Facts;
use crate::function::info::{AgentInfo, FunctionInfo};
use crate::function::parameter::Parameter;
use crate::function::reply::Call;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
#[cfg(feature = "typescript")]
use crate::function::types::FunctionSchema;

/// Defines a function of another process, whose calls `start` forwards.
#[track_caller]
pub(crate) fn forwarded_function(
    info: &FunctionInfo,
    start: impl Fn(Call<'_>) -> Started + Send + Sync + 'static,
) -> FunctionDefinition {
    let parameters = info.parameters.iter();
    let parameters = parameters.map(|it| {
        let name = constant(&it.name).unwrap_or("arg");
        Parameter::new(name, it.optional)
    });
    let attributes = OwnAttributes {
        attributes: Attributes {
            cacheable: info.cacheable,
            agent: info.agent.as_ref().and_then(agent),
            role: info.role.as_deref().and_then(constant),
            ..Attributes::NONE
        },
        title: info.title.clone().map(Into::into),
    };
    let facts = Facts {
        kind: info.kind,
        encoding: info.encoding,
        parameters: parameters.collect::<Vec<_>>().into(),
        description: info.description.clone().into(),
        attributes: Some(AttributesRef::own(attributes)),
        #[cfg(feature = "typescript")]
        foreign: Some(Arc::new(FunctionSchema::of_info(
            info.schema.as_ref(),
            info.parameters.len(),
        ))),
        ..Facts::of_closure(info.name.clone().into())
    };
    let location = SourceLocation::of_caller("");
    FunctionDefinition::closure(facts, location, false, Arc::new(start), None).forwarding()
}

/// Returns the options for agents of a function of another process. `None` if its texts cannot be kept.
fn agent(info: &AgentInfo) -> Option<AgentOptions> {
    let mut agent = AgentOptions::new(info.safety).with_tags(constants(&info.tags)?);
    if let Some(title) = &info.title {
        agent = agent.with_title(constant(title)?);
    }
    if let Some(channel) = &info.stream {
        agent = agent.with_stream(constant(channel)?);
    }
    Some(agent)
}
