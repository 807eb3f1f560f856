//! Numbers out of hostile bytes: what is not there is `None`, and nothing panics.

pub fn be16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

pub fn be32(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

pub fn le16(data: &[u8], at: usize) -> Option<u16> {
    be16(data, at).map(u16::swap_bytes)
}

pub fn le32(data: &[u8], at: usize) -> Option<u32> {
    be32(data, at).map(u32::swap_bytes)
}

/// A number in the byte order of the machine that wrote the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    pub fn u16(self, data: &[u8], at: usize) -> Option<u16> {
        match self {
            Order::Little => le16(data, at),
            Order::Big => be16(data, at),
        }
    }

    pub fn u32(self, data: &[u8], at: usize) -> Option<u32> {
        match self {
            Order::Little => le32(data, at),
            Order::Big => be32(data, at),
        }
    }

    pub fn u64(self, data: &[u8], at: usize) -> Option<u64> {
        let first = u64::from(self.u32(data, at)?);
        let second = u64::from(self.u32(data, at.checked_add(4)?)?);
        Some(match self {
            Order::Little => second << 32 | first,
            Order::Big => first << 32 | second,
        })
    }
}
