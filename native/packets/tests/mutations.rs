//! Bytes changed by chance: nothing may panic, hang, or want memory without bound.
//!
//! `make fuzz` runs it for minutes; by itself it takes a few seconds.

mod common;

use std::time::{Duration, Instant};

use common::*;
use whence_packets::{Checksums, Options};

/// Marsaglia's xorshift: the same bytes each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => {
                    let copy = bytes[at..].to_vec();
                    bytes.extend(copy.iter().take(64));
                }
                2 => bytes.insert(at, self.next() as u8),
                3 if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                4 if at + 1 < bytes.len() => bytes[at..at + 2].copy_from_slice(&[0xff, 0xff]),
                5 if at < bytes.len() => bytes[at] = 0,
                6 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ if at < bytes.len() => bytes[at] = self.next() as u8,
                _ => {}
            }
        }
    }
}

fn frames() -> Vec<(u16, Vec<u8>)> {
    let mut frames = links();
    frames.extend(tunnels().into_iter().map(|(_, packet)| (101, packet)));
    frames.extend(connection().into_iter().map(|frame| (1, frame)));
    let icmp = ipv4(A, B, 1, &joined(&[&[3, 3, 0, 0, 0, 0, 0, 0], &datagram()]));
    frames.push((101, icmp));
    frames.push((101, ipv6(0, &joined(&[&[44, 0, 1, 4, 0, 0, 0, 0], &[17, 0, 0, 1, 0, 0, 0, 9], &udp(1, 2, b"xy")]))));
    frames.push((101, ipv4_piece(A, B, 17, &udp(1, 2, &[0; 16]), 3, 0x2000)));
    frames
}

fn minutes() -> Duration {
    let said = std::env::var("FUZZ_MINUTES").ok().and_then(|text| text.parse::<f64>().ok());
    said.map_or(Duration::from_secs(3), |minutes| Duration::from_secs_f64(minutes * 30.0))
}

#[test]
fn frames_changed_by_chance_harm_nothing() {
    let (seeds, end) = (frames(), Instant::now() + minutes());
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut inputs = 0u64;
    while Instant::now() < end {
        let link = seeds[chance.below(seeds.len())].0;
        let of_link: Vec<_> = seeds.iter().filter(|seed| seed.0 == link).collect();
        let changed: Vec<Vec<u8>> = (0..2000)
            .map(|_| {
                let mut frame = of_link[chance.below(of_link.len())].1.clone();
                chance.change(&mut frame);
                frame
            })
            .collect();
        inputs += changed.len() as u64;
        let checksums = [Checksums::Ignore, Checksums::Count, Checksums::Drop][chance.below(3)];
        let times: Vec<_> =
            changed.into_iter().map(|frame| ((chance.next() >> 24) as i64 % 4_000_000_000_000, frame)).collect();
        let options = Options { checksums, flows: 500, by_vlan: true, by_tunnel: true, ..Options::default() };
        let (flows, summary) = read_with(vec![timed(link, times)], options);
        assert!(flows.len() as u64 <= summary.tally.packets * 8);
        for flow in flows {
            let _ = (flow.state(), flow.history.text(), flow.payload(whence_packets::Way::Forth));
        }
    }
    println!("{inputs} frames");
}

#[test]
fn files_changed_by_chance_harm_nothing() {
    let end = Instant::now() + minutes();
    let mut ng = joined(&[&section(), &interface(1, "eth0", 6)]);
    for (link, frame) in links() {
        if link == 1 {
            ng.extend(packet_block(0, 1_000_000, &frame, &option(2, &[1, 0, 0, 0])));
        }
    }
    let plain = pcap(1, &connection());
    let zstd = zstd::encode_all(&plain[..], 1).unwrap_or_default();
    let seeds = [plain, ng, zstd];
    let mut chance = Chance(0x1234_5678_9abc_def1);
    let mut inputs = 0u64;
    while Instant::now() < end {
        let mut file = seeds[chance.below(seeds.len())].clone();
        chance.change(&mut file);
        inputs += 1;
        let threads = if inputs % 64 == 0 { 2 } else { 1 };
        let (_, summary) = read_with(vec![file], Options { threads, ..Options::default() });
        assert!(summary.damage.len() <= 101);
    }
    println!("{inputs} files");
}
