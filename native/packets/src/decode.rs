//! From a captured frame to the IP packets in it: link layers, IP, transport, and tunnels inside.
//!
//! Each IP packet that carries another one is counted itself, and so is what it carries.

mod datagrams;
mod internet;
mod links;
mod plain;
mod quotations;
mod steady;
mod transport;
mod tunnels;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;

use crate::arp::Arp;
use crate::context::{self, Contexts};
use crate::file::Frame;
use crate::filter::Filter;
use crate::fragments::Fragments;
use crate::locked::lock;
use crate::naming::{Listening, Names, Place};
use crate::packet::{Address, Arrival, Key, Link, Packet, Vlans};
use crate::refused::Refusals;

/// Tunnels in tunnels, and headers before transport, that are followed.
const DEEPEST: u8 = 4;
const HEADERS: usize = 16;
const LAYERS: u8 = 16;
/// VLANs and tunnels whose numbers a decoder remembers.
const CONTEXTS: usize = 1024;

/// What to do with wrong checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksums {
    /// Count every packet; only IPv4 headers are checked.
    Ignore,
    /// Count every packet, and say how many were wrong.
    Count,
    /// Leave out what is wrong, as Zeek does without `-C`.
    Drop,
}

/// What was left out, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub packets: u64,
    pub bytes: u64,
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub filtered: u64,
    /// Those of them that the filter could not be asked about, by their link type.
    pub not_asked: u64,
    /// Frames that carry no IP, by what they carry.
    pub not_ip: BTreeMap<u16, u64>,
    /// Frames of link types that are not understood.
    pub links: BTreeMap<u16, u64>,
    /// Frames or packets whose headers contradict themselves, or end before they are whole.
    pub malformed: u64,
    /// Those whose headers the capture cut off: there was more on the wire.
    pub cut_off: u64,
    /// Frames in which nobody can look: 802.11, MACsec.
    pub encrypted: u64,
    pub fragments: u64,
    pub bad_checksums: u64,
    /// Datagrams that look like flow exports.
    pub exports: u64,
    /// Packets by interface.
    pub interfaces: BTreeMap<u32, u64>,
}

impl Tally {
    pub fn merge(&mut self, other: &Tally) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.filtered += other.filtered;
        self.not_asked += other.not_asked;
        self.malformed += other.malformed;
        self.cut_off += other.cut_off;
        self.encrypted += other.encrypted;
        self.fragments += other.fragments;
        self.bad_checksums += other.bad_checksums;
        self.exports += other.exports;
        for (from, to) in [(&other.not_ip, &mut self.not_ip), (&other.links, &mut self.links)] {
            for (key, count) in from {
                *to.entry(*key).or_default() += count;
            }
        }
        for (key, count) in &other.interfaces {
            *self.interfaces.entry(*key).or_default() += count;
        }
    }
}

/// What all decoders of a reading share.
#[derive(Default)]
pub struct Shared {
    pub contexts: Arc<Mutex<Contexts>>,
    pub fragments: Mutex<Fragments>,
}

/// How to decode.
#[derive(Clone)]
pub struct Manner {
    pub checksums: Checksums,
    pub filter: Option<Arc<Filter>>,
    pub by_link: Arc<Vec<(u16, Option<Filter>)>>,
    pub names: Listening,
    /// Hold flows apart by VLAN, and by tunnel.
    pub by_vlan: bool,
    pub by_tunnel: bool,
}

#[cfg(test)]
impl Manner {
    /// All packets, whatever their checksums are; what is in VLANs and tunnels apart.
    fn of_all(names: Listening) -> Manner {
        Manner {
            checksums: Checksums::Ignore,
            filter: None,
            by_link: Arc::default(),
            names,
            by_vlan: true,
            by_tunnel: true,
        }
    }
}

/// Who takes the packets.
pub trait Sink {
    fn take(&mut self, packet: &Packet, payload: &[u8]);

    /// Take a packet in by what makes its flow, if that is known and no more is asked of the packet; false where it is
    /// to be told as a whole.
    #[inline]
    fn take_known(&mut self, _key: &Key, _reversed: bool, _packet: &Arrival) -> bool {
        false
    }
}

pub struct Decoder {
    manner: Manner,
    shared: Arc<Shared>,
    hasher: foldhash::fast::RandomState,
    pub tally: Tally,
    pub names: Names,
    pub arp: Arp,
    pub refused: Refusals,
    frame: Frame,
    file: u32,
    /// Address of the frame's first byte, to tell where a payload is in the chunk.
    base: usize,
    layers: u8,
    /// What is decoded now is not in the chunk.
    elsewhere: bool,
    last_interface: (u32, u64),
    /// The earliest and the latest time, for the tally.
    first: i64,
    last: i64,
    /// Of the numbers that all decoders share, those that this one has asked for.
    contexts: HashMap<context::Place, u32, foldhash::fast::RandomState>,
    last_context: Option<(context::Place, u32)>,
}

/// The IP layer of a packet being decoded.
#[derive(Clone, Copy)]
struct Ip {
    source: Address,
    destination: Address,
    protocol: u8,
    hops: u8,
    bytes: u32,
    /// Of IPv4.
    identification: u16,
    bad_checksum: bool,
    /// Put together of pieces: it is not in the chunk.
    joined: bool,
    wire: u32,
}

impl Decoder {
    pub fn new(manner: Manner, shared: Arc<Shared>, hasher: foldhash::fast::RandomState) -> Decoder {
        let names = Names::new(manner.names);
        Decoder {
            manner,
            shared,
            hasher,
            tally: Tally::default(),
            names,
            arp: Arp::default(),
            refused: Refusals::default(),
            frame: Frame { time: 0, number: 0, at: 0, captured: 0, wire: 0, interface: 0, link: 0, direction: 0 },
            file: 0,
            base: 0,
            layers: 0,
            elsewhere: false,
            last_interface: (u32::MAX, 0),
            first: i64::MAX,
            last: i64::MIN,
            contexts: HashMap::default(),
            last_context: None,
        }
    }

    /// One that decodes the same way, and shares the same with others.
    pub fn another(&self) -> Decoder {
        Decoder::new(self.manner.clone(), self.shared.clone(), self.hasher.clone())
    }

    /// Share this with others from now on: nothing was decoded yet.
    pub fn share(&mut self, shared: Arc<Shared>) {
        self.shared = shared;
    }

    /// Decode one frame.
    #[inline]
    pub fn frame(&mut self, frame: &Frame, data: &[u8], file: u32, sink: &mut impl Sink) {
        if self.admits(frame, data, file) && !self.steady(frame, data, sink) {
            self.other(frame, data, sink);
        }
    }

    #[inline(never)]
    fn other(&mut self, frame: &Frame, data: &[u8], sink: &mut impl Sink) {
        if !self.plain(frame, data, sink) {
            self.fully(frame, data, sink);
        }
    }

    /// Count a frame that is to be decoded; false where the filter refuses it.
    #[inline(always)]
    fn admits(&mut self, frame: &Frame, data: &[u8], file: u32) -> bool {
        if let Some(filter) = &self.manner.filter {
            let by_link = &self.manner.by_link;
            let filter = match by_link.iter().find(|(link, _)| *link == frame.link) {
                Some((_, own)) => own.as_ref(),
                None => Some(&**filter).filter(|_| by_link.is_empty()),
            };
            if !filter.is_some_and(|filter| filter.takes(data, frame.wire)) {
                self.tally.filtered += 1;
                self.tally.not_asked += u64::from(filter.is_none());
                return false;
            }
        }
        self.file = file;
        let tally = &mut self.tally;
        tally.packets += 1;
        tally.bytes += u64::from(frame.wire);
        self.first = self.first.min(frame.time);
        self.last = self.last.max(frame.time);
        if self.last_interface.0 != frame.interface {
            self.flush_interface();
            self.last_interface = (frame.interface, 0);
        }
        self.last_interface.1 += 1;
        true
    }

    /// Decode a frame of any kind.
    fn fully(&mut self, frame: &Frame, data: &[u8], sink: &mut impl Sink) {
        self.frame = *frame;
        self.base = data.as_ptr() as usize;
        self.layers = 0;
        let link = Link { interface: frame.interface, direction: frame.direction, ..Link::default() };
        self.link(frame.link, data, link, sink);
    }

    /// The latest time of all frames so far, in nanoseconds; `i64::MIN` where there was none.
    pub fn latest(&self) -> i64 {
        self.last
    }

    /// Everything counted so far is in the tally.
    pub fn flush(&mut self) {
        self.flush_interface();
        self.last_interface.1 = 0;
        self.tally = self.told();
    }

    /// What was counted so far, before all is in the tally.
    pub fn told(&self) -> Tally {
        let (first, last) = (Some(self.first), Some(self.last));
        let (first, last) = if self.tally.packets > 0 { (first, last) } else { (None, None) };
        Tally { first, last, ..self.tally.clone() }
    }

    fn flush_interface(&mut self) {
        if self.last_interface.1 > 0 {
            *self.tally.interfaces.entry(self.last_interface.0).or_default() += self.last_interface.1;
        }
    }

    fn place(&self, link: &Link) -> Place {
        Place { time: self.frame.time, file: self.file, packet: self.frame.number, interface: link.interface }
    }

    fn malformed(&mut self) {
        self.tally.malformed += 1;
    }

    /// A header is not all there: the capture has not all of the frame, or it is as it should not be.
    #[cold]
    fn unreadable(&mut self) {
        let is_cut = self.frame.captured < self.frame.wire;
        let counter = if is_cut { &mut self.tally.cut_off } else { &mut self.tally.malformed };
        *counter += 1;
    }

    /// The number of what flows are held apart by.
    #[inline]
    fn context(&mut self, interface: u32, tags: u8, vlan: Vlans, tunnel: u32) -> u32 {
        let by_vlan = self.manner.by_vlan && tags > 0;
        let by_tunnel = self.manner.by_tunnel && tunnel > 0;
        if by_vlan || by_tunnel {
            let vlan = if by_vlan { (tags, vlan) } else { (0, Vlans::default()) };
            return self.number((interface, vlan, if by_tunnel { tunnel } else { 0 }));
        }
        interface
    }

    fn number(&mut self, place: context::Place) -> u32 {
        if let Some((_, known)) = self.last_context.filter(|last| last.0 == place) {
            return known;
        }
        let number = match self.contexts.get(&place) {
            Some(known) => *known,
            None => {
                if self.contexts.len() >= CONTEXTS {
                    self.contexts.clear();
                }
                let number = lock(&self.shared.contexts).number(place.0, place.1, place.2);
                self.contexts.insert(place, number);
                number
            }
        };
        self.last_context = Some((place, number));
        number
    }
}
