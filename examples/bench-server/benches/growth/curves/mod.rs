//! The curves, with the points at which they are measured.

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

/// Returns the shortest time, because other load on the machine can only make times longer.
fn least(values: Vec<f64>) -> Option<f64> {
    values.into_iter().min_by(f64::total_cmp)
}

/// Measures fresh servers and floors in turn at each point, and returns a curve of the best times for both. Points
/// without a measurement are left out.
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
            let server = scale.server(cores)?;
            let page = scale.page(&server).await?;
            of_server.extend(measure(&server, *point).await?);
            if let Some(page) = page {
                page.close().await?;
            }
            of_floor.extend(measure(&scale.floor(cores)?, *point).await?);
        }
        if let Some((of_server, of_floor)) = least(of_server).zip(least(of_floor)) {
            measured.add(*point, of_server);
            floor.add(*point, of_floor);
        }
    }
    Ok(vec![measured, floor])
}

/// Checks that every frame of a run was right.
fn checked(tally: Tally) -> io::Result<Tally> {
    match tally.first_wrong {
        Some(frame) => Err(broken(format!("{} wrong frames: {frame}", tally.wrong))),
        None => Ok(tally),
    }
}
