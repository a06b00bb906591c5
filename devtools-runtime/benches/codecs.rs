//! Writing and reading the same typed values as structured clone, beside `serde_json` in the same run.
//!
//! `cargo bench -p devtools-runtime --bench codecs`; a word after `--` chooses values by name. In each round both codecs
//! do the same in turn. A time is the best of all rounds, and the ratio is that of these times.
//! `-- --test` is a smoke run.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should say so")]
#![allow(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "it prints measurements"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use devtools_runtime::__private::bench;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How long each codec runs in a round.
const TURN: Duration = Duration::from_millis(1);

#[derive(Serialize, Deserialize)]
struct Options {
    depth: u32,
    dynamic: bool,
}

#[derive(Serialize, Deserialize)]
struct Module {
    id: String,
    url: String,
    kind: String,
    size: u32,
    cached: bool,
    hits: u64,
    ratio: f64,
    importer: Option<String>,
    exports: Vec<String>,
    at: i64,
}

fn module(number: u32) -> Module {
    Module {
        id: format!("/src/mod-{number:06}.ts"),
        url: format!("http://localhost:5173/src/mod-{number:06}.ts"),
        kind: "module".to_owned(),
        size: 1000 + number,
        cached: number % 3 == 0,
        hits: u64::from(number) * 17,
        ratio: f64::from(number) / 7.0,
        importer: (number % 2 == 0).then(|| "/src/main.ts".to_owned()),
        exports: vec!["default".to_owned(), format!("fn{number}")],
        at: 1_700_000_000_000 + i64::from(number) * 1013,
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let words: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let rounds = if is_test { 1 } else { 201 };
    let table = Table {
        words: words.into_iter().map(String::as_str).collect(),
        rounds,
    };
    println!("| value | | JSON | structured clone | ratio |");
    println!("|---|---|---|---|---|");
    let options = Options {
        depth: 3,
        dynamic: false,
    };
    table.row("arguments", &("A7TwOnz5JK".to_owned(), 42_u32, options));
    table.row("a struct of ten fields", &module(7));
    table.row(
        "a list of 1,000 structs",
        &(0..1000).map(module).collect::<Vec<_>>(),
    );
    let line = "a line with \"quotes\",\ttabs and a \\ at its end, as in source code\n";
    table.row("a text of 100 kB with escapes", &line.repeat(1500));
    table.row("a text of 100 kB without", &"x".repeat(100_000));
    let sizes: BTreeMap<String, u32> = (0..100)
        .map(|number| (format!("/src/mod-{number:06}.ts"), 1000 + number))
        .collect();
    table.row("a map of 100 entries", &sizes);
    let numbers: Vec<f64> = (0..1000).map(|number| f64::from(number) * 1.37).collect();
    table.row("a list of 1,000 numbers", &numbers);
}

struct Table<'a> {
    words: Vec<&'a str>,
    rounds: usize,
}

impl Table<'_> {
    fn row<T: Serialize + DeserializeOwned>(&self, name: &str, value: &T) {
        if !self.words.is_empty() && !self.words.iter().any(|word| name.contains(word)) {
            return;
        }
        let json = serde_json::to_string(value).unwrap();
        let clone = bench::encode(value).unwrap();
        self.compare(
            name,
            "write",
            || serde_json::to_string(black_box(value)).unwrap(),
            || bench::encode(black_box(value)).unwrap(),
        );
        self.compare(
            name,
            "read",
            || serde_json::from_str::<T>(black_box(&json)).unwrap(),
            || bench::decode::<T>(black_box(&clone)).unwrap(),
        );
    }

    fn compare<A, B>(
        &self,
        name: &str,
        way: &str,
        mut json: impl FnMut() -> A,
        mut clone: impl FnMut() -> B,
    ) {
        let (json_count, clone_count) = (count_of(&mut json), count_of(&mut clone));
        let (mut json_time, mut clone_time) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..self.rounds {
            json_time = json_time.min(time_of(&mut json, json_count));
            clone_time = clone_time.min(time_of(&mut clone, clone_count));
        }
        println!(
            "| {name} | {way} | {} | {} | {:.2} |",
            shown(json_time),
            shown(clone_time),
            clone_time / json_time,
        );
    }
}

/// Returns how often `run` fits into a turn.
fn count_of<R>(mut run: impl FnMut() -> R) -> u32 {
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < TURN {
        black_box(run());
        count += 1;
    }
    count
}

/// Returns the time of one run in nanoseconds, from `count` of them.
fn time_of<R>(mut run: impl FnMut() -> R, count: u32) -> f64 {
    let begun = Instant::now();
    for _ in 0..count {
        black_box(run());
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        0.0..1e3 => format!("{nanoseconds:.0} ns"),
        1e3..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}
