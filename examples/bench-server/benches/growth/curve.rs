//! A curve: measurements as a table.

use std::fmt;

use crate::unit::Unit;

/// The amount by which a slope may exceed the expected one. Less is noise.
const NOISE: f64 = 0.15;

/// A measurement of how a cost grows.
#[derive(Debug)]
pub struct Curve {
    /// The name of its file.
    pub name: &'static str,
    pub title: &'static str,
    pub x: Axis,
    pub y: Axis,
    /// The expected slope on logarithmic axes: 0 is constant, 1 is linear.
    pub expected: f64,
    pub series: Vec<Series>,
}

/// The quantity of an axis.
#[derive(Debug)]
pub struct Axis {
    pub label: &'static str,
    pub unit: Unit,
}

/// The points of one series of measurements.
#[derive(Debug)]
pub struct Series {
    pub name: &'static str,
    pub points: Vec<(f64, f64)>,
}

impl Series {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn add(&mut self, x: usize, y: f64) {
        self.points.push((x as f64, y));
    }

    /// Returns the slope from the previous point to this one.
    fn slope(&self, index: usize) -> Option<f64> {
        let (x, y) = self.points.get(index.checked_sub(1)?)?;
        let (next_x, next_y) = self.points.get(index)?;
        Some((next_y / y).ln() / (next_x / x).ln())
    }
}

impl Curve {
    /// Returns the cost for one unit of x: for a rate, the time of one call; otherwise, y divided by x.
    fn part(&self, (x, y): (f64, f64)) -> String {
        match self.y.unit {
            Unit::PerSecond => Unit::Seconds.show(1.0 / y),
            unit => unit.show(y / x),
        }
    }

    /// Returns the expected slope as a word.
    pub fn expected_word(&self) -> &'static str {
        if self.expected > 0.0 {
            "linear"
        } else {
            "constant"
        }
    }

    /// Returns how much a slope exceeds the expected one.
    fn excess(&self, slope: f64) -> f64 {
        match self.y.unit {
            // A rate may rise.
            Unit::PerSecond => self.expected - slope,
            _ => slope - self.expected,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        let part = match self.y.unit {
            Unit::PerSecond => "a call takes",
            _ => "for each",
        };
        for series in &self.series {
            let (x, y, name) = (self.x.label, self.y.label, series.name);
            writeln!(f, "| {x} | {y}, {name} | {part} | slope |")?;
            writeln!(f, "|---|---|---|---|")?;
            for (index, point) in series.points.iter().enumerate() {
                let (x, y) = *point;
                let slope = series.slope(index);
                let slope = slope.map_or(String::new(), |slope| format!("{slope:.2}"));
                let (x, y) = (self.x.unit.show(x), self.y.unit.show(y));
                writeln!(f, "| {x} | {y} | {} | {slope} |", self.part(*point))?;
            }
            writeln!(f)?;
        }
        for series in &self.series {
            for (index, pair) in series.points.windows(2).enumerate() {
                let slope = series.slope(index + 1).unwrap_or_default();
                if self.excess(slope) > NOISE {
                    let [from, to] = [0, 1].map(|end| self.x.unit.show(pair[end].0));
                    let Series { name, .. } = series;
                    let expected = self.expected_word();
                    writeln!(
                        f,
                        "Steeper than {expected}, from {from} to {to}: {slope:.2} ({name})"
                    )?;
                }
            }
        }
        Ok(())
    }
}
