//! The table of the measurements, in markdown.

use std::fmt;

use crate::load::median;
use crate::workload::{Measured, Scale, Workload};

/// The rows of all workloads.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

/// A workload, with its results of each round.
#[derive(Debug)]
pub struct Row {
    title: String,
    unit: &'static str,
    rounds: Vec<[f64; 3]>,
    wrong: u64,
    first_wrong: Option<String>,
}

impl Table {
    pub fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    /// Returns `true` if all frames were right.
    pub fn is_right(&self) -> bool {
        self.0.iter().all(|row| row.wrong == 0)
    }
}

impl Row {
    pub fn new(workload: Workload, scale: &Scale) -> Self {
        Self {
            title: workload.title(scale),
            unit: workload.unit(),
            rounds: Vec::new(),
            wrong: 0,
            first_wrong: None,
        }
    }

    /// Adds the results of a round: of the bare floor, the tuned floor and the bench server.
    pub fn add(&mut self, round: [Measured; 3]) {
        self.rounds
            .push([0, 1, 2].map(|server| round[server].value));
        for measured in round {
            self.wrong += measured.wrong;
            self.first_wrong = self.first_wrong.take().or(measured.first_wrong);
        }
    }

    fn values(&self, server: usize) -> f64 {
        let values = self.rounds.iter().map(|round| round[server]);
        median(values.collect()).unwrap_or(f64::NAN)
    }

    /// Compares the bench server with a floor: the median of the rounds' ratios, and their range.
    fn ratio(&self, floor: usize) -> String {
        let ratios: Vec<f64> = self
            .rounds
            .iter()
            .map(|round| round[2] / round[floor])
            .collect();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ratios.iter().copied().fold(0.0, f64::max);
        let median = median(ratios).unwrap_or(f64::NAN);
        format!("{median:.2} ({least:.2}–{most:.2})")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| | bare | tuned | bench-server | × bare | × tuned (least–most) | wrong frames |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for row in &self.0 {
            if row.rounds.is_empty() {
                continue;
            }
            let value = |server| Grouped(row.values(server));
            writeln!(
                f,
                "| {} | {} {unit} | {} {unit} | {} {unit} | {} | {} | {} |",
                row.title,
                value(0),
                value(1),
                value(2),
                row.ratio(0),
                row.ratio(1),
                row.wrong,
                unit = row.unit,
            )?;
        }
        for row in &self.0 {
            if let Some(first) = &row.first_wrong {
                writeln!(f, "\n{}: the first wrong frame was `{first}`", row.title)?;
            }
        }
        Ok(())
    }
}

/// Writes a figure for people: whole and in groups of three digits, or with one decimal if it is small.
struct Grouped(f64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000.0 {
            return write!(f, "{:.1}", self.0);
        }
        let digits = format!("{:.0}", self.0);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}
