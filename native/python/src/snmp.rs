//! Answers of SNMP agents, for Python: variables in, tuples out.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use whence_snmp::{Value, Variables};

use crate::guard::guarded;

/// The variables in the content of a variable-bindings list: name, value and type of each.
#[pyfunction]
pub fn snmp_variables<'py>(py: Python<'py>, content: &[u8]) -> PyResult<Bound<'py, PyList>> {
    guarded(|| read(py, content)).unwrap_or_else(|fault| Err(PyValueError::new_err(fault)))
}

fn read<'py>(py: Python<'py>, content: &[u8]) -> PyResult<Bound<'py, PyList>> {
    let found = PyList::empty(py);
    let mut variables = Variables::of(content);
    while let Some(variable) = variables.next() {
        let (name, value) = variable.map_err(|malformed| PyValueError::new_err(malformed.0))?;
        let name = PyTuple::new(py, name)?;
        let (value, kind) = in_python(py, value)?;
        found.append((name, value, kind))?;
    }
    Ok(found)
}

type Typed<'py> = (Bound<'py, PyAny>, &'py Bound<'py, PyString>);

fn in_python<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Typed<'py>> {
    Ok(match value {
        Value::Integer(number) => (whole(py, number)?, intern!(py, "INTEGER")),
        Value::Counter(number) => (whole(py, number)?, intern!(py, "Counter32")),
        Value::Unsigned(number) => (whole(py, number)?, intern!(py, "Gauge32")),
        Value::Ticks(number) => (whole(py, number)?, intern!(py, "Timeticks")),
        Value::Counter64(number) => (whole(py, number)?, intern!(py, "Counter64")),
        Value::Octets(octets) => (PyBytes::new(py, octets).into_any(), intern!(py, "STRING")),
        Value::Opaque(octets) => (PyBytes::new(py, octets).into_any(), intern!(py, "Opaque")),
        Value::Nothing => (py.None().into_bound(py), intern!(py, "NULL")),
        Value::Object(arcs) => {
            let text = arcs.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
            (PyString::new(py, &text).into_any(), intern!(py, "OID"))
        }
        Value::Address(address) => (PyString::new(py, &address.to_string()).into_any(), intern!(py, "IpAddress")),
    })
}

fn whole<'py>(py: Python<'py>, number: i128) -> PyResult<Bound<'py, PyAny>> {
    match i64::try_from(number) {
        Ok(short) => Ok(short.into_pyobject(py)?.into_any()),
        Err(_) => Ok(number.into_pyobject(py)?.into_any()),
    }
}
