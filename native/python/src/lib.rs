//! The door between Python and the crates: nothing here may panic across it.

use pyo3::prelude::*;

mod exports;
mod flow_lines;
mod foreign;
mod guard;
mod logs;
mod packets;
mod search;
mod snmp;
mod stream;
mod sums;

#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::exports::Exports;
    #[pymodule_export]
    use crate::flow_lines::FlowLines;
    #[pymodule_export]
    use crate::logs::{
        count_logs, log_is_packed, log_length, log_message_fields, log_piece, parse_logs, LogReading, LogText,
    };
    #[pymodule_export]
    use crate::packets::{link_type, Packets};
    #[pymodule_export]
    use crate::search::files_that_may_hold;
    #[pymodule_export]
    use crate::snmp::snmp_variables;
    #[pymodule_export]
    use crate::stream::Stream;
    #[pymodule_export]
    use crate::sums::Sums;

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
