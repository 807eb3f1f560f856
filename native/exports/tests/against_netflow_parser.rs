//! The same datagrams read by an independent decoder (netflow_parser): the numbers must be equal.

mod common;

use common::*;
use netflow_parser::variable_versions::field_value::{DataNumber, FieldValue};
use netflow_parser::variable_versions::{ipfix as other_ipfix, v9 as other_v9};
use netflow_parser::{NetflowPacket, NetflowParser};
use whence_exports::Collector;

const FIELDS: &[(u16, u16)] = &[(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (2, 4), (1, 8), (10, 4), (14, 4)];

/// Records of chance numbers; the same in every run.
fn data(count: u32) -> Vec<u8> {
    let mut state = 12_345u32;
    let length: u16 = FIELDS.iter().map(|(_, length)| length).sum();
    let byte = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 | 0x80 // no protocol of which the ports mean something else
    };
    (0..count * u32::from(length)).map(byte).collect()
}

fn theirs(datagram: &[u8]) -> Vec<Vec<u64>> {
    let packets = NetflowParser::default().parse_bytes(datagram).packets;
    let mut rows = Vec::new();
    for packet in packets {
        match packet {
            NetflowPacket::V9(message) => message.flowsets.iter().for_each(|set| {
                if let other_v9::FlowSetBody::Data(data) = &set.body {
                    let row = |record: &Vec<(_, FieldValue)>| record.iter().map(|(_, value)| number(value)).collect();
                    rows.extend(data.fields.iter().map(row));
                }
            }),
            NetflowPacket::IPFix(message) => message.flowsets.iter().for_each(|set| {
                if let other_ipfix::FlowSetBody::Data(data) = &set.body {
                    let row = |record: &Vec<(_, FieldValue)>| record.iter().map(|(_, value)| number(value)).collect();
                    rows.extend(data.fields.iter().map(row));
                }
            }),
            NetflowPacket::V5(message) => rows.extend(message.flowsets.iter().map(|flow| {
                vec![
                    u64::from(u32::from(flow.src_addr)),
                    u64::from(u32::from(flow.dst_addr)),
                    u64::from(flow.src_port),
                    u64::from(flow.dst_port),
                    u64::from(flow.protocol_number),
                    u64::from(flow.d_pkts),
                    u64::from(flow.d_octets),
                    u64::from(flow.input),
                    u64::from(flow.output),
                ]
            })),
            _ => {}
        }
    }
    rows
}

fn number(value: &FieldValue) -> u64 {
    match value {
        FieldValue::Ip4Addr(address) => u64::from(u32::from(*address)),
        FieldValue::ProtocolType(protocol) => u64::from(u8::from(*protocol)),
        FieldValue::DataNumber(DataNumber::Vec(_)) => u64::MAX,
        FieldValue::DataNumber(number) => number.as_u64().unwrap_or(u64::MAX),
        _ => u64::MAX,
    }
}

fn ours(datagram: &[u8]) -> Vec<Vec<u64>> {
    let address = |address| match address {
        std::net::IpAddr::V4(address) => u64::from(u32::from(address)),
        std::net::IpAddr::V6(_) => u64::MAX,
    };
    let records = read(&mut Collector::new(), datagram);
    let row = |record: &whence_exports::Record| {
        vec![
            address(record.source),
            address(record.destination),
            u64::from(record.source_port),
            u64::from(record.destination_port),
            u64::from(record.protocol),
            record.forward.packets,
            record.forward.bytes,
            u64::from(record.input),
            u64::from(record.output),
        ]
    };
    records.iter().map(row).collect()
}

#[test]
fn netflow5_is_read_the_same() {
    let flow = |port| Flow5 { ports: (port, 443), packets: u32::from(port) * 7, ..Flow5::default() };
    let flows: Vec<Flow5> = (1..=30).map(flow).collect();
    let datagram = netflow5(0, 0, &flows);
    assert_eq!(ours(&datagram), theirs(&datagram));
}

#[test]
fn netflow9_is_read_the_same() {
    let sets = [set(0, &template(256, FIELDS)), set(256, &data(30))];
    let datagram = netflow9(0, &sets);
    assert_eq!(ours(&datagram).len(), 30);
    assert_eq!(ours(&datagram), theirs(&datagram));
}

#[test]
fn ipfix_is_read_the_same() {
    let sets = [set(2, &template(256, FIELDS)), set(256, &data(30))];
    let datagram = ipfix(0, &sets);
    assert_eq!(ours(&datagram).len(), 30);
    assert_eq!(ours(&datagram), theirs(&datagram));
}
