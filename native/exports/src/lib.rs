//! NetFlow v5 and v9, IPFIX and sFlow v5. Datagrams in, flow records out.
//!
//! `Collector` reads datagrams, `Pairing` makes bidirectional flows of the records. Neither opens
//! anything nor looks at a clock. Every state is bounded, and what a bound costs is counted.

#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod collector;
mod elements;
mod netflow5;
mod plan;
mod reader;
mod record;
mod session;
mod sets;
mod sflow;

pub use collector::{Collector, Sender, SenderState, Totals, MOST_SESSIONS};
pub use record::{
    Direction, Format, Found, InterfaceCounters, Nanoseconds, Record, SampledHeader, Side,
};
