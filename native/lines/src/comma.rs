//! A flow as a line of CSV (RFC 4180), with all its columns.

use crate::cells::Cell;
use crate::row::Row;
use crate::text;

pub fn heading(columns: &[String]) -> String {
    columns.join(",")
}

pub fn write(row: &Row<'_>, to: &mut Vec<u8>) {
    let mut cell = Vec::new();
    for (at, value) in row.cells().iter().enumerate() {
        if at > 0 {
            to.push(b',');
        }
        match *value {
            Cell::Null => {}
            Cell::Number(number) => text::number(number, to),
            Cell::Time(time) => text::time(time, to),
            Cell::Text(text) => {
                cell.clear();
                harmless(text, &mut cell);
                quoted(&cell, to);
            }
        }
    }
}

/// Write a stranger's text so that a spreadsheet, which takes = + - @ for a formula, does not run it.
fn harmless(text: &str, to: &mut Vec<u8>) {
    if text.starts_with(['=', '+', '-', '@']) {
        to.push(b'\'');
    }
    text::safe(text, to);
}

fn quoted(cell: &[u8], to: &mut Vec<u8>) {
    if !cell.iter().any(|byte| matches!(byte, b',' | b'"')) {
        to.extend_from_slice(cell);
        return;
    }
    to.push(b'"');
    for byte in cell {
        if *byte == b'"' {
            to.push(b'"');
        }
        to.push(*byte);
    }
    to.push(b'"');
}
