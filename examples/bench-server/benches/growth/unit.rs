//! The units of figures, and their notation for people.

/// The unit of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A number of things per second.
    PerSecond,
    /// A time in seconds.
    Seconds,
    /// A size in bytes, shown in kB and MB.
    Bytes,
    /// Memory in KiB.
    Memory,
}

impl Unit {
    /// Writes a figure with three significant digits.
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
    // A figure that is rounded to a thousand is written as one of the next unit.
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
    // Further digits are noise.
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
