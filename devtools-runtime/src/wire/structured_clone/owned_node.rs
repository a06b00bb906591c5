//! A value that outlives its text.

use crate::wire::structured_clone::document::{Budget, Document};
use crate::wire::structured_clone::error::DecodeError;
use crate::wire::structured_clone::node::{Node, TextLocation};

/// A copy of the text that a [`Node`] is part of, with the location of the value in it.
#[derive(Debug)]
pub(crate) struct OwnedNode {
    text: String,
    location: OwnedLocation,
    levels: usize,
    null_is_nan: bool,
    budget: Budget,
}

#[derive(Debug)]
enum OwnedLocation {
    Record(usize),
    Json,
}

impl Node<'_> {
    /// Copies the text, so that the value can be read later. The copy continues with the same budget.
    pub(crate) fn to_owned(self) -> OwnedNode {
        let (text, location) = match self.location {
            TextLocation::Record(index) => (
                self.document.text().to_owned(),
                OwnedLocation::Record(index),
            ),
            TextLocation::Json(text) => (text.to_owned(), OwnedLocation::Json),
        };
        OwnedNode {
            text,
            location,
            levels: self.levels,
            null_is_nan: self.null_is_nan,
            budget: self.document.budget(),
        }
    }
}

impl OwnedNode {
    /// Calls `read` with the value.
    ///
    /// # Errors
    ///
    /// If the text is not a document. The text of a node always is.
    pub(crate) fn with<T>(&self, read: impl FnOnce(Node<'_>) -> T) -> Result<T, DecodeError> {
        let document = match self.location {
            OwnedLocation::Record(_) => Document::parse_untrusted(&self.text)?,
            OwnedLocation::Json => Document::of_json(&self.text),
        };
        document.go_on(self.budget);
        let location = match self.location {
            OwnedLocation::Record(index) => TextLocation::Record(index),
            OwnedLocation::Json => TextLocation::Json(&self.text),
        };
        Ok(read(Node {
            document: &document,
            location,
            levels: self.levels,
            null_is_nan: self.null_is_nan,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::{Document, Node};

    #[test]
    fn a_copy_reads_as_the_value_does() {
        let text = r#"[[1,[1,2,1]],[0,"a"],[1,[3]],[0,7]]"#;
        let document = Document::parse(text).unwrap();
        let root = document.root();
        let owned = root.to_owned();
        let read = |node: crate::wire::Node<'_>| node.read::<serde_json::Value>().unwrap();
        assert_eq!(owned.with(read).unwrap(), read(root));
        let inner = root.elements().unwrap()[1];
        assert_eq!(inner.to_owned().with(read).unwrap(), serde_json::json!([7]));
    }

    #[test]
    fn a_copy_has_no_new_budget() {
        let text = r#"[[1,[1]],[0,"a"]]"#;
        let document = Document::parse_untrusted(text).unwrap();
        let root = document.root();
        while root.read::<serde_json::Value>().is_ok() {}
        let read = |node: Node<'_>| node.read::<serde_json::Value>();
        assert!(root.to_owned().with(read).unwrap().is_err());
    }
}
