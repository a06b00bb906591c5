//! What figures count, and how people read them.

/// What the figures of an axis count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Things a second.
    PerSecond,
    /// Time, in seconds.
    Seconds,
    /// Size, in bytes; read as kB and MB.
    Bytes,
    /// Memory, in KiB.
    Memory,
}

impl Unit {
    /// A figure, with three digits that count.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Count => grouped(value),
            Self::PerSecond => format!("{}/s", grouped(value)),
            Self::Seconds => scaled(value * 1e9, &["ns", "µs", "ms", "s"]),
            Self::Bytes => scaled(value, &["B", "kB", "MB", "GB"]),
            Self::Memory => format!("{} KiB", grouped(value)),
        }
    }
}

fn scaled(mut value: f64, units: &[&str]) -> String {
    let mut units = units.iter();
    let mut unit = units.next();
    // What is rounded to a thousand is one.
    while value >= 999.5 {
        match units.next() {
            Some(next) => unit = Some(next),
            None => break,
        }
        value /= 1000.0;
    }
    format!(
        "{} {}",
        three_digits(value),
        unit.copied().unwrap_or_default()
    )
}

fn grouped(value: f64) -> String {
    if value < 999.5 {
        return three_digits(value);
    }
    // The rest is noise.
    let step = 10_f64.powf(value.log10().floor() - 2.0);
    let digits = format!("{:.0}", (value / step).round() * step);
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn three_digits(value: f64) -> String {
    let places = match value {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
