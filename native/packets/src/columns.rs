//! Flows, names and ARP as Arrow columns: the one schema that everything above reads.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, UInt16Builder, UInt32Builder, UInt64Builder, UInt8Builder};
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::arp::Asked;
use crate::community;
use crate::flow::Flow;
use crate::naming::{Said, Subject};
use crate::packet::{direction_name, Address, Vlans, Way, ICMP, ICMPV6, SCTP, TCP, UDP};

/// Words for the numbers in flows.
pub struct Words {
    pub files: Vec<String>,
    pub interfaces: Box<dyn Fn(u32) -> String + Send + Sync>,
    pub tunnels: Box<dyn Fn(u32) -> String + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Words,
    Time,
    U8,
    U16,
    U32,
    U64,
    U32s,
}

type Column = (&'static str, Kind, bool);

/// Name, type, and whether it may be null.
const FLOWS: [Column; 47] = [
    ("flow", Kind::U64, false),
    ("file", Kind::Words, false),
    ("interface", Kind::Words, false),
    ("first", Kind::Time, false),
    ("last", Kind::Time, false),
    ("source_mac", Kind::Text, true),
    ("destination_mac", Kind::Text, true),
    ("vlan", Kind::Text, false),
    ("tunnel", Kind::Text, false),
    ("source_ip", Kind::Text, false),
    ("destination_ip", Kind::Text, false),
    ("source_port", Kind::U16, false),
    ("destination_port", Kind::U16, false),
    ("protocol", Kind::U8, false),
    ("transport", Kind::Words, false),
    ("state", Kind::Words, false),
    ("history", Kind::Text, false),
    ("source_packets", Kind::U64, false),
    ("source_bytes", Kind::U64, false),
    ("source_payload", Kind::U64, true),
    ("destination_packets", Kind::U64, false),
    ("destination_bytes", Kind::U64, false),
    ("destination_payload", Kind::U64, true),
    ("source_wire_bytes", Kind::U64, false),
    ("destination_wire_bytes", Kind::U64, false),
    ("syns", Kind::U32, false),
    ("answers", Kind::U32, false),
    ("resets", Kind::U32, false),
    ("fins", Kind::U32, false),
    ("source_retransmissions", Kind::U32, false),
    ("destination_retransmissions", Kind::U32, false),
    ("source_ttl_min", Kind::U8, true),
    ("source_ttl_max", Kind::U8, true),
    ("destination_ttl_min", Kind::U8, true),
    ("destination_ttl_max", Kind::U8, true),
    ("ja4", Kind::Text, true),
    ("server_name", Kind::Text, true),
    ("community_id", Kind::Text, true),
    ("direction_in", Kind::Words, false),
    // Beyond the contract: the first packet's number, to look it up in the file; Zeek's duration in
    // nanoseconds, which leaves out what comes after both ends have closed; wrong checksums.
    ("packet", Kind::U64, false),
    ("duration", Kind::U64, true),
    ("source_bad_checksums", Kind::U32, false),
    ("destination_bad_checksums", Kind::U32, false),
    ("depth", Kind::U8, false),
    // What tells whether others saw the same packets: see `flow::Sketch`.
    ("sketch", Kind::U32s, true),
    ("source_carried", Kind::U64, true),
    ("destination_carried", Kind::U64, true),
];

const NAMES: [Column; 12] = [
    ("time", Kind::Time, false),
    ("file", Kind::Words, false),
    ("packet", Kind::U64, false),
    ("interface", Kind::Words, false),
    ("subject_ip", Kind::Text, true),
    ("subject_mac", Kind::Text, true),
    ("relation", Kind::Words, false),
    ("value", Kind::Text, false),
    ("source", Kind::Words, false),
    ("detail", Kind::Text, false),
    ("last", Kind::Time, false),
    ("count", Kind::U64, false),
];

const ARP: [Column; 13] = [
    ("time", Kind::Time, false),
    ("file", Kind::Words, false),
    ("packet", Kind::U64, false),
    ("interface", Kind::Words, false),
    ("vlan", Kind::Text, false),
    ("operation", Kind::Words, false),
    ("sender_mac", Kind::Text, false),
    ("sender_ip", Kind::Text, false),
    ("target_mac", Kind::Text, false),
    ("target_ip", Kind::Text, false),
    ("first", Kind::Time, false),
    ("last", Kind::Time, false),
    ("count", Kind::U64, false),
];

fn field(column: &Column) -> Field {
    let (name, kind, nullable) = *column;
    let kind = match kind {
        Kind::Text => DataType::Utf8,
        Kind::Words => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        Kind::U8 => DataType::UInt8,
        Kind::U16 => DataType::UInt16,
        Kind::U32 => DataType::UInt32,
        Kind::U64 => DataType::UInt64,
        Kind::U32s => DataType::new_list(DataType::UInt32, true),
    };
    Field::new(name, kind, nullable)
}

fn schema(columns: &[&'static Column]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|column| field(column)).collect::<Vec<_>>()))
}

/// The names of all columns of flows.
pub fn flow_columns() -> impl Iterator<Item = &'static str> {
    FLOWS.iter().map(|column| column.0)
}

/// Columns of flows, all or those that are wanted.
pub struct FlowColumns {
    columns: Vec<&'static Column>,
    pub schema: SchemaRef,
}

impl FlowColumns {
    /// An unknown name is an error that says it.
    pub fn new(wanted: Option<&[String]>) -> Result<FlowColumns, String> {
        let columns: Vec<&'static Column> = match wanted {
            None => FLOWS.iter().collect(),
            Some(names) => names
                .iter()
                .map(|name| FLOWS.iter().find(|column| column.0 == name).ok_or(format!("no column {name}")))
                .collect::<Result<_, _>>()?,
        };
        Ok(FlowColumns { schema: schema(&columns), columns })
    }

    /// Whether only the first bytes of connections say what is wanted.
    pub fn need_streams(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.0, "ja4" | "server_name"))
    }

    /// Whether flows have to be sketched.
    pub fn need_sketches(&self) -> bool {
        self.columns.iter().any(|column| column.0 == "sketch" || column.0.ends_with("_carried"))
    }

    pub fn batch(&self, flows: &[Flow], words: &Words) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns.iter().map(|column| flow_array(column, flows, words)).collect();
        RecordBatch::try_new(self.schema.clone(), arrays)
    }
}

fn flow_array(column: &Column, flows: &[Flow], words: &Words) -> ArrayRef {
    let way = if column.0.starts_with("destination") { Way::Back } else { Way::Forth };
    let at = way as usize;
    match column.0 {
        "flow" => u64s(flows, |flow| Some(flow.identity())),
        "packet" => u64s(flows, |flow| Some(flow.number)),
        "duration" => u64s(flows, |flow| flow.duration().map(|duration| duration as u64)),
        "sketch" => u32_lists(flows, |flow| flow.sketch.as_ref()?.numbers()),
        "source_carried" | "destination_carried" => {
            u64s(flows, |flow| flow.sketch.as_ref().map(|sketch| sketch.carried[at]))
        }
        "depth" => u8s(flows, |flow| Some(flow.link.depth)),
        "file" => {
            dictionary(flows, |flow| flow.file, |file| words.files.get(file as usize).cloned().unwrap_or_default())
        }
        "interface" => dictionary(flows, |flow| flow.link.interface, |interface| (words.interfaces)(interface)),
        "first" => times(flows, |flow| flow.first),
        "last" => times(flows, |flow| flow.last),
        "source_mac" => optional_texts(flows, 18, |flow, to| flow.stations()[0].map(|mac| write_mac(&mac, to))),
        "destination_mac" => optional_texts(flows, 18, |flow, to| flow.stations()[1].map(|mac| write_mac(&mac, to))),
        "vlan" => texts(flows, 4, |flow, to| write_vlan(flow.link.tags, flow.link.vlan, to)),
        "tunnel" => texts(flows, 4, |flow, to| {
            if flow.link.tunnel != 0 {
                to.push_str(&(words.tunnels)(flow.link.tunnel));
            }
        }),
        "source_ip" => texts(flows, 16, |flow, to| write_ip(&flow.source().0, to)),
        "destination_ip" => texts(flows, 16, |flow, to| write_ip(&flow.destination().0, to)),
        "source_port" => u16s(flows, |flow| flow.source().1),
        "destination_port" => u16s(flows, |flow| flow.destination().1),
        "protocol" => u8s(flows, |flow| Some(flow.key.protocol)),
        "transport" => dictionary(flows, |flow| u32::from(flow.key.protocol), |protocol| transport(protocol as u8)),
        "state" => dictionary(flows, Flow::state, str::to_string),
        "history" => texts(flows, 8, |flow, to| flow.history.write(to)),
        "source_packets" | "destination_packets" => u64s(flows, |flow| Some(flow.packets[at])),
        "source_bytes" | "destination_bytes" => u64s(flows, |flow| Some(flow.bytes[at])),
        "source_payload" | "destination_payload" => u64s(flows, |flow| flow.payload(way)),
        "source_wire_bytes" | "destination_wire_bytes" => u64s(flows, |flow| Some(flow.wire[at])),
        "syns" => u32s(flows, |flow| flow.syns[0]),
        "answers" => u32s(flows, |flow| flow.answers[1]),
        "resets" => u32s(flows, |flow| flow.resets),
        "fins" => u32s(flows, |flow| flow.fins),
        "source_retransmissions" | "destination_retransmissions" => u32s(flows, |flow| flow.retransmissions(way)),
        "source_bad_checksums" | "destination_bad_checksums" => u32s(flows, |flow| flow.bad_checksums[at]),
        "source_ttl_min" | "destination_ttl_min" => {
            u8s(flows, |flow| (flow.packets[at] > 0).then_some(flow.hops[at][0]))
        }
        "source_ttl_max" | "destination_ttl_max" => {
            u8s(flows, |flow| (flow.packets[at] > 0).then_some(flow.hops[at][1]))
        }
        "ja4" => optional_texts(flows, 0, |flow, to| flow.heard.ja4.as_ref().map(|ja4| to.push_str(ja4))),
        "server_name" => {
            optional_texts(flows, 0, |flow, to| flow.heard.server_name.as_ref().map(|name| to.push_str(name)))
        }
        "community_id" => optional_texts(flows, 30, |flow, to| {
            community::write(flow, to);
            Some(())
        }),
        _ => dictionary(
            flows,
            |flow| u32::from(flow.link.direction),
            |direction| direction_name(direction as u8).to_string(),
        ),
    }
}

pub fn names_schema() -> SchemaRef {
    schema(&NAMES.iter().collect::<Vec<_>>())
}

/// Names as a record batch.
pub fn names(rows: &[Said], words: &Words) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<&'static Column> = NAMES.iter().collect();
    let arrays: Vec<ArrayRef> = vec![
        times(rows, |row| row.first),
        dictionary(rows, |row| row.file, |file| words.files.get(file as usize).cloned().unwrap_or_default()),
        u64s(rows, |row| Some(row.packet)),
        dictionary(rows, |row| row.interface, |interface| (words.interfaces)(interface)),
        optional_texts(rows, 16, |row, to| match row.name.subject {
            Subject::Ip(ip) => write!(to, "{ip}").ok(),
            Subject::Mac(_) => None,
        }),
        optional_texts(rows, 18, |row, to| match &row.name.subject {
            Subject::Ip(_) => None,
            Subject::Mac(mac) => {
                write_mac(mac, to);
                Some(())
            }
        }),
        dictionary(rows, |row| row.name.relation, str::to_string),
        texts(rows, 24, |row, to| to.push_str(&row.name.value)),
        dictionary(rows, |row| row.name.source, str::to_string),
        texts(rows, 16, |row, to| to.push_str(&row.name.detail)),
        times(rows, |row| row.last),
        u64s(rows, |row| Some(row.count)),
    ];
    RecordBatch::try_new(schema(&columns), arrays)
}

/// ARP as a record batch.
pub fn arp(rows: &[Asked], words: &Words) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<&'static Column> = ARP.iter().collect();
    let arrays: Vec<ArrayRef> = vec![
        times(rows, |row| row.first),
        dictionary(rows, |row| row.file, |file| words.files.get(file as usize).cloned().unwrap_or_default()),
        u64s(rows, |row| Some(row.packet)),
        dictionary(rows, |row| row.question.interface, |interface| (words.interfaces)(interface)),
        texts(rows, 4, |row, to| write_vlan(row.question.tags, row.question.vlan, to)),
        dictionary(rows, |row| row.question.operation.name(), str::to_string),
        texts(rows, 18, |row, to| write_mac(&row.question.sender_mac, to)),
        texts(rows, 16, |row, to| write_ip(&Address::v4(row.question.sender), to)),
        texts(rows, 18, |row, to| write_mac(&row.question.target_mac, to)),
        texts(rows, 16, |row, to| write_ip(&Address::v4(row.question.target), to)),
        times(rows, |row| row.first),
        times(rows, |row| row.last),
        u64s(rows, |row| Some(row.count)),
    ];
    RecordBatch::try_new(schema(&columns), arrays)
}

pub fn transport(protocol: u8) -> String {
    match protocol {
        TCP => "tcp".to_string(),
        UDP => "udp".to_string(),
        ICMP => "icmp".to_string(),
        ICMPV6 => "ipv6-icmp".to_string(),
        SCTP => "sctp".to_string(),
        other => other.to_string(),
    }
}

fn write_mac(mac: &[u8; 6], to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (at, byte) in mac.iter().enumerate() {
        if at > 0 {
            to.push(':');
        }
        to.push(char::from(DIGITS[usize::from(byte >> 4)]));
        to.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

pub fn write_vlan(tags: u8, vlan: Vlans, to: &mut String) {
    for (at, id) in vlan.iter().take(usize::from(tags)).enumerate() {
        let dot = if at > 0 { "." } else { "" };
        let _ = write!(to, "{dot}{id}");
    }
}

pub(crate) fn write_ip(address: &Address, to: &mut String) {
    let Some(number) = address.as_v4() else {
        let _ = write!(to, "{}", address.ip());
        return;
    };
    for (at, byte) in number.to_be_bytes().into_iter().enumerate() {
        if at > 0 {
            to.push('.');
        }
        if byte >= 100 {
            to.push(char::from(b'0' + byte / 100));
        }
        if byte >= 10 {
            to.push(char::from(b'0' + byte / 10 % 10));
        }
        to.push(char::from(b'0' + byte % 10));
    }
}

fn times<T>(rows: &[T], time: impl Fn(&T) -> i64) -> ArrayRef {
    let array = TimestampNanosecondArray::from_iter_values(rows.iter().map(time));
    Arc::new(array.with_timezone("UTC"))
}

fn u64s<T>(rows: &[T], number: impl Fn(&T) -> Option<u64>) -> ArrayRef {
    let mut builder = UInt64Builder::with_capacity(rows.len());
    rows.iter().for_each(|row| builder.append_option(number(row)));
    Arc::new(builder.finish())
}

fn u32_lists<'a, T, N: Iterator<Item = u32>>(rows: &'a [T], numbers: impl Fn(&'a T) -> Option<N>) -> ArrayRef {
    let mut builder = ListBuilder::new(UInt32Builder::new());
    rows.iter().for_each(|row| builder.append_option(numbers(row).map(|numbers| numbers.map(Some))));
    Arc::new(builder.finish())
}

fn u32s<T>(rows: &[T], number: impl Fn(&T) -> u32) -> ArrayRef {
    let mut builder = UInt32Builder::with_capacity(rows.len());
    rows.iter().for_each(|row| builder.append_value(number(row)));
    Arc::new(builder.finish())
}

fn u16s<T>(rows: &[T], number: impl Fn(&T) -> u16) -> ArrayRef {
    let mut builder = UInt16Builder::with_capacity(rows.len());
    rows.iter().for_each(|row| builder.append_value(number(row)));
    Arc::new(builder.finish())
}

fn u8s<T>(rows: &[T], number: impl Fn(&T) -> Option<u8>) -> ArrayRef {
    let mut builder = UInt8Builder::with_capacity(rows.len());
    rows.iter().for_each(|row| builder.append_option(number(row)));
    Arc::new(builder.finish())
}

fn texts<T>(rows: &[T], length: usize, write: impl Fn(&T, &mut String)) -> ArrayRef {
    let mut builder = StringBuilder::with_capacity(rows.len(), rows.len() * length);
    let mut text = String::with_capacity(64);
    for row in rows {
        text.clear();
        write(row, &mut text);
        builder.append_value(&text);
    }
    Arc::new(builder.finish())
}

fn optional_texts<T>(rows: &[T], length: usize, write: impl Fn(&T, &mut String) -> Option<()>) -> ArrayRef {
    let mut builder = StringBuilder::with_capacity(rows.len(), rows.len() * length);
    let mut text = String::with_capacity(64);
    for row in rows {
        text.clear();
        let there = write(row, &mut text).is_some();
        builder.append_option(there.then_some(&text));
    }
    Arc::new(builder.finish())
}

/// A column of few different words: a number for each row, and the words once.
fn dictionary<T, K: PartialEq + Copy>(rows: &[T], key: impl Fn(&T) -> K, word: impl Fn(K) -> String) -> ArrayRef {
    let mut keys: Vec<K> = Vec::new();
    let mut last = 0;
    let numbers: Vec<i32> = rows
        .iter()
        .map(|row| {
            let key = key(row);
            if keys.get(last) != Some(&key) {
                last = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                    keys.push(key);
                    keys.len() - 1
                });
            }
            last as i32
        })
        .collect();
    let words = StringArray::from_iter_values(keys.into_iter().map(word));
    // The numbers were made from the words just here: they fit.
    match DictionaryArray::try_new(Int32Array::from(numbers), Arc::new(words)) {
        Ok(array) => Arc::new(array),
        Err(_) => Arc::new(StringArray::new_null(rows.len())),
    }
}
