//! Where the functions are that `list` and `call` are about: in this process, or in a server that runs.

use clap::Args;

use crate::client::ConnectError;
use crate::function::{BoxError, CallError, FunctionInfo, RpcFunction};
use crate::protocol::introspection::ListFunctions;
use crate::{DevTools, DevToolsBuilder, DevToolsRpcClient, Mode};

/// The options that say which server is meant.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct At {
    /// A server that runs, by what its `dev` says it listens on [default: none, the functions run in this process]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The token that the server knows its caller by
    #[arg(long, value_name = "TOKEN", requires = "url")]
    token: Option<String>,
    /// The one-time code that the server shows
    #[arg(long, value_name = "CODE", requires = "url")]
    code: Option<String>,
}

/// A connection to the functions.
pub(super) enum Functions {
    Here(DevTools, DevToolsRpcClient),
    There(DevToolsRpcClient),
}

impl At {
    pub(super) async fn connect(&self, builder: DevToolsBuilder) -> Result<Functions, BoxError> {
        let Some(url) = &self.url else {
            let devtools = builder.mode(Mode::Dev).build().await?;
            let rpc = devtools.client();
            return Ok(Functions::Here(devtools, rpc));
        };
        let mut client = DevToolsRpcClient::builder(url).without_reconnect();
        if let Some(token) = &self.token {
            client = client.token(token);
        }
        if let Some(code) = &self.code {
            client = client.code(code);
        }
        match client.connect().await {
            Ok(rpc) => Ok(Functions::There(rpc)),
            Err(ConnectError::Unauthorized) => Err(format!(
                "{url} does not trust this program: give the code that it shows with `--code`, or a token with `--token`"
            )
            .into()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Functions {
    pub(super) fn client(&self) -> &DevToolsRpcClient {
        match self {
            Self::Here(_, rpc) | Self::There(rpc) => rpc,
        }
    }

    /// What is known of the functions.
    pub(super) async fn describe(&self) -> Result<Vec<FunctionInfo>, CallError> {
        match self {
            Self::Here(devtools, _) => Ok(devtools.context().rpc().describe()),
            Self::There(rpc) => rpc.call_dynamic(ListFunctions::NAME, ()).await,
        }
    }

    /// Ends the connection, and what was built for it.
    pub(super) async fn end(self) {
        match self {
            Self::Here(devtools, rpc) => {
                rpc.close();
                devtools.shutdown().await;
            }
            Self::There(rpc) => rpc.close(),
        }
    }
}
