//! Tables that fit a terminal.

use anstyle::Style;
use signatures_alerts::legible::{columns, one_line};

/// What stands between two columns.
const GAP: &str = "  ";

/// Of a column so much is left, whatever the terminal.
const LEAST: usize = 8;

/// A table: columns as wide as their widest cell. On a terminal that is narrower, what
/// gives way is cut at its end, the widest first.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    cells: Vec<String>,
    /// The cell that stands out, and how.
    marked: Option<(usize, Style)>,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// What is of no use when it is cut: a number or a time, to the right.
    Number,
    /// The same, to the left.
    Whole,
    /// A name, which is cut when texts are as short as may be.
    Name,
    /// A text, which gives way first.
    Text,
}

impl Table {
    /// One without rows.
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row: a cell for each column, made safe to be seen.
    pub fn push<const N: usize>(&mut self, cells: [&str; N]) {
        let cells = cells.iter().map(|cell| one_line(cell, usize::MAX)).collect();
        self.rows.push(Row { cells, marked: None });
    }

    /// Adds a row of which one cell stands out.
    pub fn push_marked<const N: usize>(&mut self, cells: [&str; N], marked: usize, style: Style) {
        self.push(cells);
        self.rows.iter_mut().last().into_iter().for_each(|row| row.marked = Some((marked, style)));
    }

    /// Its lines, indented by so much, and no wider than that, if anything.
    #[must_use]
    pub fn lines(&self, indent: usize, most: Option<usize>) -> Vec<String> {
        let widths = self.widths(most.map(|most| most.saturating_sub(indent)));
        let line = |Row { cells, marked }: &Row| {
            let cells = cells.iter().zip(&widths).zip(&self.columns).enumerate();
            let cells = cells.map(|(index, ((cell, width), column))| {
                let cell = one_line(cell, *width);
                let blanks = width - columns(&cell);
                match (column, marked) {
                    (Column::Number, _) => format!("{:blanks$}{cell}", ""),
                    (_, Some((marked, style))) if *marked == index => {
                        format!("{style}{cell}{style:#}{:blanks$}", "")
                    }
                    _ => format!("{cell}{:blanks$}", ""),
                }
            });
            let line = cells.collect::<Vec<_>>().join(GAP);
            format!("{:indent$}{}", "", line.trim_end())
        };
        self.rows.iter().map(line).collect()
    }

    fn widths(&self, most: Option<usize>) -> Vec<usize> {
        let widest = |column: usize| self.rows.iter().map(|row| columns(&row.cells[column])).max();
        let mut widths: Vec<_> = (0..self.columns.len()).map(|c| widest(c).unwrap_or(0)).collect();
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let Some(most) = most.map(|most| most.saturating_sub(gaps)) else { return widths };
        for kind in [Column::Text, Column::Name] {
            let all: usize = widths.iter().sum();
            self.narrow(kind, &mut widths, all.saturating_sub(most));
        }
        widths
    }

    /// Takes so many columns of the terminal from those of a kind, as far as they can
    /// give.
    fn narrow(&self, kind: Column, widths: &mut [usize], too_many: usize) {
        for _ in 0..too_many {
            let of_kind = self.columns.iter().zip(&mut *widths).filter(|(is, _)| **is == kind);
            // Of columns that are equally wide the last.
            let widest = of_kind.map(|(_, width)| width).max_by_key(|width| **width);
            match widest {
                Some(width) if *width > LEAST => *width -= 1,
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[Column::Number, Column::Name, Column::Text, Column::Whole]);
        table.push(["count", "signature", "text", "time"]);
        table.push([
            "7",
            "DISK_FULL_ON_A_VOLUME",
            "日本語: no space left\n\u{1b}[31mon it",
            "09:12",
        ]);
        table
    }

    #[test]
    fn where_there_is_room_all_is_whole() {
        let whole = [
            " count  signature              text                                   time",
            "     7  DISK_FULL_ON_A_VOLUME  日本語: no space left \u{fffd}[31mon it  09:12",
        ];
        let lines = table().lines(1, None);
        assert_eq!(lines[1], whole[1]);
        assert_eq!(columns(&lines[0]) + 1, columns(&lines[1]));
        assert_eq!(table().lines(1, Some(columns(whole[1]))), lines);
    }

    #[test]
    fn texts_give_way_before_names_and_what_is_of_no_use_cut_stays() {
        let row = |most| table().lines(0, Some(most)).swap_remove(1);
        assert_eq!(row(60), "    7  DISK_FULL_ON_A_VOLUME  日本語: no space left …  09:12");
        assert_eq!(row(45), "    7  DISK_FULL_ON_A_VOLUME  日本語:…  09:12");
        assert_eq!(row(40), "    7  DISK_FULL_ON_A_…  日本語:…  09:12");
        assert_eq!(row(20), "    7  DISK_FU…  日本語:…  09:12");
        let mut marked = Table::new(&[Column::Whole, Column::Text]);
        marked.push_marked(["high", "text"], 0, Style::new().bold());
        marked.push(["critical", "text"]);
        assert_eq!(marked.lines(0, None)[0], "\u{1b}[1mhigh\u{1b}[0m      text");
        for most in 34..90 {
            let lines = table().lines(2, Some(most));
            assert!(lines.iter().all(|line| columns(line) <= most), "{most}: {lines:?}");
        }
    }
}
