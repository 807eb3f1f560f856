//! Flows: packets of the same two ends, both ways, until they end or fall silent.

mod history;
mod known;
mod recent;
mod sketch;
mod table;
mod tcp;

pub use history::History;
pub use sketch::Sketch;
pub use table::{Begun, Table};
pub use tcp::{Connection, SILENCE};

use crate::naming::Heard;
use crate::packet::{opposite, Address, Arrival, Key, Link, Way, ICMP, ICMPV6, TCP, UDP};
use crate::servers;

/// One flow, active or over. What every packet touches comes first, so that it lies in few cache lines.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Flow {
    pub key: Key,
    pub(crate) hash: u64,
    /// Time of the last packet that counts for the duration, and of the last of all.
    pub counted: i64,
    pub last: i64,
    pub packets: [u64; 2],
    pub bytes: [u64; 2],
    pub wire: [u64; 2],
    /// Payload of what is not TCP.
    pub payload: [u64; 2],
    pub connection: Option<Box<Connection>>,
    /// Least and greatest TTL each way.
    pub hops: [[u8; 2]; 2],
    pub spoke: [bool; 2],
    /// The originator is the key's `high`.
    pub reversed: bool,
    pub history: History,
    pub heard: Heard,
    /// Time of the first packet.
    pub first: i64,
    pub file: u32,
    /// Number of the first packet.
    pub number: u64,
    /// Of the first packet, as one of the originator's.
    pub link: Link,
    pub syns: [u32; 2],
    pub answers: [u32; 2],
    pub fins: u32,
    pub resets: u32,
    pub bad_checksums: [u32; 2],
    /// Of its packets, where that is wanted.
    pub sketch: Option<Box<Sketch>>,
    before: u32,
    after: u32,
    bucket: u32,
}

impl Flow {
    pub fn source(&self) -> (Address, u16) {
        if self.reversed {
            (self.key.high, self.key.high_port)
        } else {
            (self.key.low, self.key.low_port)
        }
    }

    pub fn destination(&self) -> (Address, u16) {
        if self.reversed {
            (self.key.low, self.key.low_port)
        } else {
            (self.key.high, self.key.high_port)
        }
    }

    /// MAC addresses of the originator's side and of the other, as far as they are known: a cooked capture has that of
    /// who sent the first packet. On a loopback interface it is 0.
    pub fn stations(&self) -> [Option<[u8; 6]>; 2] {
        let Link { source, destination, has_addresses, .. } = self.link;
        let known = |mac: [u8; 6], is_known: bool| Some(mac).filter(|_| has_addresses && is_known);
        [known(source, source != [0; 6] || destination == [0; 6]), known(destination, destination != [0; 6])]
    }

    /// Nanoseconds between the first packet and the last one that counts, where they are not 0.
    /// Times are cut to microseconds first, as libpcap hands them to Zeek.
    pub fn duration(&self) -> Option<i64> {
        let microseconds = self.counted.div_euclid(1000).saturating_sub(self.first.div_euclid(1000));
        Some(microseconds.saturating_mul(1000)).filter(|duration| *duration > 0)
    }

    /// Payload bytes, where Zeek tells them: not for a single packet.
    pub fn payload(&self, way: Way) -> Option<u64> {
        self.duration()?;
        Some(match &self.connection {
            Some(connection) => {
                let (here, there) = (way as usize, way.other() as usize);
                connection.ends[here].size(connection.ends[there].state)
            }
            None if matches!(self.key.protocol, UDP | ICMP | ICMPV6) => self.payload[way as usize],
            None => 0,
        })
    }

    /// Zeek's `conn_state`.
    pub fn state(&self) -> &'static str {
        match &self.connection {
            Some(connection) => connection.summary(&self.history),
            None if self.key.protocol == UDP => match self.spoke {
                [true, true] => "SF",
                [true, false] => "S0",
                [false, true] => "SHR",
                [false, false] => "OTH",
            },
            None => "OTH",
        }
    }

    pub fn retransmissions(&self, way: Way) -> u32 {
        self.connection.as_ref().map_or(0, |connection| connection.ends[way as usize].repeated)
    }

    /// A number that is unique and grows with the first packets: the file's, the packet's, and the
    /// depth of tunnels.
    pub fn identity(&self) -> u64 {
        u64::from(self.file) << 44 | self.number << 4 | u64::from(self.link.depth)
    }

    /// Change roles in all but the connection and the history.
    pub(crate) fn flip(&mut self) {
        self.reversed = !self.reversed;
        self.packets.swap(0, 1);
        self.bytes.swap(0, 1);
        self.wire.swap(0, 1);
        self.payload.swap(0, 1);
        self.spoke.swap(0, 1);
        self.hops.swap(0, 1);
        self.syns.swap(0, 1);
        self.answers.swap(0, 1);
        self.heard.flip();
        if let Some(sketch) = &mut self.sketch {
            sketch.flip();
        }
        let link = &mut self.link;
        std::mem::swap(&mut link.source, &mut link.destination);
        link.direction = opposite(link.direction);
    }

    /// The responder has taken the call. At a terminal one may be silent for long, as in Zeek's scripts: which service
    /// it is says the responder's port, or the originator's where that has not been seen and looks more like one.
    #[cold]
    pub(crate) fn take_call(&mut self) {
        let ((_, source), (_, destination)) = (self.source(), self.destination());
        let Some(connection) = &mut self.connection else { return };
        connection.established = false;
        let unseen = connection.ends[0].state == tcp::State::Inactive;
        let is_reversed = unseen && !servers::is_likely(TCP, destination) && servers::is_likely(TCP, source);
        connection.patient |= servers::is_interactive(if is_reversed { source } else { destination });
    }

    #[cold]
    pub(crate) fn sketch_segment(&mut self, way: Way, packet: &Arrival) {
        if let Some(sketch) = &mut self.sketch {
            sketch.segment(way, &packet.segment, packet.payload);
        }
    }

    pub(crate) fn expiry(&self) -> i64 {
        match &self.connection {
            Some(connection) => connection.expiry(self.first, self.counted),
            None => self.counted.saturating_add(MINUTE),
        }
    }

    /// Whether the flow cannot be over yet: cheap, and right most of the time.
    #[inline]
    pub(crate) fn surely_lasts(&self, now: i64) -> bool {
        match &self.connection {
            Some(connection) => {
                connection.fully_open && connection.forget.is_none() && now.wrapping_sub(self.counted) < 5_000_000_000
            }
            None => now.wrapping_sub(self.counted) < MINUTE,
        }
    }

    /// May the first bytes that went this way still say names?
    #[inline]
    pub(crate) fn hears(&self, way: Way) -> bool {
        self.is_tcp() && self.heard.wants(way as usize)
    }

    #[inline]
    pub(crate) fn is_tcp(&self) -> bool {
        self.key.protocol == TCP
    }
}

/// For how long a flow may be silent, and go on after it.
#[inline]
pub fn longest_silence(key: &Key) -> i64 {
    match key.protocol {
        TCP if may_be_patient(key) => tcp::LONG_SILENCE,
        TCP => tcp::SILENCE,
        _ => MINUTE,
    }
}

/// Is the connection perhaps one of those that may be silent for very long?
fn may_be_patient(key: &Key) -> bool {
    servers::is_interactive(key.low_port) || servers::is_interactive(key.high_port)
}

const MINUTE: i64 = 60_000_000_000;
