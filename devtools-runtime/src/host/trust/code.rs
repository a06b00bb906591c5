//! The one-time code: six digits, shown where only the owner of the machine sees them (`protocol.md` 4.3).

use std::time::Duration;

use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

/// How long a code is good.
const VALIDITY: Duration = Duration::from_secs(300);

/// How many wrong guesses a code survives, less one.
const GUESSES_PER_CODE: u32 = 5;

/// How many wrong guesses are compared within a minute, whatever the code. At this pace it takes weeks to
/// guess one right by chance.
const GUESSES_PER_MINUTE: u32 = 20;

/// How many times within a minute a code is shown because a client asks for it.
const SHOWN_PER_MINUTE: u32 = 10;

/// The code that is good now, and what was made of it.
#[derive(Debug)]
pub(crate) struct Codes {
    current: Option<Code>,
    guesses: Allowance,
    showings: Allowance,
}

#[derive(Debug)]
struct Code {
    digits: String,
    made: Instant,
    wrong_guesses: u32,
    shown: bool,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            current: None,
            guesses: Allowance::per_minute(GUESSES_PER_MINUTE),
            showings: Allowance::per_minute(SHOWN_PER_MINUTE),
        }
    }
}

impl Codes {
    /// Whether `guess` is the code. It is spent then, and after too many wrong guesses.
    pub(crate) fn redeem(&mut self, guess: &str) -> Result<bool, getrandom::Error> {
        let now = Instant::now();
        if self.guesses.is_used_up(now) {
            tracing::warn!("too many wrong codes: none is looked at for the rest of the minute");
            return Ok(false);
        }
        let code = self.current(now)?;
        if bool::from(code.digits.as_bytes().ct_eq(guess.as_bytes())) {
            self.current = None;
            return Ok(true);
        }
        code.wrong_guesses += 1;
        if code.wrong_guesses >= GUESSES_PER_CODE {
            tracing::warn!("a code was guessed at {GUESSES_PER_CODE} times, and is replaced");
            self.current = None;
        }
        self.guesses.use_one(now);
        Ok(false)
    }

    /// The code, because a client asks for it to be shown; `None` if it was shown before, or codes were shown
    /// too often. `reissue` makes a new one first.
    pub(crate) fn show(&mut self, reissue: bool) -> Result<Option<String>, getrandom::Error> {
        let now = Instant::now();
        if self.showings.is_used_up(now) {
            tracing::warn!(
                "codes are asked for too often: none is shown for the rest of the minute"
            );
            return Ok(None);
        }
        if reissue {
            self.current = None;
        }
        let code = self.current(now)?;
        if std::mem::replace(&mut code.shown, true) {
            return Ok(None);
        }
        let digits = code.digits.clone();
        self.showings.use_one(now);
        Ok(Some(digits))
    }

    /// The code, because the program shows it itself.
    pub(crate) fn peek(&mut self) -> Result<String, getrandom::Error> {
        let code = self.current(Instant::now())?;
        code.shown = true;
        Ok(code.digits.clone())
    }

    fn current(&mut self, now: Instant) -> Result<&mut Code, getrandom::Error> {
        let code = match self.current.take() {
            Some(code) if now.duration_since(code.made) < VALIDITY => code,
            _ => Code {
                digits: random_digits()?,
                made: now,
                wrong_guesses: 0,
                shown: false,
            },
        };
        Ok(self.current.insert(code))
    }
}

/// Six decimal digits, each sequence as likely as any other.
fn random_digits() -> Result<String, getrandom::Error> {
    const CODES: u32 = 1_000_000;
    loop {
        let number = getrandom::u32()?;
        // What is left over at the end would make small numbers likelier.
        if number < u32::MAX / CODES * CODES {
            return Ok(format!("{:06}", number % CODES));
        }
    }
}

/// How often something may happen within a minute.
#[derive(Debug)]
struct Allowance {
    per_minute: u32,
    used: u32,
    since: Option<Instant>,
}

impl Allowance {
    fn per_minute(per_minute: u32) -> Self {
        Self {
            per_minute,
            used: 0,
            since: None,
        }
    }

    fn is_used_up(&mut self, now: Instant) -> bool {
        let over = |since: Instant| now.duration_since(since) >= Duration::from_secs(60);
        if self.since.is_none_or(over) {
            self.used = 0;
            self.since = Some(now);
        }
        self.used >= self.per_minute
    }

    fn use_one(&mut self, now: Instant) {
        self.since.get_or_insert(now);
        self.used += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Codes, random_digits};

    /// A code that is not this one.
    fn wrong(code: &str) -> String {
        let number: u32 = code.parse().unwrap();
        format!("{:06}", (number + 1) % 1_000_000)
    }

    #[test]
    fn codes_are_six_digits() {
        let codes: HashSet<String> = (0..500).map(|_| random_digits().unwrap()).collect();
        assert!(codes.len() > 480, "{} of 500 differ", codes.len());
        for code in codes {
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_good_once() {
        let mut codes = Codes::default();
        let code = codes.show(false).unwrap().unwrap();
        assert!(!codes.redeem(&wrong(&code)).unwrap());
        assert!(!codes.redeem(&format!(" {code}")).unwrap());
        assert!(codes.redeem(&code).unwrap());
        assert!(!codes.redeem(&code).unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn five_wrong_guesses_replace_the_code() {
        let mut codes = Codes::default();
        let code = codes.show(false).unwrap().unwrap();
        for _ in 0..5 {
            assert!(!codes.redeem(&wrong(&code)).unwrap());
        }
        assert!(!codes.redeem(&code).unwrap());
        let next = codes.show(false).unwrap().unwrap();
        assert!(codes.redeem(&next).unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_expires() {
        let mut codes = Codes::default();
        let code = codes.show(false).unwrap().unwrap();
        advance(Duration::from_secs(299)).await;
        assert!(codes.show(false).unwrap().is_none(), "it was shown before");
        advance(Duration::from_secs(1)).await;
        assert!(!codes.redeem(&code).unwrap());
        assert!(codes.show(false).unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn guessing_on_and_on_leads_nowhere() {
        let mut codes = Codes::default();
        for _ in 0..20 {
            let code = codes.peek().unwrap();
            assert!(!codes.redeem(&wrong(&code)).unwrap());
        }
        let code = codes.peek().unwrap();
        assert!(!codes.redeem(&code).unwrap(), "not looked at");
        advance(Duration::from_secs(60)).await;
        assert!(codes.redeem(&code).unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_terminal_cannot_be_flooded() {
        let mut codes = Codes::default();
        let shown = (0..1000).filter(|_| codes.show(true).unwrap().is_some());
        assert_eq!(shown.count(), 10);
        advance(Duration::from_secs(60)).await;
        assert!(codes.show(true).unwrap().is_some());
    }
}
