//! Packets in, bidirectional flows out. No policy, no Python.
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate self as whence_packets;

mod arp;
mod bytes;
mod checksum;
pub mod columns;
mod community;
mod context;
mod decode;
mod doubled;
mod exported;
mod file;
mod files;
mod filter;
mod flow;
mod fragments;
mod halves;
mod locked;
mod naming;
mod options;
mod packet;
mod parallel;
mod reading;
mod refused;
mod servers;
pub mod sums;
mod syn;
mod twice;

pub use arp::Asked;
pub use decode::{Checksums, Tally};
pub use doubled::Count as Doubled;
pub use exported::{is_export, Export, Exported};
pub use file::{is_packed, Damage, Interface, Plain, SetBack, Source, Stream as Decompressed, Times};
pub use files::Progress;
pub use filter::{Filter, Instruction};
pub use flow::{Begun, Flow};
pub use locked::lock;
pub use naming::{Listening, Said};
pub use options::Options;
pub use packet::{Address, Way};
pub use reading::{link_type, Reading, Summary};
pub use refused::{Quoted, Refusal, Refused};
pub use twice::{LeftOut, Window};
