//! The records of the names of fields, by the addresses of the names.

/// The number of names that are remembered.
const SLOTS: usize = 64;

/// The records of names in one text.
///
/// The name of a field is the same static text for each value of a type. So its address and length identify it, and
/// it need not be compared with other strings. A new name replaces another one whose address leads to the same slot.
#[derive(Debug)]
pub(super) struct NameRecords {
    slots: [NameSlot; SLOTS],
    /// The number of the text. Slots of other texts count as empty.
    text: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct NameSlot {
    address: usize,
    length: usize,
    index: usize,
    text: u32,
}

impl Default for NameRecords {
    fn default() -> Self {
        Self {
            slots: [NameSlot::default(); SLOTS],
            text: 1,
        }
    }
}

impl NameRecords {
    /// Forgets all names.
    pub(super) fn clear(&mut self) {
        match self.text.checked_add(1) {
            Some(text) => self.text = text,
            None => *self = Self::default(),
        }
    }

    /// Returns the index of the record of this name.
    pub(super) fn find(&self, name: &'static str) -> Option<usize> {
        let slot = &self.slots[place(name)];
        let is_it = slot.address == name.as_ptr().addr()
            && slot.length == name.len()
            && slot.text == self.text;
        is_it.then_some(slot.index)
    }

    /// Remembers the index of the record of this name.
    pub(super) fn insert(&mut self, name: &'static str, index: usize) {
        self.slots[place(name)] = NameSlot {
            address: name.as_ptr().addr(),
            length: name.len(),
            index,
            text: self.text,
        };
    }
}

/// Returns the slot of a name. The names of a type lie side by side, so the lowest bits of their addresses differ.
fn place(name: &'static str) -> usize {
    let address = name.as_ptr().addr();
    (address ^ (address >> 6) ^ (address >> 12)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::NameRecords;

    #[test]
    fn names_are_known_until_the_text_ends() {
        let mut names = NameRecords::default();
        let text = "abcdef";
        let parts: Vec<&str> = (1..=6).map(|length| &text[..length]).collect();
        for (index, part) in parts.iter().enumerate() {
            assert_eq!(names.find(part), None);
            names.insert(part, index);
            assert_eq!(names.find(part), Some(index));
        }
        names.clear();
        for part in parts {
            assert_eq!(names.find(part), None);
        }
    }
}
