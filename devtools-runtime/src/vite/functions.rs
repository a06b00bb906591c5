//! The functions that a Vite process calls.

use crate::host::{DevToolsContext, Mode, RegisterError, RpcSession, add_protocol_function};
use crate::protocol::vite::{
    Attach, Attached, FilesChanged, HotUpdated, ModulesTransformed, VERSION, ViteConfig,
    ViteProcess,
};
use crate::vite::attachments::Attachments;
use crate::vite::server::ViteServer;

/// Registers the functions. `config` is the configuration that the program knows from its start.
pub(crate) fn register(
    context: &DevToolsContext,
    config: Option<ViteConfig>,
) -> Result<(), RegisterError> {
    let attachments = Attachments::of(context);
    if let Some(config) = config {
        attachments.set_config(config);
    }
    if context.mode() != Mode::Dev {
        return Ok(());
    }
    add_protocol_function::<Attach, _>(context, |context, session, (process,)| async move {
        attach(&context, session, process)
    })?;
    add_protocol_function::<FilesChanged, _>(context, |context, _, (files,)| async move {
        for file in &files {
            Attachments::of(&context).files().notify(file);
        }
    })?;
    add_protocol_function::<HotUpdated, _>(context, |context, _, (update,)| async move {
        Attachments::of(&context).updates().notify(&update);
    })?;
    add_protocol_function::<ModulesTransformed, _>(context, |context, _, (modules,)| async move {
        for module in &modules {
            Attachments::of(&context).transforms().notify(module);
        }
    })?;
    // The listener has the state and not the context, which would keep itself alive.
    let attachments = attachments.clone();
    context
        .rpc()
        .on_disconnect(move |session| attachments.detach(session.id()));
    Ok(())
}

fn attach(context: &DevToolsContext, session: RpcSession, process: ViteProcess) -> Attached {
    let attachments = Attachments::of(context);
    attachments.set_config(process.config);
    tracing::debug!(
        session = session.id(),
        vite = process.vite_version,
        protocol = process.protocol,
        "a Vite process is attached"
    );
    if process.has_server {
        attachments.attach(ViteServer::new(session, process.vite_version));
    }
    Attached {
        protocol: VERSION,
        views: context.views().bases(),
        states: context.rpc().shared_states().keys(),
        channels: context.channels().names(),
    }
}
