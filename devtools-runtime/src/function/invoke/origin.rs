//! The origins of calls: clients, the program itself, and dumps.

use crate::function::inject::Scope;
use crate::function::reply::ReplyTo;

/// The caller of a function.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::layers::CallOrigin;
///
/// // Counts the calls of clients, and not those of the program itself.
/// let builder = DevTools::builder().layer(|call, next| async move {
///     if call.origin() == CallOrigin::Session {
///         println!("a client calls {}", call.name());
///     }
///     next.run(call).await
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallOrigin {
    /// A client, over its connection. [`LayerCall::session`](crate::layers::LayerCall::session) says which.
    Session,
    /// The program itself: one of its functions or plugins invokes a function.
    Program,
    /// The program, for a static dump that it makes.
    Dump,
}

impl CallOrigin {
    /// Returns the origin of a call of `scope` with this reply.
    pub(super) fn of(scope: &dyn Scope, reply: &ReplyTo) -> Self {
        match scope.session() {
            _ if reply.is_recorded() => Self::Dump,
            None | Some(0) => Self::Program,
            Some(_) => Self::Session,
        }
    }

    /// Returns the value of the label in metrics.
    #[cfg(feature = "metrics")]
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Program => "program",
            Self::Dump => "dump",
        }
    }
}
