//! The functions through which clients earn trust, and give it up (`protocol.md` 4.2).

use std::io;

use crate::function::{FunctionKind, Parameter, RpcFunction};
use crate::host::builtin::add;
use crate::host::{DevToolsContext, RegisterError, RpcSession};
use crate::peer::event;
use crate::protocol::auth::{
    Exchange, Exchanged, Handshake, Offer, RequestCode, Revoke, Revoked, Trusted,
};

/// Registers those that the context's gate needs.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    if context.trust().is_none() {
        return add::<OpenHandshake, _>(context, |_, _, ()| async { Trusted { is_trusted: true } });
    }
    add::<Handshake, _>(context, |context, session, (introduction,)| async move {
        let is_trusted = shake_hands(&context, &session, &introduction.auth_token).await;
        Trusted { is_trusted }
    })?;
    add::<Exchange, _>(context, |context, session, (offer,)| async move {
        let auth_token = exchange(&context, &session, offer).await;
        Exchanged { auth_token }
    })?;
    add::<RequestCode, _>(context, |context, session, (request,)| async move {
        let Some(trust) = context.trust() else { return };
        let reissue = request.reissue.unwrap_or(false);
        if let Err(error) = trust.show(&request.ua, session.origin(), reissue) {
            tracing::warn!(%error, "no code could be made");
        }
    })?;
    add::<Revoke, _>(context, |context, session, ()| async move {
        if let Err(error) = revoke(&context, &session).await {
            tracing::warn!(%error, "a token is revoked until the program ends, but still stored");
        }
    })
}

async fn shake_hands(context: &DevToolsContext, session: &RpcSession, token: &str) -> bool {
    if session.is_trusted() {
        return true;
    }
    let Some(trust) = context.trust() else {
        return true;
    };
    let known = trust.knows(token).await;
    if known {
        session.trust(token);
    }
    known
}

async fn exchange(context: &DevToolsContext, session: &RpcSession, offer: Offer) -> Option<String> {
    let exchanged = context
        .trust()?
        .redeem(&offer.code, &offer.ua, &offer.origin)
        .await;
    match exchanged {
        Ok(token) => {
            let token = token?;
            session.trust(&token);
            Some(token)
        }
        Err(error) => {
            tracing::warn!(%error, "no token could be made");
            None
        }
    }
}

/// Takes the trust back that `session` has, with every other session that brought the same token. They
/// are told, and hear nothing more (`protocol.md` 4.6).
pub(crate) async fn revoke(context: &DevToolsContext, session: &RpcSession) -> io::Result<()> {
    let (Some(trust), Some(token)) = (context.trust(), session.token()) else {
        return Ok(());
    };
    let stored = trust.tokens.revoke(&token).await;
    let told = event::<Revoked>(&());
    for session in context.sessions().list().iter() {
        if session.token().as_deref() == Some(&*token) {
            session.distrust();
            if let Ok(frame) = &told {
                // With no room for it the session finds out when it next calls.
                let _ = session.peer_before_trust().try_send(frame.clone());
            }
        }
    }
    stored
}

/// The handshake where nobody is kept out: whatever clients say of themselves, they are trusted
/// (`protocol.md` 4.5).
enum OpenHandshake {}

impl RpcFunction for OpenHandshake {
    const NAME: &'static str = Handshake::NAME;
    const KIND: FunctionKind = Handshake::KIND;
    const PARAMETERS: &'static [Parameter] = &[];
    type Args = ();
    type Output = Trusted;
    type Error = std::convert::Infallible;
}
