//! Who was told no, by whom, and about which packet: ICMP errors quote what they are about (RFC 792, RFC 4443).

use foldhash::fast::RandomState;
use hashbrown::hash_map::{Entry, HashMap};

use crate::naming::Place;
use crate::packet::{Address, Link, Vlans};

/// The packet that an error quotes, as far as the quotation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quoted {
    pub source: Address,
    pub destination: Address,
    pub protocol: u8,
    /// As in the flow of the packet; none where the quotation ends before them, or is of a later fragment.
    pub ports: Option<(u16, u16)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    pub interface: u32,
    pub tags: u8,
    pub vlan: Vlans,
    /// Who says it, and to whom.
    pub by: Address,
    pub told: Address,
    /// ICMP or ICMPv6.
    pub protocol: u8,
    pub kind: u8,
    pub code: u8,
    /// How many bytes fit, where the packet was too large for the way and the error says so.
    pub fits: u32,
    pub quoted: Quoted,
}

#[derive(Clone, Copy, Debug)]
pub struct Refused {
    pub refusal: Refusal,
    pub first: i64,
    pub last: i64,
    pub count: u64,
    pub file: u32,
    pub packet: u64,
}

/// More different refusals than these are counted, not kept.
const REFUSALS: usize = 1 << 17;

#[derive(Default)]
pub struct Refusals {
    refused: HashMap<Refusal, Refused, RandomState>,
    pub left_out: u64,
}

impl Refusals {
    pub fn take(&mut self, refusal: Refusal, place: Place) {
        let Place { time, file, packet, .. } = place;
        self.add(Refused { refusal, first: time, last: time, count: 1, file, packet });
    }

    pub fn merge(&mut self, other: Refusals) {
        self.left_out += other.left_out;
        other.refused.into_values().for_each(|refused| self.add(refused));
    }

    fn add(&mut self, more: Refused) {
        let full = self.refused.len() >= REFUSALS;
        match self.refused.entry(more.refusal) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.first = known.first.min(more.first);
                known.last = known.last.max(more.last);
                known.count += more.count;
                if (more.file, more.packet) < (known.file, known.packet) {
                    (known.file, known.packet) = (more.file, more.packet);
                }
            }
            Entry::Vacant(_) if full => self.left_out += more.count,
            Entry::Vacant(new) => {
                new.insert(more);
            }
        }
    }

    /// In the order of the first packets that said it.
    pub fn rows(&self) -> Vec<Refused> {
        let mut rows: Vec<Refused> = self.refused.values().copied().collect();
        rows.sort_by_key(|refused| (refused.file, refused.packet, refused.refusal.quoted.ports));
        rows
    }
}

impl Refusal {
    /// Said on this link.
    pub fn on(
        link: &Link,
        (by, told): (Address, Address),
        (protocol, kind, code): (u8, u8, u8),
        quoted: Quoted,
    ) -> Refusal {
        let Link { interface, tags, vlan, .. } = *link;
        Refusal { interface, tags, vlan, by, told, protocol, kind, code, fits: 0, quoted }
    }
}
