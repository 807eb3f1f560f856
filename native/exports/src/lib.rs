//! NetFlow v5 and v9, IPFIX and sFlow v5. Datagrams in, flow records out.
//!
//! `Collector` reads datagrams, `Pairing` makes bidirectional flows of the records. Neither opens
//! anything nor looks at a clock. Every state is bounded, and what a bound costs is counted.

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod collector;
mod community;
mod elements;
mod flow;
mod header;
mod message;
mod netflow5;
mod pairing;
mod plan;
mod reader;
mod record;
mod session;
mod sets;
mod sflow;
pub mod table;
mod waiting;

pub use collector::{Collector, Sender, SenderState, Totals, MOST_SESSIONS};
pub use flow::{Flow, Way};
pub use pairing::{Pairing, Timing};
pub use record::{Direction, Format, Found, InterfaceCounters, Nanoseconds, Record, SampledHeader, Side};
