//! Small numbers in runs: of one number, or of many with as many bits each as the largest needs (Encodings.md of
//! parquet-format, "Run Length Encoding / Bit-Packing Hybrid").

use arrow_buffer::NullBuffer;

use super::compact::varint;

/// Bits of a number.
pub fn width(largest: u32) -> u8 {
    (u32::BITS - largest.leading_zeros()) as u8
}

/// The same number so many times.
pub fn same(number: u32, count: usize, width: u8, to: &mut Vec<u8>) {
    varint((count as u64) << 1, to);
    let bytes = usize::from(width).div_ceil(8);
    to.extend(number.to_le_bytes().iter().take(bytes));
}

/// Numbers one after the other, none of them wider than that.
pub fn packed(numbers: &[u32], width: u8, to: &mut Vec<u8>) {
    let groups = numbers.len().div_ceil(8);
    varint((groups as u64) << 1 | 1, to);
    let end = to.len() + groups * usize::from(width);
    to.reserve(end - to.len() + 8);
    let (mut bits, mut used) = (0u64, 0u8);
    for number in numbers {
        bits |= u64::from(*number) << used;
        used += width;
        if used >= 32 {
            to.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            used -= 32;
        }
    }
    to.extend_from_slice(&bits.to_le_bytes());
    to.resize(end, 0);
}

/// As a run of one number where they are all the same.
pub fn numbers(numbers: &[u32], width: u8, to: &mut Vec<u8>) {
    match numbers {
        [] => {}
        [first, rest @ ..] if rest.iter().all(|other| other == first) => same(*first, numbers.len(), width, to),
        _ => packed(numbers, width, to),
    }
}

/// Which of so many rows have a value.
pub fn levels(nulls: Option<&NullBuffer>, rows: usize, to: &mut Vec<u8>) {
    match nulls {
        Some(nulls) if nulls.null_count() == rows => same(0, rows, 1, to),
        Some(nulls) if nulls.null_count() > 0 => {
            let groups = rows.div_ceil(8);
            varint((groups as u64) << 1 | 1, to);
            let bits = nulls.inner().sliced();
            to.extend(bits.as_slice().iter().take(groups));
        }
        _ => same(1, rows, 1, to),
    }
}

#[cfg(test)]
mod tests {
    use super::{packed, width};

    #[test]
    fn numbers_are_as_wide_as_the_largest() {
        assert_eq!([0, 1, 2, 255, 256, u32::MAX].map(width), [0, 1, 2, 8, 9, 32]);
        // The example of Encodings.md.
        let mut bytes = Vec::new();
        packed(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut bytes);
        assert_eq!(bytes, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        for width in 1..=32 {
            let most = u32::MAX >> (32 - u32::from(width));
            let mut bytes = Vec::new();
            packed(&[most; 11], width, &mut bytes);
            let bits: u32 = bytes.iter().skip(1).map(|byte| byte.count_ones()).sum();
            assert_eq!((bytes.len(), bits), (1 + 2 * usize::from(width), 11 * u32::from(width)));
        }
    }
}
