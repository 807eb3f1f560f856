//! How to read captures.

use std::path::PathBuf;
use std::sync::Arc;

use crate::decode::Checksums;
use crate::filter::Filter;
use crate::naming::Listening;
use crate::twice::Window;

#[derive(Clone)]
pub struct Options {
    pub files: Vec<PathBuf>,
    pub filter: Option<Arc<Filter>>,
    /// The filter as it is for each link type, or none where it cannot be asked; empty where one is for all.
    pub by_link: Arc<Vec<(u16, Option<Filter>)>>,
    /// Nanoseconds since 1970, inclusive.
    pub since: Option<i64>,
    pub until: Option<i64>,
    pub checksums: Checksums,
    pub names: Listening,
    pub by_vlan: bool,
    pub by_tunnel: bool,
    /// Guess from port numbers who began where the beginning is missing.
    pub guesses_servers: bool,
    /// Active flows kept at most.
    pub flows: usize,
    pub threads: usize,
    /// When the files overlap, of which those after the first are to leave out what it has, too.
    pub overlaps: Vec<Window>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            files: Vec::new(),
            filter: None,
            by_link: Arc::default(),
            since: None,
            until: None,
            checksums: Checksums::Ignore,
            names: Listening::Everything,
            by_vlan: false,
            by_tunnel: false,
            guesses_servers: true,
            flows: 200_000,
            threads: 1,
            overlaps: Vec::new(),
        }
    }
}
