//! A stream: as many chunks as the server can write and one client can read.

use std::io;
use std::time::Instant;

use serde::Deserialize;

use crate::load::calls::Exchange;
use crate::load::socket::{Socket, Target};
use crate::load::{Tally, broken, shown};

/// The frames that are read while a stream runs.
struct Reading {
    /// The beginning of the frame of each chunk.
    chunk: String,
    id: String,
    run: Exchange,
    next: u64,
    has_ended: bool,
    is_answered: bool,
    tally: Tally,
}

/// Reads a stream of this many chunks.
pub async fn run(target: &Target, chunks: u64) -> io::Result<Tally> {
    let mut socket = Socket::connect(target, 256 * 1024).await?;
    let warm_up = read(&mut socket, chunks / 5).await?;
    let mut tally = read(&mut socket, chunks).await?;
    tally.wrong += warm_up.wrong;
    tally.first_wrong = warm_up.first_wrong.or(tally.first_wrong);
    Ok(tally)
}

async fn read(socket: &mut Socket, chunks: u64) -> io::Result<Tally> {
    let id = open(socket).await?;
    let mut reading = Reading {
        chunk: format!(r#"{{"m":"devframe:streaming:chunk","a":["bench:chunks","{id}","#),
        run: Exchange::new(
            "stream-run",
            &format!(r#""{id}",{chunks}"#),
            &chunks.to_string(),
        ),
        id,
        next: 1,
        has_ended: false,
        is_answered: false,
        tally: Tally::default(),
    };
    let subscribe = format!(
        r#"{{"m":"devframe:streaming:subscribe","a":["bench:chunks","{}",{{"afterSeq":0}}],"t":"q"}}"#,
        reading.id
    );
    let begun = Instant::now();
    socket.put(subscribe.as_bytes());
    socket.put(reading.run.request(1));
    while !(reading.has_ended && reading.is_answered) {
        socket.next(|frame| reading.read(frame)).await?;
    }
    reading.tally.took = begun.elapsed();
    let missing = (chunks + 1).saturating_sub(reading.next);
    if missing > 0 {
        reading.tally.wrong += missing;
        let note = || format!("{missing} chunks did not come");
        reading.tally.first_wrong.get_or_insert_with(note);
    }
    Ok(reading.tally)
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

impl Reading {
    fn read(&mut self, frame: &[u8]) {
        if let Some(chunk) = frame.strip_prefix(self.chunk.as_bytes()) {
            if self.is_next(chunk).is_some() {
                self.tally.done += 1;
            } else {
                self.tally.wrong(frame);
            }
            self.next += 1;
        } else if self.run.number_in(frame) == Some(1) {
            self.is_answered = true;
        } else if is_end(frame, &self.id) {
            self.has_ended = true;
        } else {
            self.tally.wrong(frame);
        }
    }

    /// Checks for `1,"token-00000000"]…` with the next number and the one before it.
    fn is_next(&self, chunk: &[u8]) -> Option<()> {
        let (seq, chunk) = number(chunk);
        let (token, rest) = number(chunk.strip_prefix(br#","token-"#)?);
        let is_whole = rest.starts_with(b"\"]");
        (is_whole && seq == self.next && token + 1 == seq).then_some(())
    }
}

/// Returns the number that `text` begins with, and the rest.
fn number(text: &[u8]) -> (u64, &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    let number = digits.iter().fold(0, |number: u64, digit| {
        number * 10 + u64::from(digit - b'0')
    });
    (number, rest)
}

/// Returns `true` if a frame, in either codec, ends this stream.
fn is_end(frame: &[u8], id: &str) -> bool {
    let text = String::from_utf8_lossy(frame);
    text.contains(r#""devframe:streaming:end""#) && text.contains(id)
}
