//! A list that remembers things which have ended.

use std::collections::{HashMap, VecDeque};

/// The number of ended things that are remembered, so that tests can ask about them.
const ENDED: usize = 256;

/// Things by their ids: all running ones, and the last ones that have ended.
#[derive(Debug)]
pub(crate) struct Latest<T> {
    known: HashMap<String, T>,
    /// The ids of the ended things, oldest first.
    ended: VecDeque<String>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            ended: VecDeque::new(),
        }
    }
}

impl<T> Latest<T> {
    pub(crate) fn insert(&mut self, id: String, thing: T) {
        self.known.insert(id, thing);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.known.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.known.get_mut(id)
    }

    /// Marks a thing as ended. Forgets the oldest ended thing if there are too many.
    pub(crate) fn end(&mut self, id: &str) {
        self.ended.push_back(id.to_owned());
        if self.ended.len() > ENDED
            && let Some(oldest) = self.ended.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDED, Latest};

    #[test]
    fn what_goes_on_is_kept_and_of_the_rest_the_latest() {
        let mut latest = Latest::default();
        latest.insert("goes on".to_owned(), 0);
        for number in 0..3 * ENDED {
            let id = number.to_string();
            latest.insert(id.clone(), number);
            latest.end(&id);
        }
        assert_eq!(latest.known.len(), ENDED + 1);
        assert_eq!(latest.ended.len(), ENDED);
        assert_eq!(latest.get("goes on"), Some(&0));
        let last = 3 * ENDED - 1;
        assert_eq!(latest.get(&last.to_string()), Some(&last));
        assert_eq!(latest.get("0"), None);
    }
}
