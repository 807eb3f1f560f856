//! Flow exports, for Python: datagrams in, tables out.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use whence_exports::{table, Collector, Direction, Format, Found, InterfaceCounters, Pairing, Record, Side, Timing};
use whence_packets::Reading;

use crate::guard::guarded;
use crate::stream::Stream;
use whence_packets::lock;

/// Rows of each kind that are kept until somebody takes them; what is more is counted and let go.
const MOST_KEPT: usize = 1 << 20;
/// Flows of captured exports that end before they are handed out.
const MANY: usize = 1 << 16;
/// Rows in a batch.
const BATCH: usize = 1 << 14;

struct State {
    collector: Collector,
    pairing: Pairing,
    found: Found,
    records: Vec<Record>,
    counters: Vec<InterfaceCounters>,
    keeps_records: bool,
    file: String,
    number: u64,
    /// Sampled packets that are no IP.
    not_ip: u64,
    let_go: u64,
}

impl State {
    fn feed(&mut self, from: SocketAddr, received: i64, datagram: &[u8]) {
        self.collector.feed(from, received, datagram, &mut self.found);
        self.pairing.end_until(received);
        let mut found = std::mem::take(&mut self.found);
        for header in &found.headers {
            match header.decode() {
                Some(record) => found.records.push(record),
                None => self.not_ip += 1,
            }
        }
        found.records.iter().for_each(|record| self.pairing.add(record));
        if self.keeps_records {
            let room = MOST_KEPT.saturating_sub(self.records.len());
            self.let_go += found.records.len().saturating_sub(room) as u64;
            self.records.extend(found.records.drain(..).take(room));
        }
        let room = MOST_KEPT.saturating_sub(self.counters.len());
        self.let_go += found.counters.len().saturating_sub(room) as u64;
        self.counters.extend(found.counters.drain(..).take(room));
        found.clear();
        self.found = found;
        self.let_go += self.pairing.keep_at_most(MOST_KEPT) as u64;
    }
}

/// Receives NetFlow v5 and v9, IPFIX and sFlow v5, and makes flows of them.
///
/// Times are nanoseconds since 1970, UTC; nothing here looks at a clock.
#[pyclass(module = "whence._native", frozen)]
pub struct Exports {
    state: Mutex<State>,
}

impl Exports {
    /// Take in what was captured on its way to a collector, until flows are to be taken; false at the end. Rows
    /// say in which file their flow ended.
    pub fn read(&self, reading: &mut Reading) -> bool {
        let files = reading.files();
        let mut state = lock(&self.state);
        while let Some(number) = reading.next_file() {
            let file = files.get(number as usize).map_or("", String::as_str);
            if state.pairing.done() >= MANY || (state.file != file && state.pairing.done() > 0) {
                return true;
            }
            if state.file != file {
                state.file = file.to_string();
            }
            reading.exports(|export| state.feed(export.from, export.captured, export.payload));
        }
        false
    }
}

#[pymethods]
impl Exports {
    /// `file` is what the rows' column of that name says; with `keep_records` the records as they
    /// were exported can be taken beside the flows.
    #[new]
    #[pyo3(signature = (*, file = String::new(), keep_records = false, active = 60_000_000_000, tcp_gap = 300_000_000_000,
        other_gap = 60_000_000_000, most_open = 131_072))]
    fn new(
        file: String,
        keep_records: bool,
        active: i64,
        tcp_gap: i64,
        other_gap: i64,
        most_open: usize,
    ) -> PyResult<Exports> {
        if active < 0 || tcp_gap < 0 || other_gap < 0 || most_open == 0 {
            return Err(PyValueError::new_err("time spans are not negative, and one flow must have room"));
        }
        let timing = Timing { active, tcp_gap, other_gap, most_open };
        Ok(Exports {
            state: Mutex::new(State {
                collector: Collector::new(),
                pairing: Pairing::new(timing),
                found: Found::default(),
                records: Vec::new(),
                counters: Vec::new(),
                keeps_records: keep_records,
                file,
                number: 0,
                not_ip: 0,
                let_go: 0,
            }),
        })
    }

    /// Read one datagram that came from this address at this time.
    fn feed(&self, address: &str, port: u16, received: i64, datagram: &[u8]) -> PyResult<()> {
        // A link-local sender has its interface behind a percent sign.
        let address = address.split('%').next().unwrap_or_default();
        let address: IpAddr = address.parse().map_err(|_| PyValueError::new_err("no IP address"))?;
        let mut state = lock(&self.state);
        let from = SocketAddr::new(address, port);
        guarded(|| state.feed(from, received, datagram)).map_err(PyRuntimeError::new_err)
    }

    /// Add a record of an nfcapd file, as nfdump tells it. `sampled`: its numbers are estimates.
    #[pyo3(signature = (*, exporter, received, first, last, source, destination, protocol, packets, bytes,
        source_port = 0, destination_port = 0, icmp = None, tcp_flags = None, back_packets = 0, back_bytes = 0, tos = 0,
        input = 0, output = 0, vlan = 0, source_mac = None, destination_mac = None, direction = None, next_hop = None,
        source_as = 0, destination_as = 0, sampled = false))]
    #[allow(clippy::too_many_arguments)] // keywords
    fn add(
        &self,
        exporter: &str,
        received: i64,
        first: i64,
        last: i64,
        source: &str,
        destination: &str,
        protocol: u8,
        packets: u64,
        bytes: u64,
        source_port: u16,
        destination_port: u16,
        icmp: Option<(u8, u8)>,
        tcp_flags: Option<u16>,
        back_packets: u64,
        back_bytes: u64,
        tos: u8,
        input: u32,
        output: u32,
        vlan: u16,
        source_mac: Option<[u8; 6]>,
        destination_mac: Option<[u8; 6]>,
        direction: Option<u8>,
        next_hop: Option<&str>,
        source_as: u32,
        destination_as: u32,
        sampled: bool,
    ) -> PyResult<()> {
        let address =
            |text: &str| -> PyResult<IpAddr> { text.parse().map_err(|_| PyValueError::new_err("no IP address")) };
        let forward = Side { packets, bytes, wire_bytes: None, tcp_flags, first: first.min(last), last };
        let reverse = Side { packets: back_packets, bytes: back_bytes, tcp_flags: None, ..forward };
        let record = Record {
            format: Format::Nfcapd,
            exporter: address(exporter)?,
            domain: 0,
            received,
            input,
            output,
            source: address(source)?,
            destination: address(destination)?,
            source_port,
            destination_port,
            protocol,
            icmp,
            tos,
            vlan,
            inner_vlan: 0,
            source_mac,
            destination_mac,
            direction: match direction {
                Some(0) => Direction::Ingress,
                Some(1) => Direction::Egress,
                _ => Direction::Untold,
            },
            next_hop: next_hop.map(address).transpose()?,
            source_as,
            destination_as,
            ttl: None,
            end_reason: 0,
            sampling: u32::from(!sampled),
            forward,
            reverse: Some(reverse).filter(|back| back.packets > 0),
            is_arbitrary: false,
        };
        let mut state = lock(&self.state);
        let added = guarded(|| {
            state.pairing.end_until(received);
            state.pairing.add(&record);
            if state.keeps_records && state.records.len() < MOST_KEPT {
                state.records.push(record);
            }
        });
        added.map_err(PyRuntimeError::new_err)
    }

    /// Name the file that is read from now on; rows say in which their flow ended.
    fn read_from(&self, file: String) {
        lock(&self.state).file = file;
    }

    /// End the flows of which nothing more is to come at this time.
    fn end_until(&self, now: i64) {
        lock(&self.state).pairing.end_until(now);
    }

    /// End all flows.
    fn end_all(&self) {
        lock(&self.state).pairing.end_all();
    }

    /// How many flows have ended and can be taken.
    fn ended(&self) -> usize {
        lock(&self.state).pairing.done()
    }

    /// Take the flows that have ended, the earliest first.
    fn flows(&self) -> PyResult<Stream> {
        let mut state = lock(&self.state);
        let flows = state.pairing.take();
        let (file, number) = (state.file.clone(), state.number);
        state.number += flows.len() as u64;
        drop(state);
        stream(flows, move |rows, before| table::flows(rows, &file, number + before as u64))
    }

    /// Take the records as they were exported.
    fn records(&self) -> PyResult<Stream> {
        let records = std::mem::take(&mut lock(&self.state).records);
        stream(records, |rows, _| table::records(rows))
    }

    /// Take the interface counters.
    fn counters(&self) -> PyResult<Stream> {
        let counters = std::mem::take(&mut lock(&self.state).counters);
        stream(counters, |rows, _| table::counters(rows))
    }

    /// What happened so far: what was read, and what was lost where.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let state = lock(&self.state);
        let totals = state.collector.totals();
        let words = PyDict::new(py);
        for (name, count) in [
            ("datagrams", totals.datagrams),
            ("bytes", totals.bytes),
            ("records", totals.records),
            ("templates", totals.templates),
            ("foreign", totals.foreign),
            ("damaged", totals.damaged),
            ("addressless", totals.addressless),
            ("waiting_sets", totals.waiting_sets),
            ("lost_sets", totals.lost_sets),
            ("lost_exports", totals.lost_exports),
            ("refused_templates", totals.refused_templates),
            ("forgotten", totals.forgotten),
            ("not_ip", state.not_ip),
            ("open_flows", state.pairing.open() as u64),
            ("ended_early", state.pairing.ended_early),
            ("let_go", state.let_go),
        ] {
            words.set_item(name, count)?;
        }
        Ok(words)
    }

    /// Each exporter that is remembered, with what is known of it.
    fn senders<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let senders = lock(&self.state).collector.senders();
        let told = |state: &whence_exports::SenderState| -> PyResult<Bound<'py, PyDict>> {
            let words = PyDict::new(py);
            words.set_item("address", state.sender.address.ip().to_string())?;
            words.set_item("port", state.sender.address.port())?;
            words.set_item("format", state.sender.format.name())?;
            words.set_item("domain", state.sender.domain)?;
            words.set_item("datagrams", state.datagrams)?;
            words.set_item("records", state.records)?;
            words.set_item("templates", state.templates)?;
            words.set_item("waiting_sets", state.waiting_sets)?;
            words.set_item("lost_sets", state.lost_sets)?;
            words.set_item("lost_exports", state.lost_exports)?;
            words.set_item("restarts", state.restarts)?;
            words.set_item("heard", state.heard)?;
            Ok(words)
        };
        senders.iter().map(told).collect()
    }
}

/// Rows as a stream of batches, made as they are read.
fn stream<T: Send + 'static>(
    rows: Vec<T>,
    batch: impl Fn(&[T], usize) -> Result<RecordBatch, ArrowError> + Send + 'static,
) -> PyResult<Stream> {
    let none = batch(&[], 0).map_err(|reason| PyRuntimeError::new_err(reason.to_string()))?;
    let mut at = 0;
    let next = move || {
        let some = rows.get(at..rows.len().min(at + BATCH)).filter(|some| !some.is_empty())?;
        let made = batch(some, at);
        at += some.len();
        Some(made)
    };
    Ok(Stream::new(none.schema(), Box::new(next)))
}
