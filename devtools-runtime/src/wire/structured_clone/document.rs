//! A text that is split into its records.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::value::RawValue;

use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::limits::{BASE_BUDGET, BUDGET_FACTOR, STRANGER_FACTOR};
use crate::wire::structured_clone::references::references;

/// A structured-clone text whose records are split but not parsed.
///
/// Start at [`Document::root`].
#[derive(Debug)]
pub(crate) struct Document<'a> {
    records: Vec<&'a RawValue>,
    /// The whole text, if it is plain JSON without records.
    json: Option<&'a str>,
    /// The cost of all visits so far, in bytes. It is atomic only so that a document may be shared between threads.
    /// Two threads that read at the same time may miss a few bytes of cost, which does not matter to this limit.
    spent: AtomicUsize,
    /// The limit of `spent`.
    allowed: AtomicUsize,
    len: usize,
}

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
        let records: Vec<&RawValue> = serde_json::from_str(text).map_err(Problem::Syntax)?;
        if records.is_empty() {
            return Err(Problem::Empty.into());
        }
        Ok(Self {
            records,
            json: None,
            spent: AtomicUsize::new(0),
            allowed: AtomicUsize::new(text.len().saturating_mul(STRANGER_FACTOR)),
            len: text.len(),
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
            records: Vec::new(),
            json: Some(text),
            spent: AtomicUsize::new(0),
            allowed: AtomicUsize::new(0),
            len: text.len(),
        };
        document.trust();
        document
    }

    /// Raises the limit of the cost to that for a trusted peer.
    pub(crate) fn trust(&self) {
        let allowed = self.len.saturating_mul(BUDGET_FACTOR);
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

    /// Returns the text, written anew from its records.
    pub(super) fn text(&self) -> String {
        let records = self.records.iter().map(|record| record.get());
        let mut text = String::with_capacity(self.len);
        for (index, record) in records.enumerate() {
            text.push(if index == 0 { '[' } else { ',' });
            text.push_str(record);
        }
        text.push(']');
        text
    }

    /// Returns the length of the text in bytes.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the first index that refers to no record, if there is one. Scans the whole text.
    pub(crate) fn dangling(&self) -> Option<usize> {
        let mut indices = self
            .records
            .iter()
            .flat_map(|record| references(record.get()));
        indices.find(|index| *index >= self.records.len())
    }

    /// Returns the whole text if it is plain JSON.
    pub(super) fn json(&self) -> Option<&str> {
        self.json
    }

    /// Returns the text of the record with this index.
    pub(super) fn record(&self, index: usize) -> Option<&str> {
        self.records.get(index).map(|record| record.get())
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
