//! Compressed files, which lie beside the originals.

use http::header::ACCEPT_ENCODING;

use crate::server::files::asked::Asked;
use crate::server::files::tree::{Tree, TreeNode};

/// The supported codings with the extensions of their files. The preferred one comes first.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Returns the compressed file that the client prefers, with its coding. Returns `file` if there is none.
pub(super) fn choose<T: Tree + ?Sized>(
    tree: &T,
    asked: &Asked,
    path: &str,
    file: T::File,
) -> (T::File, Option<&'static str>) {
    let mut accepted: Vec<_> = CODINGS
        .into_iter()
        .map(|(coding, extension)| (quality(asked, coding), coding, extension))
        .filter(|(quality, ..)| *quality > 0)
        .collect();
    // The sort is stable: of two codings with the same quality, the first in the list wins.
    accepted.sort_by_key(|(quality, ..)| u16::MAX - quality);
    for (_, coding, extension) in accepted {
        // A compressed file that cannot be read is ignored.
        if let Ok(TreeNode::File(compressed)) = tree.get(&format!("{path}{extension}")) {
            return (compressed, Some(coding));
        }
    }
    (file, None)
}

/// Returns the quality value that a client gives a coding, in thousandths.
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
