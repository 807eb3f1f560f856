//! Record batches for whoever reads Arrow, through the PyCapsule interface
//! (https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html).

use std::sync::Mutex;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::c_str;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::guard::guarded;

/// A source of batches that can be read once.
pub type Batches = Box<dyn FnMut() -> Option<Result<RecordBatch, ArrowError>> + Send>;

/// Columns that any reader of Arrow can take, DuckDB for one. They are read once, as they come.
#[pyclass(module = "whence._native", frozen)]
pub struct Stream {
    schema: SchemaRef,
    batches: Mutex<Option<Batches>>,
}

impl Stream {
    pub fn new(schema: SchemaRef, batches: Batches) -> Stream {
        Stream { schema, batches: Mutex::new(Some(batches)) }
    }
}

struct Reader {
    schema: SchemaRef,
    batches: Batches,
    failed: bool,
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batches = &mut self.batches;
        guarded(batches).unwrap_or_else(|failure| {
            self.failed = true;
            Some(Err(ArrowError::ComputeError(failure)))
        })
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

#[pymethods]
impl Stream {
    /// The stream as a capsule, which may be asked for once.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol allows to ignore what the reader would like better.
        drop(requested_schema);
        let mut batches = self.batches.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let batches = batches
            .take()
            .ok_or_else(|| PyRuntimeError::new_err("this stream was read already; open the files again"))?;
        let reader = Reader { schema: self.schema.clone(), batches, failed: false };
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new(py, stream, Some(c_str!("arrow_array_stream").to_owned()))
    }

    /// Column names, in order.
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }
}
