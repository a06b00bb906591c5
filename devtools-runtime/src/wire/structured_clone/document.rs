//! A text, split into its records.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::value::RawValue;

use super::{
    BUDGET_FACTOR, DecodeError, MIN_BUDGET,
    error::Problem,
    node::{Node, Place},
};

/// A structured-clone text whose records are found but not yet read.
///
/// Start at [`Document::root`].
#[derive(Debug)]
pub(crate) struct Document<'a> {
    records: Vec<&'a RawValue>,
    budget: Budget,
    len: usize,
}

impl<'a> Document<'a> {
    /// Splits `text`, without the `s:` that stands before it on the wire.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not a JSON array with at least one member. What the members are is found
    /// out when they are reached.
    pub(crate) fn parse(text: &'a str) -> Result<Self, DecodeError> {
        let records: Vec<&RawValue> = serde_json::from_str(text).map_err(Problem::Syntax)?;
        if records.is_empty() {
            return Err(Problem::Empty.into());
        }
        Ok(Self {
            records,
            budget: Budget::for_text(text),
            len: text.len(),
        })
    }

    /// The length of the text in bytes.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The value the text stands for.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::new(self, Place::Record(0), 0)
    }

    /// The text of a record, if there is one of this number.
    pub(super) fn record(&self, index: usize) -> Option<&str> {
        self.records.get(index).map(|record| record.get())
    }

    /// Pays for a visit.
    pub(super) fn charge(&self, cost: usize) -> Result<(), Problem> {
        self.budget.take(cost)
    }
}

/// What may still be visited, in bytes.
///
/// Shared by all nodes. An atomic only so that a document may be held across threads; two threads reading at
/// once may get away with some visits, which no limit of this kind cares about.
#[derive(Debug)]
struct Budget(AtomicUsize);

impl Budget {
    fn for_text(text: &str) -> Self {
        Self(AtomicUsize::new(
            text.len().saturating_mul(BUDGET_FACTOR).max(MIN_BUDGET),
        ))
    }

    fn take(&self, cost: usize) -> Result<(), Problem> {
        let left = self
            .0
            .load(Ordering::Relaxed)
            .checked_sub(cost)
            .ok_or(Problem::OverBudget)?;
        self.0.store(left, Ordering::Relaxed);
        Ok(())
    }
}
