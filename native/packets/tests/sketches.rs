//! What sketches say of the packets of a flow.

mod common;

use common::*;
use whence_packets::{Flow, Options, Reading};

const ACK: u8 = 0x10;

fn flows(frames: Vec<Vec<u8>>, threads: usize) -> Vec<Flow> {
    let options = Options { threads, ..Options::default() };
    let mut reading = Reading::from_bytes(vec![pcap(1, &frames)], options);
    reading.sketch();
    let mut flows = Vec::new();
    while let Some(some) = reading.next_flows() {
        flows.extend(some);
    }
    flows
}

/// The least numbers of the only flow; none where they are not known.
fn numbers(frames: Vec<Vec<u8>>) -> Option<Vec<u32>> {
    let [one, several] = [1, 2].map(|threads| flows(frames.clone(), threads));
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].sketch, several[0].sketch);
    one[0].sketch.as_ref().and_then(|sketch| sketch.numbers().map(Iterator::collect))
}

fn datagrams(some: impl Iterator<Item = u8>) -> Vec<Vec<u8>> {
    some.map(|n| ethernet(0x0800, &ipv4(A, B, 17, &udp(5000, 6000, &[[n; 16], [7; 16]].concat())))).collect()
}

fn segments(some: impl Iterator<Item = u8>) -> Vec<Vec<u8>> {
    some.map(|n| ethernet(0x0800, &ipv4(A, B, 6, &tcp(40_000, 443, u32::from(n) * 100, 1, ACK, &[0; 100])))).collect()
}

fn in_common(one: &[u32], other: &[u32]) -> usize {
    one.iter().filter(|number| other.contains(number)).count()
}

#[test]
fn the_same_packets_have_the_same_numbers_in_whatever_order() {
    for packets in [datagrams(0..100), segments(0..100)] {
        let all = numbers(packets.clone());
        assert!(all.as_ref().is_some_and(|all| all.len() == 8));
        assert_eq!(numbers(packets.into_iter().rev().collect()), all);
    }
}

#[test]
fn few_are_lost_where_packets_are_missing_and_none_is_common_to_others() {
    let of = |packets: &dyn Fn(std::ops::Range<u8>) -> Vec<Vec<u8>>| {
        [0..100, 5..100, 100..200].map(|some| numbers(packets(some)).unwrap_or_default())
    };
    for [all, most, others] in [of(&|some| datagrams(some)), of(&|some| segments(some))] {
        assert!(in_common(&all, &most) >= 6, "{all:?} {most:?}");
        assert_eq!(in_common(&all, &others), 0);
        assert_eq!(others.len(), 8);
    }
}

#[test]
fn numbers_are_not_known_where_too_little_was_captured() {
    let mut packets = datagrams(0..10);
    packets[4].truncate(14 + 20 + 8 + 23);
    // The file says that there was no more on the wire; so does the header of UDP.
    let length = packets[4].len() as u16 - 14;
    packets[4][16..18].copy_from_slice(&length.to_be_bytes());
    mend(&mut packets[4]);
    assert_eq!(numbers(packets.clone()), None);
    packets.remove(4);
    assert!(numbers(packets).is_some());
}

#[test]
fn payload_counts_each_time_it_came_by() {
    let found = flows(segments((0..10).chain(5..10)), 1);
    assert_eq!(found[0].sketch.as_ref().map(|sketch| sketch.carried), Some([1500, 0]));
}

#[test]
fn nobody_sketches_who_is_not_asked_to() {
    let (flows, _) = read(pcap(1, &segments(0..3)));
    assert!(flows[0].sketch.is_none());
}
