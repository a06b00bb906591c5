//! The functions that every client of the protocol expects a server to have.

use serde::{Deserialize, Serialize};

use crate::function::{
    ClientFunction, ClientHandler, DuplicateFunction, FunctionKind, Parameter, Place, RpcFunction,
};
use crate::host::DevToolsContext;
use crate::wire::{Encoding, js};

/// Registers them.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), DuplicateFunction> {
    add::<Handshake>(context, || async { Trust { is_trusted: true } })?;
    add::<SubscribeState>(context, |_key: String| async {})?;
    add::<GetState>(context, |key: String| async move {
        match key.as_str() {
            // Stock clients ask for it right after the handshake (`protocol.md` 7).
            "devframe:services" => js::Value::Object(Vec::new()),
            _ => js::Value::Undefined,
        }
    })
}

fn add<F: RpcFunction>(
    context: &DevToolsContext,
    handler: impl ClientHandler<F>,
) -> Result<(), DuplicateFunction> {
    let place = Place {
        file: file!(),
        line: line!(),
        package: env!("CARGO_PKG_NAME"),
    };
    context
        .functions()
        .insert(ClientFunction::definition(handler, place))
}

/// Whether the server trusts the session (`protocol.md` 4.2).
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trust {
    pub(crate) is_trusted: bool,
}

/// The handshake: the first call of every client. Without authentication everybody is trusted, whatever
/// they say of themselves (`protocol.md` 4.5).
pub(crate) enum Handshake {}

impl RpcFunction for Handshake {
    const NAME: &'static str = "anonymous:devframe:auth";
    const KIND: FunctionKind = FunctionKind::Action;
    const PARAMETERS: &'static [Parameter] = &[];
    type Args = ();
    type Output = Trust;
    type Error = std::convert::Infallible;
}

/// Asks to be told of changes of a shared state (`protocol.md` 7).
enum SubscribeState {}

impl RpcFunction for SubscribeState {
    const NAME: &'static str = "devframe:rpc:server-state:subscribe";
    const KIND: FunctionKind = FunctionKind::Event;
    const PARAMETERS: &'static [Parameter] = &[Parameter::new("key", false)];
    type Args = (String,);
    type Output = ();
    type Error = std::convert::Infallible;
}

/// Reads a shared state; `undefined` if there is none of this key (`protocol.md` 7).
enum GetState {}

impl RpcFunction for GetState {
    const NAME: &'static str = "devframe:rpc:server-state:get";
    const KIND: FunctionKind = FunctionKind::Query;
    const ENCODING: Encoding = Encoding::StructuredClone;
    const PARAMETERS: &'static [Parameter] = &[Parameter::new("key", false)];
    type Args = (String,);
    type Output = js::Value;
    type Error = std::convert::Infallible;
}
