//! The records of one function, collected while its calls end in any order.

use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::dump::collect::call::{CallResult, Hashes, Purpose, RecordFile, RecordFiles};
use crate::dump::collected::{Alias, CollectedFunction, CollectedRecord, FunctionFiles, Sum};
use crate::dump::hash::ArgumentHash;
use crate::dump::names::Stem;
use crate::dump::report::{DumpReport, DumpedFunction, NotStatic, NotStaticReason};
use crate::function::{FunctionDefinition, FunctionKind};
use crate::wire::Encoding;

/// The number of failed calls per function that are remembered: the first ones in the order of the dump.
const FAILED: usize = 20;

/// The records of one function so far.
pub(super) struct FunctionRecords {
    pub(super) name: String,
    stem: Stem,
    kind: FunctionKind,
    encoding: Encoding,
    /// The records, in the order in which their calls ended.
    records: Vec<CollectedRecord>,
    /// Maps the hash of each record to its position in `records`.
    positions: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Their field `order` holds the position of the record here, until [`finish`](Self::finish) replaces it.
    aliases: Vec<Alias>,
    constant: Option<Sum>,
    fallback: Option<Sum>,
    failure: Option<String>,
    failed_calls: Vec<UnwrittenRecord>,
    failed_call_count: usize,
    bytes: u64,
}

struct UnwrittenRecord {
    order: u32,
    arguments: String,
    message: String,
}

impl FunctionRecords {
    pub(super) fn new(function: &FunctionDefinition) -> Self {
        Self {
            name: function.name().to_owned(),
            stem: Stem::of(function.name()),
            kind: function.kind(),
            encoding: function.encoding(),
            records: Vec::new(),
            positions: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            aliases: Vec::new(),
            constant: None,
            fallback: None,
            failure: None,
            failed_calls: Vec::new(),
            failed_call_count: 0,
            bytes: 0,
        }
    }

    /// Records that the function cannot be dumped.
    pub(super) fn fail(&mut self, problem: impl fmt::Display) {
        self.failure.get_or_insert_with(|| problem.to_string());
    }

    /// Records that a call failed.
    pub(super) fn fail_call(&mut self, order: u32, arguments: &str, message: String) {
        self.failed_call_count += 1;
        self.failed_calls.push(UnwrittenRecord {
            order,
            arguments: arguments.to_owned(),
            message,
        });
        if self.failed_calls.len() > 2 * FAILED {
            self.failed_calls.sort_unstable_by_key(|call| call.order);
            self.failed_calls.truncate(FAILED);
        }
    }

    /// Adds the result of a call, and returns the files to write for it.
    pub(super) fn add_result(
        &mut self,
        result: CallResult,
    ) -> impl Iterator<Item = (String, RecordFile)> + use<> {
        let position = result.position;
        let has_failed = result.failure.is_some();
        match (result.failure, position.purpose) {
            (None, _) => {}
            (Some(failure), Purpose::Static) => self.fail(failure),
            (Some(failure), Purpose::Fallback) => {
                self.fail(format_args!("its fallback is an error: {failure}"));
            }
            (Some(failure), _) => self.fail_call(position.order, &result.arguments, failure),
        }
        let mut written = [None, None];
        if let Some(files) = result.files {
            let RecordFiles {
                hashes,
                file,
                fallback,
            } = files;
            match position.purpose {
                Purpose::Static | Purpose::Fallback if has_failed => {}
                Purpose::Static => {
                    self.constant = Some(file.sum);
                    written[0] = Some((self.stem.constant(), file));
                }
                Purpose::Fallback => written[0] = Some(self.fallback_file(file)),
                Purpose::Record | Purpose::RecordAndFallback => {
                    let path = self.stem.record(&hashes.own);
                    if self.add(position.order, hashes, file.sum) {
                        written[0] = Some((path, file));
                    }
                    written[1] = fallback.map(|file| self.fallback_file(file));
                }
            }
        }
        for (_, file) in written.iter().flatten() {
            self.bytes += file.sum.bytes;
        }
        written.into_iter().flatten()
    }

    fn fallback_file(&mut self, file: RecordFile) -> (String, RecordFile) {
        self.fallback = Some(file.sum);
        (self.stem.fallback(), file)
    }

    /// Adds a record. Returns `false` if a later call had the same arguments, because its record replaces this one.
    fn add(&mut self, order: u32, hashes: Hashes, sum: Sum) -> bool {
        let hash = |records: &[CollectedRecord], position: u32| {
            self.hasher.hash_one(records[position as usize].hash)
        };
        let records = &self.records;
        let entry = self.positions.entry(
            self.hasher.hash_one(hashes.own),
            |position| records[*position as usize].hash == hashes.own,
            |position| hash(records, *position),
        );
        match entry {
            Entry::Vacant(vacant) => {
                // A call's position has 32 bits, and there are not more records than calls.
                let position = u32::try_from(records.len()).unwrap_or(u32::MAX);
                vacant.insert(position);
                self.records.push(CollectedRecord {
                    hash: hashes.own,
                    sum,
                    order,
                    last: order,
                });
                let others = hashes.others.into_iter();
                self.aliases.extend(others.map(|hash| Alias {
                    hash,
                    order: position,
                }));
                true
            }
            Entry::Occupied(position) => {
                let known = &mut self.records[*position.get() as usize];
                known.order = known.order.min(order);
                if order < known.last {
                    return false;
                }
                self.bytes -= known.sum.bytes;
                known.last = order;
                known.sum = sum;
                true
            }
        }
    }

    fn is_recorded(&self, hash: &ArgumentHash) -> bool {
        let is_it = |position: &u32| self.records[*position as usize].hash == *hash;
        self.positions
            .find(self.hasher.hash_one(hash), is_it)
            .is_some()
    }

    /// Returns the function's entry for the manifest, or `None` if it has no files.
    pub(super) fn finish(mut self, report: &mut DumpReport) -> Option<CollectedFunction> {
        self.failed_calls.sort_unstable_by_key(|call| call.order);
        for call in self.failed_calls.iter().take(FAILED) {
            report.add_failed_record(&self.name, &call.arguments, &call.message);
        }
        report.failed_record_count += self.failed_call_count - self.failed_calls.len().min(FAILED);
        if let Some(failure) = &self.failure {
            report.add_failed_function(&self.name, failure);
            // No file of the function was written.
            if self.records.is_empty() && self.fallback.is_none() && self.constant.is_none() {
                return None;
            }
        }
        let files = match self.constant {
            Some(sum) => FunctionFiles::Static(sum),
            None => self.query_files(report)?,
        };
        let (records, fallback) = match &files {
            FunctionFiles::Static(_) => (1, false),
            FunctionFiles::Query {
                records, fallback, ..
            } => (records.len(), fallback.is_some()),
        };
        report.functions.push(DumpedFunction {
            name: self.name.clone(),
            kind: self.kind.as_str(),
            records,
            fallback,
            bytes: self.bytes,
        });
        Some(CollectedFunction {
            name: self.name,
            stem: self.stem,
            encoding: self.encoding,
            files,
        })
    }

    fn query_files(&mut self, report: &mut DumpReport) -> Option<FunctionFiles> {
        if self.records.is_empty() && self.fallback.is_none() {
            if self.failed_call_count == 0 {
                report.not_static.push(NotStatic {
                    function: self.name.clone(),
                    reason: NotStaticReason::EmptyDump,
                });
            }
            return None;
        }
        if self.fallback.is_none() {
            report.without_fallback.push(self.name.clone());
        }
        let mut aliases = std::mem::take(&mut self.aliases);
        // A record of its own takes precedence over an alias of another record.
        aliases.retain(|alias| !self.is_recorded(&alias.hash));
        for alias in &mut aliases {
            alias.order = self.records[alias.order as usize].order;
        }
        aliases.sort_by_key(|alias| alias.order);
        let mut known = HashSet::new();
        aliases.retain(|alias| known.insert(alias.hash));
        let mut records = std::mem::take(&mut self.records);
        records.sort_unstable_by_key(|record| record.order);
        Some(FunctionFiles::Query {
            records,
            aliases,
            fallback: self.fallback,
        })
    }
}
