//! Who asks whom on which port, each once, with all that was sent.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::index::Index;
use crate::flow::Flow;
use crate::packet::{ICMP, ICMPV6};

/// Edges that lie together: where there is no room for another, none of those that are there is moved.
const BLOCK: usize = 1 << 13;
/// So many are joined at a time: they stay in the first cache.
const AT_ONCE: usize = 256;

/// All flows of one asking another on one port. It lies in one line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Edge {
    pub source: u32,
    pub destination: u32,
    /// What ICMP has in place of a port; 0 for others.
    pub kind: u16,
    pub port: u16,
    pub protocol: u8,
    pub packets: [u64; 2],
    pub bytes: [u64; 2],
    /// No more than `MOST` are added up at all.
    pub flows: u32,
}

impl Edge {
    /// Of one flow.
    #[inline]
    pub fn of(flow: &Flow, source: u32, destination: u32) -> Edge {
        let is_icmp = matches!(flow.key.protocol, ICMP | ICMPV6);
        Edge {
            source,
            destination,
            kind: if is_icmp { flow.source().1 } else { 0 },
            port: flow.destination().1,
            protocol: flow.key.protocol,
            packets: flow.packets,
            bytes: flow.bytes,
            flows: 1,
        }
    }

    fn add(&mut self, other: &Edge) {
        for way in 0..2 {
            self.packets[way] += other.packets[way];
            self.bytes[way] += other.bytes[way];
        }
        self.flows += other.flows;
    }

    /// What makes it another edge.
    fn ends(&self) -> [u64; 2] {
        let what = u64::from(self.kind) << 32 | u64::from(self.port) << 16 | u64::from(self.protocol);
        [u64::from(self.source) << 32 | u64::from(self.destination), what]
    }

    pub fn is_icmp(&self) -> bool {
        matches!(self.protocol, ICMP | ICMPV6)
    }
}

/// Edges, found by their ends.
#[derive(Default)]
pub struct Edges {
    index: Index,
    blocks: Vec<Vec<Edge>>,
    length: usize,
    /// Those that are to be joined next; and room for the hashes of their ends, for what is most likely there, and for
    /// the ends of that.
    next: Vec<Edge>,
    hashes: Vec<u32>,
    guesses: Vec<u32>,
    ends: Vec<Option<[u64; 2]>>,
}

impl Edges {
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn iter(&self) -> impl Iterator<Item = &Edge> {
        self.blocks.iter().flatten()
    }

    /// Add this to the edge with the same ends, with the next `join`.
    #[inline]
    pub fn push(&mut self, edge: Edge) {
        self.next.push(edge);
    }

    /// Add what was pushed to those that are there already with the same ends.
    pub fn join(&mut self, hasher: &RandomState) {
        // In several turns, because each looks at memory of its own: the processor can look for several at once.
        let mut next = std::mem::take(&mut self.next);
        self.hashes.clear();
        self.hashes.extend(next.iter().map(|edge| hasher.hash_one(edge.ends()) as u32));
        self.guesses.clear();
        self.guesses.extend(self.hashes.iter().map(|hash| self.index.first(*hash)));
        let mut ends = std::mem::take(&mut self.ends);
        ends.clear();
        ends.extend(self.guesses.iter().map(|at| self.get(*at).map(Edge::ends)));
        for (at, edge) in next.iter().enumerate() {
            let (own, hash, guess) = (edge.ends(), self.hashes[at], self.guesses[at]);
            let is_it = |at: u32| self.get(at).is_some_and(|known| known.ends() == own);
            let known = if ends[at] == Some(own) { Some(guess) } else { self.index.find(hash, is_it) };
            match known.and_then(|at| self.get_mut(at)) {
                Some(known) => known.add(edge),
                None => self.insert(hash, edge),
            }
        }
        next.clear();
        (self.next, self.ends) = (next, ends);
    }

    /// Take in those of others, whose stations have other numbers.
    pub fn merge(&mut self, others: &Edges, number: impl Fn(u32) -> u32, hasher: &RandomState) {
        for block in &others.blocks {
            for some in block.chunks(AT_ONCE) {
                let here =
                    |edge: &Edge| Edge { source: number(edge.source), destination: number(edge.destination), ..*edge };
                self.next.extend(some.iter().map(here));
                self.join(hasher);
            }
        }
    }

    /// No more will be joined.
    pub fn end(&mut self) {
        self.index = Index::default();
    }

    #[inline]
    fn get(&self, at: u32) -> Option<&Edge> {
        self.blocks.get(at as usize / BLOCK)?.get(at as usize % BLOCK)
    }

    #[inline]
    fn get_mut(&mut self, at: u32) -> Option<&mut Edge> {
        self.blocks.get_mut(at as usize / BLOCK)?.get_mut(at as usize % BLOCK)
    }

    fn insert(&mut self, hash: u32, edge: &Edge) {
        self.index.insert(hash, self.length as u32);
        self.length += 1;
        match self.blocks.last_mut().filter(|block| block.len() < BLOCK) {
            Some(block) => block.push(*edge),
            None => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(*edge);
                self.blocks.push(block);
            }
        }
    }
}
