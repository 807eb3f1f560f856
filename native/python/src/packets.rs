//! Captures, for Python.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use whence_packets::columns::{self, FlowColumns, Words};
use whence_packets::{Checksums, Filter, Instruction, Listening, Options, Progress, Reading, Refused, Said, SetBack};

use crate::exports::Exports;
use crate::guard::guarded;
use crate::stream::Stream;
use crate::sums::{networks, Sums};
use whence_packets::lock;

/// Instructions of a filter, as libpcap has them.
type Program = Vec<(u16, u8, u8, u32)>;

/// Names in a batch.
const BATCH: usize = 4096;

/// A reading of capture files: flows as they end; names and ARP when the flows are read.
#[pyclass(module = "whence._native", frozen)]
pub struct Packets {
    reading: Arc<Mutex<Reading>>,
    progress: Arc<Progress>,
}

fn words(reading: &Reading) -> Words {
    Words {
        files: reading.files(),
        interfaces: Box::new(reading.interface_name()),
        tunnels: Box::new(reading.tunnel_name()),
    }
}

#[pymethods]
impl Packets {
    /// Nothing is opened before the flows are asked for.
    #[new]
    #[pyo3(signature = (files, *, filter = None, since = None, until = None, checksums = "ignore", names = "all",
        split = Vec::new(), guess_servers = true, memory = 268_435_456, threads = 1, overlaps = Vec::new(), by_link = Vec::new()))]
    #[allow(clippy::too_many_arguments)] // keywords
    fn new(
        files: Vec<PathBuf>,
        filter: Option<Program>,
        since: Option<i64>,
        until: Option<i64>,
        checksums: &str,
        names: &str,
        split: Vec<String>,
        guess_servers: bool,
        memory: u64,
        threads: usize,
        overlaps: Vec<(i64, i64, i64)>,
        by_link: Vec<(u16, Option<Program>)>,
    ) -> PyResult<Packets> {
        let checksums = match checksums {
            "ignore" => Checksums::Ignore,
            "count" => Checksums::Count,
            "drop" => Checksums::Drop,
            other => return Err(PyValueError::new_err(format!("checksums can be ignore, count or drop, not {other}"))),
        };
        let names = match names {
            "none" => Listening::Nothing,
            "addresses" => Listening::Addresses,
            "called" => Listening::Called,
            "all" => Listening::Everything,
            other => {
                return Err(PyValueError::new_err(format!("names can be none, addresses, called or all, not {other}")))
            }
        };
        if let Some(other) = split.iter().find(|what| !matches!(what.as_str(), "vlan" | "tunnel")) {
            return Err(PyValueError::new_err(format!("flows can be split by vlan and tunnel, not by {other}")));
        }
        let own = |(link, own): (u16, Option<Program>)| Ok((link, own.map(program).transpose()?));
        let by_link = by_link.into_iter().map(own).collect::<Result<Vec<_>, String>>();
        let by_link = Arc::new(by_link.map_err(PyValueError::new_err)?);
        let filter = filter.map(program).transpose().map_err(PyValueError::new_err)?;
        let options = Options {
            files,
            filter: filter.map(Arc::new),
            by_link,
            since,
            until,
            checksums,
            names,
            by_vlan: split.iter().any(|what| what == "vlan"),
            by_tunnel: split.iter().any(|what| what == "tunnel"),
            guesses_servers: guess_servers,
            flows: Reading::flows_within(memory),
            threads,
            overlaps,
        };
        let reading = Reading::new(options);
        let progress = reading.progress.clone();
        Ok(Packets { reading: Arc::new(Mutex::new(reading)), progress })
    }

    /// Flows as they end, all columns or those named.
    #[pyo3(signature = (columns = None))]
    fn flows(&self, columns: Option<Vec<String>>) -> PyResult<Stream> {
        let columns = FlowColumns::new(columns.as_deref()).map_err(PyValueError::new_err)?;
        if columns.need_streams() {
            lock(&self.reading).hear_streams();
        }
        if columns.need_sketches() {
            lock(&self.reading).sketch();
        }
        let schema = columns.schema.clone();
        let reading = self.reading.clone();
        let mut known = None;
        let batches = move || -> Option<Result<RecordBatch, ArrowError>> {
            let mut reading = lock(&reading);
            let words = known.get_or_insert_with(|| words(&reading));
            match reading.next_flows() {
                Some(flows) => Some(columns.batch(&flows, words)),
                None if reading.has_ended() => None,
                None => Some(Err(ArrowError::ComputeError("interrupted".to_string()))),
            }
        };
        Ok(Stream::new(schema, Box::new(batches)))
    }

    /// Read everything and add it up; none where only a table of flows tells which packets count, or the reading
    /// was stopped. What was read is gone then.
    #[pyo3(signature = (internal = Vec::new()))]
    fn sums(&self, py: Python<'_>, internal: Vec<String>) -> PyResult<Option<Sums>> {
        let networks = networks(&internal)?;
        let shared = self.reading.clone();
        let sums = py.detach(move || {
            guarded(|| {
                let mut reading = lock(&shared);
                let sums = reading.sums(&networks)?;
                let interfaces = Box::new(reading.interface_name());
                Some(Sums::new(sums, interfaces, shared.clone()))
            })
        });
        sums.map_err(PyRuntimeError::new_err)
    }

    /// What machines are called, by what was said in the packets read.
    fn names(&self) -> PyResult<Stream> {
        let mut reading = lock(&self.reading);
        let mut rows = reading.take_names();
        let words = words(&reading);
        let batches = move || {
            let some: Vec<Said> = rows.by_ref().take(BATCH).collect();
            (!some.is_empty()).then(|| columns::names(&some, &words))
        };
        Ok(Stream::new(columns::names_schema(), Box::new(batches)))
    }

    /// Read flow exports out of the packets, in place of their flows, until many flows of theirs have ended, or a
    /// file has; on one thread. False at the end. `exports` takes them as if it had received them.
    fn exports(&self, py: Python<'_>, exports: Py<Exports>) -> PyResult<bool> {
        let shared = self.reading.clone();
        py.detach(move || guarded(|| exports.get().read(&mut lock(&shared)))).map_err(PyRuntimeError::new_err)
    }

    /// Of flow exports read: datagrams, those seen again elsewhere, and those that are cut off.
    fn exported(&self) -> (u64, u64, u64) {
        let exported = lock(&self.reading).exported();
        (exported.datagrams, exported.repeated, exported.cut_off)
    }

    /// Who asked for which address, and who answered.
    fn arp(&self) -> PyResult<Stream> {
        let mut reading = lock(&self.reading);
        let rows = reading.take_arp();
        table(columns::arp(&rows, &words(&reading)))
    }

    /// Who was told no by ICMP, by whom, and about which packets, once the flows were read.
    fn refused<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let reading = lock(&self.reading);
        let (rows, words) = (reading.refused(), words(&reading));
        drop(reading);
        rows.iter().map(|row| refusal(py, row, &words)).collect()
    }

    /// Stop reading soon; can be called from any thread.
    fn stop(&self) {
        self.progress.stop.store(true, Ordering::Relaxed);
    }

    /// Bytes read from the files so far, compressed where they are.
    #[getter]
    fn bytes_read(&self) -> u64 {
        self.progress.bytes.load(Ordering::Relaxed)
    }

    /// Packets read so far.
    #[getter]
    fn packets_read(&self) -> u64 {
        self.progress.packets.load(Ordering::Relaxed)
    }

    /// What was read so far, and what was not.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let reading = self.reading.clone();
        let summary = py.detach(move || guarded(|| lock(&reading).summary())).map_err(PyRuntimeError::new_err)?;
        let tally = summary.tally;
        let result = PyDict::new(py);
        result.set_item("packets", tally.packets)?;
        result.set_item("bytes", tally.bytes)?;
        result.set_item("first", tally.first)?;
        result.set_item("last", tally.last)?;
        result.set_item("filtered", tally.filtered)?;
        result.set_item("not_asked", tally.not_asked)?;
        result.set_item("malformed", tally.malformed)?;
        result.set_item("cut_off", tally.cut_off)?;
        result.set_item("encrypted", tally.encrypted)?;
        result.set_item("fragments", tally.fragments)?;
        result.set_item("incomplete_fragments", summary.incomplete_fragments)?;
        result.set_item("bad_checksums", tally.bad_checksums)?;
        result.set_item("exports", tally.exports)?;
        result.set_item("early_flows", summary.early_flows)?;
        result.set_item("names_left_out", summary.names_left_out)?;
        result.set_item("arp_left_out", summary.arp_left_out)?;
        result.set_item("refusals_left_out", summary.refusals_left_out)?;
        result.set_item("not_ip", counts(tally.not_ip))?;
        result.set_item("skipped_links", counts(tally.links))?;
        result.set_item("complete", summary.ended)?;
        let name = |file: u32| summary.files.get(file as usize).cloned().unwrap_or_default();
        let mut interfaces = Vec::new();
        for interface in &summary.interfaces {
            let entry = PyDict::new(py);
            entry.set_item("file", name(interface.file))?;
            entry.set_item("name", &interface.name)?;
            entry.set_item("link", interface.link)?;
            entry.set_item("packets", interface.packets)?;
            entry.set_item("drops", interface.drops)?;
            interfaces.push(entry);
        }
        result.set_item("interfaces", interfaces)?;
        let mut damage = Vec::new();
        for place in &summary.damage {
            let entry = PyDict::new(py);
            entry.set_item("file", name(place.file))?;
            entry.set_item("offset", place.offset)?;
            entry.set_item("packet", place.packet)?;
            entry.set_item("reason", &place.reason)?;
            entry.set_item("resumed", place.resumed)?;
            damage.push(entry);
        }
        result.set_item("damage", damage)?;
        result.set_item("connections", summary.begun.connections)?;
        result.set_item("begun_twice", summary.begun.twice)?;
        result.set_item("sampled", summary.doubled.sampled)?;
        result.set_item("sampled_twice", summary.doubled.twice)?;
        result.set_item("not_compared", summary.not_compared)?;
        let mut left_out = Vec::new();
        for some in &summary.left_out {
            let entry = PyDict::new(py);
            entry.set_item("file", name(some.file))?;
            entry.set_item("other", name(some.other))?;
            entry.set_item("packets", some.packets)?;
            entry.set_item("first", some.first)?;
            entry.set_item("last", some.last)?;
            left_out.push(entry);
        }
        result.set_item("left_out", left_out)?;
        let mut times = Vec::new();
        for of_file in &summary.times {
            let entry = PyDict::new(py);
            let place = |back: &SetBack| (back.packet, back.from, back.to);
            entry.set_item("file", name(of_file.file))?;
            entry.set_item("first", of_file.first)?;
            entry.set_item("last", of_file.last)?;
            entry.set_item("ran", of_file.ran)?;
            entry.set_item("set_back", of_file.set_back.iter().map(place).collect::<Vec<_>>())?;
            entry.set_item("early", of_file.early)?;
            entry.set_item("first_early", of_file.first_early.as_ref().map(place))?;
            times.push(entry);
        }
        result.set_item("times", times)?;
        Ok(result)
    }
}

fn counts(map: BTreeMap<u16, u64>) -> BTreeMap<u16, u64> {
    map
}

fn refusal<'py>(py: Python<'py>, row: &Refused, words: &Words) -> PyResult<Bound<'py, PyDict>> {
    let (said, quoted) = (&row.refusal, &row.refusal.quoted);
    let mut vlan = String::new();
    columns::write_vlan(said.tags, said.vlan, &mut vlan);
    let entry = PyDict::new(py);
    entry.set_item("first", row.first)?;
    entry.set_item("last", row.last)?;
    entry.set_item("count", row.count)?;
    entry.set_item("file", words.files.get(row.file as usize))?;
    entry.set_item("packet", row.packet)?;
    entry.set_item("interface", (words.interfaces)(said.interface))?;
    entry.set_item("vlan", vlan)?;
    entry.set_item("sender_ip", said.by.ip().to_string())?;
    entry.set_item("receiver_ip", said.told.ip().to_string())?;
    entry.set_item("icmp", columns::transport(said.protocol))?;
    entry.set_item("type", said.kind)?;
    entry.set_item("code", said.code)?;
    entry.set_item("fits", said.fits)?;
    entry.set_item("transport", columns::transport(quoted.protocol))?;
    entry.set_item("source_ip", quoted.source.ip().to_string())?;
    entry.set_item("source_port", quoted.ports.map(|ports| ports.0))?;
    entry.set_item("destination_ip", quoted.destination.ip().to_string())?;
    entry.set_item("destination_port", quoted.ports.map(|ports| ports.1))?;
    Ok(entry)
}

fn program(instructions: Program) -> Result<Filter, String> {
    Filter::new(
        instructions
            .into_iter()
            .map(|(code, jump_true, jump_false, k)| Instruction { code, jump_true, jump_false, k })
            .collect(),
    )
}

/// A stream of one batch.
fn table(batch: Result<RecordBatch, ArrowError>) -> PyResult<Stream> {
    let batch = batch.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let schema = batch.schema();
    let mut batch = Some(Ok(batch));
    Ok(Stream::new(schema, Box::new(move || batch.take())))
}

/// The link type of a file's first packets; that of Ethernet where it cannot be said.
#[pyfunction]
pub fn link_type(py: Python<'_>, file: PathBuf) -> PyResult<u16> {
    let link = py.detach(|| guarded(|| whence_packets::link_type(&file))).map_err(PyRuntimeError::new_err)?;
    Ok(link.unwrap_or(1))
}
