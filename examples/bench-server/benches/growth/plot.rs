//! Draws a curve as SVG with logarithmic axes. The SVG is written as text, so no library is needed.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use crate::curve::{Curve, Series};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;

/// The position of the plot.
const LEFT: f64 = 104.0;
const RIGHT: f64 = 724.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 372.0;

/// The card has its own background, so that it is readable on any page.
const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .tick, .value { font-size: 12px; fill: #57606a }
  .value { paint-order: stroke; stroke: #ffffff; stroke-width: 4; stroke-linejoin: round }
  .card { fill: #ffffff; stroke: #d0d7de }
  .grid { stroke: #d8dee4; stroke-width: 1 }
  .guide { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 5 5 }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .s0 { stroke: #0969da } .d0 { fill: #0969da }
  .s1 { stroke: #bc4c00 } .d1 { fill: #bc4c00 }
  .s2 { stroke: #1a7f37 } .d2 { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .tick, .value { fill: #9198a1 }
    .value { stroke: #0d1117 }
    .card { fill: #0d1117; stroke: #3d444d }
    .grid { stroke: #2a313c }
    .guide { stroke: #6e7681 }
    .s0 { stroke: #4493f8 } .d0 { fill: #4493f8 }
    .s1 { stroke: #f0883e } .d1 { fill: #f0883e }
    .s2 { stroke: #3fb950 } .d2 { fill: #3fb950 }
  }";

/// Maps figures to positions.
struct Scale {
    /// The exponents of ten at both ends.
    from: f64,
    to: f64,
    places: RangeInclusive<f64>,
}

impl Scale {
    /// Creates a scale with whole powers of ten at both ends.
    fn new(values: impl Iterator<Item = f64> + Clone, places: RangeInclusive<f64>) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::MIN_POSITIVE, f64::max);
        let from = least.log10().floor();
        Self {
            from,
            to: most.log10().ceil().max(from + 1.0),
            places,
        }
    }

    fn place(&self, value: f64) -> f64 {
        let part = (value.log10() - self.from) / (self.to - self.from);
        self.places.start() + part * (self.places.end() - self.places.start())
    }

    /// Returns the powers of ten. If there are few, also two and five times each.
    fn ticks(&self) -> Vec<f64> {
        let factors: &[f64] = if self.to - self.from < 2.5 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let mut ticks = Vec::new();
        let mut exponent = self.from;
        while exponent <= self.to {
            let of_power = factors.iter().map(|factor| factor * 10_f64.powf(exponent));
            ticks.extend(of_power.filter(|tick| tick.log10() <= self.to + 1e-9));
            exponent += 1.0;
        }
        ticks
    }
}

/// Returns the curve as the text of a file.
pub fn svg(curve: &Curve) -> String {
    let points = || curve.series.iter().flat_map(|series| &series.points);
    let x = Scale::new(points().map(|point| point.0), LEFT..=RIGHT);
    let y = Scale::new(points().map(|point| point.1), BOTTOM..=TOP);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}\n</style>\n\
         <rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"20\" y=\"30\">{title}</text>",
        WIDTH - 1.0,
        HEIGHT - 1.0,
        title = escaped(curve.title),
    );
    draw_axes(&mut out, curve, &x, &y);
    draw_guide(&mut out, curve, &x, &y);
    for (index, series) in curve.series.iter().enumerate() {
        draw_series(&mut out, index, series, &x, &y);
    }
    for series in &curve.series {
        draw_values(&mut out, curve, series, &x, &y);
    }
    draw_legend(&mut out, curve);
    out + "</svg>\n"
}

fn draw_axes(out: &mut String, curve: &Curve, x: &Scale, y: &Scale) {
    for tick in x.ticks() {
        let (place, label) = (x.place(tick), curve.x.unit.show(tick));
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{place:.1}\" y1=\"{TOP}\" x2=\"{place:.1}\" y2=\"{BOTTOM}\"/>\
             <text class=\"tick\" x=\"{place:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            BOTTOM + 20.0
        );
    }
    for tick in y.ticks() {
        let (place, label) = (y.place(tick), curve.y.unit.show(tick));
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{place:.1}\" x2=\"{RIGHT}\" y2=\"{place:.1}\"/>\
             <text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 8.0,
            place + 4.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"20\" y=\"{}\">{}</text>",
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 46.0,
        escaped(curve.x.label),
        TOP - 14.0,
        escaped(curve.y.label),
    );
}

/// Draws a dashed line through the last point, with the expected slope.
fn draw_guide(out: &mut String, curve: &Curve, x: &Scale, y: &Scale) {
    let Some((last_x, last_y)) = curve.series.first().and_then(|series| series.points.last())
    else {
        return;
    };
    let slope = curve.expected;
    let at = |x: f64| last_y * (x / last_x).powf(slope);
    let from = 10_f64.powf(x.from);
    // The point at which the line leaves the plot.
    let from = if slope > 0.0 {
        from.max(last_x * (10_f64.powf(y.from) / last_y).powf(1.0 / slope))
    } else {
        from
    };
    let _ = writeln!(
        out,
        "<line class=\"guide\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        x.place(from),
        y.place(at(from)),
        x.place(*last_x),
        y.place(*last_y),
    );
}

fn draw_series(out: &mut String, index: usize, series: &Series, x: &Scale, y: &Scale) {
    let places = series
        .points
        .iter()
        .map(|point| (x.place(point.0), y.place(point.1)));
    let mut line = String::new();
    for (x, y) in places.clone() {
        let _ = write!(line, "{x:.1},{y:.1} ");
    }
    let _ = writeln!(
        out,
        "<polyline class=\"line s{index}\" points=\"{}\"/>",
        line.trim_end()
    );
    for (x, y) in places {
        let _ = writeln!(
            out,
            "<circle class=\"d{index}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"
        );
    }
}

/// Draws the figures: above the points of the uppermost curve, and below those of the others.
fn draw_values(out: &mut String, curve: &Curve, series: &Series, x: &Scale, y: &Scale) {
    for (at, value) in &series.points {
        let is_above = |other: &(f64, f64)| (other.0 - at).abs() < f64::EPSILON && other.1 > *value;
        let others = curve.series.iter().flat_map(|series| &series.points);
        let beside = if others.clone().any(is_above) {
            21.0
        } else {
            -11.0
        };
        let (x, y) = (x.place(*at), y.place(*value));
        let anchor = match x {
            x if x < LEFT + 20.0 => "start",
            x if x > RIGHT - 20.0 => "end",
            _ => "middle",
        };
        let _ = writeln!(
            out,
            "<text class=\"value\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            y + beside,
            curve.y.unit.show(*value)
        );
    }
}

fn draw_legend(out: &mut String, curve: &Curve) {
    let named = curve
        .series
        .iter()
        .enumerate()
        .map(|(index, series)| (format!("line s{index}"), series.name));
    let mut place = RIGHT;
    // The labels begin at the right, because the axis is on the left.
    let mut entries: Vec<(String, &str)> = named.collect();
    entries.push(("guide".to_owned(), curve.expected_word()));
    for (class, name) in entries.iter().rev() {
        // The width of a text depends on the viewer, so this is an estimate.
        let width = f64::from(u32::try_from(name.chars().count()).unwrap_or_default()) * 6.7;
        place -= width;
        let _ = writeln!(
            out,
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{y}\" x2=\"{:.1}\" y2=\"{y}\"/>\
             <text class=\"tick\" x=\"{place:.1}\" y=\"{}\">{}</text>",
            place - 30.0,
            place - 6.0,
            TOP - 14.0,
            escaped(name),
            y = TOP - 18.0,
        );
        place -= 46.0;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
