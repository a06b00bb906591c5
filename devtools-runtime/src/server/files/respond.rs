//! The response with a file: the whole file, a part of it, or 304 if it has not changed.

use std::io;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_range_header::parse_range_header;

use crate::server::content_type::content_type;
use crate::server::files::asked::Asked;
use crate::server::files::tree::{FileContent, FilePart};

/// The prefix of the supported ranges.
const UNIT: &str = "bytes=";

/// The requested part of a file.
enum RequestedPart {
    Whole,
    /// The first and the last byte.
    Range(u64, u64),
    /// A range outside of the file.
    Unsatisfiable,
}

/// Returns the response with a file. The extension of `path` decides the content type.
pub(super) fn respond(
    asked: &Asked,
    path: &str,
    encoding: Option<&'static str>,
    file: impl FileContent,
) -> io::Result<Response<FilePart>> {
    let (len, tag, modified) = (file.len(), file.tag(), file.modified());
    let mut response = Response::new(FilePart::Bytes(Bytes::new()));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    insert(headers, ETAG, &tag);
    if let Some(modified) = modified {
        insert(headers, LAST_MODIFIED, &httpdate::fmt_http_date(modified));
    }
    if is_known(&asked.headers, &tag, modified) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    headers.insert(CONTENT_TYPE, content_type(path));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let (start, sent) = match part(asked, len, &tag, modified) {
        RequestedPart::Whole => (0, len),
        RequestedPart::Range(first, last) => {
            insert(
                headers,
                CONTENT_RANGE,
                &format!("bytes {first}-{last}/{len}"),
            );
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (first, last - first + 1)
        }
        RequestedPart::Unsatisfiable => {
            insert(headers, CONTENT_RANGE, &format!("bytes */{len}"));
            headers.insert(CONTENT_LENGTH, 0.into());
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
    };
    response.headers_mut().insert(CONTENT_LENGTH, sent.into());
    if asked.method != Method::HEAD {
        *response.body_mut() = file.read(start, sent)?;
    }
    Ok(response)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Numbers, dates and tags are valid header values.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Returns whether the client already has this version of the file.
fn is_known(headers: &HeaderMap, tag: &str, modified: Option<SystemTime>) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|known| known.to_str().ok())
            .flat_map(|known| known.split(','))
            .any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*");
    }
    let since = date(headers, IF_MODIFIED_SINCE);
    modified
        .zip(since)
        .is_some_and(|(modified, since)| in_seconds(modified) <= since)
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    let text = headers.get(name)?.to_str().ok()?;
    httpdate::parse_http_date(text).ok()
}

/// Rounds a time down to seconds, the precision of headers.
fn in_seconds(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs()),
        Err(_) => time,
    }
}

/// Returns the requested part. A request for several parts, or with a malformed range, is answered with the whole file.
fn part(asked: &Asked, len: u64, tag: &str, modified: Option<SystemTime>) -> RequestedPart {
    let headers = &asked.headers;
    let range = headers.get(RANGE).and_then(|range| range.to_str().ok());
    let (Some(range), &Method::GET) = (range, &asked.method) else {
        return RequestedPart::Whole;
    };
    if let Some(condition) = headers.get(IF_RANGE) {
        let is_same_date = date(headers, IF_RANGE)
            .zip(modified)
            .is_some_and(|(date, modified)| date == in_seconds(modified));
        if condition != tag && !is_same_date {
            return RequestedPart::Whole;
        }
    }
    if !range.starts_with(UNIT) || range.contains(',') {
        return RequestedPart::Whole;
    }
    let Ok(parsed) = parse_range_header(range) else {
        return RequestedPart::Whole;
    };
    match parsed.validate(len).as_deref() {
        Ok([range]) => RequestedPart::Range(*range.start(), *range.end()),
        Ok(_) => RequestedPart::Whole,
        Err(_) => RequestedPart::Unsatisfiable,
    }
}
