//! A static dump on a file server.

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Request, Response};
use url::Url;

use crate::client::dial::Dialer;
use crate::client::http::{HttpConnection, RequestBody};
use crate::dump::read::{DumpFiles, Reading, check_path};
use crate::function::BoxError;
use crate::mutex::Mutex;
use crate::peer::Limits;

/// The number of idle connections that are kept for further files.
const MAX_IDLE: usize = 8;

/// A static dump on a file server.
pub(crate) struct StaticSite {
    /// The URL of the folder, with a slash at the end.
    folder: Url,
    dialer: Dialer,
    limits: Limits,
    /// Connections that wait for a request. The lock is held to take one, or put one back.
    idle: Mutex<Vec<HttpConnection>>,
}

impl StaticSite {
    pub(crate) fn new(folder: Url, dialer: &Dialer, limits: &Limits) -> Self {
        Self {
            folder,
            dialer: dialer.clone(),
            limits: *limits,
            idle: Mutex::default(),
        }
    }

    /// Returns the URL of the file at `path`. The result is checked, because the URL parser may interpret the path differently.
    fn url(&self, path: &str) -> Result<Url, BoxError> {
        check_path(path)?;
        let url = self.folder.join(path)?;
        if !url.as_str().starts_with(self.folder.as_str()) {
            return Err("the path leads out of the dump".into());
        }
        Ok(url)
    }

    async fn fetch(&self, url: &Url, limit: usize) -> Result<Vec<u8>, BoxError> {
        let answer = self.exchange(url, limit);
        let answer = tokio::time::timeout(self.limits.handshake, answer).await??;
        if !answer.status().is_success() {
            return Err(format!("the server answered {}", answer.status()).into());
        }
        Ok(answer.into_body().into())
    }

    async fn exchange(&self, url: &Url, limit: usize) -> Result<Response<Bytes>, BoxError> {
        let idle = self.idle.lock().pop();
        if let Some(mut connection) = idle {
            // The server may have closed the idle connection, so an error here leads to a second attempt.
            if let Ok(answer) = connection.exchange(self.request(url)?, limit).await {
                self.put_back(connection);
                return Ok(answer);
            }
        }
        let mut connection = HttpConnection::open(&self.dialer, url).await?;
        let answer = connection.exchange(self.request(url)?, limit).await;
        let answer = answer.map_err(|unanswered| unanswered.error)?;
        self.put_back(connection);
        Ok(answer)
    }

    fn request(&self, url: &Url) -> Result<Request<RequestBody>, http::Error> {
        self.dialer
            .request_to(Method::GET, url)
            .header(ACCEPT, "application/json")
            .body(RequestBody::default())
    }

    fn put_back(&self, connection: HttpConnection) {
        let mut idle = self.idle.lock();
        if idle.len() < MAX_IDLE && !connection.is_closed() {
            idle.push(connection);
        }
    }
}

impl DumpFiles for StaticSite {
    fn name_of(&self, path: &str) -> String {
        match self.url(path) {
            Ok(url) => url.into(),
            Err(_) => format!("{}{path}", self.folder),
        }
    }

    fn respelled(&self, path: &str) -> Option<String> {
        path.contains('%').then(|| path.replace('%', "%25"))
    }

    fn read(&self, path: &str, limit: usize) -> Reading<'_> {
        let url = self.url(path);
        Box::pin(async move { self.fetch(&url?, limit).await })
    }
}
