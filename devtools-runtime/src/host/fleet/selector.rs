//! The recipients of a broadcast in other processes, as their processes select them.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::host::session::RpcSession;

/// A condition for the sessions of other processes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Selector {
    /// The session has all of these roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// The numbers of the sessions, by process. `None` stands for all sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<BTreeMap<String, Vec<u64>>>,
}

impl Selector {
    /// Returns whether no session of another process is selected.
    pub(crate) fn is_nobody(&self) -> bool {
        self.only.as_ref().is_some_and(BTreeMap::is_empty)
    }

    /// Returns whether sessions of this process may be selected.
    pub(crate) fn names(&self, process: &str) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|only| only.contains_key(process))
    }

    /// Returns whether a trusted session of `process` is selected.
    pub(crate) fn selects(&self, process: &str, session: &RpcSession) -> bool {
        let is_listed = self.only.as_ref().is_none_or(|only| {
            only.get(process)
                .is_some_and(|ids| ids.contains(&session.id()))
        });
        is_listed && session.is_trusted() && self.roles.iter().all(|role| session.has_role(role))
    }

    /// Writes the selector. The one that selects everybody is empty, so that most broadcasts write nothing.
    pub(crate) fn to_bytes(&self) -> Bytes {
        if *self == Self::default() {
            return Bytes::new();
        }
        // Strings and numbers can always be written.
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Selector;
    use crate::host::RpcSession;

    #[test]
    fn the_selector_of_everybody_is_empty() {
        assert!(Selector::default().to_bytes().is_empty());
        assert_eq!(Selector::from_bytes(b"").unwrap(), Selector::default());
    }

    #[test]
    fn a_selector_is_read_as_it_was_written() {
        let selector = Selector {
            roles: vec!["editor".to_owned()],
            only: Some(BTreeMap::from([("one".to_owned(), vec![0])])),
        };
        assert_eq!(
            Selector::from_bytes(&selector.to_bytes()).unwrap(),
            selector
        );
        assert!(selector.names("one") && !selector.names("two"));
        let session = RpcSession::local();
        assert!(selector.selects("one", &session) == session.has_role("editor"));
        assert!(!selector.selects("two", &session));
    }
}
