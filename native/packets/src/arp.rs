//! Who asked for which address, and who answered (RFC 826).

use foldhash::fast::RandomState;
use hashbrown::hash_map::{Entry, HashMap};

use crate::bytes::{be16, be32};
use crate::naming::Place;
use crate::packet::{Link, Vlans};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    Request,
    Reply,
    /// A station tells its own address without being asked (RFC 5227).
    Gratuitous,
}

impl Operation {
    pub fn name(self) -> &'static str {
        match self {
            Operation::Request => "request",
            Operation::Reply => "reply",
            Operation::Gratuitous => "gratuitous",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    pub interface: u32,
    pub tags: u8,
    pub vlan: Vlans,
    pub operation: Operation,
    pub sender_mac: [u8; 6],
    pub sender: u32,
    pub target_mac: [u8; 6],
    pub target: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub question: Question,
    pub first: i64,
    pub last: i64,
    pub count: u64,
    pub file: u32,
    pub packet: u64,
}

/// More different questions than these are counted, not kept.
const QUESTIONS: usize = 1_000_000;

#[derive(Default)]
pub struct Arp {
    asked: HashMap<Question, Asked, RandomState>,
    pub left_out: u64,
}

impl Arp {
    /// Read an ARP packet; false where it is not one of Ethernet and IPv4.
    pub fn take(&mut self, data: &[u8], link: &Link, place: Place) -> bool {
        let Some(question) = read(data, link) else { return false };
        let full = self.asked.len() >= QUESTIONS;
        match self.asked.entry(question) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.first = known.first.min(place.time);
                known.last = known.last.max(place.time);
                known.count += 1;
            }
            Entry::Vacant(_) if full => self.left_out += 1,
            Entry::Vacant(new) => {
                let Place { time, file, packet, .. } = place;
                new.insert(Asked { question, first: time, last: time, count: 1, file, packet });
            }
        }
        true
    }

    pub fn merge(&mut self, other: Arp) {
        self.left_out += other.left_out;
        for (question, asked) in other.asked {
            let known = self.asked.entry(question).or_insert(Asked { count: 0, ..asked });
            known.count += asked.count;
            known.first = known.first.min(asked.first);
            known.last = known.last.max(asked.last);
            if (asked.file, asked.packet) < (known.file, known.packet) {
                (known.file, known.packet) = (asked.file, asked.packet);
            }
        }
    }

    pub fn into_rows(self) -> Vec<Asked> {
        let mut rows: Vec<Asked> = self.asked.into_values().collect();
        rows.sort_by_key(|asked| (asked.file, asked.packet, asked.question.target));
        rows
    }
}

fn read(data: &[u8], link: &Link) -> Option<Question> {
    let ethernet_and_ip = be16(data, 0)? == 1 && be16(data, 2)? == 0x0800 && be16(data, 4)? == 0x0604;
    if !ethernet_and_ip {
        return None;
    }
    let (sender, target) = (be32(data, 14)?, be32(data, 24)?);
    let operation = match be16(data, 6)? {
        _ if sender == target && sender != 0 => Operation::Gratuitous,
        1 => Operation::Request,
        2 => Operation::Reply,
        _ => return None,
    };
    Some(Question {
        interface: link.interface,
        tags: link.tags,
        vlan: link.vlan,
        operation,
        sender_mac: data.get(8..14)?.try_into().ok()?,
        sender,
        target_mac: data.get(18..24)?.try_into().ok()?,
        target,
    })
}
