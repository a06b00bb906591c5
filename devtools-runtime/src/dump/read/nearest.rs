//! What was recorded that is like what was asked for.
//!
//! The manifest has hashes, which say nothing about arguments: those are in the shards. So a few of these are read.

use std::cmp::Reverse;

use super::manifest::Format;
use super::records::Records;
use super::shard;
use super::shards::Shards;
use crate::wire::js::Value;

/// How many records of a function are read to find the nearest.
const MAX_READ: usize = 16;

/// How many are named.
const MAX_SHOWN: usize = 3;

/// How much of arguments is shown, in characters.
const MAX_TEXT: usize = 120;

/// A call of a query that is not among its records.
pub(super) struct Nearest<'a> {
    pub(super) records: &'a Records,
    pub(super) arguments: &'a [Value],
}

impl Nearest<'_> {
    /// Says which records come nearest.
    pub(super) async fn describe(self, shards: &Shards, format: Format) -> String {
        let Self { records, arguments } = self;
        let asked = serde_json::to_string(arguments).unwrap_or_default();
        let mut recorded = Vec::new();
        for path in records.paths().take(MAX_READ) {
            // A shard that cannot be read is told to whoever asks for it.
            if let Ok(Some(inputs)) = shards.read(&path, |text| shard::inputs(text, format)).await {
                recorded.push(inputs);
            }
        }
        recorded.sort_by_cached_key(|inputs| (Reverse(likeness(&asked, inputs)), inputs.clone()));
        let all = records.len();
        let read = match all {
            0 => return "it has no records".to_owned(),
            1..=MAX_READ => format!("its {all} records"),
            _ => format!("{MAX_READ} of its {all} records"),
        };
        let nearest: Vec<_> = recorded
            .iter()
            .take(MAX_SHOWN)
            .map(|text| shown(text))
            .collect();
        match &*nearest {
            [] => format!("{read} do not say what they are for"),
            nearest => format!("the nearest of {read}: {}", nearest.join(", ")),
        }
    }
}

/// How much of two texts is the same at their ends, in thousandths of the longer one.
fn likeness(left: &str, right: &str) -> usize {
    let longest = left.len().max(right.len()).max(1);
    let same = |(left, right): &(u8, u8)| left == right;
    let before = left.bytes().zip(right.bytes()).take_while(same).count();
    let (left, right) = (&left.as_bytes()[before..], &right.as_bytes()[before..]);
    let pairs = left.iter().copied().rev().zip(right.iter().copied().rev());
    (before + pairs.take_while(same).count()) * 1000 / longest
}

/// The text of arguments, shortened.
pub(super) fn shown(arguments: &str) -> String {
    match arguments.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &arguments[..end]),
        None => arguments.to_owned(),
    }
}
