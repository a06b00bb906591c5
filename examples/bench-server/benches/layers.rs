//! Measures what layers, metrics and spans add to a call, from the text of a request to the text of its reply.
//!
//! `cargo bench -p bench-server --bench layers` runs it; `-- --test` is a smoke run. The floor is the same call by hand: the request is
//! read with `serde_json`, the function is called, and the reply is written. In a round all variants do the same, one after the
//! other. The table has the best time of each, and the medians of the ratios within a round.

#![allow(clippy::print_stdout, reason = "it prints measurements")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use devtools_runtime::__private::bench::DispatchBench;
use devtools_runtime::layers::{LayerCall, LayerResult, Next};
use devtools_runtime::{Auth, BuildError, DevTools, DevToolsBuilder, rpc_function};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A request as the JavaScript client writes it.
const REQUEST: &str =
    r#"{"m":"layers:ping","a":["A7TwOnz5JK"],"t":"q","i":"A7TwOnz5JK-gqrjnOf4WP"}"#;

/// Measures layers, metrics and spans beside a call without them.
#[derive(Debug, Parser)]
struct Options {
    /// The number of measurements of each.
    #[arg(long, default_value_t = 40)]
    rounds: usize,
    /// The number of calls in each measurement.
    #[arg(long, default_value_t = 20_000)]
    calls: u32,
    /// One short round, to check that everything works.
    #[arg(long)]
    test: bool,
    /// An argument of cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Serialize, Deserialize)]
struct Pong {
    id: String,
    data: String,
}

#[rpc_function(name = "layers:ping")]
fn ping(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}

async fn empty(call: LayerCall, next: Next) -> LayerResult {
    next.run(call).await
}

/// Answers a frame.
type Answer = dyn FnMut(&str) -> Option<String>;

/// A program, by what is around its calls.
struct Variant {
    name: &'static str,
    call: Box<Answer>,
    /// The nanoseconds that a call took in each round.
    took: Vec<f64>,
}

impl Variant {
    fn new(name: &'static str, call: impl FnMut(&str) -> Option<String> + 'static) -> Self {
        Self {
            name,
            call: Box::new(call),
            took: Vec::new(),
        }
    }

    fn of_program(
        name: &'static str,
        runtime: &tokio::runtime::Runtime,
        around: impl FnOnce(DevToolsBuilder) -> DevToolsBuilder,
    ) -> Result<Self, BuildError> {
        let builder = DevTools::builder().auth(Auth::None);
        let devtools = runtime.block_on(around(builder).build())?;
        let mut bench = DispatchBench::new(&devtools);
        Ok(Self::new(name, move |request| bench.dispatch(request)))
    }

    fn measure(&mut self, calls: u32) {
        let began = Instant::now();
        for _ in 0..calls {
            black_box((self.call)(black_box(REQUEST)));
        }
        self.took
            .push(began.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
    }

    /// The median of the rounds' ratios to another variant.
    fn beside(&self, other: &Self) -> f64 {
        let ratios = self
            .took
            .iter()
            .zip(&other.took)
            .map(|(one, two)| one / two);
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn best(&self) -> f64 {
        self.took.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Answers a request by hand. Returns `None` if it is none of this function.
fn by_hand(request: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Request<'a> {
        m: &'a str,
        #[serde(borrow)]
        a: &'a RawValue,
        i: &'a str,
    }
    #[derive(Serialize)]
    struct Reply<'a> {
        t: &'static str,
        i: &'a str,
        r: Pong,
    }
    let request: Request<'_> = serde_json::from_str(request).ok()?;
    if request.m != Ping::NAME {
        return None;
    }
    let (id,): (String,) = serde_json::from_str(request.a.get()).ok()?;
    let reply = Reply {
        t: "s",
        i: request.i,
        r: ping(id),
    };
    serde_json::to_string(&reply).ok()
}

fn variants() -> Result<Vec<Variant>, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.01, 0.1, 1.0, 10.0])?
        .install_recorder()?;
    let program = |name, around: fn(DevToolsBuilder) -> DevToolsBuilder| {
        Variant::of_program(name, &runtime, around)
    };
    Ok(vec![
        Variant::new("by hand", by_hand),
        program("no layer", |builder| builder)?,
        program("one layer", |builder| builder.layer(empty))?,
        program("three layers", |builder| {
            builder.layer(empty).layer(empty).layer(empty)
        })?,
        program("metrics", DevToolsBuilder::metrics)?,
    ])
}

fn main() -> ExitCode {
    let options = Options::parse();
    match measure(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            println!("the replies differ");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("layers: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, and prints the table. Returns `true` if all variants give the same reply.
fn measure(options: &Options) -> Result<bool, Box<dyn std::error::Error>> {
    let (rounds, calls) = if options.test {
        (1, 100)
    } else {
        (options.rounds.max(1), options.calls)
    };
    let mut variants = variants()?;
    let wanted = by_hand(REQUEST);
    if wanted.is_none()
        || variants
            .iter_mut()
            .any(|variant| (variant.call)(REQUEST) != wanted)
    {
        return Ok(false);
    }
    for round in 0..rounds {
        let count = variants.len();
        for turn in 0..count {
            // The order changes, so that no variant always follows the same one.
            variants[(turn + round) % count].measure(calls);
        }
    }
    println!("| | a call takes | × by hand | × no layer |");
    println!("|---|---|---|---|");
    for variant in &variants {
        println!(
            "| {} | {:.0} ns | {:.2} | {:.2} |",
            variant.name,
            variant.best(),
            variant.beside(&variants[0]),
            variant.beside(&variants[1]),
        );
    }
    Ok(true)
}
