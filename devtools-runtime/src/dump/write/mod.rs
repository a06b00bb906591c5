//! Writes a dump to a new folder beside the target, and swaps the two in one step.
//!
//! Files that others put into the folder stay in it ([`foreign`]).
//!
//! A [`Staging`] is the new folder of a running build. It lies beside the target, is locked while its program lives,
//! and is removed when it is dropped. The next build removes the staging folder of a killed program. Files are
//! written on blocking threads; the files of records are written in batches as they come.

mod foreign;
mod leftovers;
mod lock;
mod page;
mod side_file;
mod site;
mod staging;
mod swap;
mod target;

use std::path::Path;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

pub(crate) use self::foreign::is_known;
pub(crate) use self::side_file::{SIDE_FILE, SideFile};
pub(crate) use self::site::{DumpPages, sum_of};
pub(crate) use self::target::{Target, files_in};

use self::staging::Staging;
use crate::dump::collect::{DumpFile, FileBatches, collect};
use crate::dump::failure::DumpError;
use crate::dump::options::DumpOptions;
use crate::dump::report::DumpReport;
use crate::host::Serving;

/// The number of batches that may wait to be written.
const BATCHES: usize = 2;

/// Writes the dump of a context to a folder.
pub(crate) async fn build(
    serving: &Serving,
    folder: &Path,
    options: &DumpOptions,
) -> Result<DumpReport, DumpError> {
    let context = &serving.context;
    let site = DumpPages::of(serving, options);
    let folder = folder.to_owned();
    let (site, staging) = blocking(move || {
        let target = Target::open(&folder)?;
        target.check_views(&site)?;
        Ok((site, Staging::beside(target)?))
    })
    .await?;

    let (sender, receiver) = mpsc::channel(BATCHES);
    let writer = AbortOnDropHandle::new(tokio::task::spawn_blocking(move || {
        write_all(staging, receiver)
    }));
    let collected = collect(context, options, FileBatches::to(sender)).await;
    // If the writer failed, its error is the reason why collecting failed too.
    let staging = writer.await.map_err(|_| DumpError::Stopped)??;
    let (collected, mut report) = match collected {
        Ok(collected) => collected,
        Err(error) => return Err(discard(staging, error).await),
    };
    if options.strict && !report.is_complete() {
        let error = DumpError::Incomplete(Box::new(report));
        return Err(discard(staging, error).await);
    }
    let written = blocking(move || {
        let written = site.write(&staging, &collected)?;
        staging.publish()?;
        Ok(written)
    })
    .await?;
    written.report(&mut report);
    Ok(report)
}

fn write_all(
    staging: Staging,
    mut batches: mpsc::Receiver<Vec<DumpFile>>,
) -> Result<Staging, DumpError> {
    while let Some(batch) = batches.blocking_recv() {
        for DumpFile { path, content } in batch {
            staging.write(&path, content.as_bytes())?;
        }
    }
    Ok(staging)
}

/// Removes the staging folder.
async fn discard(staging: Staging, error: DumpError) -> DumpError {
    let removed = blocking(move || {
        drop(staging);
        Ok(())
    });
    removed.await.err().unwrap_or(error)
}

/// Runs work that waits for the disk on a blocking thread.
pub(crate) async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, DumpError> + Send + 'static,
) -> Result<T, DumpError> {
    let task = AbortOnDropHandle::new(tokio::task::spawn_blocking(run));
    task.await.unwrap_or(Err(DumpError::Stopped))
}
