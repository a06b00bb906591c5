//! One-time codes: six digits and a link, shown where only the user of the machine sees them ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)).

use std::collections::VecDeque;
use std::time::Duration;

use subtle::{Choice, ConstantTimeEq as _};
use tokio::time::Instant;

use crate::host::trust::guesses::{Guesser, Guesses};
use crate::host::trust::showings::Showings;
use crate::host::trust::tokens::random_token;

/// How long a code is valid.
const VALIDITY: Duration = Duration::from_secs(300);

/// The number of codes that can be valid at once. A client that asks for a new code invalidates only the code that was shown
/// for it.
const VALID_AT_ONCE: usize = 3;

/// The valid codes, the wrong guesses, and how often codes were shown.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    /// The valid codes. The oldest comes first.
    valid: VecDeque<Code>,
    guesses: Guesses,
    showings: Showings,
}

/// A code in its two forms. Either form can be used once, and then both are invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Six digits, for the user to enter.
    pub(crate) digits: String,
    /// The secret in a link for the user to open. It is as hard to guess as a token.
    pub(crate) link: String,
}

#[derive(Debug)]
struct Code {
    text: Shown,
    made: Instant,
    /// Whether the digits were shown.
    shown: bool,
    /// The session that the digits were shown for.
    shown_for: Option<u64>,
}

/// The answer to a code that a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// The code was valid. It is invalid now.
    Right,
    Wrong,
    /// The code was not compared. No code from this client is compared for this time.
    Paused(Duration),
}

/// The answer to a client that asks for a code to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Showing {
    /// This code is to be shown now.
    Now(Shown),
    /// The current code was shown before.
    Before,
    /// Too many codes were shown. No code is shown for this client for this time.
    Paused(Duration),
}

impl Codes {
    /// Compares the code that a client offers with the valid codes.
    pub(crate) fn redeem(&mut self, offer: &str, guesser: Guesser) -> Redeemed {
        let now = Instant::now();
        self.forget_old(now);
        if !is_digits(offer) {
            // The offer is the secret of a link, or a text that cannot match by chance, so it does not count as a guess.
            let is_right = self.take(|code| code.text.link.as_bytes().ct_eq(offer.as_bytes()));
            return if is_right {
                Redeemed::Right
            } else {
                Redeemed::Wrong
            };
        }
        let is_own = |code: &Code| code.shown_for == Some(guesser.session);
        let own = self.valid.iter().any(is_own);
        let own_paused = own.then(|| self.guesses.own_pause(guesser, now));
        let paused = self.guesses.pause(guesser, now);
        if let (Some(pause), Some(Some(_)) | None) = (paused, own_paused) {
            return Redeemed::Paused(pause);
        }
        let is_right = self.take(|code| {
            let equal = code.text.digits.as_bytes().ct_eq(offer.as_bytes());
            let counts = paused.is_none() || is_own(code);
            equal & Choice::from(u8::from(counts))
        });
        match (is_right, paused) {
            (true, _) => return Redeemed::Right,
            (false, None) => self.guesses.wrong(guesser, now),
            (false, Some(_)) => self.guesses.own_wrong(guesser, now),
        }
        Redeemed::Wrong
    }

    /// Returns the code to show for a client that asks for it. `reissue` replaces the code that was shown for this client by
    /// a new one.
    pub(crate) fn show(
        &mut self,
        client: Guesser,
        reissue: bool,
    ) -> Result<Showing, getrandom::Error> {
        let now = Instant::now();
        self.forget_old(now);
        let is_shown = self.valid.back().is_some_and(|code| code.shown);
        if is_shown && !reissue {
            return Ok(Showing::Before);
        }
        if let Some(pause) = self.showings.pause(client, now) {
            return Ok(Showing::Paused(pause));
        }
        if reissue {
            self.valid
                .retain(|code| code.shown_for != Some(client.session));
            if self.valid.len() < VALID_AT_ONCE {
                self.make(now)?;
            }
        }
        let code = self.latest(now)?;
        if std::mem::replace(&mut code.shown, true) {
            return Ok(Showing::Before);
        }
        code.shown_for = Some(client.session);
        let text = code.text.clone();
        self.showings.count(client);
        Ok(Showing::Now(text))
    }

    /// Returns the digits for a program that shows them itself.
    pub(crate) fn peek(&mut self) -> Result<String, getrandom::Error> {
        let code = self.latest(Instant::now())?;
        code.shown = true;
        Ok(code.text.digits.clone())
    }

    /// Returns the secret of the link for a program that shows it itself. The digits do not count as shown.
    pub(crate) fn link(&mut self) -> Result<String, getrandom::Error> {
        Ok(self.latest(Instant::now())?.text.link.clone())
    }

    /// Removes the code that is equal to the offered one. Compares with all codes, so that the duration reveals nothing.
    fn take(&mut self, equal: impl Fn(&Code) -> Choice) -> bool {
        let before = self.valid.len();
        self.valid.retain(|code| !bool::from(equal(code)));
        self.valid.len() < before
    }

    fn forget_old(&mut self, now: Instant) {
        self.valid
            .retain(|code| now.duration_since(code.made) < VALIDITY);
    }

    fn latest(&mut self, now: Instant) -> Result<&mut Code, getrandom::Error> {
        self.forget_old(now);
        if self.valid.is_empty() {
            self.make(now)?;
        }
        self.valid.back_mut().ok_or(getrandom::Error::UNEXPECTED)
    }

    fn make(&mut self, now: Instant) -> Result<(), getrandom::Error> {
        let text = Shown {
            digits: random_digits()?,
            link: random_token()?,
        };
        self.valid.push_back(Code {
            text,
            made: now,
            shown: false,
            shown_for: None,
        });
        Ok(())
    }
}

/// Returns whether an offer has the form of a code, or of the secret of a link.
pub(crate) fn is_code(offer: &str) -> bool {
    is_digits(offer) || (offer.len() == 32 && offer.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_digits(offer: &str) -> bool {
    offer.len() == 6 && offer.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns six random decimal digits. All sequences are equally likely.
fn random_digits() -> Result<String, getrandom::Error> {
    const CODES: u32 = 1_000_000;
    loop {
        let number = getrandom::u32()?;
        // Numbers above the last multiple would make small codes more likely.
        if number < u32::MAX / CODES * CODES {
            return Ok(format!("{:06}", number % CODES));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Codes, Guesser, Redeemed, Showing, Shown, random_digits};

    const SOMEBODY: Guesser = guesser(1);

    const fn guesser(session: u64) -> Guesser {
        Guesser {
            session,
            address: None,
        }
    }

    /// Returns a code that differs from this one.
    fn wrong(code: &str) -> String {
        let number: u32 = code.parse().unwrap();
        format!("{:06}", (number + 1) % 1_000_000)
    }

    fn show(codes: &mut Codes, session: u64) -> Shown {
        shown(codes.show(guesser(session), false).unwrap())
    }

    fn reissue(codes: &mut Codes, session: u64) -> Showing {
        codes.show(guesser(session), true).unwrap()
    }

    fn shown(showing: Showing) -> Shown {
        match showing {
            Showing::Now(code) => code,
            other => panic!("no code is to be shown: {other:?}"),
        }
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
        let code = show(&mut codes, 1).digits;
        for offer in [&wrong(&code), &format!(" {code}"), ""] {
            assert_eq!(codes.redeem(offer, SOMEBODY), Redeemed::Wrong, "{offer}");
        }
        assert_eq!(codes.redeem(&code, SOMEBODY), Redeemed::Right);
        assert_eq!(codes.redeem(&code, SOMEBODY), Redeemed::Wrong);
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_is_good_once_and_takes_its_digits_with_it() {
        let mut codes = Codes::default();
        let link = codes.link().unwrap();
        let code = show(&mut codes, 1);
        assert_eq!(code.link, link, "the digits are still to be shown");
        assert_eq!(codes.redeem(&link, SOMEBODY), Redeemed::Right);
        for offer in [&code.link, &code.digits] {
            assert_eq!(codes.redeem(offer, SOMEBODY), Redeemed::Wrong);
        }
        let code = show(&mut codes, 1);
        assert_eq!(codes.redeem(&code.digits, SOMEBODY), Redeemed::Right);
        assert_eq!(codes.redeem(&code.link, SOMEBODY), Redeemed::Wrong);
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_expires() {
        let mut codes = Codes::default();
        let code = show(&mut codes, 1);
        advance(Duration::from_secs(299)).await;
        let showing = codes.show(SOMEBODY, false).unwrap();
        assert_eq!(showing, Showing::Before);
        advance(Duration::from_secs(1)).await;
        for offer in [&code.digits, &code.link] {
            assert_eq!(codes.redeem(offer, SOMEBODY), Redeemed::Wrong);
        }
        let _ = show(&mut codes, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_wrong_codes_keeps_the_right_one_good_for_whom_it_was_shown() {
        let mut codes = Codes::default();
        let code = show(&mut codes, 1);
        let mut paused = 0;
        // Sends 50 codes a second for a minute, each over another connection.
        for session in 1000..4000 {
            let offered = codes.redeem(&wrong(&code.digits), guesser(session));
            paused += u32::from(offered != Redeemed::Wrong);
            advance(Duration::from_millis(20)).await;
        }
        assert!(paused > 2900, "{paused} of 3000 were not looked at");
        let offered = codes.redeem(&code.digits, guesser(9));
        assert!(matches!(offered, Redeemed::Paused(_)), "{offered:?}");
        assert_eq!(
            codes.redeem(&wrong(&code.digits), SOMEBODY),
            Redeemed::Wrong
        );
        assert_eq!(codes.redeem(&code.digits, SOMEBODY), Redeemed::Right);

        // The link is still valid.
        let link = codes.link().unwrap();
        assert_eq!(codes.redeem(&link, guesser(9)), Redeemed::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn guessing_on_and_on_leads_nowhere() {
        let mut codes = Codes::default();
        let code = codes.peek().unwrap();
        for session in [1, 2] {
            for _ in 0..5 {
                let offered = codes.redeem(&wrong(&code), guesser(session));
                assert_eq!(offered, Redeemed::Wrong);
            }
        }
        let paused = Redeemed::Paused(Duration::from_secs(60));
        assert_eq!(codes.redeem(&code, guesser(1)), paused, "not looked at");
        assert_eq!(codes.redeem(&code, guesser(3)), paused);
        // Nor does it help to have had a code shown.
        let code = shown(reissue(&mut codes, 3));
        for _ in 0..5 {
            assert_eq!(
                codes.redeem(&wrong(&code.digits), guesser(3)),
                Redeemed::Wrong
            );
        }
        assert!(matches!(
            codes.redeem(&code.digits, guesser(3)),
            Redeemed::Paused(_)
        ));
        advance(Duration::from_secs(60)).await;
        assert_eq!(codes.redeem(&code.digits, guesser(3)), Redeemed::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn who_wants_a_new_code_takes_no_other_one_away() {
        let mut codes = Codes::default();
        let first = show(&mut codes, 1);
        let second = shown(reissue(&mut codes, 2));
        let third = shown(reissue(&mut codes, 2));
        assert_eq!(codes.redeem(&second.digits, SOMEBODY), Redeemed::Wrong);
        for session in 3..100 {
            let _ = reissue(&mut codes, session);
        }
        assert_eq!(codes.redeem(&third.digits, SOMEBODY), Redeemed::Right);
        assert_eq!(codes.redeem(&first.digits, SOMEBODY), Redeemed::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn a_terminal_cannot_be_flooded() {
        let mut codes = Codes::default();
        let mut last = None;
        let mut count = 0;
        for ask in 0..3000 {
            match reissue(&mut codes, ask % 1000) {
                Showing::Now(code) => {
                    last = Some(code);
                    count += 1;
                }
                Showing::Before => {}
                Showing::Paused(pause) => assert_eq!(pause, Duration::from_secs(60)),
            }
        }
        assert!(count <= 10, "{count} codes were shown");
        // The code that the terminal shows last is good for whoever reads it there.
        let person = guesser(5000);
        assert_eq!(codes.show(person, false).unwrap(), Showing::Before);
        assert_eq!(codes.redeem(&last.unwrap().digits, person), Redeemed::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_is_told_how_long_no_code_is_shown_for_it() {
        let mut codes = Codes::default();
        for _ in 0..3 {
            let _ = shown(reissue(&mut codes, 1));
        }
        let paused = Showing::Paused(Duration::from_secs(60));
        assert_eq!(reissue(&mut codes, 1), paused);
        let _ = shown(reissue(&mut codes, 2));
        advance(Duration::from_secs(60)).await;
        let _ = shown(reissue(&mut codes, 1));
    }
}
