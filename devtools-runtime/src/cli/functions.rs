//! The connection of `list` and `call`: to functions in this process, or to a running server.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use clap::Args;
use tokio::sync::oneshot;

use crate::cli::{output, tls};

use crate::client::ConnectError;
use crate::function::{BoxError, CallError, FunctionInfo, RpcFunction};
use crate::protocol::introspection::ListFunctions;
use crate::{DevTools, DevToolsBuilder, DevToolsRpcClient, Mode};

/// The options that select a server.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(super) struct ServerOptions {
    /// The URL that a running server printed when it began to listen, or the folder of a static dump [default: none,
    /// the functions run in this process]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A token that the server trusts
    #[arg(long, value_name = "TOKEN", requires = "url")]
    token: Option<String>,
    /// Another origin that may get the token, if the server's WebSocket is there
    #[arg(long, value_name = "ORIGIN", requires = "token")]
    token_origin: Vec<String>,
    /// The one-time code that the server shows [default: asks for it at a terminal]
    #[arg(long, value_name = "CODE", requires = "url")]
    code: Option<String>,
    /// A header to send with every request, such as `x-team: lens`
    #[arg(long, value_name = "NAME: VALUE", requires = "url", value_parser = header)]
    header: Vec<(String, String)>,
    #[command(flatten)]
    roots: tls::Roots,
}

/// Reads a header as curl does.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header has the form `NAME: VALUE`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A connection to functions.
pub(super) enum FunctionSource {
    Local(DevTools, DevToolsRpcClient),
    Remote(DevToolsRpcClient),
}

impl ServerOptions {
    pub(super) async fn connect(
        &self,
        builder: DevToolsBuilder,
    ) -> Result<FunctionSource, BoxError> {
        let Some(url) = &self.url else {
            let devtools = builder.mode(Mode::Dev).build().await?;
            let rpc = devtools.client();
            return Ok(FunctionSource::Local(devtools, rpc));
        };
        if !url.contains("://") && Path::new(url).is_dir() {
            return Ok(FunctionSource::Remote(
                DevToolsRpcClient::open_static(url).await?,
            ));
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
        for (name, value) in &self.header {
            client = client.header(name, value);
        }
        let client = self.roots.add_to(client)?;
        // A client asks for a code only after the server was asked to show one.
        let client = client.ask_for_code({
            let url = url.clone();
            move |wrong| ask_for_code(url.clone(), wrong)
        });
        match client.connect().await {
            Ok(rpc) => Ok(FunctionSource::Remote(rpc)),
            Err(ConnectError::Unauthorized) => Err(self.unauthorized(url).into()),
            Err(ConnectError::TokenWithheld { origin }) => Err(format!(
                "the token was not sent, because {url} leads to {origin}: if you trust it, add `--token-origin {origin}`"
            )
            .into()),
            Err(ConnectError::NoCodes) => Err(format!(
                "{url} does not trust this program and accepts no codes: pass a token that it trusts with `--token`"
            )
            .into()),
            Err(error) => Err(error.into()),
        }
    }
}

impl ServerOptions {
    /// Writes the error with the next steps. The server was asked to show a code before.
    fn unauthorized(&self, url: &str) -> String {
        let wrong = match &self.code {
            Some(code) => format!("the code {code} is wrong or has expired: "),
            None => String::new(),
        };
        format!(
            "{wrong}{url} does not trust this program. It shows a one-time code in its terminal: run this again within five minutes \
             with `--code` and the latest code there, or with `--token` and a token that it trusts"
        )
    }
}

/// Asks for the server's code at the terminal. Returns `None` if there is no terminal, or if the line is empty.
async fn ask_for_code(url: String, wrong: u32) -> Option<String> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return None;
    }
    if wrong > 0 {
        output::note("This code is wrong or has expired.");
    }
    output::ask(format_args!(
        "{url} shows a one-time code in its terminal. Code: "
    ));
    let (sender, line) = oneshot::channel();
    // A thread reads the line, because the runtime would wait for a task of its own even if no line comes.
    let reading = std::thread::Builder::new().spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // The receiver is gone if the connection was lost meanwhile.
        let _ = sender.send(read.is_ok().then_some(line));
    });
    reading.ok()?;
    let line = line.await.ok().flatten()?;
    let code = line.trim();
    (!code.is_empty()).then(|| code.to_owned())
}

impl FunctionSource {
    pub(super) fn client(&self) -> &DevToolsRpcClient {
        match self {
            Self::Local(_, rpc) | Self::Remote(rpc) => rpc,
        }
    }

    /// Returns the descriptions of all functions.
    pub(super) async fn describe(&self) -> Result<Vec<FunctionInfo>, CallError> {
        match self {
            Self::Local(devtools, _) => Ok(devtools.context().rpc().describe()),
            Self::Remote(rpc) => rpc.call_dynamic(ListFunctions::NAME, ()).await,
        }
    }

    /// Closes the connection, and shuts down the program if it was built for this connection.
    pub(super) async fn end(self) {
        match self {
            Self::Local(devtools, rpc) => {
                rpc.close();
                devtools.shutdown().await;
            }
            Self::Remote(rpc) => rpc.close(),
        }
    }
}
