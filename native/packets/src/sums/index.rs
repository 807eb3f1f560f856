//! Numbers by hash, in a table so plain that one can look at the right place in it long before asking what is there.
//!
//! A look-up in a table of some megabytes waits for memory, and has little else to do meanwhile. Where many are to be
//! done, `first` is asked for all of them first: nothing of one depends on another, so that memory is waited for by
//! several at once.

/// What `first` says of an empty place, and which no number is.
pub const NONE: u32 = u32::MAX;
/// A new table has so many places.
const LEAST: usize = 64;

#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    at: u32,
}

/// Numbers, each at the place that its hash points to, or soon behind it. At least half of all places are empty.
#[derive(Default)]
pub struct Index {
    slots: Vec<Slot>,
    filled: usize,
}

impl Index {
    /// The number that lies where the hash points to: most likely the one wanted, if there is one.
    #[inline]
    pub fn first(&self, hash: u32) -> u32 {
        self.slots.get(self.place(hash)).map_or(NONE, |slot| slot.at)
    }

    /// The number with this hash that `is_it`.
    pub fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let (behind, from) = self.slots.split_at(self.place(hash));
        let filled = from.iter().chain(behind).take_while(|slot| slot.at != NONE);
        filled.filter(|slot| slot.hash == hash).map(|slot| slot.at).find(|at| is_it(*at))
    }

    /// Put a number in that is not there yet.
    pub fn insert(&mut self, hash: u32, at: u32) {
        if self.slots.len() < 2 * (self.filled + 1) {
            let more = vec![Slot { hash: 0, at: NONE }; LEAST.max(2 * self.slots.len())];
            let before = std::mem::replace(&mut self.slots, more);
            before.into_iter().filter(|slot| slot.at != NONE).for_each(|slot| self.put(slot));
        }
        self.filled += 1;
        self.put(Slot { hash, at });
    }

    fn put(&mut self, slot: Slot) {
        let place = self.place(slot.hash);
        let (behind, from) = self.slots.split_at_mut(place);
        if let Some(empty) = from.iter_mut().chain(behind).find(|slot| slot.at == NONE) {
            *empty = slot;
        }
    }

    #[inline]
    fn place(&self, hash: u32) -> usize {
        hash as usize & self.slots.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Index, NONE};

    #[test]
    fn every_number_is_found_among_many_with_the_same_hash() {
        let hash = |number: u32| (number % 97).wrapping_mul(0x9e37_79b9);
        let mut index = Index::default();
        assert_eq!((index.first(7), index.find(7, |_| true)), (NONE, None));
        for number in 0..1000 {
            assert_eq!(index.find(hash(number), |at| at == number), None);
            index.insert(hash(number), number);
            assert_ne!(index.first(hash(number)), NONE);
            assert_eq!(index.find(hash(number), |at| at == number), Some(number));
        }
        assert!((0..1000).all(|number| index.find(hash(number), |at| at == number) == Some(number)));
    }

    #[test]
    fn a_number_alone_is_the_first() {
        let mut index = Index::default();
        (0..32).for_each(|number| index.insert(number * 2, number));
        assert!((0..32).all(|number| index.first(number * 2) == number));
    }
}
