//! What was not looked into, and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why a file or a folder was not looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    TooLarge,
    /// A device, a fifo or a socket.
    NoFile,
    /// The number of errno(3).
    Refused(i32),
}

/// How often for each reason, and an example.
#[derive(Debug, Default)]
pub struct LeftOut(BTreeMap<Reason, (PathBuf, u64)>);

impl LeftOut {
    pub(crate) fn add(&mut self, reason: Reason, path: &Path) {
        self.count(reason, path, 1);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (reason, (path, count)) in other.0 {
            self.count(reason, &path, count);
        }
    }

    // Threads come as they please: the first by name is the example.
    fn count(&mut self, reason: Reason, path: &Path, count: u64) {
        let (example, so_far) = self.0.entry(reason).or_insert_with(|| (path.to_path_buf(), 0));
        *so_far = so_far.saturating_add(count);
        if path < example.as_path() {
            *example = path.to_path_buf();
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Reason, &Path, u64)> {
        self.0.iter().map(|(reason, (path, count))| (*reason, path.as_path(), *count))
    }
}
