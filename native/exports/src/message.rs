//! What the header of a message says of the times in it.

use crate::record::Nanoseconds;

/// When a message was exported, and when its exporter started.
#[derive(Clone, Copy, Debug)]
pub struct MessageTime {
    pub export: Nanoseconds,
    /// Milliseconds since the exporter's start at the export, and that start.
    pub uptime: Option<(u32, Nanoseconds)>,
}
