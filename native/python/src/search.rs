//! Files that may hold an address, for Python.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use whence_search::{search, Answer, Reason, Request, Sought};

use crate::guard::guarded;

/// How often it is seen whether somebody pressed Ctrl-C.
const LISTENING: Duration = Duration::from_millis(50);

type LeftOut = (Option<i32>, bool, OsString, u64);

/// The files, what was left out (the number of errno(3), or none and whether it is too large), and whether it ended.
#[pyfunction]
#[pyo3(signature = (places, literals, pattern, *, packed, largest, patience))]
pub fn files_that_may_hold(
    py: Python<'_>,
    places: Vec<PathBuf>,
    literals: Vec<Vec<u8>>,
    pattern: Option<&str>,
    packed: bool,
    largest: u64,
    patience: f64,
) -> PyResult<(Vec<OsString>, Vec<LeftOut>, bool)> {
    let patience = Duration::try_from_secs_f64(patience).map_err(|reason| PyValueError::new_err(reason.to_string()))?;
    let sought = Sought::of(&literals, pattern).map_err(PyValueError::new_err)?;
    let request = Request { places: &places, sought: &sought, packed, largest };
    let (answer, ended) = py.detach(|| ended_or_stopped(&request, patience))?;
    let left_out = answer.left_out.iter().map(|(reason, path, count)| told(reason, path.into(), count)).collect();
    Ok((answer.found.into_iter().map(PathBuf::into_os_string).collect(), left_out, ended))
}

fn ended_or_stopped(request: &Request<'_>, patience: Duration) -> PyResult<(Answer, bool)> {
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    thread::scope(|scope| {
        let (end, ends) = channel::<()>();
        let searching = scope.spawn(|| {
            let _end = end; // dropped at the end, whatever comes
            guarded(|| search(request, &stop))
        });
        while ends.recv_timeout(LISTENING) == Err(RecvTimeoutError::Timeout) {
            if began.elapsed() > patience {
                stop.store(true, Ordering::Relaxed);
            }
            Python::attach(|py| py.check_signals()).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
        }
        let answer = searching.join().unwrap_or_else(|_| Err("a thread failed".into()));
        answer.map(|answer| (answer, !stop.load(Ordering::Relaxed))).map_err(PyRuntimeError::new_err)
    })
}

fn told(reason: Reason, path: OsString, count: u64) -> LeftOut {
    match reason {
        Reason::TooLarge => (None, true, path, count),
        Reason::NoFile => (None, false, path, count),
        Reason::Refused(number) => (Some(number), false, path, count),
    }
}
