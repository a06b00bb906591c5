//! The curves: what is measured, and at which points.

pub mod broadcast;
pub mod connections;
pub mod memory;
pub mod registry;
pub mod replies;
pub mod streams;

use std::io;

use crate::Scale;
use crate::curve::Series;
use crate::load::process::{Cores, ServerProcess};
use crate::load::{Tally, broken};

/// The least of some times: what else the machine does can only make them longer.
fn least(values: Vec<f64>) -> Option<f64> {
    values.into_iter().min_by(f64::total_cmp)
}

/// Measures, at each point, fresh servers and as many floors in turn: a curve of the least of each. Nothing is added
/// where there is nothing to measure.
async fn beside_floor(
    scale: &Scale,
    points: &[usize],
    cores: Cores,
    measure: impl AsyncFn(&ServerProcess, usize) -> io::Result<Option<f64>>,
) -> io::Result<Vec<Series>> {
    let mut measured = Series::new("bench-server");
    let mut floor = Series::new("bare WebSocket");
    for point in points {
        eprintln!("{point}");
        let mut of_server = Vec::new();
        let mut of_floor = Vec::new();
        for _ in 0..scale.rounds {
            of_server.extend(measure(&scale.server(cores)?, *point).await?);
            of_floor.extend(measure(&scale.floor(cores)?, *point).await?);
        }
        if let Some((of_server, of_floor)) = least(of_server).zip(least(of_floor)) {
            measured.add(*point, of_server);
            floor.add(*point, of_floor);
        }
    }
    Ok(vec![measured, floor])
}

/// A run counts only if every frame was right.
fn checked(tally: Tally) -> io::Result<Tally> {
    match tally.first_wrong {
        Some(frame) => Err(broken(format!("{} wrong frames: {frame}", tally.wrong))),
        None => Ok(tally),
    }
}
