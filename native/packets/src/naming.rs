//! The door to the crate that knows what machines are called.
//!
//! What is said in packets is gathered here, each thing once with how often it was said, so that a
//! capture full of the same announcements stays small.

use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr};

use foldhash::fast::RandomState;
use hashbrown::{HashSet, HashTable};

use whence_names as names;

use crate::syn::Syn;

pub use names::{Name, Progress, Protocol, Subject};

/// More different names than these are counted, not kept; nor more bytes of them.
const NAMES: usize = 1_000_000;
const TEXT: usize = 128 << 20;
/// The beginning of a stream that is looked at, bytes.
const BEGIN: usize = 16 * 1024;
/// Datagrams that are remembered, so that the same one again need not be understood again.
const REMEMBERED: usize = 4096;
/// Beginnings of connections: a flood with made-up senders is not to crowd names out.
const SYNS: usize = 100_000;
/// Of those that say more names than this none is remembered.
const MOST_REMEMBERED: usize = 5;

/// Which names are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listening {
    Nothing,
    /// What addresses are called, as datagrams say: streams are not looked at.
    Addresses,
    /// The same, and under which names servers were asked for and answered: what is shown beside an address.
    Called,
    #[default]
    Everything,
}

impl Listening {
    /// May a datagram from and to these ports say what is wanted?
    #[inline]
    pub fn wants(self, from: u16, to: u16, payload: &[u8]) -> bool {
        match self {
            Listening::Nothing => false,
            // Of DNS only answers, which have the bit QR (RFC 1035 section 4.1.1).
            Listening::Addresses | Listening::Called if from == DNS || to == DNS => {
                payload.get(2).is_some_and(|flags| flags & 0x80 != 0)
            }
            Listening::Addresses => names_addresses(to) || names_addresses(from),
            Listening::Called | Listening::Everything => is_naming(to) || is_naming(from),
        }
    }

    /// May the first bytes of a connection say what is wanted?
    pub fn wants_streams(self) -> bool {
        matches!(self, Listening::Called | Listening::Everything)
    }

    fn wants_relation(self, relation: &str) -> bool {
        use names::relation::{CERTIFICATE_SUBJECT, IS_CALLED, LEASED, NOTED_AS, RESOLVES_TO, SERVED_AS};
        match self {
            Listening::Nothing => false,
            Listening::Addresses => matches!(relation, RESOLVES_TO | IS_CALLED | LEASED | NOTED_AS),
            Listening::Called => {
                matches!(relation, SERVED_AS | CERTIFICATE_SUBJECT) || Listening::Addresses.wants_relation(relation)
            }
            Listening::Everything => true,
        }
    }
}

const DNS: u16 = 53;
/// What a SYN is to the machine that sent it.
const BEGINS: &str = "tcp-syn";

/// Ports whose datagrams say what addresses are called, besides that of DNS.
#[inline]
fn names_addresses(port: u16) -> bool {
    matches!(port, 67 | 68 | 137 | 138 | 546 | 547 | 5353 | 5355)
}

/// Ports whose datagrams say names.
#[inline]
fn is_naming(port: u16) -> bool {
    matches!(port, DNS | 443 | 1900) || names_addresses(port)
}

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

/// A name as it is kept: its words are elsewhere.
#[derive(Clone, Copy)]
struct Kept {
    subject: Subject,
    relation: u8,
    source: u8,
    /// Length of the value, and of the detail behind it.
    value: u16,
    detail: u16,
    /// Where both begin.
    text: u32,
    file: u32,
    interface: u32,
    first: i64,
    last: i64,
    count: u64,
    packet: u64,
}

/// What makes two sayings one.
#[derive(PartialEq, Eq, Hash)]
struct Heading<'a> {
    subject: Subject,
    relation: u8,
    source: u8,
    value: &'a str,
    interface: u32,
}

/// A datagram by its hash, and the names it said by their numbers.
#[derive(Clone, Copy, Default)]
struct Remembered {
    hash: u64,
    count: u8,
    names: [u32; MOST_REMEMBERED],
}

/// All names said.
#[derive(Default)]
pub struct Names {
    pub listening: Listening,
    pub left_out: u64,
    /// How many of those kept are beginnings of connections.
    syns: usize,
    kept: Vec<Kept>,
    index: HashTable<u32>,
    text: String,
    /// Relations and sources: a few words.
    words: Vec<&'static str>,
    hasher: RandomState,
    remembered: Vec<Remembered>,
    found: Vec<Name>,
}

impl Names {
    pub fn new(listening: Listening) -> Names {
        Names { listening, ..Names::default() }
    }

    pub fn datagram(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        source_mac: Option<[u8; 6]>,
        payload: &[u8],
        place: Place,
    ) {
        let hash = self.datagram_hash(source, destination, source_mac, payload, place.interface);
        let slot = hash as usize % REMEMBERED;
        if let Some(known) = self.remembered.get(slot).filter(|known| known.hash == hash) {
            for at in known.names.iter().take(usize::from(known.count)) {
                if let Some(kept) = self.kept.get_mut(*at as usize) {
                    kept.again(place.time, 1);
                }
            }
            return;
        }
        let mut found = std::mem::take(&mut self.found);
        names::from_datagram(source, destination, source_mac, payload, &mut found);
        let mut said = Remembered { hash, ..Remembered::default() };
        let mut all = true;
        let listening = self.listening;
        for name in found.drain(..).filter(|name| listening.wants_relation(name.relation)) {
            match (self.add(&name, place), said.names.get_mut(usize::from(said.count))) {
                (Some(at), Some(room)) => {
                    *room = at;
                    said.count += 1;
                }
                _ => all = false,
            }
        }
        self.found = found;
        if all {
            self.remembered.resize(REMEMBERED, Remembered::default());
            if let Some(known) = self.remembered.get_mut(slot) {
                *known = said;
            }
        }
    }

    /// How a machine began a connection, as a name that its system has; each once.
    pub fn syn(&mut self, source: IpAddr, syn: &Syn, place: Place) {
        let hash = self.hasher.hash_one((place.interface, source, syn));
        let slot = hash as usize % REMEMBERED;
        if let Some(known) = self.remembered.get(slot).filter(|known| known.hash == hash) {
            if let Some(kept) = self.kept.get_mut(known.names[0] as usize).filter(|_| known.count == 1) {
                kept.again(place.time, 1);
            }
            return;
        }
        let value = syn.to_string();
        let name = Name { subject: Subject::Ip(source), relation: BEGINS, value, source: "tcp", detail: String::new() };
        let Some(at) = self.add(&name, place) else { return };
        self.remembered.resize(REMEMBERED, Remembered::default());
        if let Some(known) = self.remembered.get_mut(slot) {
            *known = Remembered { hash, count: 1, names: [at; MOST_REMEMBERED] };
        }
    }

    /// The same for datagrams that say the same. Those of DNS begin with a number that does not
    /// matter, and what an answer says of addresses does not depend on who asked whom.
    fn datagram_hash(
        &self,
        source: SocketAddr,
        destination: SocketAddr,
        source_mac: Option<[u8; 6]>,
        payload: &[u8],
        interface: u32,
    ) -> u64 {
        let is_dns = source.port() == DNS;
        if is_dns && matches!(self.listening, Listening::Addresses | Listening::Called) {
            return self.hasher.hash_one((interface, payload.get(2..)));
        }
        let payload = if is_dns { payload.get(2..).unwrap_or(&[]) } else { payload };
        self.hasher.hash_one((interface, source, destination, source_mac, payload))
    }

    pub fn frame(&mut self, source_mac: [u8; 6], protocol: Protocol, payload: &[u8], place: Place) {
        let mut found = std::mem::take(&mut self.found);
        names::from_frame(source_mac, protocol, payload, &mut found);
        self.gather(&mut found, place);
        self.found = found;
    }

    /// A name resolution block of pcapng; `words` say which one.
    pub fn block(&mut self, body: &[u8], big_endian: bool, words: &str, place: Place) {
        let mut found = std::mem::take(&mut self.found);
        for record in names::resolution_records(body, big_endian) {
            record.names(words, &mut found);
            self.gather(&mut found, place);
        }
        self.found = found;
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.left_out == 0
    }

    /// Give those a time that have none.
    pub fn date(&mut self, time: i64) {
        for said in self.kept.iter_mut().filter(|said| said.first == 0) {
            said.first = time;
            said.last = said.last.max(time);
        }
    }

    pub fn gather(&mut self, found: &mut Vec<Name>, place: Place) {
        let listening = self.listening;
        for name in found.drain(..).filter(|name| listening.wants_relation(name.relation)) {
            self.add(&name, place);
        }
    }

    /// Take a name in; say its number.
    fn add(&mut self, name: &Name, place: Place) -> Option<u32> {
        let said = Kept {
            subject: name.subject,
            relation: self.word(name.relation),
            source: self.word(name.source),
            value: 0,
            detail: 0,
            text: 0,
            file: place.file,
            interface: place.interface,
            first: place.time,
            last: place.time,
            count: 1,
            packet: place.packet,
        };
        self.put(said, &name.value, &name.detail)
    }

    fn put(&mut self, mut said: Kept, value: &str, detail: &str) -> Option<u32> {
        let begins = self.spoken(said.relation) == BEGINS;
        let Names { kept, index, text, hasher, syns, .. } = self;
        let heading = said.heading(value);
        let hash = hasher.hash_one(&heading);
        let same = |at: &u32| kept.get(*at as usize).is_some_and(|known| known.heading(known.value(text)) == heading);
        if let Some(at) = index.find(hash, same).copied() {
            let known = kept.get_mut(at as usize)?;
            if (said.file, said.packet) < (known.file, known.packet) {
                (known.file, known.packet) = (said.file, said.packet);
            }
            known.first = known.first.min(said.first);
            known.again(said.last, said.count);
            return Some(at);
        }
        let lengths = (u16::try_from(value.len()), u16::try_from(detail.len()));
        let (Ok(value_length), Ok(detail_length)) = lengths else {
            self.left_out += 1;
            return None;
        };
        if kept.len() >= NAMES || (begins && *syns >= SYNS) || text.len() + value.len() + detail.len() > TEXT {
            self.left_out += 1;
            return None;
        }
        *syns += usize::from(begins);
        (said.value, said.detail, said.text) = (value_length, detail_length, text.len() as u32);
        text.push_str(value);
        text.push_str(detail);
        let at = kept.len() as u32;
        kept.push(said);
        index.insert_unique(hash, at, |at| {
            kept.get(*at as usize).map_or(0, |known| hasher.hash_one(known.heading(known.value(text))))
        });
        Some(at)
    }

    fn word(&mut self, word: &'static str) -> u8 {
        let known = self.words.iter().position(|known| *known == word);
        known.unwrap_or_else(|| {
            self.words.push(word);
            self.words.len() - 1
        }) as u8
    }

    fn spoken(&self, number: u8) -> &'static str {
        self.words.get(usize::from(number)).copied().unwrap_or_default()
    }

    /// So many packets came before those that said them.
    pub fn put_behind(&mut self, packets: u64) {
        for said in &mut self.kept {
            said.packet += packets;
        }
    }

    /// Take another worker's names in.
    pub fn merge(&mut self, other: Names) {
        self.left_out += other.left_out;
        if self.kept.is_empty() {
            let left_out = self.left_out;
            *self = other;
            self.left_out = left_out;
            return;
        }
        for said in &other.kept {
            let relation = self.word(other.spoken(said.relation));
            let source = self.word(other.spoken(said.source));
            self.put(Kept { relation, source, ..*said }, said.value(&other.text), said.detail(&other.text));
        }
    }

    /// What these addresses are called: (address, relation, name).
    pub fn of(&self, addresses: &[IpAddr]) -> Vec<(IpAddr, &'static str, String)> {
        let addresses: HashSet<&IpAddr, RandomState> = addresses.iter().collect();
        let called = self.kept.iter().filter_map(|said| match said.subject {
            Subject::Ip(ip) if addresses.contains(&ip) => {
                Some((ip, self.spoken(said.relation), said.value(&self.text).to_string()))
            }
            Subject::Ip(_) | Subject::Mac(_) => None,
        });
        called.collect()
    }

    /// All names, in order of where they were first said.
    pub fn into_rows(mut self) -> impl Iterator<Item = Said> + Send + 'static {
        (self.index, self.remembered) = Default::default();
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_by(|left, right| {
            let order = (left.file, left.packet).cmp(&(right.file, right.packet));
            order.then_with(|| left.value(&self.text).cmp(right.value(&self.text)))
        });
        kept.into_iter().map(move |said| Said {
            name: Name {
                subject: said.subject,
                relation: self.spoken(said.relation),
                value: said.value(&self.text).to_string(),
                source: self.spoken(said.source),
                detail: said.detail(&self.text).to_string(),
            },
            first: said.first,
            last: said.last,
            count: said.count,
            file: said.file,
            packet: said.packet,
            interface: said.interface,
        })
    }
}

impl Kept {
    fn heading<'a>(&self, value: &'a str) -> Heading<'a> {
        let Kept { subject, relation, source, interface, .. } = *self;
        Heading { subject, relation, source, value, interface }
    }

    fn value<'a>(&self, text: &'a str) -> &'a str {
        let begin = self.text as usize;
        text.get(begin..begin + usize::from(self.value)).unwrap_or_default()
    }

    fn detail<'a>(&self, text: &'a str) -> &'a str {
        let begin = self.text as usize + usize::from(self.value);
        text.get(begin..begin + usize::from(self.detail)).unwrap_or_default()
    }

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
        if let Some(name) = found.iter().find(|name| name.relation == names::relation::SERVED_AS) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(senders: std::ops::Range<u32>) -> Names {
        let mut names = Names::new(Listening::Everything);
        let syn = Syn::of(64, 1024, &[]);
        for sender in senders {
            let place = Place { time: 1, file: 0, packet: u64::from(sender), interface: 0 };
            names.syn(IpAddr::V4(sender.into()), &syn, place);
        }
        names
    }

    #[test]
    fn a_flood_with_made_up_senders_does_not_crowd_names_out() {
        let most = SYNS as u32;
        let mut names = flood(0..most / 2 + 10);
        names.merge(flood(most / 2..most + 10));
        assert_eq!((names.kept.len(), names.syns, names.left_out), (SYNS, SYNS, 10));
        let again = flood(0..1);
        names.merge(again);
        assert_eq!(names.left_out, 10, "it is known, and was said twice");
        let place = Place { time: 1, file: 0, packet: 1, interface: 0 };
        let name = Name {
            subject: Subject::Mac([2; 6]),
            relation: names::relation::IS_CALLED,
            value: "pc".into(),
            source: "dhcp",
            detail: String::new(),
        };
        assert!(names.add(&name, place).is_some());
    }
}
