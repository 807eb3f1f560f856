//! A sampled packet's first bytes, decoded (by etherparse), make its record complete.

use std::net::IpAddr;

use etherparse::{LaxLinkExtSlice, LaxNetSlice, LaxSlicedPacket, LinkSlice, TransportSlice};

use crate::flow::TCP;
use crate::record::{Record, SampledHeader};

/// sFlow header_protocol.
const ETHERNET: u32 = 1;
const IPV4: u32 = 11;
const IPV6: u32 = 12;

impl SampledHeader {
    /// The sample's record with what its header says; `None` where that is no IP packet.
    pub fn decode(&self) -> Option<Record> {
        let packet = match self.header_protocol {
            ETHERNET => LaxSlicedPacket::from_ethernet(&self.header).ok()?,
            IPV4 | IPV6 => LaxSlicedPacket::from_ip(&self.header).ok()?,
            _ => return None,
        };
        let mut record = self.record.clone();
        link(&packet, &mut record);
        network(packet.net.as_ref()?, &mut record)?;
        if let Some(transport) = &packet.transport {
            ports(transport, &mut record);
        }
        Some(record)
    }
}

fn link(packet: &LaxSlicedPacket, record: &mut Record) {
    if let Some(LinkSlice::Ethernet2(ethernet)) = &packet.link {
        record.source_mac = Some(ethernet.source());
        record.destination_mac = Some(ethernet.destination());
    }
    let mut tags = packet.link_exts.iter().filter_map(|extension| match extension {
        LaxLinkExtSlice::Vlan(tag) => Some(tag.vlan_identifier().value()),
        LaxLinkExtSlice::Macsec(_) => None,
    });
    if let Some(outer) = tags.next() {
        record.vlan = outer;
        record.inner_vlan = tags.next().unwrap_or(0);
    }
}

fn network(network: &LaxNetSlice, record: &mut Record) -> Option<()> {
    let ttl = match network {
        LaxNetSlice::Ipv4(packet) => {
            let header = packet.header();
            record.source = IpAddr::V4(header.source_addr());
            record.destination = IpAddr::V4(header.destination_addr());
            record.protocol = packet.payload_ip_number().0;
            record.tos = header.dcp().value() << 2 | header.ecn().value();
            record.forward.bytes = u64::from(header.total_len());
            header.ttl()
        }
        LaxNetSlice::Ipv6(packet) => {
            let header = packet.header();
            record.source = IpAddr::V6(header.source_addr());
            record.destination = IpAddr::V6(header.destination_addr());
            record.protocol = packet.payload().ip_number.0;
            record.tos = header.traffic_class();
            record.forward.bytes = 40 + u64::from(header.payload_length());
            header.hop_limit()
        }
        LaxNetSlice::Arp(_) => return None,
    };
    record.ttl = Some((ttl, ttl));
    Some(())
}

fn ports(transport: &TransportSlice, record: &mut Record) {
    match transport {
        TransportSlice::Tcp(segment) => {
            record.source_port = segment.source_port();
            record.destination_port = segment.destination_port();
            let flags = segment.slice().get(13).copied();
            record.forward.tcp_flags = flags.map(u16::from).filter(|_| record.protocol == TCP);
        }
        TransportSlice::Udp(datagram) => {
            record.source_port = datagram.source_port();
            record.destination_port = datagram.destination_port();
        }
        TransportSlice::Icmpv4(message) => {
            record.icmp = Some((message.type_u8(), message.code_u8()));
        }
        TransportSlice::Icmpv6(message) => {
            record.icmp = Some((message.type_u8(), message.code_u8()));
        }
        TransportSlice::Igmp(_) => {}
    }
}
