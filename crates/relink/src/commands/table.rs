//! Lists for people and for programs.

use super::Failure;
pub(crate) use operations::text::{one_line, utc};
use serde::Serialize;

/// Rows under their titles, in columns as wide as their widest entry.
pub(crate) fn table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows
        .iter()
        .map(|row| std::array::from_fn(|column| one_line(&row[column])))
        .collect();
    let width = |column: usize| {
        let all = rows.iter().map(|row| row[column].chars().count());
        all.chain([titles[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = line(&titles.map(str::to_uppercase), &widths);
    for row in &rows {
        text += &line(row, &widths);
    }
    text
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let cells = cells.iter().zip(widths);
    let padded: Vec<String> = cells
        .map(|(cell, &width)| format!("{cell:<width$}"))
        .collect();
    padded.join("  ").trim_end().to_owned() + "\n"
}

/// Rows as a program reads them, or as `table` shows them; `none` where there are none.
pub(crate) fn show<T: Serialize>(
    rows: &[T],
    as_json: bool,
    none: &str,
    table: impl FnOnce(&[T]) -> String,
) -> Result<(), Failure> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(rows)?);
    } else if rows.is_empty() {
        println!("{none}");
    } else {
        print!("{}", table(rows));
    }
    Ok(())
}

#[cfg(test)]
mod interlock_tests {
    use super::table;

    #[test]
    fn what_others_wrote_stays_in_its_column() {
        let rows = [["x\ny", "1"], ["é", "22"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            table(["one", "two"], &rows),
            "ONE   TWO\nx\\ny  1\né     22\n"
        );
    }
}
