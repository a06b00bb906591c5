//! A text that is split into its records.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::limits::{BASE_BUDGET, BUDGET_FACTOR, STRANGER_FACTOR};
use crate::wire::structured_clone::references::references;
use crate::wire::structured_clone::split::{RecordSpan, Split};

/// A structured-clone text whose records are split but not parsed.
///
/// Start at [`Document::root`].
#[derive(Debug)]
pub(crate) struct Document<'a> {
    records: Split<'a>,
    /// Whether the whole text is plain JSON without records.
    is_json: bool,
    /// The index of the object whose keys were found to be distinct last. It is [`NO_OBJECT`] before the first one.
    distinct: AtomicU32,
    /// The cost of all visits so far, in bytes. It is atomic only so that a document may be shared between threads.
    /// Two threads that read at the same time may miss a few bytes of cost, which does not matter to this limit.
    spent: AtomicUsize,
    /// The limit of `spent`.
    allowed: AtomicUsize,
}

/// Stands for no object.
const NO_OBJECT: u32 = u32::MAX;

/// The cost of reading so far, and its limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) spent: usize,
    pub(crate) allowed: usize,
}

impl<'a> Document<'a> {
    /// Splits `text`, given without the prefix `s:`. Reading may cost only a small multiple of its length until
    /// [`Document::trust`] is called.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not a JSON array with at least one member. The members are checked when they
    /// are read.
    pub(crate) fn parse_untrusted(text: &'a str) -> Result<Self, DecodeError> {
        Ok(Self {
            records: Split::of(text)?,
            is_json: false,
            distinct: AtomicU32::new(NO_OBJECT),
            spent: AtomicUsize::new(0),
            allowed: AtomicUsize::new(text.len().saturating_mul(STRANGER_FACTOR)),
        })
    }

    /// Splits `text` from a trusted peer.
    ///
    /// # Errors
    ///
    /// Those of [`Document::parse_untrusted`].
    pub(crate) fn parse(text: &'a str) -> Result<Self, DecodeError> {
        let document = Self::parse_untrusted(text)?;
        document.trust();
        Ok(document)
    }

    /// Wraps JSON text, to be read by the rules of this codec.
    pub(crate) fn of_json(text: &'a str) -> Self {
        let document = Self {
            records: Split::none(text),
            is_json: true,
            distinct: AtomicU32::new(NO_OBJECT),
            spent: AtomicUsize::new(0),
            allowed: AtomicUsize::new(0),
        };
        document.trust();
        document
    }

    /// Raises the limit of the cost to that for a trusted peer.
    pub(crate) fn trust(&self) {
        let allowed = self.len().saturating_mul(BUDGET_FACTOR);
        self.allowed
            .store(allowed.saturating_add(BASE_BUDGET), Ordering::Relaxed);
    }

    /// Returns the cost so far: the bytes of all visited records, once for each visit.
    pub(crate) fn steps(&self) -> usize {
        self.spent.load(Ordering::Relaxed)
    }

    /// Returns the cost of reading so far, and its limit.
    pub(super) fn budget(&self) -> Budget {
        Budget {
            spent: self.spent.load(Ordering::Relaxed),
            allowed: self.allowed.load(Ordering::Relaxed),
        }
    }

    /// Continues with the budget of the document that this one is a copy of.
    pub(super) fn go_on(&self, budget: Budget) {
        self.spent.store(budget.spent, Ordering::Relaxed);
        self.allowed.store(budget.allowed, Ordering::Relaxed);
    }

    /// Returns the whole text.
    pub(super) fn text(&self) -> &'a str {
        self.records.text()
    }

    /// Returns the length of the text in bytes.
    pub(super) fn len(&self) -> usize {
        self.text().len()
    }

    /// Returns the first index that refers to no record, if there is one. Scans the whole text.
    pub(crate) fn dangling(&self) -> Option<usize> {
        let count = self.records.len();
        let records = (0..count).filter_map(|index| self.records.record(index));
        let mut indices = records.flat_map(|record| references(self.records.text_of(record)));
        indices.find(|index| *index >= count)
    }

    /// Returns the whole text if it is plain JSON.
    pub(super) fn json(&self) -> Option<&'a str> {
        self.is_json.then(|| self.text())
    }

    /// Returns the records.
    pub(super) fn records(&self) -> &Split<'a> {
        &self.records
    }

    /// Returns the record with this index.
    pub(super) fn record(&self, index: usize) -> Option<RecordSpan> {
        self.records.record(index)
    }

    /// Returns whether the keys among these links of an object are known to be distinct strings without escapes, none of
    /// which is reserved. In a list of structs, each object has the keys of the one before it.
    pub(super) fn are_known_distinct(&self, links: &[u32]) -> bool {
        let last = self.distinct.load(Ordering::Relaxed);
        let Some(last) = self.record(last as usize) else {
            return false;
        };
        let known = self.records.links(last);
        known.len() == links.len()
            && known
                .chunks_exact(2)
                .zip(links.chunks_exact(2))
                .all(|(known, pair)| known[0] == pair[0])
    }

    /// Remembers an object of which [`are_known_distinct`](Self::are_known_distinct) is true.
    pub(super) fn know_distinct(&self, index: usize) {
        self.distinct
            .store(u32::try_from(index).unwrap_or(NO_OBJECT), Ordering::Relaxed);
    }

    /// Adds the cost of a visit. Fails if the limit is exceeded.
    pub(super) fn charge(&self, cost: usize) -> Result<(), Problem> {
        let spent = self.spent.load(Ordering::Relaxed).saturating_add(cost);
        if spent > self.allowed.load(Ordering::Relaxed) {
            return Err(Problem::OverBudget);
        }
        self.spent.store(spent, Ordering::Relaxed);
        Ok(())
    }
}
