//! Numbers as differences to the one before (Encodings.md of parquet-format, "Delta Encoding"): positions grow by the
//! length of a line, which is one byte instead of eight.

use super::compact::{varint, zigzag};

/// Differences of a block, of which each has its own least one.
const BLOCK: usize = 128;
/// Of a part of a block, all have as many bits as the largest needs.
const PART: usize = 32;

/// Write numbers, at least one; each is the one before and a difference, which may wrap around.
pub fn numbers(numbers: &[u64], to: &mut Vec<u8>) {
    varint(BLOCK as u64, to);
    varint((BLOCK / PART) as u64, to);
    varint(numbers.len() as u64, to);
    varint(zigzag(numbers.first().map_or(0, |first| *first as i64)), to);
    let later = numbers.get(1..).unwrap_or_default();
    let mut differences = [0; BLOCK];
    for (before, block) in numbers.chunks(BLOCK).zip(later.chunks(BLOCK)) {
        for ((place, number), before) in differences.iter_mut().zip(block).zip(before) {
            *place = number.wrapping_sub(*before);
        }
        let differences = differences.get_mut(..block.len()).unwrap_or_default();
        let least = differences.iter().map(|one| *one as i64).min().unwrap_or(0);
        differences.iter_mut().for_each(|one| *one = one.wrapping_sub(least as u64));
        varint(zigzag(least), to);
        let widths = to.len();
        to.resize(widths + BLOCK / PART, 0);
        for (number, part) in differences.chunks(PART).enumerate() {
            let width = u64::BITS - part.iter().fold(0, |all, one| all | one).leading_zeros();
            if let Some(place) = to.get_mut(widths + number) {
                *place = width as u8;
            }
            packed(part, width, to);
        }
    }
}

/// As many bits of each, the lowest first; a part that is not full is filled up.
fn packed(part: &[u64], width: u32, to: &mut Vec<u8>) {
    let end = to.len() + PART / 8 * width as usize;
    let (mut bits, mut used) = (0u128, 0);
    for number in part {
        bits |= u128::from(*number) << used;
        used += width;
        if used >= u64::BITS {
            to.extend_from_slice(&(bits as u64).to_le_bytes());
            bits >>= u64::BITS;
            used -= u64::BITS;
        }
    }
    to.extend_from_slice(&(bits as u64).to_le_bytes());
    to.resize(end, 0);
}

#[cfg(test)]
mod tests {
    use super::numbers;

    /// What a reader makes of it.
    fn read(bytes: &[u8]) -> Vec<u64> {
        let mut at = 0;
        let varint = |bytes: &[u8], at: &mut usize| {
            let (mut number, mut shift) = (0u64, 0);
            loop {
                let byte = bytes[*at];
                *at += 1;
                number |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return number;
                }
            }
        };
        let signed = |number: u64| (number >> 1) as i64 ^ -((number & 1) as i64);
        let (block, parts) = (varint(bytes, &mut at) as usize, varint(bytes, &mut at) as usize);
        let count = varint(bytes, &mut at) as usize;
        let mut found = vec![signed(varint(bytes, &mut at)) as u64];
        while found.len() < count {
            let least = signed(varint(bytes, &mut at));
            let widths = &bytes[at..at + parts];
            at += parts;
            for width in widths.iter().map(|width| usize::from(*width)) {
                if found.len() >= count {
                    assert_eq!(width, 0);
                    continue;
                }
                for number in 0..block / parts {
                    let bit = |place: usize| u64::from(bytes[at + place / 8] >> (place % 8) & 1);
                    let one = (0..width).fold(0, |all, place| all | bit(number * width + place) << place);
                    if found.len() < count {
                        found.push(found[found.len() - 1].wrapping_add(one).wrapping_add(least as u64));
                    }
                }
                at += block / parts / 8 * width;
            }
        }
        assert_eq!(at, bytes.len());
        found
    }

    #[test]
    fn numbers_come_back_whatever_they_are() {
        let mut state = 5u64;
        for count in [1, 2, 31, 32, 33, 34, 128, 129, 130, 161, 500] {
            for bits in [0, 1, 7, 8, 31, 32, 33, 63, 64] {
                let mut sum = 1u64 << 48;
                let values: Vec<u64> = (0..count)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        sum = sum.wrapping_add((state >> 1 ^ state << 7).checked_shr(64 - bits).unwrap_or(0));
                        sum
                    })
                    .collect();
                let mut bytes = Vec::new();
                numbers(&values, &mut bytes);
                assert_eq!(read(&bytes), values);
                let mut ends = values.clone();
                ends.extend([0, u64::MAX, 0, 1 << 63, (1 << 63) - 1]);
                bytes.clear();
                numbers(&ends, &mut bytes);
                assert_eq!(read(&bytes), ends);
            }
        }
    }
}
