//! The pages that have requested the metadata. A link with a one-time code leads to such a page.

use std::collections::VecDeque;

use http::HeaderMap;
use http::header::REFERER;
use url::Url;

use crate::mutex::Mutex;

/// The number of origins that are remembered. A further one replaces the oldest.
const REMEMBERED: usize = 64;

/// The longest address of a page that is remembered, in bytes.
const LONGEST: usize = 1024;

/// The latest page of each origin. The lock is held for operations of a small list.
#[derive(Debug, Default)]
pub(crate) struct LatestPages(Mutex<VecDeque<(String, String)>>);

impl LatestPages {
    /// Remembers a page as the latest one of its origin.
    pub(crate) fn remember(&self, origin: String, page: String) {
        let mut pages = self.0.lock();
        pages.retain(|(known, _)| *known != origin);
        if pages.len() >= REMEMBERED {
            pages.pop_front();
        }
        pages.push_back((origin, page));
    }

    /// Returns the latest page of an origin.
    pub(crate) fn of_origin(&self, origin: &str) -> Option<String> {
        let pages = self.0.lock();
        let (_, page) = pages.iter().find(|(known, _)| known == origin)?;
        Some(page.clone())
    }
}

/// Returns the origin and the address of the page that sends a request. The query is left out, because it may contain
/// secrets.
///
/// The address is serialized from the parsed URL, so it is safe to print in terminals.
pub(crate) fn of(headers: &HeaderMap) -> Option<(String, String)> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    let page = Url::parse(referer).ok()?;
    if !matches!(page.scheme(), "http" | "https") || referer.len() > LONGEST {
        return None;
    }
    let origin = page.origin().ascii_serialization();
    let address = format!("{origin}{}", page.path());
    Some((origin, address))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::REFERER;

    use super::{LatestPages, of};

    #[test]
    fn a_page_is_its_address_without_query_and_user() {
        let of = |referer: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REFERER, referer.parse().unwrap());
            of(&headers)
        };
        assert_eq!(
            of("http://a:b@localhost:7812/tools/x/panel/?token=secret"),
            Some((
                "http://localhost:7812".to_owned(),
                "http://localhost:7812/tools/x/panel/".to_owned()
            ))
        );
        for referer in [
            "",
            "/panel/",
            "null",
            "file:///etc/passwd",
            "javascript:alert(1)",
        ] {
            assert_eq!(of(referer), None, "{referer}");
        }
        assert_eq!(of(&format!("http://localhost/{}", "x".repeat(2000))), None);
    }

    #[test]
    fn as_many_origins_are_remembered_as_there_is_room_for() {
        let pages = LatestPages::default();
        for number in 0..100 {
            let origin = format!("http://localhost:{number}");
            pages.remember(origin.clone(), format!("{origin}/a"));
            pages.remember(origin.clone(), format!("{origin}/b"));
        }
        assert_eq!(pages.0.lock().len(), 64);
        assert_eq!(pages.of_origin("http://localhost:35"), None);
        assert_eq!(
            pages.of_origin("http://localhost:36").as_deref(),
            Some("http://localhost:36/b")
        );
    }
}
