//! A flow as all forms of lines see it: its cells, in the order of the columns.

use crate::cells::{Cell, Kind};

/// The cells of one flow.
pub struct Row<'a> {
    cells: &'a [Cell<'a>],
}

impl<'a> Row<'a> {
    /// The cells of a record, which are put into `cells`; none where it is not one of these kinds.
    pub fn read(kinds: &[Kind], record: &'a [u8], cells: &'a mut [Cell<'a>]) -> Option<Row<'a>> {
        let mut rest = record;
        for (cell, kind) in cells.iter_mut().zip(kinds) {
            *cell = Cell::read(*kind, &mut rest)?;
        }
        Some(Row { cells: cells.get(..kinds.len()).unwrap_or_default() })
    }

    pub fn cells(&self) -> &'a [Cell<'a>] {
        self.cells
    }

    pub fn cell(&self, at: usize) -> Cell<'a> {
        self.cells.get(at).copied().unwrap_or_default()
    }

    /// The text, where there is one that is not empty.
    pub fn text(&self, at: usize) -> Option<&'a str> {
        self.cell(at).text()
    }

    pub fn number(&self, at: usize) -> u64 {
        self.cell(at).number().unwrap_or_default()
    }

    pub fn time(&self, at: usize) -> i64 {
        self.cell(at).time().unwrap_or_default()
    }
}
