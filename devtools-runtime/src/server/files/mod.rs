//! Serves the files of a view, as the hosting of the JavaScript server does.
//!
//! A request is answered in two steps. [`find`](find::find) finds the file for a path, and [`respond`](respond::respond)
//! decides which part of it is sent. Both run on threads that may block, and use files through the traits [`Tree`] and
//! [`Content`] only, so that folders and embedded files behave the same.

#[cfg(feature = "static-files")]
mod body;
mod content_type;
mod embedded;
mod encoding;
mod find;
#[cfg(feature = "static-files")]
mod folder;
mod respond;

use std::io;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;

use self::find::Found;
use crate::host::{DevToolsContext, EmbeddedFile, Files};
use crate::server::ResponseBody;
use crate::server::service::{plain, redirect_to_slash};

pub(crate) use self::content_type::content_type;

/// A tree of files.
trait Tree {
    type File: Content;

    /// Looks up a path that [`find`](find::find) has checked. The empty path is the tree itself.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no file or folder, and other errors if it cannot be read.
    fn get(&self, path: &str) -> io::Result<Node<Self::File>>;
}

/// The target of a path in a tree.
enum Node<F> {
    File(F),
    Folder,
    /// A target outside of the tree. Only links in a folder on disk lead there.
    #[cfg(feature = "static-files")]
    Outside,
}

/// The content of one file.
trait Content {
    fn len(&self) -> u64;

    /// Returns the entity tag, which differs between two contents.
    fn tag(&self) -> String;

    fn modified(&self) -> Option<SystemTime>;

    /// Reads `len` bytes from `start`.
    fn read(self, start: u64, len: u64) -> io::Result<Payload>;
}

/// The part of a file that is sent.
enum Payload {
    Bytes(Bytes),
    /// A file that is positioned at the start of the part, and the length of the part.
    #[cfg(feature = "static-files")]
    File(std::fs::File, u64),
}

/// The parts of a request that decide which file is sent.
struct Asked {
    method: Method,
    headers: HeaderMap,
    /// The decoded path within the tree.
    path: String,
}

/// The answer for a path of a tree.
enum Answer {
    Response(Response<Payload>),
    /// A redirect to the path with a slash at its end, because it is a folder.
    AddSlash,
}

/// Answers a request for `path` within a view.
#[cfg_attr(
    not(feature = "static-files"),
    expect(clippy::unused_async, reason = "only the disk is waited for")
)]
#[cfg_attr(
    not(feature = "static-files"),
    expect(unused_variables, reason = "only the disk needs threads")
)]
pub(crate) async fn serve<B>(
    context: &DevToolsContext,
    files: &Files,
    request: &Request<B>,
    path: &str,
) -> Response<ResponseBody> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
        refused
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let Some(asked) = Asked::new(request, path) else {
        return not_found();
    };
    match files {
        Files::Embedded(files) => finish(request, answer(*files, &asked), ResponseBody::of_bytes),
        #[cfg(feature = "static-files")]
        Files::Folder(folder) => {
            let folder = folder.clone();
            let threads = context.file_threads();
            let answered = threads.run(move || answer(&folder, &asked)).await;
            match answered {
                Ok(answered) => finish(request, answered, |payload| body::of(payload, threads)),
                // The threads have ended, because the program ends.
                Err(_) => plain(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the server is shutting down",
                ),
            }
        }
    }
}

/// Returns the response with the file of exactly this name, or `None` if there is no such file.
pub(crate) fn exactly<B>(
    files: &'static [EmbeddedFile],
    request: &Request<B>,
    path: &str,
) -> Option<Response<ResponseBody>> {
    let file = files.iter().find(|file| file.path == path)?;
    let asked = Asked {
        method: request.method().clone(),
        headers: request.headers().clone(),
        path: path.to_owned(),
    };
    let response = respond::respond(&asked, path, None, *file);
    let answered = response.map(Answer::Response);
    Some(finish(request, answered, ResponseBody::of_bytes))
}

fn answer<T: Tree + ?Sized>(tree: &T, asked: &Asked) -> io::Result<Answer> {
    let (path, file) = match find::find(tree, &asked.path)? {
        Found::File(path, file) => (path, file),
        Found::FolderWithoutSlash => return Ok(Answer::AddSlash),
    };
    let (file, encoding) = encoding::choose(tree, asked, &path, file);
    respond::respond(asked, &path, encoding, file).map(Answer::Response)
}

fn finish<B>(
    request: &Request<B>,
    answered: io::Result<Answer>,
    body: impl FnOnce(Payload) -> ResponseBody,
) -> Response<ResponseBody> {
    match answered {
        Ok(Answer::Response(response)) => response.map(body),
        // The redirect is built from the request, which has the path that the browser sees.
        Ok(Answer::AddSlash) => redirect_to_slash(request),
        Err(error) if error.kind() == io::ErrorKind::NotFound => not_found(),
        Err(error) => {
            let path = request.uri().path();
            tracing::warn!(%error, path, "could not read a hosted file");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the file could not be read",
            )
        }
    }
}

fn not_found() -> Response<ResponseBody> {
    plain(StatusCode::NOT_FOUND, "no such file")
}

impl Asked {
    /// Returns `None` if the path is not valid UTF-8 or not valid percent-encoding.
    fn new<B>(request: &Request<B>, path: &str) -> Option<Self> {
        if !is_well_encoded(path) {
            return None;
        }
        Some(Self {
            method: request.method().clone(),
            headers: request.headers().clone(),
            path: percent_decode_str(path).decode_utf8().ok()?.into_owned(),
        })
    }
}

/// Returns whether each percent sign is followed by two hex digits.
fn is_well_encoded(path: &str) -> bool {
    let mut parts = path.split('%');
    parts.next();
    parts.all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

impl ResponseBody {
    /// Returns the body for bytes in memory.
    fn of_bytes(payload: Payload) -> Self {
        match payload {
            Payload::Bytes(bytes) => Self::full(bytes),
            #[cfg(feature = "static-files")]
            Payload::File(..) => Self::empty(),
        }
    }
}
