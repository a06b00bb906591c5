//! Layers: code of the program around the calls of its functions.
//!
//! A layer is a closure, or a function, of two arguments: the [call](LayerCall), and what comes [next](Next). It returns what
//! `next` gives it, or an error in place of that.
//!
//! ```
//! use devtools_runtime::{DevTools, RemoteError, layers::{LayerCall, LayerResult, Next}};
//!
//! /// Lets nothing be changed outside of office hours.
//! async fn office_hours(call: LayerCall, next: Next) -> LayerResult {
//!     if call.kind() == devtools_runtime::FunctionKind::Action && is_night() {
//!         return Err(RemoteError::coded("closed", "come back in the morning").into());
//!     }
//!     next.run(call).await
//! }
//! # fn is_night() -> bool { false }
//!
//! let builder = DevTools::builder()
//!     .layer(office_hours) // every function
//!     .layer_for("my-plugin:", |call, next| async move {
//!         let (name, began) = (call.name().to_owned(), std::time::Instant::now());
//!         let ended = next.run(call).await;
//!         println!("{name} took {:?}", began.elapsed());
//!         ended
//!     });
//! ```
//!
//! The layer that was added first is the outermost. That of one function, `#[rpc_function(layer = office_hours)]`, is the
//! innermost.
//!
//! # Which calls pass
//!
//! Every call of a function of the program: by a client over any transport, calls and events; by the program itself, typed or by name;
//! and for a static dump. [`LayerCall::caller`] tells them apart. Commands pass as `hub:commands:execute`. What the protocol itself
//! consists of does not pass, such as the handshake, streams and shared states. Nor do functions of clients, which the server calls: a layer is
//! about what may be done to the server.
//!
//! A session that is not trusted does not get as far as the layers, and an unknown name has no layers.
//!
//! # What holds
//!
//! - A layer that panics is answered as a function that panics is.
//! - The time of a call passes while it is in its layers; [`LayerCall::set_timeout`] changes it.
//! - A query whose caller goes away is dropped where it stands, and so are the layers around it: what has to be done at the end
//!   belongs into a value that is dropped.
//! - Layers see text, or that there is a value, and no types. They can put an error in place of a result, but no other result.
//! - A call without layers pays nothing for them. One with layers pays a copy of its arguments and an allocation for each.
//!
//! # Who may call what
//!
//! `#[rpc_function(role = "admin")]` asks for a role, which comes with a [`Token`](crate::trust::Token); [`require_role`] does so for a group of
//! functions. The program itself, and a dump that it makes, need none. A client that lacks the role gets an error with the code
//! `role-required`.
//!
//! ```
//! use devtools_runtime::{DevTools, Gate, Token, layers, rpc_function};
//!
//! /// Forgets everything.
//! #[rpc_function(name = "my-plugin:reset", kind = "action", role = "admin")]
//! fn reset() {}
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gate = Gate::new().token(Token::new("9f2c6cd4e8b04c1d").name("deploy").roles(["admin"]));
//! let devtools = DevTools::builder()
//!     .auth(gate)
//!     .layer_for("billing:", layers::require_role("billing"))
//!     .layer(layers::rate_limit(layers::RateLimit::new()))
//!     .build()
//!     .await?;
//! let viewer = devtools.client_with_roles(["viewer"]);
//! let refused = Reset::call(&viewer).await.unwrap_err();
//! assert_eq!(refused.to_string(), "`my-plugin:reset` is for the role `admin`, which the session does not have");
//! # Ok(())
//! # }
//! ```

mod rate_limit;
mod role;

pub use self::rate_limit::{RateLimit, rate_limit};
pub use self::role::require_role;
pub use crate::function::{
    CallFailure, CallSuccess, Caller, FailureReason, LayerCall, LayerFuture, LayerResult, Next,
};
