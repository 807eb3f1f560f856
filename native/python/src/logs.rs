//! Log lines, for Python.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use arrow_schema::ArrowError;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use whence_logs::{counts, Columns, Counts, Form, Options, Progress, Reading, Shape, Writing, Zone, HEADING};

use crate::guard::guarded;
use crate::stream::Stream;
use whence_packets::lock;

/// A reading of log lines: how far it is, what was left out, and which wordings there are.
#[pyclass(module = "whence._native", frozen)]
pub struct LogReading {
    reading: Arc<Mutex<Reading>>,
    progress: Arc<Progress>,
}

/// The names of fields of JSON that hold a message, those that are known best first.
#[pyfunction]
pub fn log_message_fields() -> Vec<&'static str> {
    whence_logs::message_names()
}

/// Whether a file that begins so is packed, in a way that can be read here.
#[pyfunction]
pub fn log_is_packed(begin: &[u8]) -> bool {
    whence_packets::is_packed(begin)
}

/// How many bytes the text of a file has, decompressed and in UTF-8; and up to the end of its last whole line.
#[pyfunction]
pub fn log_length(py: Python<'_>, path: PathBuf) -> PyResult<(u64, u64)> {
    let length = py.detach(|| guarded(|| whence_logs::length(&path))).map_err(PyRuntimeError::new_err)?;
    length.map(|length| (length.whole, length.lines)).map_err(failed)
}

/// Some bytes of that text; fewer where it is not so long.
#[pyfunction]
pub fn log_piece<'py>(py: Python<'py>, path: PathBuf, begin: u64, size: usize) -> PyResult<Bound<'py, PyBytes>> {
    let piece = py.detach(|| guarded(|| whence_logs::piece(&path, begin, size))).map_err(PyRuntimeError::new_err)?;
    piece.map(|piece| PyBytes::new(py, &piece)).map_err(failed)
}

/// What the system refuses is an error of the system; what the file says and cannot be, a ValueError.
fn failed(error: std::io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(_) => error.into(),
        None => PyValueError::new_err(error.to_string()),
    }
}

/// Lines of files, or records of spool segments, as columns; and what tells of the reading.
///
/// Nothing is opened before the stream is read. `after` is a reading of the records before these, whose knowledge
/// counts on: wordings, heads of files, the last line of each host.
#[pyfunction]
#[pyo3(signature = (files, *, form = "text", start = 0, now = 0, zone_seconds = 0, zone_changes = Vec::new(), zones = Vec::new(), columns = None,
    keep_original = true, peer = "", most_rows = 0, templates = Vec::new(), after = None))]
#[allow(clippy::too_many_arguments)] // keywords
pub fn parse_logs(
    files: Vec<PathBuf>,
    form: &str,
    start: u64,
    now: i64,
    zone_seconds: i64,
    zone_changes: Changes,
    zones: Zones,
    columns: Option<Vec<String>>,
    keep_original: bool,
    peer: &str,
    most_rows: u64,
    templates: Vec<(String, String)>,
    after: Option<&LogReading>,
) -> PyResult<(Stream, LogReading)> {
    let form = form_of(form)?;
    let columns = Columns::new(columns.as_deref()).map_err(PyValueError::new_err)?;
    let options = Options {
        files,
        form,
        start,
        now,
        zone: Zone { east: zone_seconds, changes: zone_changes },
        zones: zones_of(zones),
        keep_original,
        most_rows,
        peer: peer.to_string(),
        templates,
    };
    let mut reading = Reading::new(options);
    if let Some(other) = after {
        reading.go_on_after(&lock(&other.reading));
    }
    let progress = reading.progress.clone();
    let reading = Arc::new(Mutex::new(reading));
    let shared = reading.clone();
    let schema = columns.schema.clone();
    let mut batch = Reading::batch(columns);
    let batches = move || lock(&shared).next_batch(&mut batch);
    Ok((Stream::new(schema, Box::new(batches)), LogReading { reading, progress }))
}

/// Since when, in microseconds since 1970, a zone is so many seconds east of Greenwich.
type Changes = Vec<(i64, i64)>;
/// Hosts and files, and their zones.
type Zones = Vec<(String, i64, Changes)>;

fn zones_of(zones: Zones) -> Vec<(String, Zone)> {
    zones.into_iter().map(|(source, east, changes)| (source, Zone { east, changes })).collect()
}

/// Log lines as lines of text, as they are read.
#[pyclass(module = "whence._native", frozen)]
pub struct LogText {
    reading: Arc<Mutex<Reading>>,
    progress: Arc<Progress>,
    writing: Mutex<Writing>,
    shape: Shape,
}

#[pymethods]
impl LogText {
    #[new]
    #[pyo3(signature = (files, *, shape, form = "text", now = 0, zone_seconds = 0, zone_changes = Vec::new(), zones = Vec::new(), most_rows = 0))]
    #[allow(clippy::too_many_arguments)] // keywords
    fn new(
        files: Vec<PathBuf>,
        shape: &str,
        form: &str,
        now: i64,
        zone_seconds: i64,
        zone_changes: Changes,
        zones: Zones,
        most_rows: u64,
    ) -> PyResult<LogText> {
        let shape = match shape {
            "json" => Shape::Document,
            "table" => Shape::Table,
            other => return Err(PyValueError::new_err(format!("the shape can be json or table, not {other}"))),
        };
        let options = Options {
            files,
            form: form_of(form)?,
            start: 0,
            now,
            zone: Zone { east: zone_seconds, changes: zone_changes },
            zones: zones_of(zones),
            keep_original: true,
            most_rows,
            peer: String::new(),
            templates: Vec::new(),
        };
        let reading = Reading::new(options);
        let progress = reading.progress.clone();
        let writing = Mutex::new(Writing::new(shape));
        Ok(LogText { reading: Arc::new(Mutex::new(reading)), progress, writing, shape })
    }

    /// The line above all others, where there is one.
    fn heading(&self) -> Option<&'static str> {
        (self.shape == Shape::Table).then_some(HEADING)
    }

    /// Whole lines, about so many bytes; nothing at the end.
    fn next<'py>(&self, py: Python<'py>, bytes: usize) -> PyResult<Bound<'py, PyBytes>> {
        let text = py.detach(|| {
            guarded(|| {
                let mut writing = lock(&self.writing);
                lock(&self.reading).next_text(&mut writing, bytes)
            })
        });
        Ok(PyBytes::new(py, &text.map_err(PyRuntimeError::new_err)?))
    }

    /// What tells of the reading.
    fn reading(&self) -> LogReading {
        LogReading { reading: self.reading.clone(), progress: self.progress.clone() }
    }
}

fn form_of(name: &str) -> PyResult<Form> {
    match name {
        "text" => Ok(Form::Text),
        "spool" => Ok(Form::Spool),
        other => Err(PyValueError::new_err(format!("the form can be text or spool, not {other}"))),
    }
}

/// Lines counted by hour, host and template: hour (UTC), host, template, lines, weight, bytes, in that order.
///
/// Everything is read when the stream is.
#[pyfunction]
#[pyo3(signature = (files, *, form = "text", start = 0, now = 0, zone_seconds = 0, zone_changes = Vec::new(), templates = Vec::new()))]
#[allow(clippy::too_many_arguments)] // keywords
pub fn count_logs(
    files: Vec<PathBuf>,
    form: &str,
    start: u64,
    now: i64,
    zone_seconds: i64,
    zone_changes: Changes,
    templates: Vec<(String, String)>,
) -> PyResult<(Stream, LogReading)> {
    let options = Options {
        files,
        form: form_of(form)?,
        start,
        now,
        zone: Zone { east: zone_seconds, changes: zone_changes },
        zones: Vec::new(),
        keep_original: false,
        most_rows: 0,
        peer: String::new(),
        templates,
    };
    let reading = Reading::new(options);
    let progress = reading.progress.clone();
    let reading = Arc::new(Mutex::new(reading));
    let shared = reading.clone();
    let mut counts = Some(Counts::default());
    let batches = move || {
        let mut counts = counts.take()?;
        let mut reading = lock(&shared);
        if !reading.count(&mut counts) {
            return Some(Err(ArrowError::ComputeError("interrupted".to_string())));
        }
        Some(counts.table(|template| reading.parser.templates.id(template).to_string()))
    };
    Ok((Stream::new(counts::schema(), Box::new(batches)), LogReading { reading, progress }))
}

#[pymethods]
impl LogReading {
    /// Stop reading soon; can be called from any thread.
    fn stop(&self) {
        self.progress.stop.store(true, Ordering::Relaxed);
    }

    /// Bytes read from the files so far, compressed where they are.
    #[getter]
    fn bytes_read(&self) -> u64 {
        self.progress.bytes.load(Ordering::Relaxed)
    }

    /// Lines read so far.
    #[getter]
    fn lines_read(&self) -> u64 {
        self.progress.lines.load(Ordering::Relaxed)
    }

    /// Id, wording and events of each template, in the order in which they were met.
    fn templates(&self, py: Python<'_>) -> PyResult<Vec<(String, String, u64)>> {
        let reading = self.reading.clone();
        let all = move || {
            let reading = lock(&reading);
            let all = reading.parser.templates.all().iter();
            all.map(|one| (one.id.clone(), one.wording.clone(), one.count)).collect()
        };
        py.detach(move || guarded(all)).map_err(PyRuntimeError::new_err)
    }

    /// What was read so far, and what was not.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let reading = self.reading.clone();
        let summary = py.detach(move || guarded(|| lock(&reading).summary())).map_err(PyRuntimeError::new_err)?;
        let result = PyDict::new(py);
        result.set_item("rows", summary.rows)?;
        result.set_item("bytes", summary.bytes)?;
        result.set_item("cut", summary.cut)?;
        result.set_item("not_text", summary.not_text)?;
        result.set_item("without_time", summary.without_time)?;
        result.set_item("zone_assumed", summary.zone_assumed)?;
        result.set_item("unsure", summary.unsure)?;
        result.set_item("wordings_left_out", summary.wordings_left_out)?;
        result.set_item("next", summary.next)?;
        result.set_item("complete", summary.complete)?;
        result.set_item("gaps", summary.gaps)?;
        let damage =
            summary.damage.into_iter().map(|one| (one.file.to_string_lossy().into_owned(), one.offset, one.reason));
        result.set_item("damage", damage.collect::<Vec<_>>())?;
        Ok(result)
    }
}
