//! Record batches for whoever reads Arrow, through the PyCapsule interface
//! (https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html).

use std::fs::OpenOptions;
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Int32Type, UInt64Type};
use arrow_array::{Array, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::ffi::c_str;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use whence_logs::parquet::Writer;
use whence_packets::lock;

use crate::guard::guarded;

/// A source of batches that can be read once.
pub type Batches = Box<dyn FnMut() -> Option<Result<RecordBatch, ArrowError>> + Send>;

type Shared = Arc<Mutex<Option<Batches>>>;

/// Columns that any reader of Arrow can take, DuckDB for one. They are read once, as they come.
///
/// DuckDB asks for a stream more than once, first only for its schema: the batches go to the one that
/// reads first, and whoever reads after it is told so.
#[pyclass(module = "whence._native", frozen)]
pub struct Stream {
    schema: SchemaRef,
    batches: Shared,
}

impl Stream {
    pub fn new(schema: SchemaRef, batches: Batches) -> Stream {
        Stream { schema, batches: Arc::new(Mutex::new(Some(batches))) }
    }

    /// Take the next batch, for Python; none at the end.
    fn next_batch(&self) -> PyResult<Option<RecordBatch>> {
        let mut shared = lock(&self.batches);
        let batch = guarded(|| shared.as_mut().and_then(|batches| batches()));
        let batch = batch.map_err(PyRuntimeError::new_err)?.transpose();
        batch.map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// The batches, for whoever reads first.
    pub fn reader(&self) -> Reader {
        Reader { schema: self.schema.clone(), shared: self.batches.clone(), batches: None, ended: false }
    }
}

/// The texts of a column, by row.
fn text_column<'a>(batch: &'a RecordBatch, name: &str) -> PyResult<Box<dyn Fn(usize) -> Option<&'a str> + 'a>> {
    let array = batch.column_by_name(name).ok_or_else(|| PyValueError::new_err(format!("no column {name}")))?;
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Ok(Box::new(move |row| texts.is_valid(row).then(|| texts.value(row))));
    }
    let words = array.as_dictionary_opt::<Int32Type>();
    let Some((words, values)) = words.and_then(|words| Some((words, words.values().as_string_opt::<i32>()?))) else {
        return Err(PyValueError::new_err(format!("no text in column {name}")));
    };
    Ok(Box::new(move |row| words.key(row).map(|key| values.value(key))))
}

pub struct Reader {
    schema: SchemaRef,
    shared: Shared,
    batches: Option<Batches>,
    ended: bool,
}

impl Reader {
    fn read(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        if self.batches.is_none() {
            self.batches = lock(&self.shared).take();
        }
        match &mut self.batches {
            Some(batches) => batches(),
            None => Some(Err(ArrowError::ComputeError("this stream was read already".to_string()))),
        }
    }
}

/// What is written between so many bytes of a file.
const BUFFER: usize = 1 << 18;

/// Write all rows to a file that is made, or emptied, and readable to its owner alone; give how many there were.
fn write(reader: Reader, path: &Path, shift: u64, limit: u64) -> io::Result<u64> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut writer = Writer::new(BufWriter::with_capacity(BUFFER, file), reader.schema.clone())?;
    for batch in reader {
        let batch = batch.map_err(io::Error::other)?;
        let positions = batch.column_by_name("position").and_then(|column| column.as_primitive_opt::<UInt64Type>());
        // They are in order.
        let rows = positions.map_or(batch.num_rows(), |positions| {
            positions.values().partition_point(|position| position.wrapping_add(shift) < limit)
        });
        if rows > 0 {
            writer.write(&batch.slice(0, rows), shift)?;
        }
    }
    writer.finish()
}

/// As Python says it, with its number where the system gave one.
fn failed(error: io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, error.to_string())),
        None => PyRuntimeError::new_err(error.to_string()),
    }
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = guarded(|| self.read()).unwrap_or_else(|failure| Some(Err(ArrowError::ComputeError(failure))));
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

#[pymethods]
impl Stream {
    /// The stream as a capsule.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol allows to ignore what the reader would like better.
        drop(requested_schema);
        let stream = FFI_ArrowArrayStream::new(Box::new(self.reader()));
        PyCapsule::new_with_value(py, stream, c_str!("arrow_array_stream"))
    }

    /// The next batch's texts in some columns, a tuple a row, of rows with one of some texts in a column;
    /// none at the end.
    fn texts<'py>(
        &self,
        py: Python<'py>,
        columns: Vec<String>,
        column: &str,
        among: Vec<String>,
    ) -> PyResult<Option<Vec<Bound<'py, PyTuple>>>> {
        let Some(batch) = py.detach(|| self.next_batch())? else { return Ok(None) };
        let chosen = text_column(&batch, column)?;
        let columns = columns.iter().map(|name| text_column(&batch, name)).collect::<PyResult<Vec<_>>>()?;
        let rows =
            (0..batch.num_rows()).filter(|row| chosen(*row).is_some_and(|text| among.iter().any(|one| one == text)));
        rows.map(|row| PyTuple::new(py, columns.iter().map(|column| column(row)))).collect::<PyResult<_>>().map(Some)
    }

    /// Write all rows of log lines to a file, as Parquet, and give how many there were.
    ///
    /// To each position `shift` is added; rows whose position is then not below `limit` are left out. They are in the
    /// order of their positions.
    #[pyo3(signature = (path, *, shift = 0, limit = u64::MAX))]
    fn write_parquet(&self, py: Python<'_>, path: PathBuf, shift: u64, limit: u64) -> PyResult<u64> {
        let reader = self.reader();
        let written = py.detach(|| guarded(|| write(reader, &path, shift, limit)));
        written.map_err(PyRuntimeError::new_err)?.map_err(failed)
    }

    /// Column names, in order.
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }
}
