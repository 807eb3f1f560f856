//! Damaged datagrams: no panic, no endless loop, no unbounded memory, in any order.

mod common;

use std::time::Instant;

use common::*;
use peak_alloc::PeakAlloc;
use whence_exports::{table, Collector, Found, Pairing, Timing};

/// What one datagram can bring at most: with it comes all that waited for a template of the session,
/// a megabyte, and each record has an address, which is four bytes or more.
const MOST_RECORDS: usize = ((1 << 20) + 4096) / 4;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// xorshift64*: the same bytes in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn mutate(chance: &mut Chance, datagram: &mut Vec<u8>) {
    for _ in 0..=chance.below(4) {
        let at = chance.below(datagram.len());
        match chance.below(6) {
            0 => datagram.truncate(at),
            1 => datagram.extend_from_within(at..),
            2 if at + 4 <= datagram.len() => datagram[at..at + 4].fill(0xff),
            3 if at + 2 <= datagram.len() => datagram[at..at + 2].fill(0),
            _ if at < datagram.len() => datagram[at] = chance.next() as u8,
            _ => {}
        }
    }
    datagram.truncate(4096);
}

/// An IPv6 packet with an extension header, in a VLAN.
fn frame() -> Vec<u8> {
    let head = bytes().add(&[2; 12]).u16(0x8100).u16(7).u16(0x86dd);
    let ip = head.u32(0x6000_0000).u16(28).u8(0).u8(64).add(&[0x20; 32]);
    ip.add(&[17, 0, 1, 4, 0, 0, 0, 0]).u16(53).u16(53).u16(20).u16(0).add(&[1; 12]).0
}

fn seeds() -> Vec<Vec<u8>> {
    let fields = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (2, 4), (1, 4), (22, 4), (21, 4)];
    let variable = [(8, 4), (12, 4), (82, 0xffff), (1, 8), (32, 2), (161, 4), (154, 8), (155, 8)];
    let data = vec![7; 120];
    let options = bytes().u16(258).u16(4).u16(8).u16(1).u16(4).u16(48).u16(1).u16(50).u16(4).0;
    let sample = flow_sample(&[(1, raw_header(&frame())), (3, sampled_ipv4())]);
    let counters = parts(bytes().u32(1).u32(5).u32(1), &[(1, interface_counters())]).0;
    vec![
        netflow5(0, 100, &[Flow5::default(), Flow5::default()]),
        netflow9(1, &[set(0, &template(256, &fields)), set(256, &data)]),
        netflow9(2, &[set(1, &options), set(258, &data), set(256, &data)]),
        ipfix(3, &[set(2, &template(256, &variable)), set(256, &data)]),
        ipfix(4, &[set(2, &template(256, &[])), set(257, &data)]),
        sflow(5, &[(1, sample.clone()), (2, counters)]),
        sflow(6, &[(3, sample)]),
    ]
}

fn survive(seed: &[u8], runs: usize, chance: &mut Chance) {
    let mut collector = Collector::new();
    let mut pairing = Pairing::new(Timing { most_open: 1_000, ..Timing::default() });
    let mut found = Found::default();
    for run in 0..runs {
        let mut datagram = seed.to_vec();
        mutate(chance, &mut datagram);
        let received = RECEIVED + run as i64 * 1_000_000;
        collector.feed(router(), received, &datagram, &mut found);
        assert!(found.records.len() <= MOST_RECORDS);
        found.records.iter().for_each(|record| pairing.add(record));
        for header in &found.headers {
            header.decode();
        }
        pairing.end_until(received);
        if run % 64 == 0 {
            table::records(&found.records).unwrap();
            table::counters(&found.counters).unwrap();
            table::flows(&pairing.take(), "", 0).unwrap();
        }
        found.records.clear();
        found.headers.clear();
        found.counters.clear();
    }
    assert_eq!(collector.totals().datagrams, runs as u64);
}

/// How many datagrams each beginning gets; `EXPORT_MUTATIONS=1000000 cargo test --release` for more.
fn runs() -> usize {
    let wanted = std::env::var("EXPORT_MUTATIONS");
    wanted.ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

/// Say how many it were and how fast; and that memory stayed within bounds all the time.
fn tell(what: &str, inputs: usize, began: Instant) {
    let (seconds, peak) = (began.elapsed().as_secs_f64(), MEMORY.peak_usage() >> 20);
    println!("{inputs} {what} in {seconds:.1} s, {peak} MiB at most");
    assert!(peak < 128, "{peak} MiB");
}

#[test]
fn mutations_of_each_format_are_survived() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (seeds, began) = (seeds(), Instant::now());
    for seed in &seeds {
        survive(seed, runs(), &mut chance);
    }
    tell("changed datagrams", seeds.len() * runs(), began);
}

#[test]
fn formats_may_be_mixed_in_one_session() {
    let mut chance = Chance(7);
    let mut collector = Collector::new();
    let (seeds, began) = (seeds(), Instant::now());
    for _ in 0..runs() {
        let mut datagram = seeds[chance.below(seeds.len())].clone();
        if chance.below(2) == 0 {
            mutate(&mut chance, &mut datagram);
        }
        read(&mut collector, &datagram);
    }
    tell("datagrams of all formats", runs(), began);
}

#[test]
fn chance_bytes_are_survived() {
    let mut chance = Chance(3);
    let mut collector = Collector::new();
    let began = Instant::now();
    for _ in 0..runs() {
        let length = chance.below(200);
        let mut datagram: Vec<u8> = (0..length).map(|_| chance.next() as u8).collect();
        let versions = [[0, 5], [0, 9], [0, 10], [0, 0]];
        for (byte, version) in datagram.iter_mut().zip(versions[chance.below(4)]) {
            *byte = version;
        }
        read(&mut collector, &datagram);
    }
    tell("datagrams by chance", runs(), began);
}

#[test]
fn invented_senders_are_bounded() {
    let mut collector = Collector::new();
    let mut found = Found::default();
    let datagram = netflow9(1, &[set(300, &[0; 1000])]);
    for port in 1..=20_000 {
        collector.feed(([198, 51, 100, 1], port).into(), RECEIVED, &datagram, &mut found);
    }
    let totals = collector.totals();
    assert!(collector.senders().len() <= whence_exports::MOST_SESSIONS);
    assert_eq!(totals.waiting_sets + totals.lost_sets, 20_000);
}

#[test]
fn templates_of_one_sender_are_bounded() {
    let mut collector = Collector::new();
    let fields = vec![(8, 4); 300];
    for id in 256..20_000 {
        read(&mut collector, &ipfix(0, &[set(2, &template(id, &fields))]));
    }
    assert!(collector.senders()[0].templates < 100);
    assert!(collector.totals().refused_templates > 19_000);
}

#[test]
fn sets_that_wait_are_bounded_even_if_they_are_empty() {
    let mut collector = Collector::new();
    let datagram = netflow9(1, &vec![set(300, &[]); 300]);
    for _ in 0..4_000 {
        read(&mut collector, &datagram);
    }
    assert!(collector.totals().waiting_sets < 10_000);
    assert_eq!(collector.totals().waiting_sets + collector.totals().lost_sets, 1_200_000);
}

#[test]
fn many_templates_cost_no_search_through_what_waits() {
    let mut collector = Collector::new();
    let fill = netflow9(1, &vec![set(300, &[]); 300]);
    (0..30).for_each(|_| drop(read(&mut collector, &fill)));
    let each = [set(301, &[]), set(0, &template(301, &[(8, 4)]))].concat();
    let turns = netflow9(2, &vec![each; 3_000]);
    let time = |collector: &mut Collector| {
        let began = Instant::now();
        read(collector, &turns);
        began.elapsed()
    };
    // The fastest of many: a machine that is busy with other things slows some of them.
    let fastest = (0..20).map(|_| time(&mut collector)).min().unwrap();
    assert!(fastest.as_millis() < 100, "{fastest:?}");
}

#[test]
fn flows_that_end_at_once_leave_no_deadline_behind() {
    let mut pairing = Pairing::new(Timing::default());
    let before = MEMORY.current_usage();
    let mut collector = Collector::new();
    for times in 0..200_000_u32 {
        // The same two ends, by turns at the beginning and the end of the exporter's uptime.
        let times = (times % 2 * 9_000_000, times % 2 * 9_000_000);
        let flow = Flow5 { times, ..Flow5::default() };
        read(&mut collector, &netflow5(0, 0, &[flow])).iter().for_each(|record| pairing.add(record));
        pairing.take();
    }
    assert_eq!(pairing.open(), 1);
    assert!(MEMORY.current_usage() < before + (12 << 20));
}
