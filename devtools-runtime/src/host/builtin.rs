//! The built-in functions, which every client of the protocol expects from a server.

use crate::function::FunctionKind;
use crate::host::context::DevToolsContext;
use crate::host::mode::Mode;
use crate::host::protocol_functions::add;
use crate::host::register::RegisterError;
use crate::host::{agents, docks, messages, shared_state, streaming, trust};
use crate::protocol::cache::CacheableFunctions;
use crate::protocol::introspection::ListFunctions;

/// Registers the built-in functions.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    trust::register(context)?;
    shared_state::register(context)?;
    streaming::register(context)?;
    docks::register(context)?;
    agents::register(context)?;
    messages::register(context)?;
    add::<CacheableFunctions, _>(context, |context, _, ()| async move {
        let functions = context.rpc().list();
        let kept = functions
            .iter()
            .filter(|function| function.kind() == FunctionKind::Static || function.is_cacheable());
        kept.map(|function| function.name().to_owned()).collect()
    })?;
    if context.mode() == Mode::Dev {
        // The list contains source locations, which are for developers.
        add::<ListFunctions, _>(
            context,
            |context, _, ()| async move { context.rpc().describe() },
        )?;
    }
    Ok(())
}
