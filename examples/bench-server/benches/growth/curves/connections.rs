//! Measures calls per second by the number of connections: with calls on all of them, and on one while the others are
//! idle.

use std::io;

use tokio::task::JoinSet;

use super::{beside_floor, checked};
use crate::Scale;
use crate::curve::{Axis, Curve, Series};
use crate::load::calls::{self, Exchange};
use crate::load::process::{Cores, ServerProcess};
use crate::load::socket::Socket;
use crate::unit::Unit;

const POINTS: &[usize] = &[1, 10, 100, 1000, 10_000];

/// The number of calls in flight on the one busy connection.
const IN_FLIGHT: usize = 64;

/// Measures with one call in flight on each connection.
pub async fn measure_calling(scale: &Scale) -> io::Result<Curve> {
    let points = scale.connections(POINTS);
    let series = beside_floor(scale, &points, Cores::Apart, async |server, connections| {
        let mut sockets = Socket::connect_all(server.target(), connections, 4096).await?;
        let tally = calls::run(&mut sockets, &Exchange::ping(), 1, scale.length).await?;
        Ok(Some(1.0 / checked(tally)?.rate()))
    });
    let title = "Small calls, one in flight on each connection";
    Ok(curve("connections", title, series.await?))
}

/// Measures with many calls in flight on one connection, while the others are idle.
pub async fn measure_idle(scale: &Scale) -> io::Result<Curve> {
    let points = scale.connections(POINTS);
    let series = beside_floor(scale, &points, Cores::Apart, async |server, connections| {
        among_idle(scale, server, connections).await.map(Some)
    });
    let title = "Small calls, 64 in flight on one of many connections";
    Ok(curve("idle-connections", title, series.await?))
}

/// Returns the seconds per call on one connection while the others are idle.
async fn among_idle(scale: &Scale, server: &ServerProcess, connections: usize) -> io::Result<f64> {
    let mut sockets = Socket::connect_all(server.target(), connections, 4096).await?;
    let mut calling = sockets.split_off(connections - 1);
    let mut idle = JoinSet::new();
    for mut socket in sockets {
        idle.spawn(async move {
            // Answers pings.
            while socket.next(|_| ()).await.is_ok() {}
        });
    }
    let tally = calls::run(&mut calling, &Exchange::ping(), IN_FLIGHT, scale.length).await?;
    Ok(1.0 / checked(tally)?.rate())
}

/// Returns the curve of rates, computed from the times per call.
fn curve(name: &'static str, title: &'static str, mut series: Vec<Series>) -> Curve {
    for (_, time) in series.iter_mut().flat_map(|series| &mut series.points) {
        *time = 1.0 / *time;
    }
    Curve {
        name,
        title,
        x: Axis {
            label: "connections",
            unit: Unit::Count,
        },
        y: Axis {
            label: "calls a second",
            unit: Unit::PerSecond,
        },
        expected: 0.0,
        series,
    }
}
