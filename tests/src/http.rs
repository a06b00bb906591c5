//! A client of HTTP that sends requests as they are written, and reads answers piece by piece.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::wait::in_time;

/// The answer of a server.
#[derive(Debug)]
pub struct Answer {
    /// The number of the status.
    pub status: u16,
    /// The text after the status.
    pub reason: String,
    /// The headers, with names in lower case.
    pub headers: HashMap<String, String>,
    /// The body. Empty before it was read.
    pub body: String,
}

impl Answer {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Sends a request, whose answer may take its time. A `host` among the headers stands for the usual one.
///
/// # Panics
///
/// If the server cannot be reached.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        text.push_str("host: localhost\r\n");
    }
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    BufReader::new(stream)
}

/// Reads an answer up to its body.
///
/// # Panics
///
/// If the server closes the connection before it has sent a status line and headers.
pub async fn head(stream: &mut BufReader<TcpStream>) -> Answer {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        in_time(stream.read_line(&mut line)).await.unwrap();
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let mut status = lines[0].splitn(3, ' ').skip(1);
    let headers = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Answer {
        status: status.next().unwrap().parse().unwrap(),
        reason: status.next().unwrap_or_default().to_owned(),
        headers,
        body: String::new(),
    }
}

/// Reads the answer to a request.
///
/// # Panics
///
/// If the server closes the connection before it has sent the whole answer, or if the body is no UTF-8.
pub async fn answer(mut stream: BufReader<TcpStream>) -> Answer {
    let mut answer = head(&mut stream).await;
    let length = answer.header("content-length").unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    in_time(stream.read_exact(&mut body)).await.unwrap();
    answer.body = String::from_utf8(body).unwrap();
    answer
}
