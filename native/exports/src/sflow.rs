//! sFlow version 5 (sflow.org, "sFlow Version 5", July 2004): XDR, no state but a sequence number.
//!
//! What a sample holds that is not known, or damaged, is skipped by its length: one odd record of a
//! vendor costs neither the sample nor the datagram.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::reader::Reader;
use crate::record::{Direction, Format, Found, InterfaceCounters, Nanoseconds, Record, SampledHeader, Side};

/// Samples in a datagram; one of 64 KiB has no room for more that are any use.
const MOST_SAMPLES: u32 = 4096;
/// Bytes of a header that are kept: agents send 128 by default.
const MOST_HEADER: usize = 2048;
const ETHERNET: u32 = 1;

pub struct Header {
    /// `None`: the agent does not say.
    pub agent: Option<IpAddr>,
    pub sub_agent: u32,
    pub sequence: u32,
    samples: u32,
}

/// The datagram's header after its version.
pub fn header(reader: &mut Reader) -> Option<Header> {
    let agent = address(reader)?.filter(|agent| !agent.is_unspecified());
    let sub_agent = reader.u32()?;
    let sequence = reader.u32()?;
    let _uptime = reader.u32()?;
    Some(Header { agent, sub_agent, sequence, samples: reader.u32()? })
}

/// Read all samples of a datagram; `None` where it ends too soon.
pub fn samples(
    reader: &mut Reader,
    header: &Header,
    exporter: IpAddr,
    received: Nanoseconds,
    found: &mut Found,
) -> Option<()> {
    let mut whole = Some(());
    for _ in 0..header.samples.min(MOST_SAMPLES) {
        let (format, content) = part(reader)?;
        let mut content = Reader::new(content);
        let blank = || blank(exporter, header.sub_agent, received);
        let read = match format {
            1 => flow_sample(&mut content, Width::Compact, blank(), found),
            2 => counter_sample(&mut content, Width::Compact, exporter, received, found),
            3 => flow_sample(&mut content, Width::Expanded, blank(), found),
            4 => counter_sample(&mut content, Width::Expanded, exporter, received, found),
            _ => Some(()),
        };
        whole = whole.and(read);
    }
    whole
}

/// Interface numbers of more than 24 bits need the expanded samples.
#[derive(Clone, Copy)]
enum Width {
    Compact,
    Expanded,
}

/// One part with its kind and length before it; of an enterprise other than sFlow.org, kind 0.
fn part<'a>(reader: &mut Reader<'a>) -> Option<(u32, &'a [u8])> {
    let format = reader.u32()?;
    let length = reader.u32()? as usize;
    let content = reader.take(length)?;
    Some((if format >> 12 == 0 { format } else { 0 }, content))
}

fn flow_sample(reader: &mut Reader, width: Width, mut record: Record, found: &mut Found) -> Option<()> {
    let _sequence = reader.u32()?;
    let (kind, index) = source(reader, width)?;
    record.sampling = reader.u32()?.max(1);
    let _pool = reader.u32()?;
    let _drops = reader.u32()?;
    record.input = interface(reader, width)?;
    record.output = interface(reader, width)?;
    record.direction = match kind {
        0 if index == 0 => Direction::Untold,
        0 if index == record.input => Direction::Ingress,
        0 if index == record.output => Direction::Egress,
        _ => Direction::Untold,
    };
    let count = reader.u32()?;
    let mut raw = None;
    let mut addressed = false;
    let mut whole = Some(());
    for _ in 0..count {
        let Some((format, content)) = part(reader) else {
            whole = None;
            break;
        };
        let mut content = Reader::new(content);
        // A damaged part says nothing; the others still do.
        match format {
            1 => raw = raw.or(raw_header(&mut content)),
            2 => drop(ethernet(&mut content, &mut record)),
            3 => addressed |= ip::<4>(&mut content, &mut record).is_some(),
            4 => addressed |= ip::<16>(&mut content, &mut record).is_some(),
            1001 => drop(switch(&mut content, &mut record)),
            1002 => drop(router(&mut content, &mut record)),
            1003 => drop(gateway(&mut content, &mut record)),
            _ => {}
        }
    }
    match raw {
        Some((header_protocol, frame_length, header)) => {
            record.forward.wire_bytes = (header_protocol == ETHERNET).then_some(u64::from(frame_length));
            found.headers.push(SampledHeader { record, header_protocol, frame_length, header: header.to_vec() });
        }
        None if addressed => found.records.push(record),
        None => {}
    }
    whole
}

/// A sampled packet of which nothing is known yet: it counts as one, at the time it came.
fn blank(exporter: IpAddr, sub_agent: u32, received: Nanoseconds) -> Record {
    Record {
        format: Format::Sflow5,
        exporter,
        domain: sub_agent,
        received,
        input: 0,
        output: 0,
        source: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        destination: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        source_port: 0,
        destination_port: 0,
        protocol: 0,
        icmp: None,
        tos: 0,
        vlan: 0,
        inner_vlan: 0,
        source_mac: None,
        destination_mac: None,
        direction: Direction::Untold,
        next_hop: None,
        source_as: 0,
        destination_as: 0,
        ttl: None,
        end_reason: 0,
        sampling: 1,
        forward: Side { packets: 1, first: received, last: received, ..Side::default() },
        reverse: None,
        is_arbitrary: false,
    }
}

fn source(reader: &mut Reader, width: Width) -> Option<(u32, u32)> {
    match width {
        Width::Compact => {
            let id = reader.u32()?;
            Some((id >> 24, id & 0x00ff_ffff))
        }
        Width::Expanded => Some((reader.u32()?, reader.u32()?)),
    }
}

/// The ifIndex; 0 where the packet was dropped, went to several interfaces or stayed in the device.
fn interface(reader: &mut Reader, width: Width) -> Option<u32> {
    let (format, value) = match width {
        Width::Compact => {
            let id = reader.u32()?;
            (id >> 30, id & 0x3fff_ffff)
        }
        Width::Expanded => (reader.u32()?, reader.u32()?),
    };
    let internal = 0x3fff_ffff;
    let known = format == 0 && value != internal && value != u32::MAX;
    Some(if known { value } else { 0 })
}

fn raw_header<'a>(reader: &mut Reader<'a>) -> Option<(u32, u32, &'a [u8])> {
    let protocol = reader.u32()?;
    let frame_length = reader.u32()?;
    let _stripped = reader.u32()?;
    let length = reader.u32()? as usize;
    let header = reader.take(length.min(reader.left()).min(MOST_HEADER))?;
    Some((protocol, frame_length, header))
}

fn ethernet(reader: &mut Reader, record: &mut Record) -> Option<()> {
    let length = reader.u32()?;
    let source: [u8; 8] = reader.array()?;
    let destination: [u8; 8] = reader.array()?;
    record.forward.wire_bytes = Some(u64::from(length));
    record.source_mac = source.first_chunk().copied();
    record.destination_mac = destination.first_chunk().copied();
    Some(())
}

/// sampled_ipv4 and sampled_ipv6: the fields are the same, the addresses' length is not.
fn ip<const LENGTH: usize>(reader: &mut Reader, record: &mut Record) -> Option<()> {
    let length = reader.u32()?;
    let protocol = reader.u32()? as u8;
    let source = ip_address(reader.take(LENGTH)?)?;
    let destination = ip_address(reader.take(LENGTH)?)?;
    let source_port = reader.u32()? as u16;
    let destination_port = reader.u32()? as u16;
    let flags = reader.u32()? as u16;
    let tos = reader.u32()? as u8;
    record.forward.bytes = u64::from(length);
    record.forward.tcp_flags = (protocol == 6).then_some(flags);
    (record.source, record.destination) = (source, destination);
    (record.source_port, record.destination_port) = (source_port, destination_port);
    record.protocol = protocol;
    record.tos = tos;
    Some(())
}

fn ip_address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
    }
}

fn switch(reader: &mut Reader, record: &mut Record) -> Option<()> {
    let vlan = reader.u32()?;
    record.vlan = if vlan < 4096 { vlan as u16 } else { 0 };
    Some(())
}

fn router(reader: &mut Reader, record: &mut Record) -> Option<()> {
    record.next_hop = address(reader)?.filter(|hop| !hop.is_unspecified());
    Some(())
}

fn gateway(reader: &mut Reader, record: &mut Record) -> Option<()> {
    let _next_hop = address(reader)?;
    let _router_as = reader.u32()?;
    record.source_as = reader.u32()?;
    let _peer_as = reader.u32()?;
    for _ in 0..reader.u32()? {
        let _kind = reader.u32()?;
        for _ in 0..reader.u32()? {
            record.destination_as = reader.u32()?;
        }
    }
    Some(())
}

/// Outer `None`: no more bytes, or a kind that is not known. Inner `None`: the address is unknown.
fn address(reader: &mut Reader) -> Option<Option<IpAddr>> {
    match reader.u32()? {
        0 => Some(None),
        1 => reader.array::<4>().map(|octets| Some(IpAddr::V4(octets.into()))),
        2 => reader.array::<16>().map(|octets| Some(IpAddr::V6(Ipv6Addr::from(octets)))),
        _ => None,
    }
}

fn counter_sample(
    reader: &mut Reader,
    width: Width,
    exporter: IpAddr,
    received: Nanoseconds,
    found: &mut Found,
) -> Option<()> {
    let _sequence = reader.u32()?;
    let _source = source(reader, width)?;
    for _ in 0..reader.u32()? {
        let (format, content) = part(reader)?;
        if format == 1 {
            let counters = interface_counters(&mut Reader::new(content), exporter, received);
            found.counters.extend(counters);
        }
    }
    Some(())
}

fn interface_counters(reader: &mut Reader, exporter: IpAddr, received: Nanoseconds) -> Option<InterfaceCounters> {
    let index = reader.u32()?;
    let _kind = reader.u32()?;
    let speed = reader.u64()?;
    let _duplex = reader.u32()?;
    let status = reader.u32()?;
    let received_bytes = reader.u64()?;
    let received_unicasts = reader.u32()?;
    let received_multicasts = reader.u32()?;
    let received_broadcasts = reader.u32()?;
    let received_discards = reader.u32()?;
    let received_errors = reader.u32()?;
    let _unknown_protocols = reader.u32()?;
    Some(InterfaceCounters {
        exporter,
        received,
        index,
        speed,
        status,
        received_bytes,
        received_unicasts,
        received_multicasts,
        received_broadcasts,
        received_discards,
        received_errors,
        sent_bytes: reader.u64()?,
        sent_unicasts: reader.u32()?,
        sent_multicasts: reader.u32()?,
        sent_broadcasts: reader.u32()?,
        sent_discards: reader.u32()?,
        sent_errors: reader.u32()?,
    })
}
