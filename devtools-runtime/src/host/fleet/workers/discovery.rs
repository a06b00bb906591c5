//! Finding workers, and offering their functions to clients.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::function::FunctionDefinition;
use crate::host::backplane::{Backplane, BackplaneError};
use crate::host::context::DevToolsContext;
use crate::host::fleet::request::{ProcessRequest, message, read, subject_of};
use crate::host::fleet::workers::directory::{Directory, Forwarded};
use crate::host::fleet::workers::offer::{Offered, OfferedFunction, Offers};
use crate::host::fleet::workers::{cancellations, proxy};
use crate::host::register::RegisterError;

/// How often workers are asked for their functions. The end of one is noticed after this time.
const EVERY: Duration = Duration::from_millis(500);

/// How long a worker may take to answer. A worker that takes longer may be busy, so it is not removed but asked again.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Offers the functions of workers, and sends cancellations to them, until `closing` is cancelled.
pub(crate) async fn discover(context: DevToolsContext, closing: CancellationToken) {
    let look_again = async {
        let mut refused = HashSet::new();
        loop {
            look(&context, &mut refused).await;
            tokio::time::sleep(EVERY).await;
        }
    };
    let cancellations = &context.own_state::<Directory>().cancellations;
    let cancel = cancellations::send(cancellations, &**context.backplane());
    let work = async { tokio::join!(look_again, cancel) };
    tokio::select! {
        () = closing.cancelled() => {}
        ((), ()) = work => {}
    }
}

/// Asks all processes for their functions. `refused` has the functions whose refusal was logged, each with its process.
async fn look(context: &DevToolsContext, refused: &mut HashSet<(String, String)>) {
    let directory = context.own_state::<Directory>();
    let known = directory.workers();
    let mut processes: BTreeSet<String> = known.iter().map(|it| it.process.clone()).collect();
    match context.backplane().members().await {
        Ok(members) => processes.extend(members),
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the other processes are not known now"
            );
        }
    }
    refused.retain(|(process, _)| processes.contains(process));
    let asked = processes.into_iter().map(|process| {
        let version = known.iter().find(|it| it.process == process);
        let version = version.map_or(0, |it| it.version);
        async move {
            let offers = offers_of(&**context.backplane(), &process, version).await;
            (process, offers)
        }
    });
    for (process, answer) in join_all(asked).await {
        match answer {
            Ok(None) | Err(BackplaneError::Timeout(_)) => {}
            Ok(Some(offers)) => {
                directory.update(&process, &offers);
                offer(context, &process, &offers, refused);
            }
            Err(BackplaneError::NoResponder(_)) => directory.remove(&process),
            Err(error) => {
                tracing::debug!(
                    process,
                    error = &error as &dyn std::error::Error,
                    "a process does not say which functions it offers"
                );
            }
        }
    }
    for name in directory.unoffered() {
        context.rpc().unregister(&name);
    }
}

/// Asks a process for its functions, part by part. Returns `None` if they have the version `known`, or change meanwhile.
async fn offers_of(
    backplane: &dyn Backplane,
    process: &str,
    known: u64,
) -> Result<Option<Offers>, BackplaneError> {
    let subject = subject_of(process);
    let mut offers: Option<Offers> = None;
    loop {
        let from = offers.as_ref().map_or(0, |it| it.functions.len());
        let request = message(&ProcessRequest::Offers { known, from });
        let answer = backplane.request(&subject, request, ANSWER_TIMEOUT).await?;
        let (part, is_last) = match read(&answer)? {
            Offered::Same => return Ok(None),
            Offered::Changed { part, is_last } => (part, is_last),
        };
        let has_more = !part.functions.is_empty();
        let whole = match offers.take() {
            None => part,
            Some(mut whole) if whole.version == part.version => {
                whole.functions.extend(part.functions);
                whole
            }
            // The version has changed: the process drains or was started again. The next round asks again.
            Some(_) => return Ok(None),
        };
        if is_last || !has_more {
            return Ok(Some(whole));
        }
        offers = Some(whole);
    }
}

/// Offers the functions of a worker to clients, as far as their names are free.
fn offer(
    context: &DevToolsContext,
    process: &str,
    offers: &Offers,
    refused: &mut HashSet<(String, String)>,
) {
    let directory = context.own_state::<Directory>();
    let worker = offers.name.as_deref();
    for it in &offers.functions {
        let name = it.info.name.as_str();
        let problem = match directory.forwarded(name) {
            Some(forwarded) if forwarded.fingerprint == it.fingerprint => {
                match describe(context, &forwarded, it) {
                    Ok(()) => continue,
                    Err(error) => error.to_string(),
                }
            }
            Some(_) => "another worker offers it with other types".to_owned(),
            None if context.rpc().has(name) => {
                "this process has a function of this name itself".to_owned()
            }
            None => {
                let forwarded = Forwarded::of(it);
                match context.rpc().register(proxy::definition(&forwarded)) {
                    // Only what was registered here is removed again.
                    Ok(()) => {
                        directory.forward(forwarded);
                        continue;
                    }
                    Err(error) => error.to_string(),
                }
            }
        };
        if refused.insert((process.to_owned(), name.to_owned())) {
            tracing::warn!(
                process,
                worker,
                rpc.method = name,
                types = it.fingerprint,
                "a function of a worker is not offered: {problem}"
            );
        }
    }
}

/// Describes a function as the worker that came last does: after a rolling update, that is the new version.
fn describe(
    context: &DevToolsContext,
    known: &Forwarded,
    offer: &OfferedFunction,
) -> Result<(), RegisterError> {
    let is_replaced = |function: FunctionDefinition| !function.forwards();
    let current = context.rpc().get(&offer.info.name);
    if known.info.is_described_as(&offer.info) || current.is_some_and(is_replaced) {
        return Ok(());
    }
    let forwarded = Forwarded::of(offer);
    context.rpc().update(proxy::definition(&forwarded))?;
    context.own_state::<Directory>().forward(forwarded);
    Ok(())
}
