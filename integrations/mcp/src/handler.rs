//! The protocol's requests, answered from the functions of a program.

use std::collections::BTreeSet;
use std::sync::Arc;

use devtools_runtime::functions::{AgentSafety, by_position};
use devtools_runtime::{DevTools, DevToolsRpcClient};
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Implementation,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ResourceContents, ServerCapabilities, ServerConfig,
    SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestParams,
};
use rmcp::service::{NotificationContext, Peer, RequestContext, RoleServer, SubscriptionContext};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::changes::notify;
use crate::confirm::AgentCall;
use crate::plugin::Options;
use crate::resources::{self, JSON, Source};
use crate::results;
use crate::streams::{self, Progress};
use crate::tools::{Offer, Tools};

/// Answers the requests of one agent.
#[derive(Clone)]
pub(crate) struct Handler {
    devtools: DevTools,
    /// The session of the agent.
    client: DevToolsRpcClient,
    options: Arc<Options>,
    /// `None` over HTTP, where an agent with a handshake has no connection over which it could be notified.
    connection: Option<Connection>,
}

/// A connection of an agent.
#[derive(Debug, Clone, Default)]
struct Connection {
    /// Whether the agent has begun with a handshake, and so receives notifications without a request for them.
    initialized: watch::Sender<bool>,
    /// The addresses of the resources that it has subscribed to.
    watched: watch::Sender<BTreeSet<String>>,
}

impl Handler {
    /// Creates the handler of one request.
    pub(crate) fn of_request(
        devtools: DevTools,
        client: DevToolsRpcClient,
        options: Arc<Options>,
    ) -> Self {
        Self {
            devtools,
            client,
            options,
            connection: None,
        }
    }

    /// Creates the handler of a connection.
    pub(crate) fn of_connection(
        devtools: DevTools,
        client: DevToolsRpcClient,
        options: Arc<Options>,
    ) -> Self {
        Self {
            connection: Some(Connection::default()),
            ..Self::of_request(devtools, client, options)
        }
    }

    /// Notifies the agent of a connection, once it has begun with a handshake and until its session ends.
    pub(crate) async fn notify(&self, agent: &Peer<RoleServer>) {
        let Some(connection) = &self.connection else {
            return;
        };
        let mut initialized = connection.initialized.subscribe();
        tokio::select! {
            () = self.client.closed() => return,
            _ = initialized.wait_for(|initialized| *initialized) => {}
        }
        let context = self.devtools.context();
        let watched = connection.watched.subscribe();
        notify(&self.client, context, &self.options, watched, agent).await;
    }

    /// Changes the resources that the agent has subscribed to.
    fn watch(&self, change: impl FnOnce(&mut BTreeSet<String>)) -> Result<(), ErrorData> {
        let Some(connection) = &self.connection else {
            let reason = "a connection over HTTP has no notifications in this version of the protocol: use 2026-07-28, or stdio";
            return Err(ErrorData::invalid_request(reason, None));
        };
        connection.watched.send_modify(change);
        Ok(())
    }

    /// Finds a resource.
    fn source(&self, uri: &str) -> Result<Source, ErrorData> {
        let source = Source::find(uri, self.devtools.context(), &self.options);
        source.ok_or_else(|| {
            let listed = "`resources/list` has those there are";
            let message = format!("there is no resource `{uri}` for agents: {listed}");
            ErrorData::resource_not_found(message, None)
        })
    }

    fn tools(&self) -> Tools {
        Tools::of(self.devtools.context())
    }

    /// Calls a tool. A failure is a result too, because agents read results and not errors of the protocol.
    async fn call(&self, request: CallToolRequestParams, progress: Progress<'_>) -> CallToolResult {
        let tools = self.tools();
        let name = &*request.name;
        let Some(offer) = tools.find(name) else {
            let names: Vec<_> = tools.names().collect();
            let reason = format!("there is no such tool; there are: {}", names.join(", "));
            return results::failed(name, &reason);
        };
        let named = request.arguments.unwrap_or_default();
        match offer {
            Offer::Page(tool) => {
                let given = named.iter();
                let given = given.map(|(name, value)| json!({ name: value })).collect();
                if let Err(reason) = self.confirmed(offer, given).await {
                    return results::failed(name, &reason);
                }
                let agents = self.devtools.context().agents();
                match agents.call_page_tool(&tool.id, named).await {
                    Ok(value) => results::success(value),
                    Err(error) => results::failure(name, &error),
                }
            }
            Offer::Function(function) => {
                let arguments = match by_position(function.name(), function.parameters(), named) {
                    Ok(arguments) => arguments.into_iter().map(Option::unwrap_or_default),
                    Err(error) => return results::failed(name, &error.to_string()),
                };
                let arguments: Vec<Value> = arguments.collect();
                if let Err(reason) = self.confirmed(offer, arguments.clone()).await {
                    return results::failed(name, &reason);
                }
                let call = self.client.call_dynamic(function.name(), arguments);
                let value = match call.await {
                    Ok(value) => value,
                    Err(error) => return results::failure(name, &error),
                };
                let channel = function.agent().and_then(|agent| agent.stream());
                match channel.and_then(|channel| Some((channel, streams::id_in(&value)?))) {
                    Some(stream) => {
                        let limit = self.options.stream_bytes;
                        streams::read(&self.client, stream, limit, name, progress).await
                    }
                    None => results::success(value),
                }
            }
        }
    }

    /// Asks the user to confirm a destructive call, if the plugin is set up to do so.
    async fn confirmed(&self, offer: &Offer, arguments: Vec<Value>) -> Result<(), String> {
        let confirmation = self.options.confirmation.as_ref();
        let Some(confirmation) =
            confirmation.filter(|_| offer.safety() == AgentSafety::Destructive)
        else {
            return Ok(());
        };
        let call = AgentCall::new(offer.id(), offer.title(), arguments);
        confirmation.ask(self.devtools.context(), &call).await
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_resources_subscribe()
            .build();
        let Options { name, version, .. } = &*self.options;
        let mut config = ServerConfig::new(capabilities);
        config.server_info = Implementation::new(name.clone(), version.clone());
        config.instructions.clone_from(&self.options.instructions);
        config
    }

    async fn on_initialized(&self, _context: NotificationContext<RoleServer>) {
        if let Some(connection) = &self.connection {
            connection.initialized.send_replace(true);
        }
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.tools();
        if let Some(collision) = tools.collision() {
            tracing::warn!("{collision}; agents get the first");
        }
        Ok(ListToolsResult::with_all_items(tools.describe()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = request.name.clone();
        let progress = Progress {
            token: context.meta.get_progress_token(),
            agent: &context.peer,
        };
        tokio::select! {
            result = self.call(request, progress) => Ok(result.into()),
            // Dropping the call cancels it. The answer is not sent.
            () = context.ct.cancelled() => Ok(results::failed(&tool, "the call was cancelled").into()),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = resources::list(self.devtools.context(), &self.options);
        Ok(ListResourcesResult::with_all_items(resources))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let read = self.source(&uri)?.read(&self.client).await;
        let value = read.map_err(|error| {
            let error = results::with_causes(&error);
            ErrorData::internal_error(format!("could not read `{uri}`: {error}"), None)
        })?;
        let contents = ResourceContents::text(results::text(&value), uri).with_mime_type(JSON);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let mut accepted = requested.clone();
        if let Some(uris) = &mut accepted.resource_subscriptions {
            uris.retain(|uri| self.source(uri).is_ok());
        }
        Some(accepted)
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let uris = subscription.accepted().resource_subscriptions.clone();
        let watched = watch::Sender::new(uris.unwrap_or_default().into_iter().collect());
        let context = self.devtools.context();
        let agent = subscription.sink();
        tokio::select! {
            () = notify(&self.client, context, &self.options, watched.subscribe(), agent) => {}
            () = subscription.cancelled() => {}
        }
        Ok(())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.source(&request.uri)?;
        self.watch(|watched| {
            watched.insert(request.uri);
        })
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.watch(|watched| {
            watched.remove(&request.uri);
        })
    }
}
