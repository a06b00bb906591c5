//! Requests for hosted files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::from_utf8;

use bytes::Bytes;
use http::header::{HOST, LOCATION, RANGE};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use tokio::runtime::Runtime;
use tower_service::Service as _;

use super::Verdict;
use crate::DevTools;
use crate::host::{Auth, EmbeddedFile};
use crate::server::DevToolsService;

/// Where the folder is hosted, and where the same files are hosted as part of the program.
const BASES: [&str; 2] = ["/disk/", "/embedded/"];

/// A folder of this package: there are files above it.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/panel");

/// A server that hosts the folder.
struct Hosted {
    runtime: Runtime,
    service: DevToolsService,
    /// The files of the folder, by their paths.
    files: BTreeMap<String, Vec<u8>>,
}

impl Hosted {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
        let devtools = DevTools::builder().auth(Auth::None).without_collected();
        let devtools = runtime.block_on(devtools.build());
        let devtools = devtools.unwrap_or_else(|error| panic!("no server: {error}"));
        let mut files = BTreeMap::new();
        collect(Path::new(FOLDER), "", &mut files);
        let views = devtools.context().views();
        let hosted = views
            .host_static(BASES[0], Path::new(FOLDER))
            .and_then(|()| views.host_static(BASES[1], embedded(&files)));
        hosted.unwrap_or_else(|error| panic!("not hosted: {error}"));
        Self {
            service: devtools.service(),
            runtime,
            files,
        }
    }

    /// The answer to a request below a base, and its body. `None` if the path cannot stand in a request.
    fn ask(
        &self,
        base: &str,
        path: &str,
        range: Option<&HeaderValue>,
    ) -> Option<(Response<()>, Bytes)> {
        let uri: Uri = format!("{base}{path}").parse().ok()?;
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.uri_mut() = uri;
        let host = HeaderValue::from_static("localhost");
        request.headers_mut().insert(HOST, host);
        if let Some(range) = range {
            request.headers_mut().insert(RANGE, range.clone());
        }
        let mut service = self.service.clone();
        self.runtime.block_on(async {
            let Ok(response) = service.call(request).await;
            let (head, body) = response.into_parts();
            let body = body.collect().await;
            let body = body.unwrap_or_else(|error| panic!("the body does not end: {error}"));
            Some((Response::from_parts(head, ()), body.to_bytes()))
        })
    }

    /// Whether a body is a part of one of the files.
    fn has_part(&self, body: &[u8]) -> bool {
        let is_in = |file: &Vec<u8>| file.windows(body.len()).any(|part| part == body);
        body.is_empty() || self.files.values().any(is_in)
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match fs::read(entry.path()) {
            Ok(content) => drop(files.insert(path, content)),
            Err(_) => collect(&entry.path(), &format!("{path}/"), files),
        }
    }
}

/// The same files as part of the program, for as long as it runs.
fn embedded(files: &BTreeMap<String, Vec<u8>>) -> &'static [EmbeddedFile] {
    let file = |(path, content): (&String, &Vec<u8>)| {
        EmbeddedFile::new(path.clone().leak(), content.clone().leak())
    };
    files.iter().map(file).collect::<Vec<_>>().leak()
}

/// A path within a hosted folder as it stands in a request, and the header `Range` in a second line, if there is one.
///
/// # Panics
///
/// If the answer holds what is no file of the folder, leads to another server or is another one where the same files are
/// part of the program, or if something fails.
pub fn static_paths(input: &[u8]) -> Verdict {
    thread_local! {
        static HOSTED: Hosted = Hosted::new();
    }

    let Ok(input) = from_utf8(input) else {
        return Verdict::Refused;
    };
    let (path, range) = match input.split_once('\n') {
        Some((path, range)) => (path, HeaderValue::from_str(range).ok()),
        None => (input, None),
    };
    HOSTED.with(|hosted| {
        let [on_disk, embedded] = BASES.map(|base| hosted.ask(base, path, range.as_ref()));
        let (Some((head, body)), Some((embedded, same))) = (on_disk, embedded) else {
            return Verdict::Refused;
        };
        let status = head.status();
        assert_eq!(status, embedded.status(), "{path}");
        assert!(body == same, "{path}: other bytes where it is embedded");
        let named = hosted.files.get(path);
        match status {
            StatusCode::OK => {
                let mut files = hosted.files.values();
                let is_right = match named {
                    Some(file) => body == *file,
                    // The metadata of the server is there for the pages of every view.
                    None => path.contains("__connection.json") || files.any(|file| body == *file),
                };
                assert!(is_right, "{path}: other content");
                Verdict::Read
            }
            StatusCode::PARTIAL_CONTENT => {
                assert!(hosted.has_part(&body), "{path}: a part of nothing");
                Verdict::Read
            }
            _ => {
                assert!(!status.is_server_error(), "{path}: {status}");
                assert!(named.is_none() || range.is_some(), "{path}: {status}");
                if let Some(location) = head.headers().get(LOCATION) {
                    assert!(location.as_bytes().starts_with(b"./"), "{location:?}");
                }
                Verdict::Refused
            }
        }
    })
}
