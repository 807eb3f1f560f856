//! No panic may unwind into Python or into DuckDB: it is caught and becomes an error.

use std::panic::{catch_unwind, AssertUnwindSafe};

/// Run, and say what went wrong if it was our fault.
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_string())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        format!("the native reader failed: {text}")
    })
}
