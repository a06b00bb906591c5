//! Texts that differ only in a number.

/// Stands in place of the number. Numbers always have this many digits, so that all texts have the same length.
pub const NUMBER: &str = "################";

/// A text that contains the number of a call.
#[derive(Debug, Clone)]
pub struct Template {
    text: Vec<u8>,
    places: Vec<usize>,
}

impl Template {
    /// Creates the template from a text with [`NUMBER`] in it.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            places: text.match_indices(NUMBER).map(|(place, _)| place).collect(),
        }
    }

    /// Returns the text with this number.
    pub fn with(&mut self, number: u64) -> &[u8] {
        let mut digits = [b'0'; NUMBER.len()];
        let mut left = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
        }
        for place in &self.places {
            self.text[*place..][..NUMBER.len()].copy_from_slice(&digits);
        }
        &self.text
    }

    /// Returns the number in `text`, if it matches the template.
    pub fn number_in(&mut self, text: &[u8]) -> Option<u64> {
        let digits = text.get(*self.places.first()?..)?.get(..NUMBER.len())?;
        let number = digits.iter().try_fold(0, |number: u64, digit| {
            let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
            Some(number * 10 + digit)
        })?;
        (self.with(number) == text).then_some(number)
    }
}
