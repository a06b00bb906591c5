//! Texts from other processes that are kept as `&'static str`, because the definition of a function has constants.

use std::collections::BTreeSet;

use crate::mutex::Mutex;

/// The number of bytes that are kept. They are never freed, because constants live as long as the program.
const LIMIT: usize = 1 << 20;

/// The texts and the lists of texts that live as long as the program.
struct Kept {
    texts: BTreeSet<&'static str>,
    lists: BTreeSet<&'static [&'static str]>,
    bytes: usize,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept {
    texts: BTreeSet::new(),
    lists: BTreeSet::new(),
    bytes: 0,
});

impl Kept {
    /// Adds `bytes` to the count and returns `true` if they still fit into [`LIMIT`].
    fn has_room(&mut self, bytes: usize) -> bool {
        let sum = self.bytes.saturating_add(bytes);
        let fits = sum <= LIMIT;
        if fits {
            self.bytes = sum;
        }
        fits
    }

    fn text(&mut self, text: &str) -> Option<&'static str> {
        if let Some(known) = self.texts.get(text) {
            return Some(known);
        }
        if !self.has_room(text.len()) {
            return None;
        }
        let text: &'static str = String::leak(text.to_owned());
        self.texts.insert(text);
        Some(text)
    }

    fn list(&mut self, texts: &[String]) -> Option<&'static [&'static str]> {
        let texts = texts.iter().map(|text| self.text(text));
        let texts: Vec<&'static str> = texts.collect::<Option<_>>()?;
        if let Some(known) = self.lists.get(&*texts) {
            return Some(known);
        }
        if !self.has_room(size_of_val(&*texts)) {
            return None;
        }
        let texts: &'static [&'static str] = Vec::leak(texts);
        self.lists.insert(texts);
        Some(texts)
    }
}

/// Returns a text as a constant. Equal texts are stored once. Returns `None` if the text does not fit into [`LIMIT`].
pub(super) fn constant(text: &str) -> Option<&'static str> {
    KEPT.lock().text(text)
}

/// Returns a list of texts as a constant, as [`constant`] does.
pub(super) fn constants(texts: &[String]) -> Option<&'static [&'static str]> {
    KEPT.lock().list(texts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::ptr;

    use super::{Kept, LIMIT};

    fn kept(bytes: usize) -> Kept {
        Kept {
            texts: BTreeSet::new(),
            lists: BTreeSet::new(),
            bytes,
        }
    }

    #[test]
    fn each_text_and_each_list_is_kept_once() {
        let mut kept = kept(0);
        let texts = ["graph".to_owned(), "build".to_owned()];
        let list = kept.list(&texts).unwrap();
        assert_eq!(list, ["graph", "build"]);
        assert!(ptr::eq(list, kept.list(&texts).unwrap()));
        assert!(ptr::eq(list[0], kept.text("graph").unwrap()));
        assert_eq!(kept.bytes, 10 + size_of_val(list));
        assert!(kept.list(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_is_kept_has_a_limit() {
        let mut kept = kept(LIMIT - 5);
        assert_eq!(kept.text("longer"), None);
        assert_eq!(kept.text("graph"), Some("graph"));
        assert_eq!(kept.text("graph"), Some("graph"), "it is known");
        assert_eq!(kept.text("x"), None);
        assert_eq!(kept.list(&["graph".to_owned()]), None);
    }
}
