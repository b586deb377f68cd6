//! The table of a run.

use super::grid::{Side, grid};
use super::{Report, Row};

/// Returns the table: one line for each thing that was measured, or should have been.
pub(crate) fn table(report: &Report) -> String {
    let columns = [
        ("group", Side::Left),
        ("what", Side::Left),
        ("n", Side::Right),
        ("min", Side::Right),
        ("p50", Side::Right),
        ("p95", Side::Right),
        ("p99", Side::Right),
        ("max", Side::Right),
        ("per s", Side::Right),
        ("CPU ms", Side::Right),
        ("MiB", Side::Right),
        ("ratio", Side::Right),
        ("target", Side::Left),
        ("bound", Side::Right),
        ("met", Side::Left),
    ];
    let rows: Vec<_> = report.rows.iter().map(cells).collect();
    grid(columns, &rows)
}

/// Returns what must be known to read the table, a line for each row that has such.
pub(crate) fn notes(report: &Report) -> String {
    let noted = report.rows.iter().filter_map(|row| {
        let note = row.note.as_ref()?;
        Some(format!("- {}, {}: {note}\n", row.group, row.name))
    });
    noted.collect()
}

fn cells(row: &Row) -> [String; 15] {
    let times = row.times.as_ref();
    let target = row.target.as_ref();
    let time = |of: fn(&super::Summary) -> f64| times.map(of).map(number).unwrap_or_default();
    let median = match &row.figure {
        Some(figure) => format!("{} {}", number(figure.value), figure.unit),
        None if row.is_measured() => time(|times| times.p50_ms),
        None => "not measured".to_owned(),
    };
    let optional = |value: Option<f64>| value.map(number).unwrap_or_default();
    [
        row.group.clone(),
        row.name.clone(),
        times
            .map(|times| times.count.to_string())
            .unwrap_or_default(),
        time(|times| times.min_ms),
        median,
        time(|times| times.p95_ms),
        time(|times| times.p99_ms),
        time(|times| times.max_ms),
        optional(row.per_second),
        optional(times.and_then(|times| times.cpu_ms)),
        optional(times.and_then(|times| times.memory_mib)),
        optional(target.and_then(super::Target::ratio)),
        target
            .map(|target| target.wanted.clone())
            .unwrap_or_default(),
        optional(target.map(|target| target.bound)),
        target.map(met).unwrap_or_default(),
    ]
}

fn met(target: &super::Target) -> String {
    if target.is_met() { "yes" } else { "NO" }.to_owned()
}

/// Returns a number with about three digits.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 || small == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role;
    use super::super::target::Target;
    use super::super::tests::{report, timed};
    use super::*;

    #[test]
    fn a_line_has_its_times_its_ratio_and_whether_the_target_is_met() {
        let target = Target::at_most("≤ 2 × bare", 4.0, 5.0).beside(2.5);
        let table = table(&report(vec![
            timed("quickjs", "cold", 4.0).aiming(Some(target)),
        ]));
        let line = table.lines().nth(2).expect("a line");
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let expected = [
            "",
            "quickjs",
            "cold",
            "10",
            "2.00",
            "4.00",
            "8.00",
            "12.0",
            "16.0",
            "",
            "1.50",
            "",
            "1.60",
            "≤ 2 × bare",
            "5.00",
            "yes",
            "",
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn what_could_not_be_measured_has_a_line_and_a_note() {
        let row =
            Row::new("peers", Role::Peer, "crun").timed(Err(anyhow::anyhow!("it is not there")));
        let report = report(vec![row]);
        assert!(table(&report).contains("not measured"));
        assert_eq!(
            notes(&report),
            "- peers, crun: not measured: it is not there\n"
        );
    }

    #[test]
    fn a_figure_has_its_unit() {
        let row = Row::new("idle", Role::Veritech, "dispatcher").measuring(12.34, "MiB");
        assert!(table(&report(vec![row])).contains("12.3 MiB"));
    }

    #[test]
    fn numbers_have_about_three_digits() {
        let shown = [0.0, 0.0124, 0.5, 1.234, 12.34, 123.4, 43_210.6].map(number);
        assert_eq!(
            shown,
            ["0.00", "0.012", "0.500", "1.23", "12.3", "123", "43211"]
        );
    }
}
