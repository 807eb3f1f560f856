//! Datagrams put together by hand, as the standards draw them.
#![allow(dead_code)]

use std::net::SocketAddr;

use whence_exports::{Collector, Found, Record};

pub const RECEIVED: i64 = 1_700_000_100_000_000_000;
/// When the message was exported, seconds.
pub const EXPORTED: u32 = 1_700_000_000;

pub fn router() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 2055))
}

/// Bytes in network order.
#[derive(Clone, Default)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    pub fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub fn u16(self, value: u16) -> Self {
        self.add(&value.to_be_bytes())
    }

    pub fn u32(self, value: u32) -> Self {
        self.add(&value.to_be_bytes())
    }

    pub fn u64(self, value: u64) -> Self {
        self.add(&value.to_be_bytes())
    }

    pub fn add(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

pub fn bytes() -> Bytes {
    Bytes::default()
}

pub struct Flow5 {
    pub source: [u8; 4],
    pub destination: [u8; 4],
    pub ports: (u16, u16),
    pub protocol: u8,
    pub flags: u8,
    pub packets: u32,
    pub bytes: u32,
    pub interfaces: (u16, u16),
    /// Milliseconds of uptime.
    pub times: (u32, u32),
}

impl Default for Flow5 {
    fn default() -> Self {
        Self {
            source: [10, 0, 0, 1],
            destination: [198, 51, 100, 7],
            ports: (40000, 443),
            protocol: 6,
            flags: 0x1b,
            packets: 5,
            bytes: 500,
            interfaces: (3, 4),
            times: (1_000, 4_000),
        }
    }
}

/// Exported at an uptime of ten seconds.
pub fn netflow5(sequence: u32, sampling: u16, flows: &[Flow5]) -> Vec<u8> {
    let header =
        bytes().u16(5).u16(flows.len() as u16).u32(10_000).u32(EXPORTED).u32(0).u32(sequence).u8(1).u8(2).u16(sampling);
    let record = |datagram: Bytes, flow: &Flow5| {
        datagram
            .add(&flow.source)
            .add(&flow.destination)
            .add(&[10, 0, 0, 254])
            .u16(flow.interfaces.0)
            .u16(flow.interfaces.1)
            .u32(flow.packets)
            .u32(flow.bytes)
            .u32(flow.times.0)
            .u32(flow.times.1)
            .u16(flow.ports.0)
            .u16(flow.ports.1)
            .u8(0)
            .u8(flow.flags)
            .u8(flow.protocol)
            .u8(0x10)
            .u16(64500)
            .u16(64501)
            .u8(24)
            .u8(16)
            .u16(0)
    };
    flows.iter().fold(header, record).0
}

pub fn set(id: u16, content: &[u8]) -> Vec<u8> {
    bytes().u16(id).u16(content.len() as u16 + 4).add(content).0
}

/// Exported at an uptime of ten seconds.
pub fn netflow9(sequence: u32, sets: &[Vec<u8>]) -> Vec<u8> {
    let header = bytes().u16(9).u16(sets.len() as u16).u32(10_000).u32(EXPORTED).u32(sequence).u32(7);
    header.add(&sets.concat()).0
}

pub fn ipfix(sequence: u32, sets: &[Vec<u8>]) -> Vec<u8> {
    let sets = sets.concat();
    bytes().u16(10).u16(sets.len() as u16 + 16).u32(EXPORTED).u32(sequence).u32(7).add(&sets).0
}

/// A template of (element, length); in IPFIX an element above 0x8000 has its enterprise after it.
pub fn template(id: u16, fields: &[(u16, u16)]) -> Vec<u8> {
    let head = bytes().u16(id).u16(fields.len() as u16);
    let field = |content: Bytes, &(element, length): &(u16, u16)| content.u16(element).u16(length);
    fields.iter().fold(head, field).0
}

pub fn read(collector: &mut Collector, datagram: &[u8]) -> Vec<Record> {
    found(collector, datagram).records
}

pub fn found(collector: &mut Collector, datagram: &[u8]) -> Found {
    let mut found = Found::default();
    collector.feed(router(), RECEIVED, datagram, &mut found);
    found
}

/// An sFlow datagram with these samples (kind, content).
pub fn sflow(sequence: u32, samples: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let header = bytes().u32(5).u32(1).add(&[192, 0, 2, 9]).u32(3).u32(sequence).u32(5_000).u32(samples.len() as u32);
    parts(header, samples).0
}

pub fn parts(head: Bytes, parts: &[(u32, Vec<u8>)]) -> Bytes {
    parts.iter().fold(head, |all, (kind, content)| all.u32(*kind).u32(content.len() as u32).add(content))
}

/// A compact flow sample of one packet in 512, which came in at 5 and left at 6.
pub fn flow_sample(records: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let head = bytes().u32(1).u32(5).u32(512).u32(1024).u32(0).u32(5).u32(6).u32(records.len() as u32);
    parts(head, records).0
}

pub fn raw_header(header: &[u8]) -> Vec<u8> {
    let padding = vec![0; header.len().wrapping_neg() % 4];
    bytes().u32(1).u32(1500).u32(4).u32(header.len() as u32).add(header).add(&padding).0
}

pub fn sampled_ipv4() -> Vec<u8> {
    bytes().u32(576).u32(6).add(&[10, 0, 0, 1]).add(&[198, 51, 100, 7]).u32(40000).u32(443).u32(0x18).u32(0).0
}

pub fn interface_counters() -> Vec<u8> {
    bytes()
        .u32(5)
        .u32(6)
        .u64(1_000_000_000)
        .u32(1)
        .u32(3)
        .u64(123_456_789_012)
        .u32(11)
        .u32(12)
        .u32(13)
        .u32(14)
        .u32(15)
        .u32(0)
        .u64(987_654_321)
        .u32(21)
        .u32(22)
        .u32(23)
        .u32(24)
        .u32(25)
        .u32(0)
        .0
}
