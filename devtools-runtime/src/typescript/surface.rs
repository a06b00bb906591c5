//! The named and typed parts of a program: functions, channels and shared states.

use std::collections::BTreeMap;

use crate::function::{DescribeType, FunctionDefinition};
use crate::host::DevToolsContext;
use crate::state::DeclaredState;
use crate::streaming::{ChannelDirection, DeclaredChannel};
use crate::wire::Encoding;

/// The functions of both sides, the channels and the shared states of a program.
#[derive(Debug)]
pub(crate) struct Surface {
    pub(super) functions: Vec<FunctionDefinition>,
    pub(super) channels: Vec<TypedValue>,
    pub(super) states: Vec<TypedValue>,
    /// Name and version of the package.
    pub(super) package: Option<(String, String)>,
    /// The names that the program gives to types, by their ids.
    pub(super) type_names: BTreeMap<String, String>,
}

/// A channel or a shared state, with the type of its values.
#[derive(Debug)]
pub(super) struct TypedValue {
    pub(super) name: String,
    pub(super) description: &'static str,
    /// The codec that the server writes with.
    pub(super) encoding: Encoding,
    pub(super) describe: Option<DescribeType>,
    /// The note of the deprecation.
    pub(super) deprecated: Option<&'static str>,
    /// The direction of the values. Those of a state go both ways.
    pub(super) direction: ChannelDirection,
}

impl Surface {
    /// Collects the parts of a context, and those that the program declares for it.
    pub(crate) fn of(context: &DevToolsContext) -> Self {
        let of_server = context.rpc().list();
        let of_clients = context.settings().client_functions.iter().cloned();
        Self {
            functions: of_server.into_iter().chain(of_clients).collect(),
            channels: channels(context),
            states: states(context),
            package: context.settings().options.package.clone(),
            type_names: context.settings().options.type_names.clone(),
        }
    }
}

/// Returns the channels that were created, and those that are only declared, sorted by name.
fn channels(context: &DevToolsContext) -> Vec<TypedValue> {
    let created = context.channels().described().into_iter();
    let created = created.map(|(name, options, describe)| TypedValue {
        name,
        description: "",
        encoding: options.encoding,
        describe,
        deprecated: None,
        direction: options.direction,
    });
    let mut declared: Vec<&DeclaredChannel> =
        inventory::iter::<DeclaredChannel>.into_iter().collect();
    declared.sort_by_key(|channel| (channel.name, (channel.identity)()));
    let declared = declared.into_iter().map(|channel| TypedValue {
        name: channel.name.to_owned(),
        description: channel.description,
        encoding: (channel.options)().encoding,
        describe: channel.describe,
        deprecated: channel.deprecated,
        direction: (channel.options)().direction,
    });
    both(created, declared, context.settings().options.collected)
}

fn states(context: &DevToolsContext) -> Vec<TypedValue> {
    // Shared states always travel as structured clone.
    let encoding = Encoding::StructuredClone;
    let created = context.states().described().into_iter();
    let created = created.map(|(name, describe)| TypedValue {
        name,
        description: "",
        encoding,
        describe,
        deprecated: None,
        direction: ChannelDirection::Both,
    });
    let mut declared: Vec<&DeclaredState> = inventory::iter::<DeclaredState>.into_iter().collect();
    declared.sort_by_key(|state| (state.name, (state.identity)()));
    let declared = declared.into_iter().map(|state| TypedValue {
        name: state.name.to_owned(),
        description: state.description,
        encoding,
        describe: state.describe,
        deprecated: state.deprecated,
        direction: ChannelDirection::Both,
    });
    both(created, declared, context.settings().options.collected)
}

/// Merges created and declared values by name. The created one gives direction and codec; the declared one adds
/// description and type. If several declarations share a name, the first one is used.
fn both(
    created: impl Iterator<Item = TypedValue>,
    declared: impl Iterator<Item = TypedValue>,
    all_declared: bool,
) -> Vec<TypedValue> {
    let mut values: BTreeMap<String, TypedValue> =
        created.map(|value| (value.name.clone(), value)).collect();
    let mut last = None;
    for declared in declared {
        let name = Some(declared.name.clone());
        if name == last {
            continue;
        }
        last = name;
        match values.get_mut(&declared.name) {
            Some(value) => {
                value.description = declared.description;
                value.deprecated = declared.deprecated;
                value.describe = value.describe.or(declared.describe);
            }
            None if all_declared => {
                values.insert(declared.name.clone(), declared);
            }
            None => {}
        }
    }
    values.into_values().collect()
}
