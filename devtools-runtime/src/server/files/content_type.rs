//! The types that files are served as.

use http::HeaderValue;

/// The type of a file, by its extension. Text is UTF-8.
pub(crate) fn content_type(path: &str) -> HeaderValue {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let essence = mime.essence_str();
    let is_text = mime.type_() == "text"
        || ["javascript", "json"]
            .iter()
            .any(|text| essence.ends_with(text));
    let text = if is_text {
        format!("{essence}; charset=utf-8")
    } else {
        essence.to_owned()
    };
    // Types of the table are printable.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
