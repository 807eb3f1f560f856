//! Sets that came before their template, found by age and by template without a search.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::message::MessageTime;
use crate::record::Nanoseconds;

/// What keeping a set costs beside its bytes. A set may have none at all, and still takes room.
const OVERHEAD: usize = 128;

/// A set whose template has not come yet.
pub struct WaitingSet {
    pub template: u16,
    pub time: MessageTime,
    pub received: Nanoseconds,
    pub bytes: Box<[u8]>,
}

impl WaitingSet {
    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

/// All that waits in one session.
///
/// Neither a datagram full of small sets nor one full of templates makes any step dear: each is
/// logarithmic in what waits.
#[derive(Default)]
pub struct Waiting {
    /// In the order in which they came.
    sets: BTreeMap<u64, WaitingSet>,
    by_template: HashMap<u16, VecDeque<u64>>,
    came: u64,
    size: usize,
}

impl Waiting {
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn add(&mut self, set: WaitingSet) {
        self.came += 1;
        self.size += set.size();
        self.by_template.entry(set.template).or_default().push_back(self.came);
        self.sets.insert(self.came, set);
    }

    /// Take those out that waited for this template, the oldest first.
    pub fn take(&mut self, template: u16) -> Vec<WaitingSet> {
        let numbers = self.by_template.remove(&template).unwrap_or_default();
        let sets: Vec<WaitingSet> = numbers.iter().filter_map(|number| self.sets.remove(number)).collect();
        self.size -= sets.iter().map(WaitingSet::size).sum::<usize>();
        sets
    }

    /// When the oldest came.
    pub fn since(&self) -> Option<Nanoseconds> {
        self.sets.first_key_value().map(|(_, set)| set.received)
    }

    /// Throw the oldest away; `false` where there is none.
    pub fn drop_oldest(&mut self) -> bool {
        let Some((_, set)) = self.sets.pop_first() else {
            return false;
        };
        self.size -= set.size();
        // The oldest of all is the oldest of its template.
        if let Some(numbers) = self.by_template.get_mut(&set.template) {
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_template.remove(&set.template);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(template: u16, received: Nanoseconds) -> WaitingSet {
        let time = MessageTime { export: 0, uptime: None };
        WaitingSet { template, time, received, bytes: Box::new([0; 4]) }
    }

    #[test]
    fn a_template_takes_what_waited_for_it_in_order() {
        let mut waiting = Waiting::default();
        for (template, received) in [(256, 1), (257, 2), (256, 3)] {
            waiting.add(set(template, received));
        }
        let taken: Vec<Nanoseconds> = waiting.take(256).iter().map(|set| set.received).collect();
        assert_eq!((taken, waiting.len(), waiting.since()), (vec![1, 3], 1, Some(2)));
        assert!(waiting.take(256).is_empty());
    }

    #[test]
    fn the_oldest_goes_first_and_leaves_nothing_behind() {
        let mut waiting = Waiting::default();
        for received in 0..4 {
            waiting.add(set(256 + received as u16 % 2, received));
        }
        while waiting.drop_oldest() {}
        assert_eq!((waiting.len(), waiting.size(), waiting.by_template.len()), (0, 0, 0));
    }
}
