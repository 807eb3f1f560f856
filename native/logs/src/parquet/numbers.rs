//! Numbers, and those of them that come again and again.

/// A number of a column; all are handed on as 64 bits.
pub trait Number: Copy + Ord {
    /// In a file: there, nothing is smaller than four.
    const BYTES: usize;
    fn bits(self) -> u64;
    fn of(bits: u64) -> Self;
}

macro_rules! number {
    ($($kind:ty, $bytes:literal;)*) => {$(
        impl Number for $kind {
            const BYTES: usize = $bytes;
            fn bits(self) -> u64 {
                self as u64
            }
            fn of(bits: u64) -> Self {
                bits as Self
            }
        }
    )*};
}

number! { u8, 4; u32, 4; u64, 8; i64, 8; }

/// Distinct numbers at most, for a dictionary to be worth it.
const MOST: usize = 1 << 12;
const SLOTS: usize = 4 * MOST;
/// After so many, half of them must have come before.
const TRIED: usize = 1 << 10;

/// Distinct numbers, in the order in which they came, and for each number which one it is.
#[derive(Debug, Default)]
pub struct Distinct {
    pub values: Vec<u64>,
    pub keys: Vec<u32>,
    /// Places in `values`, plus one; by hash.
    slots: Vec<u16>,
}

impl Distinct {
    /// Take numbers; false where too many of them are distinct.
    pub fn fill(&mut self, numbers: &[u64]) -> bool {
        self.values.clear();
        self.keys.clear();
        self.keys.reserve(numbers.len());
        self.slots.clear();
        self.slots.resize(SLOTS, 0);
        let mut last = None;
        for number in numbers {
            let key = match last {
                Some((known, key)) if known == *number => key,
                _ => match self.key(*number) {
                    Some(key) => key,
                    None => return false,
                },
            };
            self.keys.push(key);
            last = Some((*number, key));
            if self.keys.len() == TRIED && self.values.len() > TRIED / 2 {
                return false;
            }
        }
        true
    }

    fn key(&mut self, number: u64) -> Option<u32> {
        let mut at = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % SLOTS;
        loop {
            let slot = self.slots.get_mut(at)?;
            let place = usize::from(*slot);
            if place == 0 {
                if self.values.len() >= MOST {
                    return None;
                }
                self.values.push(number);
                *slot = self.values.len() as u16;
                return Some(self.values.len() as u32 - 1);
            }
            if self.values.get(place - 1) == Some(&number) {
                return Some(place as u32 - 1);
            }
            at = (at + 1) % SLOTS;
        }
    }
}
