//! The functions that a Vite process calls.

use crate::host::{
    DevToolsContext, Mode, RegisterError, RpcSession, add_function_on_connection,
    add_protocol_function,
};
use crate::protocol::vite::{
    Attach, Attached, FilesChanged, GetNames, HotUpdated, ModulesTransformed, ProgramNames,
    VERSION, ViteConfig, ViteProcess,
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
    add_function_on_connection::<Attach, _>(context, |context, session, (process,)| async move {
        attach(&context, session, process)
    })?;
    add_protocol_function::<GetNames, _>(context, |context, session, ()| {
        // The question is noted before the names are read, so that the client is notified of a name that is added between the two.
        Attachments::of(&context).asked(session.id());
        let names = names(&context);
        async { names }
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
    // The listeners have the state and not the context, which would keep itself alive.
    let attached = attachments.clone();
    context
        .rpc()
        .on_disconnect(move |session| attached.detach(session.id()));
    let attached = attachments.clone();
    let states = context.rpc().shared_states();
    states.on_key_added(move |_| attached.tell_of_names());
    for added in [context.views().added(), context.channel_added()] {
        let attached = attachments.clone();
        added.add(move |_| attached.tell_of_names());
    }
    Ok(())
}

fn attach(context: &DevToolsContext, session: RpcSession, process: ViteProcess) -> Attached {
    let attachments = Attachments::of(context);
    let config = attachments.set_config(process.config);
    tracing::debug!(
        session = session.id(),
        vite = process.vite_version,
        protocol = process.protocol,
        "a Vite process is attached"
    );
    if process.has_server {
        let server = ViteServer::new(session, process.vite_version);
        attachments.attach(server, config);
    }
    Attached {
        protocol: VERSION,
        names: names(context),
    }
}

fn names(context: &DevToolsContext) -> ProgramNames {
    ProgramNames {
        views: context.views().bases(),
        states: context.rpc().shared_states().keys(),
        channels: context.channels().names(),
    }
}
