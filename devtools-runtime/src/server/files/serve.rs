//! Answers a request with a file.

use std::io;

use http::{Request, Response, StatusCode};

use crate::host::{DevToolsContext, EmbeddedFile, Files};
use crate::server::body::ResponseBody;
use crate::server::files::asked::Asked;
#[cfg(feature = "static-files")]
use crate::server::files::body;
use crate::server::files::encoding;
use crate::server::files::find::{PathTarget, find};
use crate::server::files::respond::respond;
use crate::server::files::tree::{FilePart, Tree};
use crate::server::headers;
use crate::server::response::{plain, redirect_to_slash};

/// The answer for a path of a tree.
enum TreeAnswer {
    Response(Response<FilePart>),
    /// A redirect to the path with a slash at its end, because it is a folder.
    AddSlash,
}

/// Answers a request for `path` within a view.
#[cfg_attr(
    not(feature = "static-files"),
    allow(clippy::unused_async, reason = "only the disk is waited for")
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
    if !headers::only_reads(request) {
        return headers::method_not_allowed();
    }
    let Some(asked) = Asked::new(request, path) else {
        return not_found();
    };
    match files {
        Files::Embedded(files) => finish(request, answer(*files, &asked), of_bytes),
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
    let response = respond(&asked, path, None, *file);
    let answered = response.map(TreeAnswer::Response);
    Some(finish(request, answered, of_bytes))
}

fn answer<T: Tree + ?Sized>(tree: &T, asked: &Asked) -> io::Result<TreeAnswer> {
    let (path, file) = match find(tree, &asked.path)? {
        PathTarget::File(path, file) => (path, file),
        PathTarget::FolderWithoutSlash => return Ok(TreeAnswer::AddSlash),
    };
    let (file, encoding) = encoding::choose(tree, asked, &path, file);
    respond(asked, &path, encoding, file).map(TreeAnswer::Response)
}

fn finish<B>(
    request: &Request<B>,
    answered: io::Result<TreeAnswer>,
    body: impl FnOnce(FilePart) -> ResponseBody,
) -> Response<ResponseBody> {
    match answered {
        Ok(TreeAnswer::Response(response)) => response.map(body),
        // The redirect is built from the request, which has the path that the browser sees.
        Ok(TreeAnswer::AddSlash) => redirect_to_slash(request),
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

/// Returns the body for bytes in memory.
fn of_bytes(payload: FilePart) -> ResponseBody {
    match payload {
        FilePart::Bytes(bytes) => ResponseBody::full(bytes),
        #[cfg(feature = "static-files")]
        FilePart::File(..) => ResponseBody::empty(),
    }
}
