//! The page with the latest figures.

use super::Report;
use super::table::{notes, table};

/// Returns the page `benches/RESULTS.md`.
pub(crate) fn page(report: &Report) -> String {
    let host = &report.host;
    let plots: String = report
        .plots
        .iter()
        .map(|plot| format!("![{}](plots/{}.svg)\n\n", plot.title, plot.name))
        .collect();
    format!(
        "# Results\n\
        \n\
        Written by `cargo xtask bench --save-results`; one uninterrupted run. Times are in \
        milliseconds. A ratio is to the floor that the target names, measured in the same run.\n\
        \n\
        {}\n\
        {}\n\
        ## Notes\n\
        \n\
        {}\n\
        ## Plots\n\
        \n\
        {}",
        host.describe(&report.effort),
        table(report),
        notes(report),
        plots.trim_end(),
    )
    .trim_end()
    .to_owned()
        + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::tests::{report, timed};
    use super::*;

    #[test]
    fn the_page_says_when_and_on_what_it_was_measured() {
        let page = page(&report(vec![timed("quickjs", "warm", 1.0).noted("a note")]));
        for part in [
            "2026-01-02",
            "0123456789ab",
            "A processor",
            "2 cores",
            "6.1.0",
            "a note",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
    }
}
