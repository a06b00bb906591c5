//! A list that only grows at its end, so a reference into it stays valid while the list lives, and a reader takes no lock.

use std::iter::successors;
use std::sync::OnceLock;

/// A list that only grows. Readers walk it from the beginning, so it should stay short.
#[derive(Debug)]
pub(crate) struct GrowingList<T> {
    first: NextElement<T>,
}

type NextElement<T> = OnceLock<Box<Element<T>>>;

#[derive(Debug)]
struct Element<T> {
    value: T,
    next: NextElement<T>,
}

impl<T> GrowingList<T> {
    /// Adds a value at the end and returns its position, unless an element `is_same`. In that case the error is the position
    /// of that element. Positions are counted from 0.
    pub(crate) fn add(&self, value: T, is_same: impl Fn(&T, &T) -> bool) -> Result<usize, usize> {
        let mut element = Box::new(Element {
            value,
            next: NextElement::new(),
        });
        let (mut link, mut position) = (&self.first, 0);
        loop {
            match link.get() {
                Some(known) if is_same(&known.value, &element.value) => return Err(position),
                Some(known) => {
                    link = &known.next;
                    position += 1;
                }
                None => match link.set(element) {
                    Ok(()) => return Ok(position),
                    // Another thread has set this link first, so the loop looks at that thread's element next.
                    Err(back) => element = back,
                },
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        successors(self.first.get(), |element| element.next.get()).map(|element| &element.value)
    }
}

impl<T> Default for GrowingList<T> {
    fn default() -> Self {
        Self {
            first: NextElement::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::GrowingList;

    #[test]
    fn values_are_added_at_the_end_and_once() {
        let list = GrowingList::default();
        let add = |value: u8| list.add(value, u8::eq);
        assert_eq!(
            (add(3), add(1), add(3), add(2)),
            (Ok(0), Ok(1), Err(0), Ok(2))
        );
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), [3, 1, 2]);
    }

    #[test]
    fn threads_that_add_at_once_lose_nothing() {
        let list = GrowingList::default();
        thread::scope(|scope| {
            for thread in 0..4_u32 {
                let list = &list;
                scope.spawn(move || {
                    for number in 0..50 {
                        list.add(number * 4 + thread, u32::eq).unwrap();
                        list.add(1_000 + number, u32::eq).ok();
                    }
                });
            }
        });
        let mut values: Vec<u32> = list.iter().copied().collect();
        values.sort_unstable();
        assert_eq!(values, (0..200).chain(1_000..1_050).collect::<Vec<_>>());
    }
}
