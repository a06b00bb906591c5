//! Files that lie there compressed as well.

use http::header::ACCEPT_ENCODING;

use crate::server::files::{Asked, Node, Tree};

/// The codings that are looked for, the preferred one first: their names, and the extensions of their files.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The file that is sent in place of `file`, and its coding: the compressed one that the client likes best, if there
/// is one.
pub(super) fn choose<T: Tree + ?Sized>(
    tree: &T,
    asked: &Asked,
    path: &str,
    file: T::File,
) -> (T::File, Option<&'static str>) {
    let mut liked: Vec<_> = CODINGS
        .into_iter()
        .map(|(coding, extension)| (quality(asked, coding), coding, extension))
        .filter(|(quality, ..)| *quality > 0)
        .collect();
    // The sort is stable: of two that are liked alike, the preferred one is first.
    liked.sort_by_key(|(quality, ..)| u16::MAX - quality);
    for (_, coding, extension) in liked {
        // One that cannot be read is as good as none.
        if let Ok(Node::File(compressed)) = tree.get(&format!("{path}{extension}")) {
            return (compressed, Some(coding));
        }
    }
    (file, None)
}

/// How much a client likes a coding, in thousandths.
fn quality(asked: &Asked, coding: &str) -> u16 {
    let values = asked.headers.get_all(ACCEPT_ENCODING).iter();
    let accepted = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|accepted| {
            let (name, parameters) = accepted.split_once(';').unwrap_or((accepted, ""));
            let is_it = name.trim().eq_ignore_ascii_case(coding);
            is_it.then_some(parameters)
        });
    let Some(parameters) = accepted else {
        return 0;
    };
    let quality = parameters.trim().strip_prefix("q=").unwrap_or("1");
    let quality: f32 = quality.trim().parse().unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is clamped"
    )]
    let thousandths = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
    thousandths
}
