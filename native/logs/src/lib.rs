//! Log lines in, columns out. No policy, no Python.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod address;
mod asa;
mod cisco;
pub mod columns;
mod dialects;
mod header;
mod lines;
mod mask;
mod parser;
mod reading;
mod row;
mod scan;
mod spool;
mod templates;
mod text;
mod time;

pub use columns::{Batch, Columns};
pub use parser::{Around, Parser};
pub use reading::{Damage, Form, Options, Progress, Reading, Summary};
pub use row::{End, Row};
pub use templates::{Template, Templates};
