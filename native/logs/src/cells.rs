//! A column of numbers, on its way into a batch.

use std::sync::Arc;

use arrow_array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::ArrowError;

/// Numbers by row. What is not there costs nothing until the next that is.
pub struct Cells<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    /// Which are there; empty as long as all are.
    valid: Vec<bool>,
    has_gaps: bool,
}

impl<T: ArrowPrimitiveType> Default for Cells<T> {
    fn default() -> Cells<T> {
        Cells { values: Vec::new(), valid: Vec::new(), has_gaps: false }
    }
}

impl<T: ArrowPrimitiveType> Cells<T> {
    /// Say what is in a row; rows come in order, and those left out have nothing.
    #[inline]
    pub fn push(&mut self, row: usize, value: Option<T::Native>) {
        let Some(value) = value else { return };
        if self.values.len() < row {
            self.gap(row);
        }
        self.values.push(value);
        if self.has_gaps {
            self.valid.push(true);
        }
    }

    fn gap(&mut self, row: usize) {
        if !self.has_gaps {
            self.has_gaps = true;
            self.valid.resize(self.values.len(), true);
        }
        self.values.resize(row, T::Native::default());
        self.valid.resize(row, false);
    }

    /// So many rows as a column; after it there are none.
    pub fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        if self.values.len() < rows {
            self.gap(rows);
        }
        let nulls = self.has_gaps.then(|| NullBuffer::from(std::mem::take(&mut self.valid)));
        let values = std::mem::take(&mut self.values);
        *self = Cells::default();
        self.values.reserve(rows);
        Ok(Arc::new(PrimitiveArray::<T>::try_new(values.into(), nulls)?))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::UInt32Type;

    use super::Cells;

    #[test]
    fn each_number_is_in_its_row() {
        for gaps in [[true; 9], [false; 9], [true, true, false, false, true, false, true, false, false]] {
            let mut cells = Cells::<UInt32Type>::default();
            for _ in 0..2 {
                let said = |row: usize| gaps[row].then_some(row as u32 + 1);
                (0..9).for_each(|row| cells.push(row, said(row)));
                let column = cells.finish(9).unwrap();
                let found: Vec<_> = column.as_primitive::<UInt32Type>().iter().collect();
                assert_eq!(found, (0..9).map(said).collect::<Vec<_>>());
            }
        }
    }
}
