//! A layer that requires a role.

use std::sync::Arc;

use crate::function::{LayerCall, LayerFuture, Next, missing_role};

/// Returns a layer that lets only sessions with this role pass. The program itself, and a dump that it builds, also pass.
///
/// Refused calls get an error with the code `role-required` and the data `{"role": …}`.
///
/// ```
/// use devtools_runtime::layers::require_role;
/// use devtools_runtime::trust::Token;
/// use devtools_runtime::{DevTools, Gate};
///
/// let gate = Gate::new().memory().token(Token::new("its-secret").roles(["admin"]));
/// let builder = DevTools::builder()
///     .auth(gate)
///     .layer_for("my-plugin:admin-", require_role("admin"));
/// ```
pub fn require_role(
    role: impl Into<String>,
) -> impl Fn(LayerCall, Next) -> LayerFuture + Send + Sync + 'static {
    let role: Arc<str> = role.into().into();
    move |call, next| {
        let role = Arc::clone(&role);
        Box::pin(async move {
            match call.session() {
                Some(session) if !session.has_role(&role) => {
                    Err(missing_role(call.name(), &role).into())
                }
                _ => next.run(call).await,
            }
        })
    }
}
