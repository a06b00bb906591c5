//! Collects the records of a context's functions.
//!
//! One task goes through the functions in the order of their names. [`workers`] make the calls, as many at once as
//! [`DumpOptions::concurrency`](crate::dump::DumpOptions::concurrency) allows; the last calls of one function may still run
//! when those of the next begin. The result of each call goes to the [`Shards`] at once, and only its hash, size and
//! checksum are remembered. The collected dump does not depend on the order in which calls end.

mod call;
mod docks;
mod keeping;
mod plan;
mod shards;
mod variants;
mod workers;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

pub(crate) use self::shards::{Differences, Shard, Shards, shown_inputs};

use self::call::{Ended, Job, Kept, Place, Role};
use self::keeping::Keeping;
use self::plan::{Planned, Query, Resolved};
use self::workers::{Calls, Workers};
use crate::dump::collected::Collected;
use crate::dump::failure::DumpError;
use crate::dump::options::{DumpOptions, DumpProgress};
use crate::dump::report::{DumpReport, NotStatic};
use crate::host::{DevToolsContext, RpcSession};

/// The shortest time between two reports of progress.
const PROGRESS: Duration = Duration::from_millis(100);

/// Calls the functions of `context` that belong in a dump, sends their files to `shards`, and returns the manifest
/// and the report.
pub(crate) async fn collect(
    context: &DevToolsContext,
    options: &DumpOptions,
    shards: Shards,
) -> Result<(Collected, DumpReport), DumpError> {
    let mut report = DumpReport::default();
    let planned = plan::plan(context, options, &mut report);
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut collector = Collector {
        options,
        workers: Workers::new(options.concurrency.unwrap_or_else(cores).get()),
        shards,
        keeping: Vec::with_capacity(planned.len()),
        progress: DumpProgress {
            functions: planned.len(),
            ..DumpProgress::default()
        },
        reported: Instant::now(),
    };
    for Planned { function, plan } in planned {
        let scope = context.scope_of(RpcSession::local());
        collector.begin_function(Keeping::new(&function));
        match plan.resolve(&function, &scope).await {
            Ok(Resolved::NotStatic(reason)) => {
                collector.keeping.pop();
                report.not_static.push(NotStatic {
                    function: function.name().to_owned(),
                    reason,
                });
            }
            Ok(Resolved::Query(query)) => {
                query.other_calls.note(&function, &mut report);
                let job = Job {
                    function,
                    scope,
                    limits: context.call_limits(),
                    pretty: options.pretty,
                };
                collector.call(job, query).await?;
            }
            Err(error) => collector.current().fail(error),
        }
    }
    while let Some(ended) = collector.workers.last().await {
        collector.keep_all(ended).await?;
    }
    if collector.workers.has_failed() {
        return Err(DumpError::Stopped);
    }
    let json = plan::json_functions(context);
    collector.finish(json, report).await
}

/// The state of a build that collects.
struct Collector<'a> {
    options: &'a DumpOptions,
    workers: Workers,
    shards: Shards,
    /// The records of each function so far. The calls of the last function are still being made.
    keeping: Vec<Keeping>,
    progress: DumpProgress,
    /// When progress was reported last.
    reported: Instant,
}

impl Collector<'_> {
    fn begin_function(&mut self, keeping: Keeping) {
        self.progress.functions_done = self.keeping.len();
        self.progress.function = Some(keeping.name.clone());
        self.keeping.push(keeping);
        self.report_progress();
    }

    /// Returns the function that was begun last. There is always one.
    fn current(&mut self) -> &mut Keeping {
        let last = self.keeping.len() - 1;
        &mut self.keeping[last]
    }

    /// Makes the calls of the function that was begun last. Some of them still run when this returns.
    async fn call(&mut self, job: Job, query: Query) -> Result<(), DumpError> {
        let mut place = Place {
            function: self.keeping.len() - 1,
            order: 0,
            role: Role::Record,
        };
        for (arguments, record) in query.records {
            self.keep(job.stored(place, &arguments, record)).await?;
            place.order = place.order.saturating_add(1);
        }
        if let Some(record) = query.fallback {
            let arguments = plan::no_arguments(job.function.encoding());
            let role = Role::Fallback;
            self.keep(job.stored(Place { role, ..place }, &arguments, record))
                .await?;
        }
        let calls = Calls::new(job, query.calls, place);
        while self.workers.begin(&calls) {
            while !self.workers.has_room() {
                let ended = self.workers.next().await;
                self.keep_all(ended).await?;
            }
        }
        Ok(())
    }

    async fn keep_all(&mut self, ended: Vec<Ended>) -> Result<(), DumpError> {
        for ended in ended {
            self.keep(ended).await?;
        }
        Ok(())
    }

    async fn keep(&mut self, ended: Ended) -> Result<(), DumpError> {
        let keeping = &mut self.keeping[ended.place.function];
        for (path, kept) in keeping.keep(ended) {
            let Kept { content, sum } = kept;
            self.progress.records += 1;
            self.progress.bytes += sum.bytes;
            self.shards.put(Shard { path, content }).await?;
        }
        if self.reported.elapsed() >= PROGRESS {
            self.report_progress();
        }
        Ok(())
    }

    fn report_progress(&mut self) {
        if let Some(listener) = &self.options.on_progress {
            listener(&self.progress);
        }
        self.reported = Instant::now();
    }

    async fn finish(
        mut self,
        json: Vec<String>,
        mut report: DumpReport,
    ) -> Result<(Collected, DumpReport), DumpError> {
        self.shards.flush().await?;
        self.progress.functions_done = self.progress.functions;
        self.progress.function = None;
        self.report_progress();
        let mut functions = Vec::with_capacity(self.keeping.len());
        for keeping in self.keeping {
            functions.extend(keeping.finish(&mut report));
        }
        report
            .not_static
            .sort_by(|a, b| a.function.cmp(&b.function));
        Ok((Collected { functions, json }, report))
    }
}
