//! JavaScript's `RegExp`, as two strings.

use serde::{Deserialize, Serialize, Serializer};

use super::marker;

/// A JavaScript regular expression as text. It is neither compiled nor checked.
///
/// ```
/// use devtools_runtime::js;
///
/// let words = js::RegExp::new(r"\w+", "gi");
/// assert_eq!(format!("/{}/{}", words.source, words.flags), r"/\w+/gi");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct RegExp {
    /// The pattern between the slashes.
    pub source: String,
    /// The flags after the slashes, such as `gi`.
    #[serde(default)]
    pub flags: String,
}

impl RegExp {
    /// Creates the expression `/source/flags`.
    pub fn new(source: impl Into<String>, flags: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            flags: flags.into(),
        }
    }
}

impl Serialize for RegExp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct RegExpPayload<'a> {
            source: &'a str,
            flags: &'a str,
        }

        let payload = RegExpPayload {
            source: &self.source,
            flags: &self.flags,
        };
        serializer.serialize_newtype_struct(marker::REG_EXP, &payload)
    }
}
