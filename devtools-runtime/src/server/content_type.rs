//! The content types of files.

use http::HeaderValue;

/// The content types that `mime_guess` lacks or has under older names.
const NEWER: [(&str, &str); 24] = [
    ("cjs", "application/node"),
    ("jsx", "text/jsx"),
    ("ktx2", "image/ktx2"),
    ("m4a", "audio/mp4"),
    ("manifest", "text/cache-manifest"),
    ("map", "application/json"),
    ("mdx", "text/mdx"),
    ("mid", "audio/midi"),
    ("mjs", "text/javascript"),
    ("mtl", "model/mtl"),
    ("obj", "model/obj"),
    ("otf", "font/otf"),
    ("rtf", "text/rtf"),
    ("sql", "application/sql"),
    ("stl", "model/stl"),
    ("toml", "application/toml"),
    ("ts", "video/mp2t"),
    ("wgsl", "text/wgsl"),
    ("woff", "font/woff"),
    ("xsd", "application/xml"),
    ("xsl", "application/xml"),
    ("xslt", "application/xml"),
    ("yaml", "text/yaml"),
    ("yml", "text/yaml"),
];

/// Returns the content type for a file's extension, as the hosting of the JavaScript server does. Text is UTF-8.
pub(crate) fn content_type(path: &str) -> HeaderValue {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let newer = extension.and_then(|extension| {
        let is_it = |(known, _): &&(&str, &str)| extension.eq_ignore_ascii_case(known);
        NEWER.iter().find(is_it)
    });
    let essence = newer.map_or(guess.essence_str(), |(_, essence)| essence);
    let is_text = essence.starts_with("text/")
        || essence.ends_with("javascript")
        || essence.ends_with("json");
    let text = if is_text {
        format!("{essence}; charset=utf-8")
    } else {
        essence.to_owned()
    };
    // All types in the tables are valid header values.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
