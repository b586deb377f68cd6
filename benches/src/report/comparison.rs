//! What a run changed.

use super::grid::{Side, grid};
use super::table::number;
use super::{Report, Row};

/// Returns a table of what is in both runs, before and after.
///
/// A change is told and not judged: how far two runs of the same thing lie apart
/// depends on the machine.
pub(crate) fn comparison(before: &Report, after: &Report) -> String {
    let columns = [
        ("group", Side::Left),
        ("what", Side::Left),
        ("of", Side::Left),
        ("before", Side::Right),
        ("after", Side::Right),
        ("change", Side::Right),
    ];
    let mut lines = Vec::new();
    for row in &after.rows {
        let same = |other: &&Row| other.group == row.group && other.name == row.name;
        let Some(earlier) = before.rows.iter().find(same) else {
            continue;
        };
        for ((of, before), (_, after)) in measures(earlier).into_iter().zip(measures(row)) {
            if let (Some(before), Some(after)) = (before, after) {
                lines.push([
                    row.group.clone(),
                    row.name.clone(),
                    of,
                    number(before),
                    number(after),
                    change(before, after),
                ]);
            }
        }
    }
    grid(columns, &lines)
}

/// Returns what of a row is compared, in the same order for all rows.
fn measures(row: &Row) -> [(String, Option<f64>); 5] {
    let times = row.times.as_ref();
    let unit = row.figure.as_ref().map(|figure| figure.unit.clone());
    [
        ("p50 ms".to_owned(), row.p50_ms()),
        ("p99 ms".to_owned(), times.map(|times| times.p99_ms)),
        ("CPU ms".to_owned(), times.and_then(|times| times.cpu_ms)),
        ("per s".to_owned(), row.per_second),
        (
            unit.unwrap_or_default(),
            row.figure.as_ref().map(|figure| figure.value),
        ),
    ]
}

/// Returns by how much `after` is more than `before`, in per cent.
fn change(before: f64, after: f64) -> String {
    let percent = (after / before - 1.0) * 100.0;
    if percent.is_finite() {
        format!("{percent:+.1} %")
    } else {
        "–".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role;
    use super::super::tests::{report, timed};
    use super::*;

    #[test]
    fn rows_are_compared_by_group_and_name() {
        let before = report(vec![
            timed("node", "warm", 9.0),
            timed("quickjs", "warm", 2.0),
        ]);
        let after = report(vec![
            timed("quickjs", "warm", 1.0),
            timed("quickjs", "new", 1.0),
        ]);
        let text = comparison(&before, &after);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].contains("2.00 |  1.00 | -50.0 %"), "{text}");
    }

    #[test]
    fn what_was_measured_once_only_is_left_out() {
        let missing = Row::new("quickjs", Role::Veritech, "warm");
        let before = report(vec![missing]);
        let after = report(vec![timed("quickjs", "warm", 1.0)]);
        assert_eq!(comparison(&before, &after).lines().count(), 2);
    }

    #[test]
    fn a_change_from_nothing_is_none() {
        assert_eq!(change(0.0, 1.0), "–");
        assert_eq!(change(0.0, 0.0), "–");
        assert_eq!(change(2.0, 3.0), "+50.0 %");
    }
}
