//! Measures the time to register functions by their number: with the builder, and one by one with an existing
//! context. The floor is a map from names to closures.

use std::collections::HashMap;
use std::hint::black_box;
use std::io;
use std::time::Instant;

use devtools_runtime::{Auth, DevTools, FunctionDefinition, define_rpc_function};

use super::least;
use crate::Scale;
use crate::curve::{Axis, Curve, Series};
use crate::unit::Unit;

const POINTS: &[usize] = &[10, 100, 1000, 10_000];

/// The number of measurements per round. There are several, because a start is short.
const STARTS_PER_ROUND: usize = 5;

pub async fn measure(scale: &Scale) -> io::Result<Curve> {
    let mut built = Series::new("by the builder");
    let mut registered = Series::new("one by one");
    let mut kept = Series::new("bare map");
    for count in scale.points(POINTS).iter().copied() {
        eprintln!("{count}");
        let mut building = Vec::new();
        let mut registering = Vec::new();
        let mut keeping = Vec::new();
        for _ in 0..scale.rounds * STARTS_PER_ROUND {
            building.push(build(count).await?);
            registering.push(register(count).await?);
            keeping.push(keep(count));
        }
        built.add(count, least(building).unwrap_or_default());
        registered.add(count, least(registering).unwrap_or_default());
        kept.add(count, least(keeping).unwrap_or_default());
    }
    Ok(Curve {
        name: "registry",
        title: "Start-up with many functions",
        x: Axis {
            label: "functions",
            unit: Unit::Count,
        },
        y: Axis {
            label: "time until they are there",
            unit: Unit::Seconds,
        },
        expected: 1.0,
        series: vec![built, registered, kept],
    })
}

fn functions(count: usize) -> Vec<FunctionDefinition> {
    let function = |number| {
        let name = format!("growth:function-{number}");
        define_rpc_function(name).handler(move |offset: usize| number + offset)
    };
    (0..count).map(function).collect()
}

/// Returns the seconds from the first function until all can be called.
async fn build(count: usize) -> io::Result<f64> {
    let functions = functions(count);
    let begun = Instant::now();
    let mut builder = DevTools::builder().auth(Auth::None).without_collected();
    for function in functions {
        builder = builder.function(function);
    }
    let devtools = builder.build().await.map_err(io::Error::other)?;
    let took = begun.elapsed();
    drop(devtools);
    Ok(took.as_secs_f64())
}

async fn register(count: usize) -> io::Result<f64> {
    let functions = functions(count);
    let builder = DevTools::builder().auth(Auth::None).without_collected();
    let devtools = builder.build().await.map_err(io::Error::other)?;
    let begun = Instant::now();
    for function in functions {
        let rpc = devtools.context().rpc();
        rpc.register(function).map_err(io::Error::other)?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

fn keep(count: usize) -> f64 {
    let function = |number| {
        let run: Box<dyn Fn(usize) -> usize> = Box::new(move |offset| number + offset);
        (format!("growth:function-{number}"), run)
    };
    let functions: Vec<_> = (0..count).map(function).collect();
    let begun = Instant::now();
    let mut map = HashMap::new();
    for (name, function) in functions {
        map.insert(name, function);
    }
    let took = begun.elapsed();
    black_box(map);
    took.as_secs_f64()
}
