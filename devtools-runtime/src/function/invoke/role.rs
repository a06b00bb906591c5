//! The role that a function asks of its callers.

use crate::function::definition::FunctionDefinition;
use crate::function::error::RemoteError;
use crate::function::reply::{Call, ReplyText};

/// Returns the reply of a call whose caller lacks the role that the function asks for. `None` if the call may go on.
pub(super) fn refusal(function: &FunctionDefinition, call: &Call<'_>) -> Option<ReplyText> {
    let role = function.role()?;
    // The program itself makes the calls for a dump.
    if call.reply.is_recorded() || call.scope.has_role(role) {
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

/// Returns the error for a caller that lacks `role`.
pub(crate) fn missing_role(function: &str, role: &str) -> RemoteError {
    let message = format!("`{function}` is for the role `{role}`, which the session does not have");
    let mut error = RemoteError::coded("role-required", message);
    error.data = Some(serde_json::json!({ "role": role }));
    error
}
