//! The door to the crate that knows what machines are called.
//!
//! What is said in packets is gathered here, each thing once with how often it was said, so that a
//! capture full of the same announcements stays small.

use std::net::SocketAddr;

use foldhash::fast::RandomState;
use hashbrown::hash_map::{Entry, HashMap};

/// Stands in until the crate `whence-names` has these.
pub mod names {
    use std::net::{IpAddr, SocketAddr};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Subject {
        Ip(IpAddr),
        Mac([u8; 6]),
    }

    #[derive(Clone, Debug)]
    pub struct Name {
        pub subject: Subject,
        pub relation: &'static str,
        pub value: String,
        pub source: &'static str,
        pub detail: String,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[allow(dead_code)] // until the crate says more than nothing
    pub enum Progress {
        Done,
        MoreBytes,
        NotMine,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Protocol {
        Lldp,
        Cdp,
    }

    pub fn from_datagram(
        _source: SocketAddr,
        _destination: SocketAddr,
        _source_mac: Option<[u8; 6]>,
        _payload: &[u8],
        _found: &mut Vec<Name>,
    ) {
    }

    pub fn from_stream(
        _sender: SocketAddr,
        _receiver: SocketAddr,
        _from_client: bool,
        _begin: &[u8],
        _found: &mut Vec<Name>,
    ) -> Progress {
        Progress::NotMine
    }

    pub fn from_frame(_source_mac: [u8; 6], _protocol: Protocol, _payload: &[u8], _found: &mut Vec<Name>) {}

    pub fn ja4(_client_hello_record: &[u8], _quic: bool) -> Option<String> {
        None
    }
}

pub use names::{Name, Progress, Protocol, Subject};

/// More different names than these are counted, not kept.
const NAMES: usize = 1_000_000;
/// The beginning of a stream that is looked at, bytes.
const BEGIN: usize = 16 * 1024;

/// A name, where it was first said, and how often.
#[derive(Clone, Debug)]
pub struct Said {
    pub name: Name,
    pub first: i64,
    pub last: i64,
    pub count: u64,
    pub file: u32,
    pub packet: u64,
    pub interface: u32,
}

/// Where a packet is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub time: i64,
    pub file: u32,
    pub packet: u64,
    pub interface: u32,
}

#[derive(PartialEq, Eq, Hash)]
struct Heading {
    subject: Subject,
    relation: &'static str,
    source: &'static str,
    value: String,
    interface: u32,
}

/// All names said.
#[derive(Default)]
pub struct Names {
    said: HashMap<Heading, Said, RandomState>,
    pub left_out: u64,
    found: Vec<Name>,
}

/// Ports whose datagrams say names.
#[inline]
pub fn is_naming(port: u16) -> bool {
    matches!(port, 53 | 67 | 68 | 137 | 138 | 443 | 546 | 547 | 1900 | 5353 | 5355)
}

impl Names {
    pub fn datagram(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        source_mac: Option<[u8; 6]>,
        payload: &[u8],
        place: Place,
    ) {
        let mut found = std::mem::take(&mut self.found);
        names::from_datagram(source, destination, source_mac, payload, &mut found);
        self.gather(&mut found, place);
        self.found = found;
    }

    pub fn frame(&mut self, source_mac: [u8; 6], protocol: Protocol, payload: &[u8], place: Place) {
        let mut found = std::mem::take(&mut self.found);
        names::from_frame(source_mac, protocol, payload, &mut found);
        self.gather(&mut found, place);
        self.found = found;
    }

    pub fn gather(&mut self, found: &mut Vec<Name>, place: Place) {
        for name in found.drain(..) {
            self.add(name, place);
        }
    }

    fn add(&mut self, name: Name, place: Place) {
        let full = self.said.len() >= NAMES;
        let heading = Heading {
            subject: name.subject,
            relation: name.relation,
            source: name.source,
            value: name.value.clone(),
            interface: place.interface,
        };
        match self.said.entry(heading) {
            Entry::Occupied(mut known) => known.get_mut().again(place.time, 1),
            Entry::Vacant(_) if full => self.left_out += 1,
            Entry::Vacant(new) => {
                new.insert(Said {
                    name,
                    first: place.time,
                    last: place.time,
                    count: 1,
                    file: place.file,
                    packet: place.packet,
                    interface: place.interface,
                });
            }
        }
    }

    /// Take another worker's names in.
    pub fn merge(&mut self, other: Names) {
        self.left_out += other.left_out;
        for (heading, said) in other.said {
            match self.said.entry(heading) {
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    if (said.file, said.packet) < (known.file, known.packet) {
                        let count = known.count;
                        let last = known.last;
                        *known = said;
                        known.count += count;
                        known.last = known.last.max(last);
                    } else {
                        known.again(said.last, said.count);
                    }
                }
                Entry::Vacant(new) => {
                    new.insert(said);
                }
            }
        }
    }

    /// All names, in order of where they were first said.
    pub fn into_rows(self) -> Vec<Said> {
        let mut rows: Vec<Said> = self.said.into_values().collect();
        rows.sort_by(|left, right| {
            (left.file, left.packet, &left.name.value).cmp(&(right.file, right.packet, &right.name.value))
        });
        rows
    }
}

impl Said {
    fn again(&mut self, time: i64, count: u64) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.count += count;
    }
}

/// What a connection's first bytes said.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Whether this way may still say something.
    done: [bool; 2],
    begin: [Option<Vec<u8>>; 2],
    pub server_name: Option<Box<str>>,
    pub ja4: Option<Box<str>>,
}

impl Heard {
    #[inline]
    pub fn wants(&self, way: usize) -> bool {
        !self.done[way]
    }

    pub fn flip(&mut self) {
        self.done.swap(0, 1);
        self.begin.swap(0, 1);
    }

    /// Take the next bytes of a way; `first` says that nothing came before them.
    pub fn stream(
        &mut self,
        way: usize,
        sender: SocketAddr,
        receiver: SocketAddr,
        bytes: &[u8],
        found: &mut Vec<Name>,
    ) {
        let begin = self.begin[way].take();
        let mut whole;
        let begin: &[u8] = match begin {
            Some(before) => {
                whole = before;
                let room = BEGIN.saturating_sub(whole.len());
                whole.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or(&[]));
                &whole
            }
            None => bytes.get(..BEGIN.min(bytes.len())).unwrap_or(&[]),
        };
        let before = found.len();
        match names::from_stream(sender, receiver, way == 0, begin, found) {
            Progress::MoreBytes if begin.len() < BEGIN => {
                found.truncate(before);
                self.begin[way] = Some(begin.to_vec());
            }
            _ => {
                self.done[way] = true;
                self.remember(way, begin, found.get(before..).unwrap_or(&[]));
            }
        }
    }

    fn remember(&mut self, way: usize, begin: &[u8], found: &[Name]) {
        if way != 0 {
            return;
        }
        if let Some(name) = found.iter().find(|name| name.relation == "served-as") {
            self.server_name = Some(name.value.as_str().into());
        }
        if begin.first() == Some(&0x16) {
            self.ja4 = names::ja4(begin, false).map(String::into_boxed_str);
        }
    }

    /// A part of the stream is missing: no more of it can be understood.
    pub fn stop(&mut self, way: usize) {
        self.done[way] = true;
        self.begin[way] = None;
    }
}
