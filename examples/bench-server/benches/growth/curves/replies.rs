//! Measures the time of a call by the size of its reply.

use std::io;

use super::{beside_floor, checked};
use crate::Scale;
use crate::curve::{Axis, Curve};
use crate::load::calls::{self, Exchange};
use crate::load::process::Cores;
use crate::load::socket::Socket;
use crate::unit::Unit;

const POINTS: &[usize] = &[100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

pub async fn measure(scale: &Scale) -> io::Result<Curve> {
    let points = scale.points(POINTS);
    let series = beside_floor(scale, points, Cores::Together, async |server, bytes| {
        let text = format!("\"{}\"", "x".repeat(bytes));
        let exchange = Exchange::new("text", &bytes.to_string(), &text);
        let mut sockets = Socket::connect_all(server.target(), 1, 256 * 1024).await?;
        let tally = calls::run(&mut sockets, &exchange, 1, scale.length).await?;
        Ok(Some(1.0 / checked(tally)?.rate()))
    });
    let series = series.await?;
    Ok(Curve {
        name: "replies",
        title: "A call, by the size of its reply",
        x: Axis {
            label: "size of the reply",
            unit: Unit::Bytes,
        },
        y: Axis {
            label: "time of a call",
            unit: Unit::Seconds,
        },
        expected: 1.0,
        series,
    })
}
