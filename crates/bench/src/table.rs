//! Tables that are read as they stand and as Markdown.

use std::fmt;

pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.chars().count()).max();
            Ord::max(
                widest.unwrap_or_default(),
                self.head[column].chars().count(),
            )
        };
        (0..self.head.len()).map(width).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        for row in [&self.head, &rule].into_iter().chain(&self.rows) {
            for (cell, width) in row.iter().zip(&widths) {
                write!(f, "| {cell:<width$} ")?;
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }
}

/// A number with as many digits as say something.
pub fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "-".into(),
        value if value.abs() >= 100.0 => thousands(value),
        value if value.abs() >= 10.0 => format!("{value:.1}"),
        value if value.abs() >= 1.0 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

/// A whole number with commas.
pub fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The same, or a dash for what there is not.
pub fn number_of(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_say_something() {
        let shown = [0.0123, 1.234, 12.34, 1234.5, 1_234_567.0, f64::NAN].map(number);
        assert_eq!(shown, ["0.012", "1.23", "12.3", "1,234", "1,234,567", "-"]);
    }
}
