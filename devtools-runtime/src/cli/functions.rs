//! Where the functions are that `list` and `call` are about: in this process, or in a server that runs.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use clap::Args;
use tokio::sync::oneshot;

use crate::cli::say;

use crate::client::ConnectError;
use crate::function::{BoxError, CallError, FunctionInfo, RpcFunction};
use crate::protocol::introspection::ListFunctions;
use crate::{DevTools, DevToolsBuilder, DevToolsRpcClient, Mode};

/// The options that say which server is meant.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct At {
    /// A server that runs, by what its `dev` says it listens on, or the folder of a static dump [default: none, the
    /// functions run in this process]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The token that the server knows its caller by
    #[arg(long, value_name = "TOKEN", requires = "url")]
    token: Option<String>,
    /// Another origin that the token may be sent to, if the server has its WebSocket there
    #[arg(long, value_name = "ORIGIN", requires = "token")]
    token_origin: Vec<String>,
    /// The one-time code that the server shows; without it, it is asked for at a terminal
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
        if !url.contains("://") && Path::new(url).is_dir() {
            return Ok(Functions::There(DevToolsRpcClient::open_static(url).await?));
        }
        let mut client = DevToolsRpcClient::builder(url).without_reconnect();
        if let Some(token) = &self.token {
            client = client.token(token);
        }
        for origin in &self.token_origin {
            client = client.token_origin(origin);
        }
        if let Some(code) = &self.code {
            client = client.code(code);
        }
        // Being asked means that the server was told to show a code.
        let client = client.ask_for_code({
            let url = url.clone();
            move |wrong| ask_for_code(url.clone(), wrong)
        });
        match client.connect().await {
            Ok(rpc) => Ok(Functions::There(rpc)),
            Err(ConnectError::Unauthorized) => Err(self.not_let_in(url).into()),
            Err(ConnectError::TokenWithheld { origin }) => Err(format!(
                "{url} leads to {origin}, which the token was not sent to: allow it with `--token-origin {origin}` if it is yours"
            )
            .into()),
            Err(ConnectError::NoCodes) => Err(format!(
                "{url} does not trust this program, and takes no codes: give a token that it knows with `--token`"
            )
            .into()),
            Err(error) => Err(error.into()),
        }
    }
}

impl At {
    /// Says what to do next. The server has been asked to show a code by now.
    fn not_let_in(&self, url: &str) -> String {
        let wrong = match &self.code {
            Some(code) => format!("the code {code} is not right, or not any more: "),
            None => String::new(),
        };
        format!(
            "{wrong}{url} does not trust this program. It shows a one-time code in its terminal: run this again within five minutes \
             with `--code` and the latest code there, or with `--token` and a token that it knows"
        )
    }
}

/// Asks at the terminal for the code that the server shows. Returns `None` if nobody is there, or the line is empty.
async fn ask_for_code(url: String, wrong: u32) -> Option<String> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return None;
    }
    if wrong > 0 {
        say::note("This code is not right, or not any more.");
    }
    say::ask(format_args!(
        "{url} shows a one-time code in its terminal. Code: "
    ));
    let (told, line) = oneshot::channel();
    // A thread and not a task of the runtime, which would wait for a line that may never come before it ends.
    let reading = std::thread::Builder::new().spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // Nobody waits for it if the connection was lost meanwhile.
        let _ = told.send(read.is_ok().then_some(line));
    });
    reading.ok()?;
    let line = line.await.ok().flatten()?;
    let code = line.trim();
    (!code.is_empty()).then(|| code.to_owned())
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
