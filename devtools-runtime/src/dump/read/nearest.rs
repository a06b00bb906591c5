//! The recorded arguments that come nearest to those of a call.
//!
//! The manifest has hashes, which say nothing about arguments: those are in the shards. So a few of these are read.

use std::cmp::Reverse;

use super::excerpt::excerpt;
use super::manifest::Format;
use super::records::Records;
use super::shard;
use super::shards::Shards;
use super::shown::shown;
use crate::wire::js::Value;

/// How many records of a function are read to find the nearest.
const MAX_READ: usize = 16;

/// How many are named.
const MAX_SHOWN: usize = 3;

/// Says which arguments were asked for, and which records come nearest: of long arguments the places where these differ.
pub(super) async fn describe(
    function: &str,
    arguments: &[Value],
    records: &Records,
    shards: &Shards,
    format: Format,
) -> String {
    let asked = shown(arguments);
    let mut recorded = Vec::new();
    for path in records.paths().take(MAX_READ) {
        // A shard that cannot be read is told to whoever asks for it.
        if let Ok(Some(inputs)) = shards.read(&path, |text| shard::inputs(text, format)).await {
            recorded.push(shown(&inputs));
        }
    }
    recorded.sort_by_cached_key(|inputs| (Reverse(likeness(&asked, inputs)), inputs.clone()));
    recorded.truncate(MAX_SHOWN);
    let all = records.len();
    let read = match all {
        0 => "it has no records".to_owned(),
        1..=MAX_READ => format!("its {all} records"),
        _ => format!("{MAX_READ} of its {all} records"),
    };
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
    let nearest: Vec<_> = excerpts.collect();
    let nearest = match &*nearest {
        [] if all == 0 => read,
        [] => format!("{read} do not say what they are for"),
        nearest => format!("the nearest of {read}: {}", nearest.join(", ")),
    };
    format!("{}; {nearest}", no_match(function, &asked))
}

/// Says that these arguments, as a text, were not recorded.
pub(super) fn no_match(function: &str, arguments: &str) -> String {
    format!("no dump match for `{function}` with the arguments {arguments}")
}

/// How many bytes two texts begin with alike.
fn same_at_begin(left: &str, right: &str) -> usize {
    let same = |(left, right): &(u8, u8)| left == right;
    left.bytes().zip(right.bytes()).take_while(same).count()
}

/// How much of two texts is the same at their ends, in thousandths of the longer one.
fn likeness(left: &str, right: &str) -> usize {
    let longest = left.len().max(right.len()).max(1);
    let before = same_at_begin(left, right);
    let (left, right) = (&left.as_bytes()[before..], &right.as_bytes()[before..]);
    let pairs = left.iter().rev().zip(right.iter().rev());
    let after = pairs.take_while(|(left, right)| left == right).count();
    (before + after) * 1000 / longest
}
