//! Record batches that somebody else hands over, DuckDB for one, through the PyCapsule interface.

use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use pyo3::exceptions::PyValueError;
use pyo3::ffi::c_str;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// Take the stream out of anything that has `__arrow_c_stream__`.
#[allow(unsafe_code)]
pub fn batches(of: &Bound<'_, PyAny>) -> PyResult<RecordBatchStreamReader> {
    let given = of.call_method0("__arrow_c_stream__")?;
    let capsule = given.cast::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(c_str!("arrow_array_stream")))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: by the PyCapsule interface, a capsule of this name, which was checked, points to an
    // ArrowArrayStream that it owns. `from_raw` moves it out and leaves a released one behind, which the
    // capsule's destructor lets be. Nobody else has this capsule: it was made for us just now.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr()) };
    RecordBatchStreamReader::try_new(stream).map_err(|error| PyValueError::new_err(error.to_string()))
}
