//! Datagrams that came in pieces (RFC 791 section 3.2, RFC 8200 section 4.5).
//!
//! They are put together before they count, as in Zeek: only the first piece knows the ports.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::packet::Address;

/// Seconds after which the missing pieces do not come any more.
const PATIENCE: i64 = 300_000_000_000;
/// Datagrams in pieces at a time, bytes kept of all, and pieces of one.
const DATAGRAMS: usize = 4096;
const BYTES: usize = 16 << 20;
const PIECES: usize = 1024;
const LARGEST: usize = 65_535;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub source: Address,
    pub destination: Address,
    pub identification: u32,
    pub protocol: u8,
    pub interface: u32,
}

/// A piece: where its payload belongs, and whether more follow.
pub struct Piece<'a> {
    pub offset: usize,
    pub more: bool,
    pub payload: &'a [u8],
    pub time: i64,
    pub wire: u32,
}

/// What was put together.
pub struct Whole {
    pub payload: Vec<u8>,
    pub wire: u32,
}

struct Partial {
    began: i64,
    wire: u32,
    total: Option<usize>,
    pieces: Vec<(usize, Vec<u8>)>,
    bytes: usize,
}

#[derive(Default)]
pub struct Fragments {
    partial: HashMap<Identity, Partial, RandomState>,
    bytes: usize,
    /// Datagrams of which something was missing.
    pub incomplete: u64,
}

impl Fragments {
    pub fn take(&mut self, identity: Identity, piece: Piece<'_>) -> Option<Whole> {
        let end = piece.offset.checked_add(piece.payload.len())?;
        if end > LARGEST {
            return None;
        }
        self.forget(&identity, piece.time);
        let partial = self.partial.entry(identity).or_insert_with(|| Partial {
            began: piece.time,
            wire: 0,
            total: None,
            pieces: Vec::new(),
            bytes: 0,
        });
        partial.wire = partial.wire.saturating_add(piece.wire);
        if !piece.more {
            partial.total = Some(end);
        }
        let at = partial.pieces.partition_point(|known| known.0 < piece.offset);
        let same =
            partial.pieces.get(at).is_some_and(|known| known.0 == piece.offset && known.1.len() >= piece.payload.len());
        if !same && partial.pieces.len() < PIECES {
            partial.pieces.insert(at, (piece.offset, piece.payload.to_vec()));
            partial.bytes += piece.payload.len();
            self.bytes += piece.payload.len();
        }
        if !partial.is_complete() {
            return None;
        }
        let partial = self.partial.remove(&identity)?;
        self.bytes -= partial.bytes.min(self.bytes);
        let wire = partial.wire;
        Some(Whole { payload: partial.join(), wire })
    }

    /// Make room, and give up what waited too long.
    fn forget(&mut self, identity: &Identity, now: i64) {
        let stale = self.partial.get(identity).is_some_and(|known| now.saturating_sub(known.began) > PATIENCE);
        if stale {
            if let Some(old) = self.partial.remove(identity) {
                self.bytes -= old.bytes.min(self.bytes);
                self.incomplete += 1;
            }
        }
        if self.partial.len() < DATAGRAMS && self.bytes < BYTES {
            return;
        }
        let mut began: Vec<i64> = self.partial.values().map(|known| known.began).collect();
        began.sort_unstable();
        let middle = began.get(began.len() / 2).copied().unwrap_or(now);
        let before = self.partial.len();
        self.partial.retain(|_, known| known.began > middle);
        self.incomplete += (before - self.partial.len()) as u64;
        self.bytes = self.partial.values().map(|known| known.bytes).sum();
    }

    /// All datagrams that never became whole.
    pub fn left(&self) -> u64 {
        self.incomplete + self.partial.len() as u64
    }
}

impl Partial {
    fn is_complete(&self) -> bool {
        let Some(total) = self.total else { return false };
        let mut reached = 0;
        for (offset, payload) in &self.pieces {
            if *offset > reached {
                return false;
            }
            reached = reached.max(offset + payload.len());
        }
        reached >= total
    }

    fn join(self) -> Vec<u8> {
        let total = self.total.unwrap_or(0);
        let mut whole: Vec<u8> = Vec::with_capacity(total);
        for (offset, payload) in self.pieces {
            let known = whole.len().saturating_sub(offset);
            if let Some(new) = payload.get(known..) {
                whole.extend_from_slice(new);
            }
        }
        whole.truncate(total);
        whole
    }
}
