//! NetFlow version 5: a header of 24 bytes and up to 30 records of 48 (Cisco, "NetFlow Services
//! Solutions Guide", table B-3 and B-4). IPv4 only.

use std::net::{IpAddr, Ipv4Addr};

use crate::reader::Reader;
use crate::record::{Direction, Format, Nanoseconds, Record, Side};

pub struct Header {
    pub count: u16,
    pub uptime: u32,
    pub export: Nanoseconds,
    pub sequence: u32,
    /// Engine type in the high byte, engine id in the low one.
    pub engine: u32,
    /// One of how many packets.
    pub sampling: u32,
}

/// The header after its version.
pub fn header(reader: &mut Reader) -> Option<Header> {
    let count = reader.u16()?;
    let uptime = reader.u32()?;
    let seconds = reader.u32()?;
    let nanoseconds = reader.u32()?;
    let sequence = reader.u32()?;
    let engine = reader.u16()?;
    let sampling = reader.u16()?;
    Some(Header {
        count,
        uptime,
        export: i64::from(seconds) * 1_000_000_000 + i64::from(nanoseconds.min(999_999_999)),
        sequence,
        engine: u32::from(engine),
        // The upper two bits are the mode, which not every exporter sets.
        sampling: u32::from(sampling & 0x3fff).max(1),
    })
}

/// Read the next record.
pub fn record(reader: &mut Reader, header: &Header, exporter: IpAddr, received: Nanoseconds) -> Option<Record> {
    let mut reader = Reader::new(reader.take(48)?);
    let source = address(&mut reader)?;
    let destination = address(&mut reader)?;
    let next_hop = address(&mut reader)?;
    let input = reader.u16()?;
    let output = reader.u16()?;
    let packets = reader.u32()?;
    let bytes = reader.u32()?;
    let first = reader.u32()?;
    let last = reader.u32()?;
    let source_port = reader.u16()?;
    let destination_port = reader.u16()?;
    let [_padding, flags, protocol, tos] = reader.array()?;
    let source_as = reader.u16()?;
    let destination_as = reader.u16()?;
    let (icmp, destination_port) = match protocol {
        1 => (Some(destination_port.to_be_bytes().into()), 0),
        _ => (None, destination_port),
    };
    Some(Record {
        format: Format::NetFlow5,
        exporter,
        domain: header.engine,
        received,
        input: u32::from(input),
        output: u32::from(output),
        source,
        destination,
        source_port: if protocol == 1 { 0 } else { source_port },
        destination_port,
        protocol,
        icmp,
        tos,
        vlan: 0,
        inner_vlan: 0,
        source_mac: None,
        destination_mac: None,
        direction: Direction::Untold,
        next_hop: Some(next_hop).filter(|hop| !hop.is_unspecified()),
        source_as: u32::from(source_as),
        destination_as: u32::from(destination_as),
        ttl: None,
        end_reason: 0,
        sampling: header.sampling,
        forward: Side {
            packets: u64::from(packets),
            bytes: u64::from(bytes),
            wire_bytes: None,
            tcp_flags: (protocol == 6).then_some(u16::from(flags)),
            first: before(header, first),
            last: before(header, last),
        },
        reverse: None,
        is_arbitrary: false,
    })
}

/// A time of the exporter's uptime; its milliseconds wrap, and it may be a little in the future.
fn before(header: &Header, uptime: u32) -> Nanoseconds {
    let age = header.uptime.wrapping_sub(uptime) as i32;
    header.export - i64::from(age) * 1_000_000
}

fn address(reader: &mut Reader) -> Option<IpAddr> {
    reader.u32().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
}
