//! Collects the records of a context's functions.
//!
//! One task goes through the functions in the order of their names. [`call_tasks`] make the calls, as many at once as
//! [`DumpOptions::concurrency`](crate::dump::DumpOptions::concurrency) allows; the last calls of one function may still run
//! when those of the next begin. The result of each call goes to the [`FileBatches`] at once, and only its hash, size and
//! checksum are remembered. The collected dump does not depend on the order in which calls end.

mod call;
mod call_tasks;
mod function_records;
mod plan;
#[cfg(feature = "inspector")]
mod recorded;
mod shards;
mod variants;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

#[cfg(feature = "inspector")]
pub(crate) use self::recorded::{RecordedCalls, recorded_calls};
pub(crate) use self::shards::{DumpFile, FileBatches, NewRecords, shown_inputs};

use self::call::{CallPosition, CallResult, Job, Purpose, RecordFile};
use self::call_tasks::{CallTasks, RemainingCalls};
use self::function_records::FunctionRecords;
use self::plan::{Planned, Query, Resolved};
use crate::dump::collected::CollectedDump;
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
    shards: FileBatches,
) -> Result<(CollectedDump, DumpReport), DumpError> {
    let mut report = DumpReport::default();
    let planned = plan::plan(context, options, &mut report);
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut collector = Collector {
        options,
        tasks: CallTasks::new(options.concurrency.unwrap_or_else(cores).get()),
        shards,
        functions: Vec::with_capacity(planned.len()),
        progress: DumpProgress {
            functions: planned.len(),
            ..DumpProgress::default()
        },
        reported: Instant::now(),
    };
    for Planned { function, plan } in planned {
        let scope = context.scope_of(RpcSession::local());
        collector.begin_function(FunctionRecords::new(&function));
        match plan.resolve(&function, &scope).await {
            Ok(Resolved::NotStatic(reason)) => {
                collector.functions.pop();
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
    while let Some(results) = collector.tasks.last().await {
        collector.add_results(results).await?;
    }
    if collector.tasks.has_failed() {
        return Err(DumpError::Stopped);
    }
    let (mut collected, report) = collector.finish(report).await?;
    collected.json = plan::json_functions(context);
    collected
        .configs
        .clone_from(&context.settings().options.configs);
    Ok((collected, report))
}

/// The state of a build that collects.
struct Collector<'a> {
    options: &'a DumpOptions,
    tasks: CallTasks,
    shards: FileBatches,
    /// The records of each function so far. The calls of the last function are still being made.
    functions: Vec<FunctionRecords>,
    progress: DumpProgress,
    /// When progress was reported last.
    reported: Instant,
}

impl Collector<'_> {
    fn begin_function(&mut self, records: FunctionRecords) {
        self.progress.functions_done = self.functions.len();
        self.progress.function = Some(records.name.clone());
        self.functions.push(records);
        self.report_progress();
    }

    /// Returns the function that was begun last. There is always one.
    fn current(&mut self) -> &mut FunctionRecords {
        let last = self.functions.len() - 1;
        &mut self.functions[last]
    }

    /// Makes the calls of the function that was begun last. Some of them still run when this returns.
    async fn call(&mut self, job: Job, query: Query) -> Result<(), DumpError> {
        let mut position = CallPosition {
            function: self.functions.len() - 1,
            order: 0,
            purpose: Purpose::Record,
        };
        for (arguments, record) in query.records {
            self.add_result(job.stored(position, &arguments, record))
                .await?;
            position.order = position.order.saturating_add(1);
        }
        if let Some(record) = query.fallback {
            let arguments = plan::no_arguments(job.function.encoding());
            let purpose = Purpose::Fallback;
            self.add_result(job.stored(
                CallPosition {
                    purpose,
                    ..position
                },
                &arguments,
                record,
            ))
            .await?;
        }
        let calls = RemainingCalls::new(job, query.calls, position);
        while self.tasks.begin(&calls) {
            while !self.tasks.has_room() {
                let results = self.tasks.next().await;
                self.add_results(results).await?;
            }
        }
        Ok(())
    }

    async fn add_results(&mut self, results: Vec<CallResult>) -> Result<(), DumpError> {
        for result in results {
            self.add_result(result).await?;
        }
        Ok(())
    }

    async fn add_result(&mut self, result: CallResult) -> Result<(), DumpError> {
        let records = &mut self.functions[result.position.function];
        for (path, file) in records.add_result(result) {
            let RecordFile { content, sum } = file;
            self.progress.records += 1;
            self.progress.bytes += sum.bytes;
            self.shards.put(DumpFile { path, content }).await?;
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
        mut report: DumpReport,
    ) -> Result<(CollectedDump, DumpReport), DumpError> {
        self.shards.flush().await?;
        self.progress.functions_done = self.progress.functions;
        self.progress.function = None;
        self.report_progress();
        let mut functions = Vec::with_capacity(self.functions.len());
        for records in self.functions {
            functions.extend(records.finish(&mut report));
        }
        report
            .not_static
            .sort_by(|a, b| a.function.cmp(&b.function));
        let collected = CollectedDump {
            functions,
            ..CollectedDump::default()
        };
        Ok((collected, report))
    }
}
