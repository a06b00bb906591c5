//! The cost of a static dump: records a second beside a bare loop that writes the same files, and memory.
//!
//! `cargo bench -p devtools-runtime --bench dump`. The job is that of the JavaScript builder's own figure: query records of 497
//! bytes, one file each. Times depend on the machine and its disk; what counts is the ratio to the floor, from the same run.
//! Memory is the peak of a process of its own for each size. `-- --test` is a smoke run.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should say so")]
#![allow(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "it prints measurements"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use devtools_runtime::{
    DevTools, DevToolsContext, DevToolsPlugin, Dump, Mode, PluginState, SetupError, rpc_function,
};
use serde::{Deserialize, Serialize};

/// How often each is measured; the median counts.
const RUNS: usize = 5;

#[derive(Serialize, Deserialize)]
struct Module {
    id: String,
    size: u32,
    kind: String,
    hash: String,
    exports: Vec<String>,
    deps: Vec<Dependency>,
    cached: bool,
}

#[derive(Serialize, Deserialize)]
struct Dependency {
    id: String,
    dynamic: bool,
}

fn record(number: u32) -> Module {
    let dependency = |k| Dependency {
        id: format!("/src/dep-{}.ts", (number * 7 + k) % 10_000),
        dynamic: k % 2 == 0,
    };
    Module {
        id: format!("/src/mod-{number}.ts"),
        size: number,
        kind: "module".to_owned(),
        hash: "x".repeat(40),
        exports: vec![
            "default".to_owned(),
            "setup".to_owned(),
            format!("fn{number}"),
        ],
        deps: (0..8).map(dependency).collect(),
        cached: true,
    }
}

#[derive(PluginState)]
struct Records(u32);

#[rpc_function(name = "bench:module", as = GetModule, dump = modules)]
fn module(id: String) -> Module {
    record(id.parse().unwrap_or_default())
}

fn modules(ctx: &DevToolsContext) -> Dump<(String,), Module> {
    let records = ctx.state::<Records>().map_or(0, |records| records.0);
    Dump::inputs_from(move || (0..records).map(|number| (number.to_string(),)))
}

async fn build(records: u32, folder: &Path) {
    let devtools = DevTools::builder()
        .mode(Mode::Build)
        .without_collected()
        .function(GetModule::definition())
        .plugin(Plugin(records))
        .build()
        .await
        .unwrap();
    let report = devtools.build(folder).await.unwrap();
    assert!(report.is_complete(), "{report}");
}

struct Plugin(u32);

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "bench"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        Ok(ctx.insert_state(Records(self.0))?)
    }
}

/// Serializes the same records, and writes them to files of the same names, one after the other: nothing else.
fn floor(names: &[String], folder: &Path) {
    #[derive(Serialize)]
    struct Contents {
        inputs: [String; 1],
        output: Module,
    }

    fs::create_dir(folder).unwrap();
    for (number, name) in (0..).zip(names) {
        let contents = Contents {
            inputs: [u32::to_string(&number)],
            output: record(number),
        };
        fs::write(folder.join(name), serde_json::to_string(&contents).unwrap()).unwrap();
    }
}

/// The median of some runs; each begins without its folder.
fn median(folder: &Path, runs: usize, mut run: impl FnMut(&Path)) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            run(folder);
            let time = begun.elapsed();
            fs::remove_dir_all(folder).unwrap();
            time
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}

/// The most memory that this process has had, in kB; nothing where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The peak of a process that builds a dump of as many records.
fn memory_of(records: u32, folder: &Path) -> Option<u64> {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg("--memory")
        .arg(records.to_string())
        .arg(folder)
        .output()
        .unwrap();
    fs::remove_dir_all(folder).unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .ok()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, records, folder] = &arguments[..] {
        if flag == "--memory" {
            runtime.block_on(build(records.parse().unwrap(), Path::new(folder)));
            println!("{}", peak_memory().unwrap_or_default());
            return;
        }
    }
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let (records, many, runs) = if is_test {
        (200, 2_000, 1)
    } else {
        (10_000, 100_000, RUNS)
    };
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");

    runtime.block_on(build(records, &dist));
    let shards = fs::read_dir(dist.join("__rpc-dump")).unwrap();
    let names: Vec<String> = shards
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("bench~"))
        .collect();
    assert_eq!(names.len(), records as usize);
    fs::remove_dir_all(&dist).unwrap();

    let floor = median(&dist, runs, |folder| floor(&names, folder));
    let built = median(&dist, runs, |folder| {
        runtime.block_on(build(records, folder));
    });
    let rate = |time: Duration| f64::from(records) / time.as_secs_f64();
    println!("bare loop  {:>9.0} records/s", rate(floor));
    println!("build      {:>9.0} records/s", rate(built));
    println!(
        "ratio      {:>9.2}",
        floor.as_secs_f64() / built.as_secs_f64()
    );

    let few_peak = memory_of(records, &dist);
    let many_peak = memory_of(many, &dist);
    if let (Some(few_peak @ 1..), Some(many_peak)) = (few_peak, many_peak) {
        let growth = many_peak.saturating_sub(few_peak) as f64 * 1024.0 / f64::from(many - records);
        println!("peak of {records:>6} records: {few_peak} kB");
        println!("peak of {many:>6} records: {many_peak} kB, {growth:.0} bytes a record more");
    }
}
