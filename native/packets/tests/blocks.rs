//! Large files are read in blocks, by several threads; what is read is the same as in one piece.

mod common;

use std::io::Write;

use common::*;
use whence_packets::{Flow, Options, Reading, Summary};

/// So long that it takes several blocks; packets and records of every length lie across their ends.
fn frames() -> Vec<Vec<u8>> {
    let frame = |number: usize| {
        let payload = vec![number as u8; number * 7919 % 9000];
        let source = [10, 0, (number >> 8) as u8, number as u8];
        ethernet(0x0800, &ipv4(source, [192, 0, 2, 1], 17, &udp(40_000, 9, &payload)))
    };
    (0..400).map(frame).collect()
}

fn large() -> Vec<u8> {
    pcap(1, &frames())
}

fn large_pcapng() -> Vec<u8> {
    let mut file = joined(&[&section(), &interface(1, "lan0", 6)]);
    for (at, frame) in frames().iter().enumerate() {
        file.extend(packet_block(0, at as u64, frame, &[]));
        if at % 100 == 0 {
            // A block of another kind that is longer than several that are read at once.
            file.extend(block(0x0bad, &vec![0; 400_000]));
        }
    }
    file
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn told((flows, summary): (Vec<Flow>, Summary)) -> (Vec<String>, String, u64) {
    let line = |flow: &Flow| format!("{} {:?} {:?} {:?}", flow.number, flow.source(), flow.packets, flow.bytes);
    let mut lines: Vec<String> = flows.iter().map(line).collect();
    lines.sort();
    (lines, format!("{:?}", summary.damage), summary.tally.packets)
}

fn on(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

#[test]
fn a_file_in_blocks_says_the_same_as_a_stream() {
    for file in [large(), large_pcapng()] {
        let streamed = told(read_with(vec![compressed(&file)], on(1)));
        assert_eq!(streamed.0.len(), 400);
        for threads in [1, 2, 5] {
            assert_eq!(told(read_with(vec![file.clone()], on(threads))), streamed);
        }
    }
}

/// Conversations of hours, their packets in any order: where a flow is split must not depend on what else a thread
/// has to do. Hashes have another seed each time, so that threads share the work otherwise each time.
#[test]
fn packets_that_are_not_in_order_make_the_same_flows_on_any_number_of_threads() {
    let mut state = 7u64;
    let mut chance = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) % below
    };
    let packets: Vec<(i64, Vec<u8>)> = (0..6000)
        .map(|_| {
            let (port, time) = (40_000 + chance(50) as u16, chance(7200) as i64);
            let frame = ethernet(0x0800, &ipv4(A, B, 17, &udp(port, 9, &[0; 200])));
            (1_000_000_000_000_000 + time * 1_000_000, frame)
        })
        .collect();
    let file = timed(ETHERNET, packets);
    let alone = told(read_with(vec![file.clone()], on(1)));
    assert!(alone.0.len() > 500, "{}", alone.0.len());
    for threads in [1, 2, 2, 2, 3, 5] {
        assert_eq!(told(read_with(vec![file.clone()], on(threads))), alone);
    }
}

#[test]
fn files_and_streams_in_turn_are_read_in_order() {
    let files = || vec![large(), compressed(&large()), Vec::new(), large()];
    let alone = told(read_with(files(), on(1)));
    assert_eq!(alone.2, 1200);
    assert!(alone.1.contains("the file is empty"));
    assert_eq!(told(read_with(files(), on(3))), alone);
}

#[test]
fn damage_is_passed_over_wherever_blocks_end() {
    for at in [131_000, 131_060, 131_072, 131_080, 262_100, 262_144] {
        let mut file = large();
        file[at..at + 40].fill(0xff);
        let streamed = told(read_with(vec![compressed(&file)], on(1)));
        assert!(streamed.2 > 390);
        for threads in [1, 2] {
            assert_eq!(told(read_with(vec![file.clone()], on(threads))), streamed);
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_says_so() {
    let whole = large();
    for length in [131_072, 131_080, 200_000, whole.len() - 1] {
        let cut = whole[..length].to_vec();
        let streamed = told(read_with(vec![compressed(&cut)], on(1)));
        assert!(streamed.1.contains("in the middle of a packet"), "{}", streamed.1);
        assert_eq!(told(read_with(vec![cut], on(2))), streamed);
    }
}

#[test]
fn sums_are_those_of_the_flows() {
    let mut reading = Reading::from_bytes(vec![large()], Options::default());
    let sums = reading.sums(&[]).expect("nothing was seen twice");
    let (flows, _) = read_with(vec![large()], Options::default());
    let totals = sums.totals().unwrap();
    assert_eq!(totals.flows, flows.len() as u64);
    assert_eq!(totals.bytes, flows.iter().map(|flow| flow.bytes[0] + flow.bytes[1]).sum::<u64>());
}

#[test]
fn what_two_interfaces_saw_is_not_added_up() {
    let interfaces = joined(&[&section(), &interface(1, "lan0", 6), &interface(1, "wan0", 6)]);
    let frame = ethernet(0x0800, &ipv4([10, 0, 0, 1], [192, 0, 2, 1], 17, &udp(1, 2, b"x")));
    let twice = joined(&[&interfaces, &packet_block(0, 1, &frame, &[]), &packet_block(1, 2, &frame, &[])]);
    assert!(Reading::from_bytes(vec![twice], Options::default()).sums(&[]).is_none());
}
