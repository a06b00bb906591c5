//! The label of a client, made from its user agent and safe for terminals and files.

/// The longest label, in characters.
const MAX_LENGTH: usize = 100;

/// The browsers that are recognized, by a part of their user agents. A browser that imitates another one comes before it.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// Returns the label for a user agent: browser and platform, or the user agent itself if the browser is unknown.
pub(crate) fn of_user_agent(agent: &str) -> String {
    let browser = BROWSERS.iter().find_map(|(mark, name)| {
        let (_, rest) = agent.split_once(mark)?;
        let version = rest.split([' ', ';', ')']).next().unwrap_or_default();
        Some(format!("{name} {version}"))
    });
    match (browser, platform(agent)) {
        (Some(browser), Some(platform)) => printable(&format!("{browser} | {platform}")),
        (Some(browser), None) => printable(&browser),
        (None, _) if agent.trim().is_empty() => "an unnamed client".to_owned(),
        (None, _) => printable(agent),
    }
}

fn platform(agent: &str) -> Option<&str> {
    let (_, rest) = agent.split_once('(')?;
    let (details, _) = rest.split_once(')')?;
    let is_platform = |part: &&str| !matches!(*part, "X11" | "Macintosh" | "compatible");
    details.split("; ").find(is_platform)
}

/// Removes characters that move a terminal's cursor or reverse its text, and limits the length.
pub(crate) fn printable(text: &str) -> String {
    let is_hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars()
        .filter(|letter| !is_hidden(*letter))
        .take(MAX_LENGTH)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::of_user_agent;

    #[test]
    fn browsers_are_named() {
        for (agent, label) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                "Chrome 120.0.0.0 | Linux x86_64",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.1",
                "Edge 120.0.1 | Windows NT 10.0",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
                "Safari 17.0 | Intel Mac OS X 10_15_7",
            ),
            ("devtools-runtime/0.1.0", "devtools-runtime/0.1.0"),
            ("", "an unnamed client"),
        ] {
            assert_eq!(of_user_agent(agent), label);
        }
    }

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        let label = of_user_agent("curl\u{1b}[2J\r\nthe code is 000000\u{202e}");
        assert_eq!(label, "curl[2Jthe code is 000000");
        assert_eq!(of_user_agent(&"x".repeat(5000)).len(), 100);
    }
}
