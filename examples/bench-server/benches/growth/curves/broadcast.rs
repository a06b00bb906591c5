//! Measures the time until an event has reached all clients, by their number.

use std::io;

use super::{beside_floor, checked};
use crate::Scale;
use crate::curve::{Axis, Curve};
use crate::load::process::Cores;
use crate::load::{broadcast, median};
use crate::unit::Unit;

const POINTS: &[usize] = &[1, 3, 10, 30, 100, 300, 1000];

pub async fn measure(scale: &Scale) -> io::Result<Curve> {
    let points = scale.connections(POINTS);
    let series = beside_floor(scale, &points, Cores::Apart, async |server, clients| {
        let (tally, latencies) = broadcast::run(server.target(), clients, scale.length).await?;
        checked(tally)?;
        Ok(median(latencies))
    });
    let series = series.await?;
    Ok(Curve {
        name: "broadcast",
        title: "An event to all clients",
        x: Axis {
            label: "clients",
            unit: Unit::Count,
        },
        y: Axis {
            label: "time until all have it",
            unit: Unit::Seconds,
        },
        expected: 1.0,
        series,
    })
}
