//! The connection to NATS.

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectOptions, ServerAddr};
use devtools_runtime::backplane::BackplaneError;
use tokio::sync::watch;

use crate::events::Events;
use crate::options::{Login, NatsOptions};

/// The time that one request to NATS may take. Operations that must succeed try again.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest time between two attempts to connect again.
const RECONNECT: Duration = Duration::from_secs(1);

/// The connection to NATS, and the number of times that it was made.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) streams: jetstream::Context,
    pub(crate) connected: watch::Receiver<u64>,
}

impl Connection {
    pub(crate) async fn new(options: &NatsOptions, name: &str) -> Result<Self, BackplaneError> {
        let failed = |source: async_nats::Error| BackplaneError::engine("connect to NATS", source);
        let (count, connected) = watch::channel(0);
        let events = Events::new(count);
        let mut connect = match &options.login {
            Login::None => ConnectOptions::new(),
            Login::Token(token) => ConnectOptions::with_token(token.clone()),
            Login::Password { user, password } => {
                ConnectOptions::with_user_and_password(user.clone(), password.clone())
            }
        };
        if let Some(file) = &options.credentials {
            let read = connect.credentials_file(file).await;
            connect = read.map_err(|error| {
                BackplaneError::engine(format!("read the credentials {}", file.display()), error)
            })?;
        }
        for file in &options.roots {
            connect = connect.add_root_certificates(file.clone());
        }
        if let Some((certificate, key)) = &options.certificate {
            connect = connect.add_client_certificate(certificate.clone(), key.clone());
        }
        let addresses = options.address.split(',').map(|it| it.trim().parse());
        let addresses = addresses.collect::<Result<Vec<ServerAddr>, _>>();
        let addresses = addresses.map_err(|error| failed(error.into()))?;
        let client = connect
            .name(name)
            .require_tls(options.require_tls)
            .connection_timeout(options.connect_timeout)
            .request_timeout(Some(ANSWER_TIMEOUT))
            .reconnect_delay_callback(|attempt| {
                let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
                RECONNECT.min(Duration::from_millis(50).saturating_mul(attempt))
            })
            .event_callback(move |event| {
                events.receive(&event);
                async {}
            })
            .connect(addresses)
            .await
            .map_err(|error| failed(error.into()))?;
        let streams = jetstream::ContextBuilder::new()
            .timeout(ANSWER_TIMEOUT)
            .build(client.clone());
        Ok(Self {
            client,
            streams,
            connected,
        })
    }

    /// Returns the stream of this name, and creates it if there is none.
    pub(crate) async fn stream(
        &self,
        config: stream::Config,
    ) -> Result<stream::Stream, BackplaneError> {
        let task = format!(
            "create the stream `{}`: does the server run with JetStream",
            config.name
        );
        let stream = self.streams.get_or_create_stream(config).await;
        stream.map_err(|error| BackplaneError::engine(task, error))
    }
}
