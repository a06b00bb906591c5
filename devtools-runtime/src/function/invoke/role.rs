//! Functions that are for callers of one role alone.

use crate::function::definition::FunctionDefinition;
use crate::function::error::RemoteError;
use crate::function::reply::{Call, Outcome};

/// The outcome of a call whose caller lacks the role that the function asks for.
pub(super) fn refusal(function: &FunctionDefinition, call: &Call<'_>) -> Option<Outcome> {
    let role = function.role()?;
    // A dump is made by the program itself.
    if call.reply.is_kept() || call.scope.has_role(role) {
        return None;
    }
    let name = function.name();
    tracing::info!(
        rpc.method = name,
        session = call.scope.session(),
        role,
        "refused a call of a session without the role"
    );
    Some(call.reply.error(&missing_role(name, role)))
}

/// What a caller is told that lacks `role`.
pub(crate) fn missing_role(function: &str, role: &str) -> RemoteError {
    let message = format!("`{function}` is for the role `{role}`, which the session does not have");
    let mut error = RemoteError::coded("role-required", message);
    error.data = Some(serde_json::json!({ "role": role }));
    error
}
