//! Flows, records and counters as Arrow columns.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, RecordBatch, StringArray, TimestampNanosecondArray, UInt16Array, UInt32Array,
    UInt64Array, UInt8Array,
};
use arrow_schema::ArrowError;

use crate::community::community_id;
use crate::flow::{Flow, Way, ACK, FIN, RST, SYN, TCP};
use crate::record::{Direction, InterfaceCounters, Record};

type Column = (&'static str, ArrayRef, bool);

/// The flow table: the columns that captures give too, and then what only exports know.
///
/// `file` is where the export was read from, empty for what came from the network. `first_number`
/// is the number of the first row.
pub fn flows(flows: &[Flow], file: &str, first_number: u64) -> Result<RecordBatch, ArrowError> {
    let each = || flows.iter();
    let numbers = (first_number..).take(flows.len());
    RecordBatch::try_from_iter_with_nullable([
        column("flow", UInt64Array::from_iter_values(numbers)),
        words("file", each().map(|_| file)),
        words("interface", each().map(interface)),
        times("first", each().map(|flow| flow.first)),
        times("last", each().map(|flow| flow.last)),
        texts("source_mac", each().map(|flow| flow.source_mac.map(mac))),
        texts("destination_mac", each().map(|flow| flow.destination_mac.map(mac))),
        words("vlan", each().map(|flow| vlan(flow.vlan, flow.inner_vlan))),
        words("tunnel", each().map(|_| "")),
        text("source_ip", each().map(|flow| flow.source.to_string())),
        text("destination_ip", each().map(|flow| flow.destination.to_string())),
        u16s("source_port", each().map(|flow| flow.source_port)),
        u16s("destination_port", each().map(|flow| flow.destination_port)),
        u8s("protocol", each().map(|flow| flow.protocol)),
        words("transport", each().map(|flow| transport(flow.protocol))),
        words("state", each().map(|flow| flow.state)),
        text("history", each().map(|_| String::new())),
        u64s("source_packets", each().map(|flow| flow.there.packets)),
        u64s("source_bytes", each().map(|flow| flow.there.bytes)),
        maybe_u64s("source_payload", each().map(|_| None)),
        u64s("destination_packets", each().map(|flow| flow.back.packets)),
        u64s("destination_bytes", each().map(|flow| flow.back.bytes)),
        maybe_u64s("destination_payload", each().map(|_| None)),
        maybe_u64s("source_wire_bytes", each().map(|flow| flow.there.wire_bytes)),
        maybe_u64s("destination_wire_bytes", each().map(|flow| flow.back.wire_bytes)),
        maybe_u32s("syns", each().map(|flow| flag(flow, opens(&flow.there)))),
        maybe_u32s("answers", each().map(|flow| flag(flow, bits(&flow.back, SYN | ACK)))),
        maybe_u32s("resets", each().map(|flow| either(flow, RST))),
        maybe_u32s("fins", each().map(|flow| either(flow, FIN))),
        maybe_u32s("source_retransmissions", each().map(|_| None)),
        maybe_u32s("destination_retransmissions", each().map(|_| None)),
        maybe_u8s("source_ttl_min", each().map(|flow| low(flow.there.ttl))),
        maybe_u8s("source_ttl_max", each().map(|flow| high(flow.there.ttl))),
        maybe_u8s("destination_ttl_min", each().map(|flow| low(flow.back.ttl))),
        maybe_u8s("destination_ttl_max", each().map(|flow| high(flow.back.ttl))),
        texts("ja4", each().map(|_| None)),
        texts("server_name", each().map(|_| None)),
        texts("community_id", each().map(|flow| Some(community_id(flow)))),
        words("direction_in", each().map(|flow| direction(flow.direction))),
        text("exporter", each().map(|flow| flow.exporter.to_string())),
        u32s("input_interface", each().map(|flow| flow.input)),
        u32s("output_interface", each().map(|flow| flow.output)),
        texts("next_hop", each().map(|flow| flow.next_hop.map(|hop| hop.to_string()))),
        u32s("source_as", each().map(|flow| flow.source_as)),
        u32s("destination_as", each().map(|flow| flow.destination_as)),
        u8s("tos", each().map(|flow| flow.tos)),
        u32s("sampling", each().map(|flow| flow.sampling)),
        u32s("records", each().map(|flow| flow.records)),
    ])
}

/// The records themselves, numbers as exported beside the sampling factor.
pub fn records(records: &[Record]) -> Result<RecordBatch, ArrowError> {
    let each = || records.iter();
    let back = |record: &Record| record.reverse.unwrap_or_default();
    RecordBatch::try_from_iter_with_nullable([
        words("format", each().map(|record| record.format.name())),
        words("exporter", each().map(|record| record.exporter.to_string())),
        u32s("domain", each().map(|record| record.domain)),
        times("received", each().map(|record| record.received)),
        u32s("input_interface", each().map(|record| record.input)),
        u32s("output_interface", each().map(|record| record.output)),
        words("direction", each().map(|record| direction(record.direction))),
        times("first", each().map(|record| record.forward.first)),
        times("last", each().map(|record| record.forward.last)),
        text("source_ip", each().map(|record| record.source.to_string())),
        text("destination_ip", each().map(|record| record.destination.to_string())),
        u16s("source_port", each().map(|record| record.source_port)),
        u16s("destination_port", each().map(|record| record.destination_port)),
        u8s("protocol", each().map(|record| record.protocol)),
        maybe_u8s("icmp_type", each().map(|record| low(record.icmp))),
        maybe_u8s("icmp_code", each().map(|record| high(record.icmp))),
        u8s("tos", each().map(|record| record.tos)),
        text("vlan", each().map(|record| vlan(record.vlan, record.inner_vlan))),
        texts("source_mac", each().map(|record| record.source_mac.map(mac))),
        texts("destination_mac", each().map(|record| record.destination_mac.map(mac))),
        texts("next_hop", each().map(|record| record.next_hop.map(|hop| hop.to_string()))),
        u32s("source_as", each().map(|record| record.source_as)),
        u32s("destination_as", each().map(|record| record.destination_as)),
        u8s("end_reason", each().map(|record| record.end_reason)),
        u32s("sampling", each().map(|record| record.sampling)),
        u64s("packets", each().map(|record| record.forward.packets)),
        u64s("bytes", each().map(|record| record.forward.bytes)),
        maybe_u16s("tcp_flags", each().map(|record| record.forward.tcp_flags)),
        u64s("reverse_packets", each().map(|record| back(record).packets)),
        u64s("reverse_bytes", each().map(|record| back(record).bytes)),
        maybe_u16s("reverse_tcp_flags", each().map(|record| back(record).tcp_flags)),
    ])
}

/// Interface counters as sFlow agents report them.
pub fn counters(counters: &[InterfaceCounters]) -> Result<RecordBatch, ArrowError> {
    let each = || counters.iter();
    RecordBatch::try_from_iter_with_nullable([
        words("exporter", each().map(|row| row.exporter.to_string())),
        times("received", each().map(|row| row.received)),
        u32s("index", each().map(|row| row.index)),
        u64s("speed", each().map(|row| row.speed)),
        u32s("status", each().map(|row| row.status)),
        u64s("received_bytes", each().map(|row| row.received_bytes)),
        u32s("received_unicasts", each().map(|row| row.received_unicasts)),
        u32s("received_multicasts", each().map(|row| row.received_multicasts)),
        u32s("received_broadcasts", each().map(|row| row.received_broadcasts)),
        u32s("received_discards", each().map(|row| row.received_discards)),
        u32s("received_errors", each().map(|row| row.received_errors)),
        u64s("sent_bytes", each().map(|row| row.sent_bytes)),
        u32s("sent_unicasts", each().map(|row| row.sent_unicasts)),
        u32s("sent_multicasts", each().map(|row| row.sent_multicasts)),
        u32s("sent_broadcasts", each().map(|row| row.sent_broadcasts)),
        u32s("sent_discards", each().map(|row| row.sent_discards)),
        u32s("sent_errors", each().map(|row| row.sent_errors)),
    ])
}

fn column(name: &'static str, array: impl arrow_array::Array + 'static) -> Column {
    (name, Arc::new(array), false)
}

fn nullable(name: &'static str, array: impl arrow_array::Array + 'static) -> Column {
    (name, Arc::new(array), true)
}

fn u8s(name: &'static str, values: impl Iterator<Item = u8>) -> Column {
    column(name, UInt8Array::from_iter_values(values))
}

fn u16s(name: &'static str, values: impl Iterator<Item = u16>) -> Column {
    column(name, UInt16Array::from_iter_values(values))
}

fn u32s(name: &'static str, values: impl Iterator<Item = u32>) -> Column {
    column(name, UInt32Array::from_iter_values(values))
}

fn u64s(name: &'static str, values: impl Iterator<Item = u64>) -> Column {
    column(name, UInt64Array::from_iter_values(values))
}

fn maybe_u8s(name: &'static str, values: impl Iterator<Item = Option<u8>>) -> Column {
    nullable(name, UInt8Array::from_iter(values))
}

fn maybe_u16s(name: &'static str, values: impl Iterator<Item = Option<u16>>) -> Column {
    nullable(name, UInt16Array::from_iter(values))
}

fn maybe_u32s(name: &'static str, values: impl Iterator<Item = Option<u32>>) -> Column {
    nullable(name, UInt32Array::from_iter(values))
}

fn maybe_u64s(name: &'static str, values: impl Iterator<Item = Option<u64>>) -> Column {
    nullable(name, UInt64Array::from_iter(values))
}

fn times(name: &'static str, values: impl Iterator<Item = i64>) -> Column {
    let array = TimestampNanosecondArray::from_iter_values(values);
    column(name, array.with_timezone("UTC"))
}

fn text(name: &'static str, values: impl Iterator<Item = String>) -> Column {
    column(name, StringArray::from_iter_values(values))
}

fn texts(name: &'static str, values: impl Iterator<Item = Option<String>>) -> Column {
    nullable(name, StringArray::from_iter(values))
}

/// Few different words in many rows.
fn words<T: AsRef<str>>(name: &'static str, values: impl Iterator<Item = T>) -> Column {
    let mut builder = arrow_array::builder::StringDictionaryBuilder::<Int32Type>::new();
    for value in values {
        builder.append_value(value);
    }
    let array: DictionaryArray<Int32Type> = builder.finish();
    column(name, array)
}

/// The exporter and the ifIndex at which it looked.
fn interface(flow: &Flow) -> String {
    match flow.exporter {
        std::net::IpAddr::V4(address) => format!("{address}:{}", flow.observed_at),
        std::net::IpAddr::V6(address) => format!("[{address}]:{}", flow.observed_at),
    }
}

fn mac(octets: [u8; 6]) -> String {
    octets.map(|octet| format!("{octet:02x}")).join(":")
}

fn vlan(outer: u16, inner: u16) -> String {
    match (outer, inner) {
        (0, 0) => String::new(),
        (0, only) | (only, 0) => only.to_string(),
        (outer, inner) => format!("{outer}.{inner}"),
    }
}

fn transport(protocol: u8) -> String {
    match protocol {
        1 => "icmp".into(),
        6 => "tcp".into(),
        17 => "udp".into(),
        58 => "ipv6-icmp".into(),
        132 => "sctp".into(),
        other => other.to_string(),
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "incoming",
        Direction::Egress => "outgoing",
        Direction::Untold => "",
    }
}

/// Or-ed flags tell that there was one, not how many: 1 is "at least one".
fn flag(flow: &Flow, there: Option<bool>) -> Option<u32> {
    there.filter(|_| flow.protocol == TCP).map(u32::from)
}

fn bits(way: &Way, wanted: u16) -> Option<bool> {
    match way.packets {
        0 => Some(false),
        _ => way.tcp_flags.map(|flags| flags & wanted == wanted),
    }
}

fn opens(way: &Way) -> Option<bool> {
    bits(way, SYN)
}

fn either(flow: &Flow, wanted: u16) -> Option<u32> {
    let there = bits(&flow.there, wanted);
    let back = bits(&flow.back, wanted);
    flag(flow, there.zip(back).map(|(there, back)| there || back))
}

fn low(pair: Option<(u8, u8)>) -> Option<u8> {
    pair.map(|(low, _)| low)
}

fn high(pair: Option<(u8, u8)>) -> Option<u8> {
    pair.map(|(_, high)| high)
}
