//! Refusals of requests. The answer and the log line both say how to allow the request.

use std::collections::HashSet;

use http::{Response, StatusCode};

use crate::host::OriginPattern;
use crate::mutex::Mutex;
use crate::server::access::addresses::Addresses;
use crate::server::body::ResponseBody;
use crate::server::response;

/// The number of refused names that are remembered, so that each is logged once.
const REMEMBERED: usize = 64;

/// The refusal of a request.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    /// Creates the refusal of a malformed request.
    pub(crate) fn malformed(text: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: text.to_owned(),
        }
    }

    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        response::refusal(self.status, self.text)
    }
}

/// The names that were refused so far. The lock is held for operations of a small set.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashSet<String>>);

impl Refusals {
    /// Refuses a request to a host that the server does not answer to. Logs each host once.
    pub(crate) fn host(&self, host: &str, addresses: &Addresses) -> Refusal {
        let shown = addresses.shown().join(", ");
        let text = format!(
            "this server does not answer to the host {host}. It answers to localhost and its addresses: {shown}. {}",
            how_to_allow("host", "HOST", host)
        );
        self.refuse(host, text)
    }

    /// Refuses a page that may not connect. Logs each origin once.
    pub(crate) fn origin(&self, origin: &str) -> Refusal {
        let allowing = origin.parse::<OriginPattern>();
        let text = if allowing.is_ok_and(|allowing| allowing.matches(origin)) {
            format!(
                "pages of {origin} may not connect to this server. {}",
                how_to_allow("origin", "ORIGIN", origin)
            )
        } else {
            "a page without an origin, such as a local file or a sandboxed frame, may not connect to this server. Serve the page \
             over HTTP, or give the frame `allow-same-origin`."
                .to_owned()
        };
        self.refuse(origin, text)
    }

    fn refuse(&self, name: &str, text: String) -> Refusal {
        if self.is_new(name) {
            tracing::warn!("{text}");
        }
        Refusal {
            status: StatusCode::FORBIDDEN,
            text: text + "\n",
        }
    }

    /// Remembers a name. Returns whether it was not refused before.
    fn is_new(&self, name: &str) -> bool {
        let mut refused = self.0.lock();
        refused.len() < REMEMBERED && refused.insert(name.to_owned())
    }
}

/// Returns the ways to allow a name: in the program, on its command line, and in its environment.
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
    fn a_refusal_is_logged_once() {
        let refusals = Refusals::default();
        let mut logged = 0;
        for _ in 0..3 {
            logged += u32::from(refusals.is_new("http://evil.example"));
        }
        for number in 0..1000 {
            logged += u32::from(refusals.is_new(&format!("http://{number}.example")));
        }
        assert_eq!(logged, 64);
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
            dotted.contains("`--allow-origin http://devbox.:5173`"),
            "{dotted}"
        );
        // The advice of the refusal would not let these hosts in.
        for origin in ["null", "devbox", "https://panel.example:443"] {
            let text = refusals.origin(origin).text;
            assert!(text.starts_with("a page without an origin"), "{text}");
        }
    }
}
