//! The built-in functions through which clients sign in and out ([protocol 4.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#42-the-handshake)).

use std::io;
use std::sync::atomic::Ordering;

use crate::function::{FunctionKind, Parameter, RpcFunction};
use crate::host::context::DevToolsContext;
use crate::host::protocol_functions::{add, try_add};
use crate::host::register::RegisterError;
use crate::host::session::RpcSession;
use crate::host::trust::shared_tokens::key_of;
use crate::peer::event;
use crate::protocol::auth::{
    Exchange, Exchanged, Handshake, Offer, RequestCode, Revoke, Revoked, Trusted,
};

/// Registers the functions that the context's gate needs.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    if context.trust().is_none() {
        return add::<OpenHandshake, _>(context, |_, _, ()| async { Trusted { is_trusted: true } });
    }
    try_add::<Handshake, _>(context, |context, session, (introduction,)| async move {
        let shaken = shake_hands(&context, &session, &introduction.auth_token).await;
        shaken.map(|is_trusted| Trusted { is_trusted })
    })?;
    add::<Exchange, _>(context, |context, session, (offer,)| async move {
        exchange(&context, &session, offer).await
    })?;
    add::<RequestCode, _>(context, |context, session, (request,)| async move {
        let trust = context.trust()?;
        session.has_asked_for_code();
        let reissue = request.reissue.unwrap_or(false);
        let shown = trust.show(&session, &request.ua, reissue);
        shown.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not make a one-time code: the system has no random numbers");
            None
        })
    })?;
    add::<Revoke, _>(context, |context, session, ()| async move {
        if let Err(error) = revoke(&context, &session).await {
            tracing::warn!(%error, "could not remove a revoked token from its file: it is valid again when the program restarts");
        }
    })
}

/// Trusts a session that brings a valid token. An error means that the token could not be looked up; it may be valid.
async fn shake_hands(
    context: &DevToolsContext,
    session: &RpcSession,
    token: &str,
) -> Result<bool, &'static str> {
    if session.is_trusted() {
        return Ok(true);
    }
    let Some(trust) = context.trust() else {
        return Ok(true);
    };
    let admitted = trust.admit(session, token).await.map_err(|error| {
        tracing::warn!(%error, "could not look up a token; the client is asked to try again");
        "the token cannot be looked up now: try again"
    })?;
    if admitted {
        keep_out_of_recordings(context, token);
    }
    Ok(admitted)
}

async fn exchange(context: &DevToolsContext, session: &RpcSession, offer: Offer) -> Exchanged {
    let Some(trust) = context.trust() else {
        return Exchanged::default();
    };
    match trust.redeem(session, &offer).await {
        Ok(exchanged) => {
            if let Some(token) = &exchanged.auth_token {
                keep_out_of_recordings(context, token);
                session.trust(token, trust.identity(token));
            }
            exchanged
        }
        Err(error) => {
            tracing::warn!(%error, "could not make a token for a client that entered a valid code");
            Exchanged::default()
        }
    }
}

/// Tells a recorder of the sessions that a token must not be recorded.
#[cfg_attr(
    not(feature = "recording"),
    expect(unused_variables, reason = "nothing is recorded")
)]
fn keep_out_of_recordings(context: &DevToolsContext, token: &str) {
    #[cfg(feature = "recording")]
    if let Some(sink) = &context.settings().frame_sink {
        sink.learn_secret(token);
    }
}

/// Revokes the token of `session`. Every session with this token is notified and becomes untrusted ([protocol 4.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#46-revocation)).
pub(crate) async fn revoke(context: &DevToolsContext, session: &RpcSession) -> io::Result<()> {
    let (Some(trust), Some(token)) = (context.trust(), session.token()) else {
        return Ok(());
    };
    let stored = trust.tokens.revoke(&token).await;
    distrust(context, &token);
    stored
}

/// Forgets the token with this [key](key_of), makes every session with it untrusted, and notifies them.
pub(crate) fn distrust_by_key(context: &DevToolsContext, key: &str) {
    if let Some(trust) = context.trust() {
        trust.forget_by_key(key);
    }
    let sessions = context.sessions().list();
    let mut tokens = sessions.iter().filter_map(RpcSession::token);
    match tokens.find(|token| key_of(token) == key) {
        Some(token) => distrust(context, &token),
        // A session may be about to become trusted with the token.
        None => {
            if let Some(trust) = context.trust() {
                trust.revocations.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Makes every session with `token` untrusted and notifies it.
pub(crate) fn distrust(context: &DevToolsContext, token: &str) {
    if let Some(trust) = context.trust() {
        trust.revocations.fetch_add(1, Ordering::SeqCst);
    }
    let revoked = event::<Revoked>(&());
    for session in context.sessions().list().iter() {
        if session.token().as_deref() == Some(token) {
            session.distrust();
            if let Ok(frame) = &revoked {
                session.peer_before_trust().send_or_close(frame.clone());
            }
        }
    }
}

/// The handshake of a server without a gate, which trusts every client
/// ([protocol 4.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#45-without-a-gate)).
enum OpenHandshake {}

impl RpcFunction for OpenHandshake {
    const NAME: &'static str = Handshake::NAME;
    const KIND: FunctionKind = Handshake::KIND;
    const PARAMETERS: &'static [Parameter] = &[];
    type Args = ();
    type Output = Trusted;
    type Error = std::convert::Infallible;
}
