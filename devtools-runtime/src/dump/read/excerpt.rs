//! Excerpts of a long text that show where it differs from other texts.

/// The longest text that is shown in full, in characters.
const LONGEST: usize = 120;

/// The number of characters shown before and after a position: in a text with one position, and with several.
const AROUND_ONE: (usize, usize) = (40, 80);
const AROUND_EACH: (usize, usize) = (15, 25);

/// Returns the parts of a text around these positions, which are offsets in bytes. A short text is returned in full.
pub(super) fn excerpt(text: &str, places: impl IntoIterator<Item = usize>) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    // An offset inside of a character counts as that character.
    let in_chars = |place: usize| {
        let begins = text.char_indices().take_while(|(at, _)| *at <= place);
        begins.count().saturating_sub(1)
    };
    let mut places: Vec<usize> = places.into_iter().map(in_chars).collect();
    places.sort_unstable();
    places.dedup();
    let (before, after) = match *places {
        [] | [_] => AROUND_ONE,
        _ => AROUND_EACH,
    };
    if places.is_empty() {
        places.push(0);
    }
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for place in places {
        let (begin, end) = (place.saturating_sub(before), (place + after).min(length));
        match parts.last_mut() {
            Some((_, last)) if begin <= *last => *last = end,
            _ => parts.push((begin, end)),
        }
    }
    let mut shown = String::new();
    let mut shown_to = 0;
    for (begin, end) in parts {
        if begin > shown_to {
            shown.push('…');
        }
        shown.extend(text.chars().skip(begin).take(end - begin));
        shown_to = end;
    }
    if shown_to < length {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn a_long_text_is_shown_where_it_is_told_from_others() {
        assert_eq!(excerpt("short", [3]), "short");
        let text = format!(
            "{}ABC{}XYZ{}",
            "é".repeat(200),
            "b".repeat(200),
            "c".repeat(200)
        );
        assert_eq!(
            excerpt(&text, [400]),
            format!("…{}ABC{}…", "é".repeat(40), "b".repeat(77))
        );
        let both = excerpt(&text, [400, 603]);
        assert!(both.contains("éABCb") && both.contains("bXYZc"), "{both}");
        assert_eq!(both.matches('…').count(), 3, "{both}");
        assert_eq!(excerpt(&text, []), format!("{}…", "é".repeat(80)));
        assert!(excerpt(&text, [text.len()]).ends_with('c'));
    }
}
