//! The fuzz targets without a fuzzer: everything in their corpora, whole and damaged, the same in every run.

use std::fs;
use std::path::{Path, PathBuf};

use devtools_runtime::__private::fuzz::{TARGETS, Target, Verdict};

/// How often each file is damaged and tried again, unless the variable `DAMAGED` says otherwise.
const DAMAGED: usize = 1_000;

/// The files of a corpus, in the order of their names: those whose names begin with `slow-`, and the others.
///
/// The slow ones use up all that may be read of a small text, each time.
fn corpus(target: &str) -> [Vec<Vec<u8>>; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let is_slow = |file: &PathBuf| {
        file.file_name()
            .unwrap()
            .as_encoded_bytes()
            .starts_with(b"slow-")
    };
    let (slow, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_slow);
    [slow, others].map(|files| files.iter().map(|file| fs::read(file).unwrap()).collect())
}

/// How many inputs were read, and how many refused.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    read: usize,
    refused: usize,
}

impl Tally {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Read => self.read += 1,
            Verdict::Refused => self.refused += 1,
        }
    }
}

/// Runs the target, and says which input it was if that panics.
fn run(target: fn(&[u8]) -> Verdict, input: &[u8]) -> Verdict {
    struct Shown<'a>(&'a [u8]);

    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                println!("with this input: {}", self.0.escape_ascii());
            }
        }
    }

    let _shown = Shown(input);
    target(input)
}

fn try_whole(&(name, target): &Target) {
    let (files, mut tally) = (corpus(name).concat(), Tally::default());
    for file in &files {
        tally.add(run(target, file));
    }
    println!("{name}: {} files, {tally:?}", files.len());
    assert!(tally.read > 5 && tally.refused > 5, "{tally:?}");
}

fn try_damaged(&(name, target): &Target) {
    let ([_, files], mut tally) = (corpus(name), Tally::default());
    let mut random = Random(0x5eed);
    let often = std::env::var("DAMAGED").map_or(DAMAGED, |often| often.parse().unwrap());
    for file in &files {
        for _ in 0..often {
            let mut input = file.clone();
            for _ in 0..=random.below(3) {
                damage(&mut input, &files, &mut random);
            }
            tally.add(run(target, &input));
        }
    }
    println!("{name}: damaged, {tally:?}");
    let least = often.min(DAMAGED) / 2;
    assert!(tally.read > least && tally.refused > least, "{tally:?}");
}

/// A small generator of numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

fn damage(input: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    const PIECES: &[&str] = &[
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\\",
        "\\ud800",
        "\\u0000",
        "s:",
        "0",
        "1",
        "-1",
        "7",
        "1e999",
        "-0",
        "0.5",
        "9007199254740993",
        "null",
        "true",
        " ",
        "é",
        "\"Uint8Array\"",
        "\"i\":",
        "\"__proto__\":",
        "\"\"",
        "[-1]",
        "[0,1]",
        "[1,[0]]",
        "[2,[[1,2]]]",
    ];
    let at = random.below(input.len() + 1);
    match random.below(16) {
        0 => input.truncate(at),
        1 => {
            let other = &others[random.below(others.len())];
            input.truncate(at);
            input.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        2 => {
            let end = (at + random.below(4)).min(input.len());
            input.drain(at..end);
        }
        3 => {
            let end = (at + random.below(32)).min(input.len());
            let copy = input[at..end].to_vec();
            let to = random.below(input.len() + 1);
            input.splice(to..to, copy);
        }
        4 | 5 if at < input.len() => input[at] ^= 1 << random.below(8),
        // Another index, tag or number: what is damaged so is still JSON.
        6..=11 => {
            if let Some(digit) = input[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                *digit = b"0123456789"[random.below(10)];
            }
        }
        _ => {
            let end = (at + random.below(4)).min(input.len());
            input.splice(at..end, random.pick(PIECES).bytes());
        }
    }
}

macro_rules! targets {
    ($($target:ident)*) => {
        $(mod $target {
            use super::{Target, TARGETS, try_damaged, try_whole};

            fn target() -> &'static Target {
                let named = |target: &&Target| target.0 == stringify!($target);
                TARGETS.iter().find(named).unwrap()
            }

            #[test]
            fn holds_for_its_corpus() {
                try_whole(target());
            }

            #[test]
            fn holds_for_what_is_damaged() {
                try_damaged(target());
            }
        })*

        #[test]
        fn every_target_is_tried() {
            let named: Vec<_> = TARGETS.iter().map(|target| target.0).collect();
            assert_eq!(named, [$(stringify!($target)),*]);
        }
    };
}

targets! {
    envelope
    structured_clone
    json_arguments
    sse_post_body
    sse_events
    coded_message
    argument_hash
    discovery
    dump_manifest
    dump_shard
    uploads
    patches
    hosts
    static_paths
}
