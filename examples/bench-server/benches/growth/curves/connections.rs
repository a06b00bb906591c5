//! Calls a second, against connections: all of them calling, and one among many that are idle.

use std::io;

use tokio::task::JoinSet;

use super::{checked, least};
use crate::Scale;
use crate::curve::{Axis, Curve, Series};
use crate::load::calls::{self, Exchange};
use crate::load::process::Cores;
use crate::load::socket::Socket;
use crate::unit::Unit;

const POINTS: &[usize] = &[1, 10, 100, 1000, 10_000];

/// How many calls the one is at that calls among idle ones.
const IN_FLIGHT: usize = 64;

pub async fn measure(scale: &Scale) -> io::Result<Curve> {
    let mut all = Series::new("each with one call in flight");
    let mut one = Series::new("64 in flight on one, the others idle");
    for count in scale.connections(POINTS) {
        eprintln!("{count}");
        let server = scale.server(Cores::Apart)?;
        let mut sockets = Socket::connect_all(server.target(), count, 4096).await?;
        let rate = rate(scale, &mut sockets, 1).await?;
        all.add(count, rate);
        let mut calling = sockets.split_off(count - 1);
        let mut idle = JoinSet::new();
        for mut socket in sockets {
            idle.spawn(async move {
                // Answers pings.
                while socket.next(|_| ()).await.is_ok() {}
            });
        }
        one.add(count, self::rate(scale, &mut calling, IN_FLIGHT).await?);
    }
    Ok(Curve {
        name: "connections",
        title: "Small calls over many connections",
        x: Axis {
            label: "connections",
            unit: Unit::Count,
        },
        y: Axis {
            label: "calls a second",
            unit: Unit::PerSecond,
        },
        expected: 0.0,
        series: vec![all, one],
    })
}

async fn rate(scale: &Scale, sockets: &mut Vec<Socket>, in_flight: usize) -> io::Result<f64> {
    let mut times = Vec::new();
    for _ in 0..scale.rounds {
        let tally = calls::run(sockets, &Exchange::ping(), in_flight, scale.length).await?;
        times.push(1.0 / checked(tally)?.rate());
    }
    Ok(1.0 / least(times).unwrap_or(f64::NAN))
}
