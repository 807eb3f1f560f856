//! Log lines in, columns out. No policy, no Python.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod address;
mod alike;
mod asa;
mod cef;
mod cells;
mod cisco;
pub mod columns;
mod comma;
mod content;
pub mod counts;
mod dialects;
mod document;
mod encoding;
mod envelope;
mod fields;
mod firewall;
mod fortigate;
mod header;
mod heads;
mod ios;
mod json;
mod juniper;
mod keys;
mod lines;
mod linux;
mod mask;
mod mikrotik;
pub mod parquet;
mod parser;
mod quantities;
mod reading;
mod row;
mod scan;
mod services;
mod spool;
mod stamps;
mod templates;
mod text;
mod time;
mod windows;
mod words;

pub use columns::{Batch, Columns};
pub use content::{length, piece, Length};
pub use counts::Counts;
pub use document::{Shape, HEADING};
pub use envelope::Envelope;
pub use fields::message_names;
pub use parser::{Around, Parser};
pub use reading::{Damage, Form, Options, Progress, Reading, Summary, Writing};
pub use row::{End, Row};
pub use templates::{Template, Templates};
pub use time::Zone;
