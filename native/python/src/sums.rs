//! Sums over the flows of captures, for Python.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use whence_packets::sums::{self, By, Exchange, Measure};
use whence_packets::Reading;

use crate::guard::guarded;
use whence_packets::lock;

type Interfaces = Box<dyn Fn(u32) -> String + Send + Sync>;

/// (name, packets, bytes, flows, received packets, received bytes, peers, inside, source, destination)
type Row = (String, u64, u64, u64, u64, u64, u64, bool, Option<String>, Option<String>);

/// (station, port, transport, packets sent there, packets sent at all)
type Server = (String, u16, String, u64, u64);

/// (peer, port, transport, amount, packets back)
type Peer = (String, Option<u16>, String, u64, u64, bool);

/// Who sends how much to whom, of all flows that were read.
#[pyclass(module = "whence._native", frozen)]
pub struct Sums {
    sums: Arc<sums::Sums>,
    interfaces: Interfaces,
    /// It has read everything, and knows names.
    reading: Arc<Mutex<Reading>>,
}

impl Sums {
    pub fn new(sums: sums::Sums, interfaces: Interfaces, reading: Arc<Mutex<Reading>>) -> Sums {
        Sums { sums: Arc::new(sums), interfaces, reading }
    }

    /// Work without holding up other threads of Python.
    fn ask<T: Send>(&self, py: Python<'_>, question: impl FnOnce(&sums::Sums) -> T + Send) -> PyResult<T> {
        let sums = self.sums.clone();
        py.detach(move || guarded(|| question(&sums))).map_err(PyRuntimeError::new_err)
    }
}

fn measure_of(name: &str) -> PyResult<Measure> {
    match name {
        "packets" => Ok(Measure::Packets),
        "bytes" => Ok(Measure::Bytes),
        "flows" => Ok(Measure::Flows),
        other => Err(PyValueError::new_err(format!("a measure can be packets, bytes or flows, not {other}"))),
    }
}

#[pymethods]
impl Sums {
    /// Flows, packets, bytes, and the nanoseconds of the first and the last; none where nothing was read.
    fn totals(&self) -> Option<(u64, u64, u64, i64, i64)> {
        self.sums.totals().map(|sum| (sum.flows, sum.packets, sum.bytes, sum.first, sum.last))
    }

    /// Interfaces and VLANs, with the flows seen there.
    fn places(&self) -> Vec<(String, String, u64)> {
        self.sums.places(&self.interfaces)
    }

    /// Stations, pairs, ports or protocols, the loudest first.
    fn ranked(&self, py: Python<'_>, by: &str, measure: &str, most: usize) -> PyResult<Vec<Row>> {
        let by = match by {
            "station" => By::Station,
            "pair" => By::Pair,
            "port" => By::Port,
            "protocol" => By::Protocol,
            other => return Err(PyValueError::new_err(format!("there are no sums by {other}"))),
        };
        let measure = measure_of(measure)?;
        let rows = self.ask(py, |sums| sums.ranked(by, measure, most))?;
        let row = |row: sums::Amount| {
            let (source, destination) = row.ends.unzip();
            let Exchange { packets, bytes, flows, received_packets: packets_back, received_bytes: bytes_back } =
                row.exchange;
            (row.name, packets, bytes, flows, packets_back, bytes_back, row.peers, row.inside, source, destination)
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// What stations sent that sent something.
    fn amounts(&self, py: Python<'_>, measure: &str) -> PyResult<Vec<u64>> {
        let measure = measure_of(measure)?;
        self.ask(py, |sums| sums.amounts(measure))
    }

    /// The same of those inside.
    fn inside_amounts(&self, py: Python<'_>, measure: &str) -> PyResult<Vec<u64>> {
        let measure = measure_of(measure)?;
        self.ask(py, |sums| sums.inside_amounts(measure))
    }

    /// Those of these stations that answer so many clients on a port.
    fn servers(&self, py: Python<'_>, stations: Vec<String>, clients: u64) -> PyResult<Vec<Server>> {
        let rows = self.ask(py, |sums| sums.servers(&addresses(&stations), clients))?;
        Ok(rows.into_iter().map(|row| (row.station, row.port, row.transport, row.sent, row.whole)).collect())
    }

    /// Addresses of MAC addresses that so many stations from outside are behind.
    fn gateways(&self, py: Python<'_>, behind: usize) -> PyResult<Vec<String>> {
        self.ask(py, |sums| sums.gateways(behind))
    }

    /// Where most goes that a station sends.
    fn main_peer(&self, py: Python<'_>, station: &str, measure: &str) -> PyResult<Option<Peer>> {
        let measure = measure_of(measure)?;
        let station: IpAddr = station.parse().map_err(|_| PyValueError::new_err("a station is an IP address"))?;
        let found = self.ask(py, |sums| sums.main_peer(station, measure))?;
        Ok(found.map(|peer| (peer.peer, peer.port, peer.transport, peer.amount, peer.answered, peer.waits)))
    }

    /// (address, relation, name), each as often as a table would have a row of it, of what these are called.
    fn names(&self, addresses: Vec<String>) -> Vec<(String, &'static str, String)> {
        let found = lock(&self.reading).called(&self::addresses(&addresses));
        found.into_iter().map(|(ip, relation, name)| (ip.to_string(), relation, name)).collect()
    }
}

fn addresses(texts: &[String]) -> Vec<IpAddr> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Networks with the lengths of their prefixes: 198.51.100.0/24.
pub fn networks(texts: &[String]) -> PyResult<Vec<(IpAddr, u8)>> {
    let network = |text: &String| {
        let (address, length) = text.split_once('/')?;
        Some((address.parse().ok()?, length.parse().ok()?))
    };
    let wrong = |text: &String| PyValueError::new_err(format!("{text} is no network"));
    texts.iter().map(|text| network(text).ok_or_else(|| wrong(text))).collect()
}
