//! Measures the time of a small call beside streams on the same connection that write as fast as they are read.

use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::time::timeout;

use super::least;
use crate::Scale;
use crate::curve::{Axis, Curve, Series};
use crate::load::calls::Exchange;
use crate::load::process::Cores;
use crate::load::socket::{Socket, Target};
use crate::load::{broken, median, shown};
use crate::unit::Unit;

const POINTS: &[usize] = &[1, 16, 200];

/// The time that counts for a call without a reply.
const LONGEST: Duration = Duration::from_secs(10);

/// The beginning of the frame of every chunk.
const CHUNK: &[u8] = br#"{"m":"devframe:streaming:chunk","a":["bench:chunks","#;

pub async fn measure(scale: &Scale) -> io::Result<Curve> {
    let mut series = Series::new("bench-server");
    for streams in scale.points(POINTS) {
        eprintln!("{streams}");
        let mut times = Vec::new();
        for _ in 0..scale.rounds {
            let server = scale.server(Cores::Apart)?;
            let page = scale.page(&server).await?;
            times.push(beside(server.target(), *streams, scale.length).await?);
            if let Some(page) = page {
                page.close().await?;
            }
        }
        if let Some(time) = least(times) {
            series.add(*streams, time);
        }
    }
    Ok(Curve {
        name: "streams",
        title: "A small call, beside busy streams on its connection",
        x: Axis {
            label: "streams",
            unit: Unit::Count,
        },
        y: Axis {
            label: "time of a call",
            unit: Unit::Seconds,
        },
        expected: 0.0,
        series: vec![series],
    })
}

/// Returns the median time of a call in seconds, while this many streams run.
async fn beside(target: &Target, streams: usize, length: Duration) -> io::Result<f64> {
    let mut socket = Socket::connect(target, 256 * 1024).await?;
    let mut ids = Vec::with_capacity(streams);
    for _ in 0..streams {
        ids.push(open(&mut socket).await?);
    }
    for id in ids {
        let subscribe = format!(
            r#"{{"m":"devframe:streaming:subscribe","a":["bench:chunks","{id}",{{"afterSeq":0}}],"t":"q"}}"#
        );
        let run = format!(
            r#"{{"m":"bench:stream-run","a":["{id}",{}],"t":"q","i":"run"}}"#,
            u32::MAX
        );
        socket.put(subscribe.as_bytes());
        socket.put(run.as_bytes());
    }
    let mut ping = Exchange::ping();
    let mut times = Vec::new();
    let until = Instant::now() + length;
    for number in 1.. {
        let begun = Instant::now();
        socket.put(ping.request(number));
        if let Ok(answered) = timeout(LONGEST, answered(&mut socket, &mut ping, number)).await {
            answered?;
        }
        times.push(begun.elapsed().as_secs_f64());
        if Instant::now() > until {
            break;
        }
    }
    median(times).ok_or_else(|| broken("there was no call"))
}

/// Reads chunks until the reply to the call with this number.
async fn answered(socket: &mut Socket, ping: &mut Exchange, number: u64) -> io::Result<()> {
    loop {
        let is_reply = socket.next(|frame| {
            if frame.starts_with(CHUNK) {
                Ok(false)
            } else if ping.number_in(frame) == Some(number) {
                Ok(true)
            } else {
                Err(broken(shown(frame)))
            }
        });
        if is_reply.await?? {
            return Ok(());
        }
    }
}

/// Opens a stream and returns its id.
async fn open(socket: &mut Socket) -> io::Result<String> {
    #[derive(Deserialize)]
    struct Reply {
        r: String,
    }

    socket.put(br#"{"m":"bench:stream-open","a":[],"t":"q","i":"open"}"#);
    let reply = socket
        .next(|frame| serde_json::from_slice::<Reply>(frame).map_err(|_| broken(shown(frame))));
    Ok(reply.await??.r)
}
