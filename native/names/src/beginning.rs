//! The first bytes of one direction of a TCP connection, and how far reading them came.

use std::net::SocketAddr;

/// Bytes of one direction that are looked at. Whoever has so many has no more to give.
pub const LONGEST_BEGINNING: usize = 16 * 1024;

/// Whether more bytes of the same direction could bring names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All names of this direction are found; more bytes bring none.
    Done,
    /// Nothing was written down yet; call again with a longer beginning.
    MoreBytes,
    /// No protocol that this crate knows.
    NotMine,
}

pub(crate) struct Stream<'a> {
    pub(crate) sender: SocketAddr,
    pub(crate) receiver: SocketAddr,
    pub(crate) begin: &'a [u8],
}
