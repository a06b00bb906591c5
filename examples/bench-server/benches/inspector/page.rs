//! A session that asks for the traffic as the page of the inspector does.

use std::io;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::load::broken;
use crate::load::socket::{Socket, Target};

/// The time between two questions of the page.
const PERIOD: Duration = Duration::from_millis(250);

/// The size of the read buffer, in bytes.
const ROOM: usize = 256 * 1024;

/// A page whose tab of the traffic is open.
#[derive(Debug)]
pub struct Page {
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Page {
    /// Connects, and asks once.
    pub async fn open(target: &Target) -> io::Result<Self> {
        let mut socket = Socket::connect(target, ROOM).await?;
        let mut since = ask(&mut socket, 0).await?;
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            while tokio::time::timeout(PERIOD, &mut stopped).await.is_err() {
                since = ask(&mut socket, since).await?;
            }
            Ok(())
        });
        Ok(Self { stop, task })
    }

    /// Ends the connection.
    pub async fn close(self) -> io::Result<()> {
        drop(self.stop);
        self.task.await.map_err(io::Error::other)?
    }
}

/// Asks for the frames from this number on. Returns the number to ask from next.
async fn ask(socket: &mut Socket, since: u64) -> io::Result<u64> {
    let request =
        format!(r#"{{"m":"devtools-runtime:inspector:traffic","a":[{since}],"t":"q","i":"page"}}"#);
    socket.put(request.as_bytes());
    loop {
        if let Some(number) = socket.next(next).await?? {
            return Ok(number);
        }
    }
}

/// Reads the number to ask from next. Returns `None` for a frame that is no reply: events go to the page, too.
fn next(frame: &[u8]) -> io::Result<Option<u64>> {
    let wrong = || broken(crate::load::shown(frame));
    let text = std::str::from_utf8(frame).map_err(|_| wrong())?;
    if text.starts_with(r#"{"m":"#) {
        return Ok(None);
    }
    let (_, rest) = text.split_once(r#""next":"#).ok_or_else(wrong)?;
    let digits = rest.split(|it: char| !it.is_ascii_digit()).next();
    let number = digits.and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(wrong)
}
