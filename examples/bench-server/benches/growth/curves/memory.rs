//! Measures memory by the number of connections that were used once and are idle.

use std::io;

use super::beside_floor;
use crate::Scale;
use crate::curve::{Axis, Curve};
use crate::load::memory;
use crate::load::process::Cores;
use crate::unit::Unit;

const POINTS: &[usize] = &[100, 300, 1000, 3000, 10_000];

pub async fn measure(scale: &Scale) -> io::Result<Curve> {
    let points = scale.connections(POINTS);
    let series = beside_floor(scale, &points, Cores::Apart, async |server, connections| {
        let kib = memory::run(server, connections).await?;
        #[expect(clippy::cast_precision_loss, reason = "for people to read")]
        Ok(kib.map(|kib| kib as f64))
    });
    let series = series.await?;
    if series.iter().all(|series| series.points.is_empty()) {
        println!("Memory is left out, because the system does not report it.");
    }
    Ok(Curve {
        name: "memory",
        title: "Memory of idle connections",
        x: Axis {
            label: "connections",
            unit: Unit::Count,
        },
        y: Axis {
            label: "memory of all",
            unit: Unit::Memory,
        },
        expected: 1.0,
        series,
    })
}
