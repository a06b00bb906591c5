//! Refused requests: the answer, and the line of the log, which both say what would let them in.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::host::OriginPattern;
use crate::server::ResponseBody;
use crate::server::access::Addresses;
use crate::server::service::plain;

/// How many refused names are remembered, so that each is logged once.
const REMEMBERED: usize = 64;

/// A request that is not answered.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    /// A request that no browser writes.
    pub(crate) fn malformed(text: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: text.to_owned(),
        }
    }

    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        let mut response = plain(self.status, &self.text);
        // As the JavaScript server spells it.
        let plain = HeaderValue::from_static("text/plain;charset=UTF-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response
    }
}

/// The names that were refused so far. The lock is held for a look at a small set.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashSet<String>>);

impl Refusals {
    /// Refuses a request to a host that the server does not answer to, and logs that once.
    pub(crate) fn host(&self, host: &str, addresses: &Addresses) -> Refusal {
        let shown = addresses.shown().join(", ");
        let text = format!(
            "this server does not answer to {host}, but to localhost and its addresses, {shown}. {}",
            how_to_allow("host", "HOST", host)
        );
        self.refuse(host, text)
    }

    /// Refuses a page that may not connect, and logs that once.
    pub(crate) fn origin(&self, origin: &str) -> Refusal {
        let allowing = origin.parse::<OriginPattern>();
        let text = if allowing.is_ok_and(|allowing| allowing.matches(origin)) {
            format!(
                "pages of {origin} may not connect to this server. {}",
                how_to_allow("origin", "ORIGIN", origin)
            )
        } else {
            "a page without an origin may not connect to this server, such as a local file or a frame in a sandbox: serve it \
             over HTTP, or give the frame `allow-same-origin`."
                .to_owned()
        };
        self.refuse(origin, text)
    }

    fn refuse(&self, name: &str, text: String) -> Refusal {
        self.tell(name, || tracing::warn!("{text}"));
        Refusal {
            status: StatusCode::FORBIDDEN,
            text: text + "\n",
        }
    }

    /// Tells of a name, unless it was told of before.
    fn tell(&self, name: &str, tell: impl FnOnce()) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = told.len() < REMEMBERED && told.insert(name.to_owned());
        drop(told);
        if is_new {
            tell();
        }
    }
}

/// The ways to allow a name: in the program, on its command line, and in its environment.
fn how_to_allow(option: &str, variable: &str, name: &str) -> String {
    format!(
        "To allow it, build the server with `.allow_{option}(\"{name}\")`, or start the program with `--allow-{option} {name}` or with \
         `DEVTOOLS_ALLOW_{variable}={name}` in its environment."
    )
}

#[cfg(test)]
mod tests {
    use super::Refusals;

    #[test]
    fn a_refusal_is_told_of_once() {
        let refusals = Refusals::default();
        let mut told = 0;
        for _ in 0..3 {
            refusals.tell("http://evil.example", || told += 1);
        }
        for number in 0..1000 {
            refusals.tell(&format!("http://{number}.example"), || told += 1);
        }
        assert_eq!(told, 64);
    }

    #[test]
    fn a_refusal_says_what_would_allow_it() {
        let refusals = Refusals::default();
        assert_eq!(
            refusals.origin("vscode-webview://1f2a").text,
            "pages of vscode-webview://1f2a may not connect to this server. To allow it, build the server with \
             `.allow_origin(\"vscode-webview://1f2a\")`, or start the program with `--allow-origin vscode-webview://1f2a` or with \
             `DEVTOOLS_ALLOW_ORIGIN=vscode-webview://1f2a` in its environment.\n"
        );
        let dotted = refusals.origin("http://devbox.:5173").text;
        assert!(
            dotted.contains("--allow-origin http://devbox.:5173 "),
            "{dotted}"
        );
        // What is told would not let these in.
        for origin in ["null", "devbox", "https://panel.example:443"] {
            let text = refusals.origin(origin).text;
            assert!(text.starts_with("a page without an origin"), "{text}");
        }
    }
}
