//! The Internet checksum (RFC 1071), over what was captured whole.

use crate::packet::Address;

/// Add bytes to a running sum of big-endian words.
#[inline]
fn add(sum: u64, data: &[u8]) -> u64 {
    let mut sum = sum;
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        // Native order: the one's complement sum does not care, and the caller swaps at the end.
        sum += u64::from(u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
    }
    let mut last = [0u8; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    sum + u64::from(u32::from_ne_bytes(last))
}

#[inline]
fn fold(mut sum: u64) -> u16 {
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Is the checksum in these bytes right? True where they sum up to nothing.
#[inline]
pub fn valid(data: &[u8]) -> bool {
    fold(add(0, data)) == 0xffff
}

/// The same of an IPv4 header without options.
#[inline(always)]
pub fn valid_header(header: &[u8; 20]) -> bool {
    let word = |at: usize| u32::from_ne_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let sum = u64::from(word(0)) + u64::from(word(4)) + u64::from(word(8)) + u64::from(word(12)) + u64::from(word(16));
    // A sum of five numbers of 32 bits has 35; then 20, then 17, then 16 are left.
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    (sum & 0xffff) + (sum >> 16) == 0xffff
}

/// Is the checksum of a transport segment right, with its pseudo header (RFC 793, RFC 8200)?
pub fn valid_segment(source: &Address, destination: &Address, protocol: u8, segment: &[u8]) -> bool {
    let mut sum = 0;
    if source.is_ipv4() {
        sum = add(sum, &source.octets()[12..]);
        sum = add(sum, &destination.octets()[12..]);
    } else {
        sum = add(sum, &source.octets());
        sum = add(sum, &destination.octets());
    }
    sum = add(sum, &(segment.len() as u32).to_be_bytes());
    sum = add(sum, &[0, 0, 0, protocol]);
    fold(add(sum, segment)) == 0xffff
}
