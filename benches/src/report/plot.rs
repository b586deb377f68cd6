//! Bars for the figures of a few cases, as a picture (SVG).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::table::number;

/// The size of the picture and of the area with the bars in it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const RIGHT: f64 = 620.0;
const BOTTOM: f64 = 300.0;

/// The part of its place that a bar takes.
const FILLED: f64 = 0.6;

/// How many lines there are above the axis.
const LINES: u32 = 4;

/// A picture of one figure in several cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plot {
    /// The name of its file, without the ending.
    pub(crate) name: String,
    pub(crate) title: String,
    /// What tells the cases apart.
    pub(crate) case: String,
    /// What is measured, with its unit.
    pub(crate) figure: String,
    pub(crate) bars: Vec<Bar>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
}

impl Plot {
    /// Returns the picture.
    pub(crate) fn svg(&self) -> String {
        let highest = self.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        let top = nice_above(highest);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"13\" fill=\"#333\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        );
        let middle = f64::midpoint(LEFT, RIGHT);
        text(&mut svg, middle, 26.0, "middle", &self.title);
        text(&mut svg, middle, HEIGHT - 14.0, "middle", &self.case);
        text(&mut svg, 12.0, TOP - 12.0, "start", &self.figure);
        for line in 0..=LINES {
            let share = f64::from(line) / f64::from(LINES);
            let y = BOTTOM - (BOTTOM - TOP) * share;
            element(
                &mut svg,
                format_args!(
                    "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>"
                ),
            );
            text(&mut svg, LEFT - 8.0, y + 4.0, "end", &number(top * share));
        }
        let place = (RIGHT - LEFT) / self.bars.len().max(1) as f64;
        for (number_of_bar, bar) in self.bars.iter().enumerate() {
            let centre = place.mul_add(number_of_bar as f64 + 0.5, LEFT);
            let height = (BOTTOM - TOP) * (bar.value / top).clamp(0.0, 1.0);
            element(
                &mut svg,
                format_args!(
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"#3b6ea5\"/>",
                    centre - place * FILLED / 2.0,
                    BOTTOM - height,
                    place * FILLED,
                ),
            );
            text(
                &mut svg,
                centre,
                BOTTOM - height - 6.0,
                "middle",
                &number(bar.value),
            );
            text(&mut svg, centre, BOTTOM + 20.0, "middle", &bar.label);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    element(
        svg,
        format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"),
    );
}

fn element(svg: &mut String, element: std::fmt::Arguments<'_>) {
    writeln!(svg, "{element}").expect("invariant: a string takes whatever is written");
}

/// Returns the next number of 1, 2, 4, 5 or 10 times a power of ten.
fn nice_above(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let nice = [1.0, 2.0, 4.0, 5.0].into_iter().map(|it| it * power);
    nice.into_iter()
        .find(|it| *it >= value)
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(values: &[f64]) -> Plot {
        let bars = values.iter().map(|value| Bar {
            label: format!("<{value}>"),
            value: *value,
        });
        Plot {
            name: "plot".to_owned(),
            title: "One & other".to_owned(),
            case: "dispatchers".to_owned(),
            figure: "calls per second".to_owned(),
            bars: bars.collect(),
        }
    }

    #[test]
    fn a_bar_is_as_high_as_its_value() {
        let svg = plot(&[200.0, 100.0]).svg();
        assert!(svg.contains("height=\"250.0\""), "{svg}");
        assert!(svg.contains("height=\"125.0\""), "{svg}");
    }

    #[test]
    fn words_cannot_become_elements() {
        let svg = plot(&[1.0]).svg();
        assert!(svg.contains("One &amp; other"), "{svg}");
        assert!(svg.contains("&lt;1&gt;"), "{svg}");
    }

    #[test]
    fn a_picture_of_nothing_is_a_picture() {
        for values in [&[][..], &[0.0], &[f64::NAN]] {
            let svg = plot(values).svg();
            assert!(svg.ends_with("</svg>\n"), "{svg}");
        }
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        let ends = [0.0, 1.0, 1.1, 3.0, 42.0, 430.0, 999.0].map(nice_above);
        assert_eq!(ends, [1.0, 1.0, 2.0, 4.0, 50.0, 500.0, 1000.0]);
    }
}
