//! What flows add up to, without keeping them: who sends how much to whom, on which port.
//!
//! It is what `whence talkers` asks of a capture, and a small part of what a table of flows could tell. Where the same
//! packets were seen at several places, or there is too much to be kept here, sums are given up: then it takes a
//! table to say which packets count.

mod edges;
mod index;

use std::hash::BuildHasher;
use std::net::IpAddr;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::arp::Asked;
use crate::columns::{transport, write_ip, write_vlan};
use crate::flow::Flow;
use crate::packet::{Address, Key, Vlans, ICMP, ICMPV6, SCTP, TCP, UDP};
use crate::servers::asks;
use edges::{Edge, Edges};
use index::Index;

/// More edges or conversations than these are for a table, which can be on the disk.
const MOST: usize = 1 << 21;
/// Edges are kept in so many shares, which can be merged, and looked through, at the same time.
const SHARES: usize = 2;
/// So many flows are added up at once: they should still be in the second cache.
pub const SUMMED: usize = 256;
const DNS: u16 = 53;
const NTP: u16 = 123;

/// What is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Station,
    Pair,
    Port,
    Protocol,
}

/// What it is ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Packets,
    Bytes,
    Flows,
}

/// What was sent and received; of a pair, a port, a protocol, all was sent, in either direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    pub packets: u64,
    pub bytes: u64,
    pub flows: u64,
    pub received_packets: u64,
    pub received_bytes: u64,
}

/// A station, a pair, a port or a protocol, and what it sent and received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    pub name: String,
    pub exchange: Exchange,
    pub peers: u64,
    pub inside: bool,
    /// Of a pair.
    pub ends: Option<(String, String)>,
}

/// All packets outside of tunnels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub flows: u64,
    pub packets: u64,
    pub bytes: u64,
    /// Nanoseconds since 1970.
    pub first: i64,
    pub last: i64,
}

/// A station that answers several others on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub station: String,
    pub port: u16,
    pub transport: String,
    /// Packets sent there, with what a resolver or time server asks its own upstream on the same port.
    pub sent: u64,
    /// Packets that the station sent at all.
    pub whole: u64,
}

/// Where most of what a station sends goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub peer: String,
    pub port: Option<u16>,
    pub transport: String,
    pub amount: u64,
    pub answered: u64,
    /// Whether most of what is sent there waits for an answer: an ICMP error does not.
    pub waits: bool,
}

/// What goes to a peer.
#[derive(Clone, Copy, Default)]
struct Sent {
    amount: u64,
    /// Packets, and those that wait for an answer.
    packets: u64,
    asking: u64,
    answered: u64,
}

/// An interface, and the number and the tags of VLANs.
type Spot = (u32, u8, Vlans);
/// A peer, the port on which it is asked, and the protocol.
type Towards = (u32, Option<u16>, u8);

/// Where flows were seen last; most captures have few such places.
#[derive(Clone, Copy)]
struct Seen {
    spot: Spot,
    tunnel: u32,
    place: u32,
}

/// A station, and the MAC address it was last behind.
struct Station {
    address: Address,
    is_private: bool,
    before: Option<[u8; 6]>,
}

/// Conversations, by hash, and where they were seen. Two with the same hash are taken for one: at worst sums are given
/// up without need.
#[derive(Default)]
struct Conversations {
    /// Those at the place that was seen first. They are only noted down, since most captures have few others.
    seen: Vec<u64>,
    elsewhere: HashMap<u64, u32, RandomState>,
    /// How many there were when all were last compared.
    compared: usize,
}

impl Conversations {
    /// Note one; false where it is known to have been seen at another place.
    fn add(&mut self, hash: u64, place: u32) -> bool {
        if place == 0 {
            self.seen.push(hash);
        } else if *self.elsewhere.entry(hash).or_insert(place) != place {
            return false;
        }
        // Soon, so that little is read in vain; seldom, because all are looked at.
        let all = self.seen.len() + self.elsewhere.len();
        if self.elsewhere.is_empty() || all < 4 * self.compared + 16 {
            return true;
        }
        self.compared = all;
        self.are_apart()
    }

    fn are_apart(&self) -> bool {
        self.elsewhere.is_empty() || !self.seen.iter().any(|hash| self.elsewhere.contains_key(hash))
    }
}

/// Room for what is done turn by turn with flows that are added.
#[derive(Default)]
struct Turn {
    /// The two ends of each flow.
    addresses: Vec<Address>,
    stations: Vec<u32>,
    /// Hashes of the addresses, the station that is most likely the one, and its address.
    hashes: Vec<u32>,
    guesses: Vec<u32>,
    called: Vec<Option<Address>>,
}

pub struct Sums {
    hasher: RandomState,
    stations: Vec<Station>,
    /// Stations by their addresses.
    numbers: Index,
    /// The share of an edge is told by its addresses and its port: others have it in the same one.
    shares: [Edges; SHARES],
    /// Were several threads at work? Then there may be as many again.
    merged: bool,
    conversations: Conversations,
    places: HashMap<(Spot, u32), u32, RandomState>,
    /// The spot of each place, and the flows seen there.
    spots: Vec<(Spot, u64)>,
    seen: Option<Seen>,
    /// Stations that are not private, and the MAC addresses they were behind.
    behind: HashSet<([u8; 6], u32), RandomState>,
    totals: Option<Totals>,
    arp: Vec<Asked>,
    turn: Turn,
    inside: Vec<bool>,
    /// What each station sent and received.
    amounts: Vec<Exchange>,
}

impl Default for Sums {
    fn default() -> Sums {
        Sums::of(RandomState::default())
    }
}

impl Sums {
    /// Sums that can be merged with others of the same hasher.
    pub fn of(hasher: RandomState) -> Sums {
        Sums {
            hasher,
            stations: Vec::new(),
            numbers: Index::default(),
            shares: Default::default(),
            merged: false,
            conversations: Conversations::default(),
            places: HashMap::default(),
            spots: Vec::new(),
            seen: None,
            behind: HashSet::default(),
            totals: None,
            arp: Vec::new(),
            turn: Turn::default(),
            inside: Vec::new(),
            amounts: Vec::new(),
        }
    }

    pub fn hasher(&self) -> RandomState {
        self.hasher.clone()
    }

    /// Add flows; false where sums cannot tell what a table could.
    #[must_use]
    pub fn add(&mut self, flows: &[Flow]) -> bool {
        // In several turns, because each looks at memory of its own: the processor can look for several at once.
        if !flows.iter().all(|flow| self.converse(flow)) {
            return false;
        }
        let mut turn = std::mem::take(&mut self.turn);
        turn.addresses.clear();
        turn.addresses.extend(flows.iter().flat_map(|flow| [flow.source().0, flow.destination().0]));
        self.number(&mut turn);
        for ((flow, ends), hashes) in flows.iter().zip(turn.stations.chunks_exact(2)).zip(turn.hashes.chunks_exact(2)) {
            let (source, destination) = (ends[0], ends[1]);
            self.note(flow, source, destination);
            let edge = Edge::of(flow, source, destination);
            self.shares[share(hashes, edge.port)].push(edge);
        }
        self.turn = turn;
        self.shares.iter_mut().for_each(|edges| edges.join(&self.hasher));
        self.is_enough()
    }

    /// Is it not too much to be kept here?
    fn is_enough(&self) -> bool {
        self.shares.iter().map(Edges::len).sum::<usize>() <= MOST && self.conversations.seen.len() <= MOST
    }

    /// Take in what others of the same hasher added up; false where sums cannot tell what a table could.
    #[must_use]
    pub fn merge(&mut self, other: Sums) -> bool {
        let places = self.merge_places(&other);
        let place = |known: u32| places.get(known as usize).copied().unwrap_or(0);
        let seen = other.conversations.seen.iter().map(|hash| (*hash, place(0)));
        let elsewhere = other.conversations.elsewhere.iter().map(|(hash, known)| (*hash, place(*known)));
        for (hash, place) in seen.chain(elsewhere) {
            if !self.conversations.add(hash, place) {
                return false;
            }
        }
        let addresses = other.stations.iter().map(|station| station.address).collect();
        let mut turn = Turn { addresses, ..Turn::default() };
        self.number(&mut turn);
        let numbers = turn.stations;
        let number = |station: u32| numbers.get(station as usize).copied().unwrap_or(0);
        for (mac, station) in &other.behind {
            self.behind.insert((*mac, number(*station)));
        }
        let hasher = &self.hasher;
        at_once(self.shares.iter_mut().zip(&other.shares), true, |(edges, others)| edges.merge(others, number, hasher));
        self.merged = true;
        if let Some(more) = other.totals {
            let totals = self.totals.get_or_insert(Totals { flows: 0, packets: 0, bytes: 0, ..more });
            totals.flows += more.flows;
            totals.packets += more.packets;
            totals.bytes += more.bytes;
            totals.first = totals.first.min(more.first);
            totals.last = totals.last.max(more.last);
        }
        self.is_enough()
    }

    /// The numbers that places of others have here.
    fn merge_places(&mut self, other: &Sums) -> Vec<u32> {
        let mut known: Vec<((Spot, u32), u32)> = other.places.iter().map(|(place, number)| (*place, *number)).collect();
        known.sort_unstable_by_key(|(_, number)| *number);
        let mut numbers = Vec::new();
        for ((spot, tunnel), (_, flows)) in known.into_iter().map(|known| known.0).zip(&other.spots) {
            let number = self.place(spot, tunnel);
            if let Some((_, count)) = self.spots.get_mut(number as usize) {
                *count += flows;
            }
            numbers.push(number);
        }
        numbers
    }

    /// Note where a conversation is seen; false where it was seen elsewhere too.
    fn converse(&mut self, flow: &Flow) -> bool {
        let link = &flow.link;
        let place = self.place((link.interface, link.tags, link.vlan), link.tunnel);
        if let Some((_, flows)) = self.spots.get_mut(place as usize) {
            *flows += 1;
        }
        let (key, _) = Key::of(flow.source(), flow.destination(), flow.key.protocol, false, 0);
        self.conversations.add(self.hasher.hash_one(key), place)
    }

    fn place(&mut self, spot: Spot, tunnel: u32) -> u32 {
        if let Some(seen) = self.seen.filter(|seen| seen.spot == spot && seen.tunnel == tunnel) {
            return seen.place;
        }
        let next = self.spots.len() as u32;
        let place = *self.places.entry((spot, tunnel)).or_insert(next);
        if place == next {
            self.spots.push((spot, 0));
        }
        self.seen = Some(Seen { spot, tunnel, place });
        place
    }

    /// Number the stations with these addresses.
    fn number(&mut self, turn: &mut Turn) {
        let addresses = std::mem::take(&mut turn.addresses);
        turn.hashes.clear();
        turn.hashes.extend(addresses.iter().map(|address| address_hash(&self.hasher, address)));
        turn.guesses.clear();
        turn.guesses.extend(turn.hashes.iter().map(|hash| self.numbers.first(*hash)));
        turn.stations.clear();
        turn.called.clear();
        let called = |at: &u32| self.stations.get(*at as usize).map(|station| station.address);
        turn.called.extend(turn.guesses.iter().map(called));
        for (at, address) in addresses.iter().enumerate() {
            let is_it = turn.called[at] == Some(*address);
            let number = if is_it { turn.guesses[at] } else { self.station(*address, turn.hashes[at]) };
            turn.stations.push(number);
        }
        turn.addresses = addresses;
    }

    #[inline(never)]
    fn station(&mut self, address: Address, hash: u32) -> u32 {
        self.known_station(&address, hash).unwrap_or_else(|| self.new_station(address, hash))
    }

    fn known_station(&self, address: &Address, hash: u32) -> Option<u32> {
        let is_it = |at: u32| self.stations.get(at as usize).is_some_and(|station| station.address == *address);
        self.numbers.find(hash, is_it)
    }

    fn new_station(&mut self, address: Address, hash: u32) -> u32 {
        let number = self.stations.len() as u32;
        self.stations.push(Station { address, is_private: is_private(&address), before: None });
        self.numbers.insert(hash, number);
        number
    }

    fn count(&mut self, flow: &Flow) {
        let totals =
            self.totals.get_or_insert(Totals { flows: 0, packets: 0, bytes: 0, first: flow.first, last: flow.last });
        totals.flows += 1;
        totals.packets += flow.packets[0] + flow.packets[1];
        totals.bytes += flow.bytes[0] + flow.bytes[1];
        totals.first = totals.first.min(flow.first);
        totals.last = totals.last.max(flow.last);
    }

    fn note_behind(&mut self, mac: [u8; 6], station: u32) {
        let Some(known) = self.stations.get_mut(station as usize) else { return };
        if !known.is_private && known.before != Some(mac) {
            known.before = Some(mac);
            self.behind.insert((mac, station));
        }
    }

    /// Count a flow, and behind which MAC addresses its ends are.
    fn note(&mut self, flow: &Flow, source: u32, destination: u32) {
        let link = &flow.link;
        if link.tunnel == 0 {
            self.count(flow);
            let [here, there] = flow.stations();
            if let Some(here) = here {
                self.note_behind(here, source);
            }
            if let Some(there) = there.filter(|_| flow.packets[1] > 0) {
                self.note_behind(there, destination);
            }
        }
    }

    /// All flows were added; false where sums cannot tell what a table could. `internal` are networks of the own
    /// site beside the private ones, with the lengths of their prefixes.
    #[must_use]
    pub fn end(&mut self, arp: Vec<Asked>, internal: &[(IpAddr, u8)]) -> bool {
        if !self.conversations.are_apart() {
            return false;
        }
        self.conversations = Conversations::default();
        self.shares.iter_mut().for_each(Edges::end);
        let senders: HashSet<u32, RandomState> = arp.iter().map(|asked| asked.question.sender).collect();
        let is_inside = |Station { address, is_private, .. }: &Station| {
            *is_private
                || address.as_v4().is_some_and(|number| number != 0 && senders.contains(&number))
                || internal.iter().any(|network| is_within(address.ip(), *network))
        };
        self.inside = self.stations.iter().map(is_inside).collect();
        self.amounts = self.of_stations();
        self.arp = arp;
        true
    }

    pub fn totals(&self) -> Option<Totals> {
        self.totals
    }

    /// Interfaces and VLANs as they are written, with the flows seen there.
    pub fn places(&self, interface: impl Fn(u32) -> String) -> Vec<(String, String, u64)> {
        let mut places: HashMap<(String, String), u64, RandomState> = HashMap::default();
        for ((number, tags, vlan), flows) in &self.spots {
            let mut text = String::new();
            write_vlan(*tags, *vlan, &mut text);
            *places.entry((interface(*number), text)).or_default() += flows;
        }
        let mut rows: Vec<_> = places.into_iter().map(|((name, vlan), flows)| (name, vlan, flows)).collect();
        rows.sort_by(|left, right| right.2.cmp(&left.2).then_with(|| (&left.0, &left.1).cmp(&(&right.0, &right.1))));
        rows
    }

    /// The most, by amount and then by name.
    pub fn ranked(&self, by: By, measure: Measure, most: usize) -> Vec<Amount> {
        match by {
            By::Station => {
                let rows = first(
                    self.amounts.iter().enumerate().collect(),
                    most,
                    |row| row.1.measured(measure),
                    |row| self.name(row.0 as u32),
                );
                let peers = self.peers(rows.iter().map(|(at, _)| *at as u32));
                let named = |(at, exchange): (usize, &Exchange)| Amount {
                    name: self.name(at as u32),
                    exchange: *exchange,
                    peers: peers.get(&(at as u32)).copied().unwrap_or(0),
                    inside: self.inside.get(at).copied().unwrap_or(false),
                    ends: None,
                };
                rows.into_iter().map(named).collect()
            }
            By::Pair => {
                let ends = |edge: &Edge| (edge.source, edge.destination);
                let name = |ends: (u32, u32)| format!("{} → {}", self.name(ends.0), self.name(ends.1));
                let with_ends = |(ends, amount): ((u32, u32), Amount)| Amount {
                    ends: Some((self.name(ends.0), self.name(ends.1))),
                    ..amount
                };
                self.grouped(ends, name, measure, most).into_iter().map(with_ends).collect()
            }
            By::Port => {
                let port = |edge: &Edge| (edge.protocol, if edge.is_icmp() { edge.kind } else { edge.port });
                let name = |(protocol, port): (u8, u16)| match protocol {
                    ICMP | ICMPV6 => format!("{} type {port}", transport(protocol)),
                    _ => format!("{port}/{}", transport(protocol)),
                };
                self.grouped(port, name, measure, most).into_iter().map(|row| row.1).collect()
            }
            By::Protocol => {
                self.grouped(|edge| edge.protocol, transport, measure, most).into_iter().map(|row| row.1).collect()
            }
        }
    }

    /// What stations sent that sent something.
    pub fn amounts(&self, measure: Measure) -> Vec<u64> {
        self.amounts.iter().map(|amount| amount.measured(measure)).filter(|amount| *amount > 0).collect()
    }

    /// The same of those inside.
    pub fn inside_amounts(&self, measure: Measure) -> Vec<u64> {
        let inside = self.amounts.iter().zip(&self.inside).filter(|row| *row.1).map(|row| row.0.measured(measure));
        inside.filter(|amount| *amount > 0).collect()
    }

    /// Those of these stations that answer at least so many clients on a port.
    pub fn servers(&self, stations: &[IpAddr], clients: u64) -> Vec<Server> {
        let known = |ip: &IpAddr| {
            let address = Address::from(*ip);
            self.known_station(&address, address_hash(&self.hasher, &address))
        };
        let mut answers: HashMap<(u32, u16, u8), (u64, u64), RandomState> = HashMap::default();
        let stations: HashSet<u32, RandomState> = stations.iter().filter_map(known).collect();
        let edges = self.edges_of(stations.iter().copied());
        let is_answer = |edge: &&&Edge| {
            matches!(edge.protocol, TCP | UDP | SCTP) && edge.packets[1] > 0 && stations.contains(&edge.destination)
        };
        for edge in edges.iter().filter(is_answer) {
            let served = answers.entry((edge.destination, edge.port, edge.protocol)).or_default();
            served.0 += 1;
            served.1 += edge.packets[1];
        }
        answers.retain(|_, served| served.0 >= clients);
        for edge in edges.iter().filter(|edge| matches!(edge.port, DNS | NTP)) {
            if let Some(served) = answers.get_mut(&(edge.source, edge.port, edge.protocol)) {
                served.1 += edge.packets[0];
            }
        }
        let server = |((station, port, protocol), (_, sent)): ((u32, u16, u8), (u64, u64))| Server {
            station: self.name(station),
            port,
            transport: transport(protocol),
            sent,
            whole: self.amounts.get(station as usize).map_or(0, |amount| amount.packets),
        };
        answers.into_iter().map(server).collect()
    }

    /// The addresses that ARP tells of MAC addresses with at least so many stations from outside behind them.
    pub fn gateways(&self, least: usize) -> Vec<String> {
        let mut counts: HashMap<[u8; 6], usize, RandomState> = HashMap::default();
        for (mac, station) in &self.behind {
            if self.inside.get(*station as usize) == Some(&false) {
                *counts.entry(*mac).or_default() += 1;
            }
        }
        let answers = self.arp.iter().map(|asked| asked.question);
        let mut names: Vec<String> = answers
            .filter(|said| said.sender != 0 && counts.get(&said.sender_mac).is_some_and(|count| *count >= least))
            .map(|said| text(&Address::v4(said.sender)))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Where most of what a station sends goes; none where it sends nothing.
    pub fn main_peer(&self, station: IpAddr, measure: Measure) -> Option<Peer> {
        let address = Address::from(station);
        let station = self.known_station(&address, address_hash(&self.hasher, &address))?;
        let mut peers: HashMap<Towards, Sent, RandomState> = HashMap::default();
        let chosen = |way: usize, edge: &Edge| match measure {
            Measure::Packets => edge.packets[way],
            Measure::Bytes => edge.bytes[way],
            Measure::Flows if way == 0 => u64::from(edge.flows),
            Measure::Flows => 0,
        };
        for edge in self.edges_of([station]) {
            let mut add = |peer: u32, port: Option<u16>, way: usize| {
                let sums = peers.entry((peer, port, edge.protocol)).or_default();
                sums.amount += chosen(way, edge);
                sums.packets += edge.packets[way];
                sums.asking += if way == 0 && asks(edge.protocol, edge.kind) { edge.packets[0] } else { 0 };
                sums.answered += edge.packets[1 - way];
            };
            if edge.source == station {
                // Of ICMP all types are one: they are no ports.
                add(edge.destination, Some(edge.port).filter(|_| !edge.is_icmp()), 0);
            }
            if edge.destination == station {
                add(edge.source, None, 1);
            }
        }
        let name = |row: &(Towards, Sent)| (self.name(row.0 .0), row.0 .1, transport(row.0 .2));
        let rows = first(peers.into_iter().collect(), 1, |row| row.1.amount, name);
        let ((peer, port, protocol), sent) = rows.into_iter().next()?;
        Some(Peer {
            peer: self.name(peer),
            port,
            transport: transport(protocol),
            amount: sent.amount,
            answered: sent.answered,
            waits: sent.asking * 2 >= sent.packets,
        })
    }

    fn name(&self, station: u32) -> String {
        self.stations.get(station as usize).map(|station| text(&station.address)).unwrap_or_default()
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.shares.iter().flat_map(Edges::iter)
    }

    /// What comes of each share.
    fn each_share<'a, T: Send>(&'a self, work: impl Fn(&'a Edges) -> T + Sync) -> Vec<T> {
        at_once(self.shares.iter(), self.merged, work)
    }

    fn of_stations(&self) -> Vec<Exchange> {
        let by_share = self.each_share(|edges| {
            let mut amounts = vec![Exchange::default(); self.stations.len()];
            for edge in edges.iter() {
                for (station, sent, received, begun) in
                    [(edge.source, 0, 1, u64::from(edge.flows)), (edge.destination, 1, 0, 0)]
                {
                    let Some(amount) = amounts.get_mut(station as usize) else { continue };
                    amount.packets += edge.packets[sent];
                    amount.bytes += edge.bytes[sent];
                    amount.received_packets += edge.packets[received];
                    amount.received_bytes += edge.bytes[received];
                    amount.flows += begun;
                }
            }
            amounts
        });
        let together = |mut all: Vec<Exchange>, some: Vec<Exchange>| {
            all.iter_mut().zip(some).for_each(|(all, some)| all.add(&some));
            all
        };
        by_share.into_iter().reduce(together).unwrap_or_default()
    }

    /// Edges from these stations, or to them.
    fn edges_of(&self, stations: impl IntoIterator<Item = u32>) -> Vec<&Edge> {
        let mut are_wanted = vec![false; self.stations.len()];
        for station in stations {
            if let Some(is_wanted) = are_wanted.get_mut(station as usize) {
                *is_wanted = true;
            }
        }
        let is_wanted = |station: u32| are_wanted.get(station as usize) == Some(&true);
        let is_one = |edge: &&Edge| is_wanted(edge.source) || is_wanted(edge.destination);
        self.each_share(|edges| edges.iter().filter(is_one).collect::<Vec<_>>()).concat()
    }

    /// With how many others each of these stations had to do, and perhaps some more stations.
    fn peers(&self, stations: impl Iterator<Item = u32>) -> HashMap<u32, u64, RandomState> {
        let both = |edge: &Edge| (edge.source.min(edge.destination), edge.source.max(edge.destination));
        let mut pairs: Vec<(u32, u32)> = self.edges_of(stations).into_iter().map(both).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut peers: HashMap<u32, u64, RandomState> = HashMap::default();
        for (one, other) in pairs {
            let ends = [Some(one), Some(other).filter(|other| *other != one)];
            ends.into_iter().flatten().for_each(|end| *peers.entry(end).or_default() += 1);
        }
        peers
    }

    /// Sums of both directions over edges that have the same key.
    fn grouped<K: std::hash::Hash + Eq + Copy>(
        &self,
        key: impl Fn(&Edge) -> K,
        name: impl Fn(K) -> String,
        measure: Measure,
        most: usize,
    ) -> Vec<(K, Amount)> {
        let mut groups: HashMap<K, Exchange, RandomState> = HashMap::default();
        for edge in self.edges() {
            let exchange = groups.entry(key(edge)).or_default();
            exchange.packets += edge.packets[0] + edge.packets[1];
            exchange.bytes += edge.bytes[0] + edge.bytes[1];
            exchange.flows += u64::from(edge.flows);
        }
        let rows = first(groups.into_iter().collect(), most, |row| row.1.measured(measure), |row| name(row.0));
        let named = |(key, exchange)| (key, Amount { name: name(key), exchange, ..Amount::default() });
        rows.into_iter().map(named).collect()
    }
}

impl Exchange {
    fn add(&mut self, other: &Exchange) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.received_packets += other.received_packets;
        self.received_bytes += other.received_bytes;
        self.flows += other.flows;
    }

    fn measured(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Packets => self.packets,
            Measure::Bytes => self.bytes,
            Measure::Flows => self.flows,
        }
    }
}

/// The share of an edge between addresses with these hashes.
#[inline]
fn share(hashes: &[u32], port: u16) -> usize {
    let ends = hashes.iter().fold(u32::from(port).wrapping_mul(0x9e37_79b9), |mixed, hash| mixed ^ hash);
    (ends >> 16) as usize % SHARES
}

/// Do this with each, on as many threads if that is wanted.
fn at_once<P: Send, T: Send>(parts: impl Iterator<Item = P>, threads: bool, work: impl Fn(P) -> T + Sync) -> Vec<T> {
    if !threads {
        return parts.map(work).collect();
    }
    let mut parts = parts;
    let first = parts.next();
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let done = first.map(work);
        // A panic goes on here.
        let ended = others.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.into_iter().chain(ended).collect()
    })
}

/// The first rows, by amount from the greatest, then by name. Names are made only where amounts are the same.
fn first<T, N: Ord>(mut rows: Vec<T>, most: usize, amount: impl Fn(&T) -> u64, name: impl Fn(&T) -> N) -> Vec<T> {
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(amount(row)));
    let mut at = 0;
    while at < most.min(rows.len()) {
        let same = rows.get(at).map(&amount);
        let count = rows.iter().skip(at).take_while(|row| Some(amount(row)) == same).count();
        if let Some(group) = rows.get_mut(at..at + count).filter(|_| count > 1) {
            group.sort_by_cached_key(&name);
        }
        at += count;
    }
    rows.truncate(most);
    rows
}

#[inline]
fn address_hash(hasher: &RandomState, address: &Address) -> u32 {
    hasher.hash_one(address) as u32
}

/// RFC 1918, RFC 3927, RFC 6598, RFC 4193 and RFC 4291: the same networks as `analysis/_tables.py` has.
fn is_private(address: &Address) -> bool {
    match address.as_v4().map(u32::to_be_bytes) {
        Some([10, ..] | [192, 168, ..] | [169, 254, ..] | [172, 16..=31, ..] | [100, 64..=127, ..]) => true,
        Some(_) => false,
        None => {
            let octets = address.octets();
            octets[0] & 0xfe == 0xfc || (octets[0] == 0xfe && octets[1] & 0xc0 == 0x80)
        }
    }
}

fn is_within(address: IpAddr, network: (IpAddr, u8)) -> bool {
    let (bits, prefix) = match (address, network.0) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            (u128::from(address.to_bits() ^ base.to_bits()) << 96, network.1.min(32))
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => (address.to_bits() ^ base.to_bits(), network.1.min(128)),
        _ => return false,
    };
    u32::from(prefix) <= bits.leading_zeros()
}

fn text(address: &Address) -> String {
    let mut text = String::with_capacity(16);
    write_ip(address, &mut text);
    text
}
