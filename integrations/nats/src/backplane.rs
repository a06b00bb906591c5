//! The backplane over NATS.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use bytes::Bytes;
use devtools_runtime::backplane::{
    Appended, Backplane, BackplaneError, Later, LogReader, Message, Registration, Replaced,
    Responder, StoreReader,
};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

use crate::connection::Connection;
use crate::follow::Follower;
use crate::log::{self, Entries};
use crate::members::Members;
use crate::names::Names;
use crate::options::NatsOptions;
use crate::outbox::{Outbox, Sender};
use crate::requests::{self, Requester};
use crate::store::{self, Store, Values};
use crate::sweep::{Marks, sweep};
use crate::task::OwnedTask;

/// A [`Backplane`] over NATS with JetStream.
///
/// ```no_run
/// use devtools_nats::Nats;
/// use devtools_runtime::DevTools;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let nats = Nats::connect("nats://127.0.0.1:4222").await?;
/// let devtools = DevTools::builder().backplane(nats).build().await?;
/// # Ok(())
/// # }
/// ```
///
/// The connection is made again when it is lost, for as long as the program runs.
pub struct Nats {
    connection: Connection,
    names: Names,
    options: NatsOptions,
    process: String,
    members: Members,
    requester: Requester,
    _requesting: requests::Tasks,
    outboxes: Mutex<HashMap<String, (Outbox, OwnedTask)>>,
    runtime: Handle,
    /// The task that announces this process. It is taken out when the process leaves.
    announcing: Arc<Mutex<Option<OwnedTask>>>,
    marks: Marks,
    _sweeping: OwnedTask,
}

impl Nats {
    /// Connects with the default options. Several addresses are separated by commas.
    ///
    /// # Errors
    ///
    /// As [`NatsOptions::connect`].
    ///
    /// # Cancel safety
    ///
    /// As [`NatsOptions::connect`].
    pub async fn connect(address: impl Into<String>) -> Result<Self, BackplaneError> {
        Self::options(address).connect().await
    }

    /// Returns the options of a connection to this address. Several addresses are separated by commas.
    pub fn options(address: impl Into<String>) -> NatsOptions {
        NatsOptions::new(address.into())
    }

    pub(crate) async fn with(options: NatsOptions) -> Result<Self, BackplaneError> {
        let names = Names::new(options.namespace.clone())?;
        let random = getrandom::u64();
        let random = random.map_err(|error| BackplaneError::engine("name this process", error))?;
        let process = format!("{random:016x}");
        let connection = Connection::new(&options, &process).await?;
        let members = Members::join(&connection, &names, &options, &process).await?;
        let runtime = Handle::current();
        let (requester, requesting) = Requester::new(connection.client.clone(), &runtime).await?;
        let (marks, removed) = Marks::new();
        let sweeping = OwnedTask::spawn(
            &runtime,
            sweep(connection.clone(), removed, options.removal_age),
        );
        let announcing = OwnedTask::spawn(&runtime, members.clone().renew(options.clone()));
        Ok(Self {
            connection,
            names,
            options,
            process,
            members,
            requester,
            _requesting: requesting,
            outboxes: Mutex::default(),
            runtime,
            announcing: Arc::new(Mutex::new(Some(announcing))),
            marks,
            _sweeping: sweeping,
        })
    }

    fn store(&self, name: &str) -> Store {
        Store {
            connection: self.connection.clone(),
            config: store::stream_of(&self.names, &self.options, name),
            prefix: self.names.key_prefix(name),
            marks: self.marks.clone(),
        }
    }

    /// Returns the outbox of a log. Its task begins when it is first asked for.
    fn outbox(&self, log: &str) -> Outbox {
        let mut outboxes = self.outboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((outbox, _)) = outboxes.get(log) {
            return outbox.clone();
        }
        let outbox = Outbox::new(self.options.queued_bytes);
        let sender = Sender {
            outbox: outbox.clone(),
            connection: self.connection.clone(),
            config: log::stream_of(&self.names, &self.options, log),
            subject: self.names.log(log),
            process: self.process.clone(),
            append_timeout: self.options.append_timeout,
        };
        let task = OwnedTask::spawn(&self.runtime, sender.run());
        outboxes.insert(log.to_owned(), (outbox.clone(), task));
        outbox
    }
}

impl Backplane for Nats {
    fn process(&self) -> &str {
        &self.process
    }

    fn members(&self) -> Later<Vec<String>> {
        let members = self.members.clone();
        Box::pin(async move { members.others().await })
    }

    fn append(&self, log: &str, entry: Message) -> Appended {
        let limit = self.connection.client.server_info().max_payload;
        self.outbox(log).append(entry, limit)
    }

    fn follow(&self, log: &str, reader: Arc<dyn LogReader>) -> Later<Registration> {
        let config = log::stream_of(&self.names, &self.options, log);
        let (connection, runtime) = (self.connection.clone(), self.runtime.clone());
        let entries = Entries {
            stream: config.name.clone(),
            process: self.process.clone(),
            reader,
        };
        Box::pin(async move {
            let follower = Follower::from_the_end(connection, config, entries).await?;
            let task = OwnedTask::spawn(&runtime, follower.run());
            Ok(Registration::new(task))
        })
    }

    fn request(&self, subject: &str, request: Message, timeout: Duration) -> Later<Message> {
        let subject = self.names.requests(subject);
        self.requester.request(subject, request, timeout)
    }

    fn serve(
        &self,
        subject: &str,
        group: Option<&str>,
        responder: Arc<dyn Responder>,
    ) -> Later<Registration> {
        let subject = self.names.requests(subject);
        let barrier = self.names.requests("nobody");
        let group = group.map(str::to_owned);
        let client = self.connection.client.clone();
        let at_once = responder.at_once().unwrap_or(self.options.requests);
        let at_once = at_once.min(Semaphore::MAX_PERMITS);
        let runtime = self.runtime.clone();
        Box::pin(async move {
            let subscribed = match group {
                Some(group) => client.queue_subscribe(subject, group).await,
                None => client.subscribe(subject).await,
            };
            let requests =
                subscribed.map_err(|error| BackplaneError::engine("subscribe", error))?;
            // The server handles the messages of a connection in their order, so after any answer the subscription is there.
            let nobody = client.request(barrier, Bytes::new()).await;
            match nobody.map_err(|error| error.kind()) {
                Ok(_) | Err(RequestErrorKind::NoResponders) => {}
                Err(kind) => return Err(BackplaneError::engine("subscribe", kind.to_string())),
            }
            let serve = requests::serve(client, requests, responder, at_once);
            Ok(Registration::new(OwnedTask::spawn(&runtime, serve)))
        })
    }

    fn replace(
        &self,
        store: &str,
        key: &str,
        expected: Option<u64>,
        value: Option<Message>,
    ) -> Later<Replaced> {
        let (store, key) = (self.store(store), key.to_owned());
        Box::pin(async move { store.replace(&key, expected, value).await })
    }

    fn get(&self, store: &str, key: &str) -> Later<Option<(Message, u64)>> {
        let (store, key) = (self.store(store), key.to_owned());
        Box::pin(async move { store.get(&key).await })
    }

    fn watch(&self, store: &str, reader: Arc<dyn StoreReader>) -> Later<Registration> {
        let config = store::stream_of(&self.names, &self.options, store);
        let (connection, runtime) = (self.connection.clone(), self.runtime.clone());
        let (is_complete, mut completed) = watch::channel(false);
        let values = Values {
            prefix: self.names.key_prefix(store),
            reader,
            is_complete,
        };
        let timeout = self.options.append_timeout;
        Box::pin(async move {
            let follower = Follower::from_the_begin(connection, config, values).await?;
            let task = OwnedTask::spawn(&runtime, follower.run());
            let completed = completed.wait_for(|it| *it);
            match tokio::time::timeout(timeout, completed).await {
                Ok(Ok(_)) => Ok(Registration::new(task)),
                Ok(Err(_)) => Err(BackplaneError::Left),
                Err(_) => Err(BackplaneError::Timeout(timeout)),
            }
        })
    }

    fn leave(&self) -> Later<()> {
        let outboxes: Vec<Outbox> = {
            let outboxes = self.outboxes.lock().unwrap_or_else(PoisonError::into_inner);
            outboxes
                .values()
                .map(|(outbox, _)| outbox.clone())
                .collect()
        };
        let announcing = Arc::clone(&self.announcing);
        let members = self.members.clone();
        Box::pin(async move {
            for outbox in outboxes {
                outbox.flushed().await;
            }
            drop(
                announcing
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(),
            );
            members.leave().await
        })
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats")
            .field("process", &self.process)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
