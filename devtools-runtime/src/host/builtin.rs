//! The functions that every client of the protocol expects a server to have.

use std::sync::Arc;

use crate::function::{
    Call, FunctionDefinition, FunctionKind, Handler, Parameter, Place, RpcFunction, Side, Started,
    inject, read,
};
use crate::host::{DevToolsContext, RegisterError, RpcSession, trust};
use crate::wire::{Encoding, js};

/// Registers them.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    trust::register(context)?;
    add::<SubscribeState, _>(context, |_, _, (_key,)| async {})?;
    add::<GetState, _>(context, |_, _, (key,)| async move {
        match key.as_str() {
            // Stock clients ask for it right after the handshake (`protocol.md` 7).
            "devframe:services" => js::Value::Object(Vec::new()),
            _ => js::Value::Undefined,
        }
    })?;
    add::<CacheableFunctions, _>(context, |context, _, ()| async move {
        let functions = context.rpc().list();
        let constant = functions
            .iter()
            .filter(|function| function.kind() == FunctionKind::Static);
        constant
            .map(|function| function.name().to_owned())
            .collect()
    })
}

/// Registers one: a function of the context, of the session that calls, and of the arguments.
pub(crate) fn add<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = F::Output> + Send + 'static,
{
    let place = Place {
        file: file!(),
        line: line!(),
        package: env!("CARGO_PKG_NAME"),
    };
    let start = move |call: Call<'_>| {
        let Call {
            scope,
            arguments,
            reply,
        } = call;
        let caller = inject::<DevToolsContext>(scope)
            .and_then(|context| Ok((context.clone(), inject::<RpcSession>(scope)?.clone())));
        let (context, session) = match caller {
            Ok(caller) => caller,
            Err(missing) => return Started::Done(reply.error(&missing)),
        };
        match read::<F>(arguments) {
            Ok(arguments) => {
                let run = handler(context, session, arguments);
                Started::Running(Box::pin(
                    async move { reply.success(F::ENCODING, &run.await) },
                ))
            }
            Err(misfit) => Started::Done(reply.error(&misfit)),
        }
    };
    let function =
        FunctionDefinition::declared::<F>(place).handled_by(Handler::Dynamic(Arc::new(start)));
    Ok(context.functions().insert(function)?)
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
