//! Small helpers for plugins.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::host::docks::ClientScript;

/// All characters except letters, digits and `-._~`, which need no escape in any part of an address.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Small helpers for plugins, from [`DevToolsContext::utils`](crate::DevToolsContext::utils).
///
/// ```
/// use devtools_runtime::DevTools;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let utils = devtools.context().utils();
/// assert_ne!(utils.new_id(), utils.new_id());
/// assert_eq!(utils.hash("/src/main.ts"), utils.hash("/src/main.ts"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Utils(pub(crate) ());

impl Utils {
    /// Returns a script for a dock entry that needs no file. `function` is the text of a JavaScript function, which receives
    /// the value that the interface passes to scripts.
    ///
    /// ```
    /// use devtools_runtime::docks::{ActionDock, DockError};
    /// use devtools_runtime::{DevToolsContext, DockEntry};
    ///
    /// # fn example(ctx: &DevToolsContext) -> Result<(), DockError> {
    /// let script = ctx.utils().simple_client_script("() => document.body.classList.toggle('outlined')");
    /// ctx.docks().register(DockEntry::new("outline", "Outline", ActionDock::new(script)))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn simple_client_script(self, function: &str) -> ClientScript {
        let script = format!("const fn = {function}; export default fn");
        let script = utf8_percent_encode(&script, NOT_UNRESERVED);
        let url = format!("data:text/javascript;charset=utf-8,{script}");
        ClientScript::new(url).import_name("default")
    }

    /// Returns a unique id of 21 characters: letters, digits, `_` and `-`. Do not use it as a secret.
    pub fn new_id(self) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        let mut bits = Vec::with_capacity(24);
        while bits.len() < 21 {
            // `RandomState` is seeded with random bytes from the operating system.
            let random = RandomState::new().build_hasher().finish();
            bits.extend(random.to_le_bytes());
        }
        let letters = bits[..21].iter();
        letters
            .map(|bits| char::from(LETTERS[usize::from(bits % 64)]))
            .collect()
    }

    /// Returns a short hash of `content`. Equal contents have equal hashes in every process and version. The hash is not
    /// cryptographic: an attacker can construct two contents with the same hash.
    ///
    /// ```
    /// # use devtools_runtime::DevToolsContext;
    /// # fn example(ctx: &DevToolsContext) {
    /// assert_eq!(ctx.utils().hash("/src/main.ts"), "cab7608a7fe631d7");
    /// # }
    /// ```
    pub fn hash(self, content: impl AsRef<[u8]>) -> String {
        // FNV-1a.
        let bytes = content.as_ref().iter();
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Utils;

    #[test]
    fn ids_are_new_and_hashes_are_not() {
        let utils = Utils(());
        let ids: HashSet<_> = (0..1000).map(|_| utils.new_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 21));
        assert_eq!(utils.hash(""), "cbf29ce484222325");
        assert_eq!(utils.hash("a"), "af63dc4c8601ec8c");
        assert_ne!(utils.hash("ab"), utils.hash("ba"));
    }

    #[test]
    fn a_script_is_an_address() {
        let script = Utils(()).simple_client_script("() => 'é'");
        let written = serde_json::to_value(&script).unwrap();
        assert_eq!(
            written["importFrom"],
            "data:text/javascript;charset=utf-8,const%20fn%20%3D%20%28%29%20%3D%3E%20%27%C3%A9%27%3B%20export%20default%20fn"
        );
        assert_eq!(written["importName"], "default");
    }
}
