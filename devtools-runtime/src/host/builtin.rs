//! The functions that every client of the protocol expects a server to have.

use serde::{Deserialize, Serialize};

use crate::function::{
    ClientFunction, ClientHandler, FunctionDefinition, FunctionKind, Parameter, Place, RpcFunction,
    Side,
};
use crate::host::{DevToolsContext, RegisterError};
use crate::wire::{Encoding, js};

/// Registers them.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    let trust_everybody = context.trusts_everybody();
    add::<Handshake>(context, move || async move {
        Trust {
            is_trusted: trust_everybody,
        }
    })?;
    add::<SubscribeState>(context, |_key: String| async {})?;
    add::<GetState>(context, |key: String| async move {
        match key.as_str() {
            // Stock clients ask for it right after the handshake (`protocol.md` 7).
            "devframe:services" => js::Value::Object(Vec::new()),
            _ => js::Value::Undefined,
        }
    })?;
    // The table, not the context: functions must not keep the context alive that keeps them.
    let functions = context.functions().subscribe();
    add::<CacheableFunctions>(context, move || {
        let table = functions.borrow().clone();
        let constant = |function: &&FunctionDefinition| function.kind() == FunctionKind::Static;
        let mut names: Vec<String> = table
            .values()
            .filter(constant)
            .map(|function| function.name().to_owned())
            .collect();
        names.sort_unstable();
        async move { names }
    })
}

fn add<F: RpcFunction>(
    context: &DevToolsContext,
    handler: impl ClientHandler<F>,
) -> Result<(), RegisterError> {
    let place = Place {
        file: file!(),
        line: line!(),
        package: env!("CARGO_PKG_NAME"),
    };
    let function = ClientFunction::definition(handler, place);
    Ok(context.functions().insert(function)?)
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

/// The functions whose results a client may keep (`protocol.md` 10).
enum CacheableFunctions {}

impl RpcFunction for CacheableFunctions {
    const NAME: &'static str = "devframe:rpc:cacheable-functions";
    const KIND: FunctionKind = FunctionKind::Query;
    const PARAMETERS: &'static [Parameter] = &[];
    type Args = ();
    type Output = Vec<String>;
    type Error = std::convert::Infallible;
}

/// Tells a client that what it keeps is old (`protocol.md` 10).
pub(crate) enum InvalidateCache {}

impl RpcFunction for InvalidateCache {
    const NAME: &'static str = "devframe:rpc:cache:invalidate";
    const KIND: FunctionKind = FunctionKind::Event;
    const SIDE: Side = Side::Client;
    const PARAMETERS: &'static [Parameter] = &[];
    type Args = ();
    type Output = ();
    type Error = std::convert::Infallible;
}
