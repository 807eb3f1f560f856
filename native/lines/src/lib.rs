//! Rows of the flow table in, lines of text out, in order of the flows' numbers.
//!
//! What a line says is here and nowhere else: `document` has the fields of ECS, `table` is for people,
//! `comma` is CSV. Strangers' text is escaped so that it does nothing to a terminal or a spreadsheet.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cells;
mod comma;
mod document;
mod known;
mod lines;
mod refusals;
mod row;
mod sorted;
mod source;
mod table;
pub mod text;

pub use known::{Known, Names};
pub use lines::{Fault, Form, Lines, Ordered};
pub use refusals::{Ends, Refusals, Said};
