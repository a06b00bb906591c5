//! Finds the recorded arguments that are most similar to those of a call, for the error message.
//!
//! The manifest has only hashes, which say nothing about the arguments, so a few shards are read.

use std::cmp::Reverse;

use super::excerpt::excerpt;
use super::manifest::Format;
use super::records::RecordPaths;
use super::shard;
use super::shards::ShardCache;
use super::shown::shown;
use crate::wire::js::Value;

/// The number of records that are read.
const MAX_READ: usize = 16;

/// The number of records that the message names.
const MAX_SHOWN: usize = 3;

/// Describes the arguments of the call and the most similar records. Of long arguments it shows the parts that
/// differ.
pub(super) async fn describe(
    function: &str,
    arguments: &[Value],
    records: &RecordPaths,
    shards: &ShardCache,
    format: Format,
) -> String {
    let mut recorded = Vec::new();
    for path in records.paths().take(MAX_READ) {
        // An unreadable shard is reported to the calls that need it, not here.
        if let Ok(Some(inputs)) = shards.read(&path, |text| shard::inputs(text, format)).await {
            recorded.push(inputs);
        }
    }
    let all = records.len();
    let read = match all {
        0 => "it has no records".to_owned(),
        1..=MAX_READ => format!("its {all} records"),
        _ => format!("{MAX_READ} of its {all} records"),
    };
    let (asked, nearest) = nearest(arguments, &recorded);
    let nearest = match &*nearest {
        [] if all == 0 => read,
        [] => format!("{read} do not list their arguments"),
        nearest => format!("the nearest of {read}: {}", nearest.join(", ")),
    };
    format!("{}; {nearest}", no_match(function, &asked))
}

/// Returns arguments as text, and the most similar ones among those that are recorded. Of long arguments, the texts have the parts
/// that differ.
pub(crate) fn nearest(arguments: &[Value], recorded: &[Vec<Value>]) -> (String, Vec<String>) {
    let asked = shown(arguments);
    let mut recorded: Vec<_> = recorded.iter().map(|inputs| shown(inputs)).collect();
    recorded.sort_by_cached_key(|inputs| (Reverse(likeness(&asked, inputs)), inputs.clone()));
    recorded.truncate(MAX_SHOWN);
    let texts: Vec<&str> = std::iter::once(&asked)
        .chain(&recorded)
        .map(String::as_str)
        .collect();
    let mut excerpts = (0..texts.len()).map(|index| {
        let others = texts.iter().enumerate();
        let others = others.filter(|(other, _)| *other != index);
        let differences = others.map(|(_, other)| same_at_begin(texts[index], other));
        excerpt(texts[index], differences)
    });
    let asked = excerpts.next().unwrap_or_default();
    (asked, excerpts.collect())
}

/// Writes the message that no record has these arguments.
pub(super) fn no_match(function: &str, arguments: &str) -> String {
    format!("no dump match for `{function}` with the arguments {arguments}")
}

/// Returns the number of bytes at the beginning that two texts share.
fn same_at_begin(left: &str, right: &str) -> usize {
    let same = |(left, right): &(u8, u8)| left == right;
    left.bytes().zip(right.bytes()).take_while(same).count()
}

/// Returns how many bytes two texts share at their ends, in thousandths of the longer text.
fn likeness(left: &str, right: &str) -> usize {
    let longest = left.len().max(right.len()).max(1);
    let before = same_at_begin(left, right);
    let (left, right) = (&left.as_bytes()[before..], &right.as_bytes()[before..]);
    let pairs = left.iter().rev().zip(right.iter().rev());
    let after = pairs.take_while(|(left, right)| left == right).count();
    (before + after) * 1000 / longest
}
