//! The model: a small generator of sentences. The same question always gets the same answer.

use devtools_runtime::RpcError;

/// The error of the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, RpcError)]
pub enum ModelError {
    /// The question has no answer.
    #[error("nothing can be divided by zero, and neither can I")]
    DividedByZero,
}

const OPENINGS: [&str; 4] = [
    "Good question.",
    "Let me think aloud.",
    "The short answer is yes, and the long one follows.",
    "Nobody has asked me that since I was started.",
];

const SUBJECTS: [&str; 6] = [
    "A stream",
    "Every page that is open",
    "The server",
    "Somebody who arrives late",
    "A shared state",
    "The producer",
];

const VERBS: [&str; 6] = [
    "keeps",
    "waits for",
    "remembers",
    "lets go of",
    "asks about",
    "begins with",
];

const OBJECTS: [&str; 6] = [
    "the last token",
    "what was said before",
    "a connection that comes back",
    "the whole history",
    "nothing that it does not need",
    "a small detail",
];

/// The number of sentences in an answer, unless the question asks for a story.
const SENTENCES: usize = 4;

/// Returns the tokens of the answer to `question`: words with the spaces before them.
///
/// A question for a story gets an endless answer. A question about division by zero gets an error after the opening.
/// The iterator is lazy: it only makes tokens that are taken.
pub fn answer(question: &str) -> impl Iterator<Item = Result<String, ModelError>> + Send + 'static {
    let asked = question.to_lowercase();
    let mut dice = Dice::new(question);
    let opening = format!("{} You ask: “{question}”", dice.pick(&OPENINGS));
    let sentences = if asked.contains("divided by zero") {
        0
    } else if asked.contains("story") {
        usize::MAX
    } else {
        SENTENCES
    };
    let failure = (sentences == 0).then_some(Err(ModelError::DividedByZero));
    let rest = (0..sentences).flat_map(move |_| {
        let parts = [dice.pick(&SUBJECTS), dice.pick(&VERBS), dice.pick(&OBJECTS)];
        tokens(&format!(" {} {} {}.", parts[0], parts[1], parts[2]))
    });
    let tokens = tokens(&opening).into_iter().chain(rest);
    tokens.map(Ok).chain(failure)
}

fn tokens(text: &str) -> Vec<String> {
    let ends = text.match_indices(' ').map(|(at, _)| at);
    let starts = std::iter::once(0).chain(ends.clone());
    let ends = ends.chain(std::iter::once(text.len()));
    starts
        .zip(ends)
        .filter(|(start, end)| start < end)
        .map(|(start, end)| text[start..end].to_owned())
        .collect()
}

/// A pseudo-random generator (xorshift), which gives the same numbers for the same question.
struct Dice(u64);

impl Dice {
    fn new(question: &str) -> Self {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(question.bytes().fold(0xcbf2_9ce4_8422_2325, hash) | 1) // it must not be zero
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let Ok(count) = u64::try_from(from.len()) else {
            return from[0];
        };
        usize::try_from(self.0 % count).map_or(from[0], |at| from[at])
    }
}

#[cfg(test)]
mod tests {
    use super::{ModelError, answer};

    #[test]
    fn the_same_question_gets_the_same_answer() {
        let text = |question| -> String { answer(question).map(Result::unwrap).collect() };
        assert_eq!(text("Why?"), text("Why?"));
        assert_ne!(text("Why?"), text("Why not?"));
        assert!(text("Why?").contains("You ask: “Why?”"));
        assert!(answer("Why?").count() > 12);
    }

    #[test]
    fn a_story_goes_on_and_a_division_by_zero_fails() {
        assert_eq!(answer("a story").take(10_000).count(), 10_000);
        let last = answer("What is 1 divided by zero?").last();
        assert_eq!(last, Some(Err(ModelError::DividedByZero)));
    }
}
