//! Capture files: pcap and pcapng, plain, gzip or zstd, from files and pipes.
//!
//! Files are read into buffers and not mapped: a mapped file that somebody truncates while it is read
//! kills the process by SIGBUS, its pages count as our memory, and copying was as fast as mapping.

mod buffer;
mod clock;
mod frame;
mod pcap;
mod pcapng;
mod reader;
mod source;
mod waited;

pub use clock::{SetBack, Times};
pub use frame::Frame;
pub use reader::{CaptureReader, Chunk, CHUNK};
pub use source::{is_packed, Plain, Source, Stream};

/// One interface that packets were captured on.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// Index of the file in the list of files read.
    pub file: u32,
    /// `if_name` of pcapng, `ifindex:N` of Linux cooked v2, or empty.
    pub name: String,
    /// LINKTYPE_ number (https://www.tcpdump.org/linktypes.html).
    pub link: u16,
    /// Packets read from it.
    pub packets: u64,
    /// Packets that the capturing program says were dropped before they could be written.
    pub drops: Option<u64>,
}

/// Where a file could not be read as it should be, and how reading went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Index of the file in the list of files read.
    pub file: u32,
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
    /// Number of the last packet that could be read before.
    pub packet: u64,
    /// What is wrong there.
    pub reason: String,
    /// Byte offset at which reading went on; none where it stopped.
    pub resumed: Option<u64>,
}
