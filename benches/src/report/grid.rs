//! Cells in columns, as Markdown that can be read as it is.

/// On which side of its column a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Returns a table with these columns.
pub(crate) fn grid<const N: usize>(columns: [(&str, Side); N], rows: &[[String; N]]) -> String {
    let titles = columns.map(|(title, _)| title.to_owned());
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = std::iter::once(&titles).chain(rows);
        let widths = cells.filter_map(|cells| Some(cells.get(column)?.chars().count()));
        widths.max().unwrap_or_default().max(2)
    });
    let line = |cells: &[String; N]| {
        let padded = cells.iter().zip(widths).zip(columns);
        let padded = padded.map(|((cell, width), (_, side))| match side {
            Side::Left => format!(" {cell:<width$} "),
            Side::Right => format!(" {cell:>width$} "),
        });
        format!("|{}|\n", padded.collect::<Vec<_>>().join("|"))
    };
    let rule = widths
        .iter()
        .zip(columns)
        .map(|(width, (_, side))| match side {
            Side::Left => "-".repeat(width + 2),
            Side::Right => format!("{}:", "-".repeat(width + 1)),
        });
    let rule = format!("|{}|\n", rule.collect::<Vec<_>>().join("|"));
    let body: String = rows.iter().map(line).collect();
    format!("{}{rule}{body}", line(&titles))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["a".to_owned(), "1".to_owned()],
            ["µ × long".to_owned(), "1000".to_owned()],
        ];
        let table = grid([("what", Side::Left), ("ms", Side::Right)], &rows);
        let expected = "\
| what     |   ms |
|----------|-----:|
| a        |    1 |
| µ × long | 1000 |
";
        assert_eq!(table, expected);
    }

    #[test]
    fn a_table_without_rows_has_its_titles() {
        let table = grid([("what", Side::Left)], &[]);
        assert_eq!(table, "| what |\n|------|\n");
    }
}
