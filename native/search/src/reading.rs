//! A file, read piece by piece.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::{Reason, Sought};

/// Bytes that are read at a time: what a core keeps near.
const PIECE: usize = 256 << 10;

/// Files and folders that have been met, by device and inode.
#[derive(Default)]
pub struct Met(Mutex<HashSet<(u64, u64)>>);

impl Met {
    /// Note it; was it met for the first time?
    pub fn is_new(&self, device: u64, inode: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((device, inode))
    }
}

/// Reads files one after the other into the same memory.
pub struct Reading {
    buffer: Vec<u8>,
    largest: u64,
}

impl Reading {
    pub fn new(largest: u64) -> Self {
        Self { buffer: Vec::new(), largest }
    }

    /// May this file hold what is sought? A file of several names is read by the first of them only.
    pub fn holds(&mut self, path: &Path, sought: &Sought, met: &Met) -> Result<bool, Reason> {
        // Nobody can make a fifo of it meanwhile that hangs: open(2), O_NONBLOCK.
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(refused)?;
        let found = file.metadata().map_err(refused)?;
        if !found.is_file() || (found.nlink() > 1 && !met.is_new(found.dev(), found.ino())) {
            return Ok(false);
        }
        if found.len() > self.largest {
            return Err(Reason::TooLarge);
        }
        self.look(file, if found.len() > 0 { found.len() } else { self.largest }, sought).map_err(refused)
    }

    fn look(&mut self, mut file: File, length: u64, sought: &Sought) -> io::Result<bool> {
        let room = usize::try_from(length).unwrap_or(usize::MAX).min(PIECE);
        let (mut kept, mut left) = (0_usize, length);
        loop {
            let end = kept.saturating_add(room.min(usize::try_from(left).unwrap_or(usize::MAX)));
            if self.buffer.len() < end {
                self.buffer.resize(end, 0);
            }
            let read = fill(&mut file, self.buffer.get_mut(kept..end).unwrap_or_default())?;
            let held = kept.saturating_add(read);
            if sought.stands_in(self.buffer.get(..held).unwrap_or_default()) {
                return Ok(true);
            }
            left = left.saturating_sub(read as u64);
            if held < end || left == 0 {
                return Ok(false);
            }
            let again = held.saturating_sub(sought.together());
            self.buffer.copy_within(again..held, 0);
            kept = held.saturating_sub(again);
        }
    }
}

fn fill(file: &mut File, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(reason) if reason.kind() == ErrorKind::Interrupted => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(filled)
}

fn refused(reason: io::Error) -> Reason {
    Reason::Refused(reason.raw_os_error().unwrap_or(libc::EIO))
}
