//! A packet in a file, and what else the formats find there.

/// One captured packet in a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Nanoseconds since 1970, UTC.
    pub time: i64,
    /// Number in its file, from 1.
    pub number: u64,
    /// Where its bytes begin in the chunk.
    pub at: u32,
    /// How many bytes were captured.
    pub captured: u32,
    /// How many there were on the wire.
    pub wire: u32,
    /// Index into the list of interfaces.
    pub interface: u32,
    /// LINKTYPE_ number.
    pub link: u16,
    /// 1 in, 2 out, 0 not known (epb_flags).
    pub direction: u8,
}

/// What the bytes at a place are.
pub enum Progress {
    /// A packet, and where the next record begins.
    Frame(usize, Frame),
    /// Something else; the next record begins there.
    Skip(usize),
    /// A block of names, and where the next record begins; whether its numbers are big endian.
    Names(usize, bool),
    /// So many bytes are to be left out, more than the buffer has.
    Jump(u64),
    /// Not all there yet: so many bytes are needed from here.
    More(usize),
    /// Not what the format allows.
    Damage(String),
}
