//! Flows as lines of text, for Python.

use std::io;
use std::sync::Mutex;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use whence_lines::{Ends, Fault, Form, Known, Lines, Names, Ordered, Refusals, Said};

use crate::foreign;
use crate::guard::guarded;
use crate::stream::Stream;
use whence_packets::lock;

/// Bytes of lines that are handed over at once.
const BLOCK: usize = 1 << 18;

/// (transport, address, port, address, port, from microseconds, to microseconds, words)
type Refusal = (Ends, i64, i64, String);

enum State {
    Taking(Lines),
    Giving(Ordered),
    /// Something went wrong on the way.
    Over,
}

/// Flows, taken as they come, given as lines in order of their numbers.
#[pyclass(module = "whence._native", frozen)]
pub struct FlowLines {
    state: Mutex<State>,
}

impl FlowLines {
    fn take_all(&self, batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<(), PyErr> {
        let mut state = lock(&self.state);
        let State::Taking(lines) = &mut *state else { return Err(over()) };
        for batch in batches {
            let batch = batch.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
            lines.take(&batch).map_err(fault)?;
        }
        Ok(())
    }
}

#[pymethods]
impl FlowLines {
    /// No flows; of those that come, so many bytes may be in memory, others go to an unnamed file.
    #[new]
    #[pyo3(signature = (memory = 4_194_304))]
    fn new(memory: usize) -> FlowLines {
        FlowLines { state: Mutex::new(State::Taking(Lines::new(memory))) }
    }

    /// Take all flows of a stream, of this module's or any other of Arrow.
    fn take(&self, py: Python<'_>, flows: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Ok(stream) = flows.cast::<Stream>() {
            let reader = stream.get().reader();
            return py.detach(|| guarded(|| self.take_all(reader))).map_err(PyRuntimeError::new_err)?;
        }
        let reader = foreign::batches(flows)?;
        py.detach(|| guarded(|| self.take_all(reader))).map_err(PyRuntimeError::new_err)?
    }

    /// How many flows were taken; none more once they are given.
    fn count(&self) -> u64 {
        match &*lock(&self.state) {
            State::Taking(lines) => lines.count(),
            State::Giving(_) | State::Over => 0,
        }
    }

    /// All flows are there: give their lines from now on. `names` are those of addresses, `refused` says what packets
    /// were refused, as they went, and what was said to it.
    ///
    /// The result is the line above all others, or nothing where there is none.
    #[pyo3(signature = (form, names, refused = Vec::new()))]
    fn begin(&self, py: Python<'_>, form: &str, names: Names, refused: Vec<Refusal>) -> PyResult<Option<String>> {
        let form = match form {
            "json" => Form::Document,
            "table" => Form::Table,
            "csv" => Form::Commas,
            other => return Err(PyValueError::new_err(format!("lines can be json, table or csv, not {other}"))),
        };
        let mut refusals = Refusals::default();
        for (ends, first, last, words) in refused {
            refusals.add(ends, Said { first, last, words });
        }
        let known = Known { names, refusals };
        py.detach(|| {
            guarded(|| {
                let mut state = lock(&self.state);
                let State::Taking(lines) = std::mem::replace(&mut *state, State::Over) else { return Err(over()) };
                let ordered = lines.ordered(form, known).map_err(fault)?;
                let heading = ordered.heading();
                *state = State::Giving(ordered);
                Ok(heading)
            })
        })
        .map_err(PyRuntimeError::new_err)?
    }

    /// The next lines, at most so many, and how many they are: 0 at the end.
    fn next<'py>(&self, py: Python<'py>, most: u64) -> PyResult<(Bound<'py, PyBytes>, u64)> {
        let (block, count) = py
            .detach(|| {
                guarded(|| match &mut *lock(&self.state) {
                    State::Giving(ordered) => ordered.block(BLOCK, most).map_err(fault),
                    State::Taking(_) | State::Over => Err(over()),
                })
            })
            .map_err(PyRuntimeError::new_err)??;
        Ok((PyBytes::new(py, &block), count))
    }
}

fn over() -> PyErr {
    PyValueError::new_err("flows are taken first, and then given once")
}

fn fault(fault: Fault) -> PyErr {
    match fault {
        Fault::Columns(reason) => PyValueError::new_err(reason),
        Fault::Storage(error) => storage(&error),
    }
}

/// An error of the file of what waits, with its number, and the folder that it is in.
fn storage(error: &io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => {
            let folder = std::env::temp_dir().display().to_string();
            PyOSError::new_err((number, error.to_string(), folder))
        }
        None => PyOSError::new_err(error.to_string()),
    }
}
