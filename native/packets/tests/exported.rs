//! Flow exports in captures, known by what they hold.

mod common;

use common::*;
use whence_packets::{is_export, Exported, Options, Reading};

fn netflow5(sequence: u32) -> Vec<u8> {
    let mut datagram = vec![0, 5, 0, 1, 0, 0, 1, 0, 0x60, 0, 0, 0, 0, 0, 0, 0];
    datagram.extend(sequence.to_be_bytes());
    datagram.resize(24 + 48, 0);
    datagram
}

fn ipfix(length: u16) -> Vec<u8> {
    let mut message = vec![0, 10];
    message.extend(length.to_be_bytes());
    message.extend([0x60, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 8, 1, 2, 3, 4]);
    message
}

fn netflow9() -> Vec<u8> {
    vec![0, 9, 0, 1, 0, 0, 0, 9, 0x60, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 12, 1, 0, 0, 1, 0, 1, 0, 4]
}

fn sflow() -> Vec<u8> {
    let mut datagram = vec![0, 0, 0, 5, 0, 0, 0, 1, 192, 0, 2, 1];
    datagram.extend([0; 16]);
    datagram
}

fn carried(payload: &[u8], hops: u8) -> Vec<u8> {
    let mut packet = ipv4(A, B, 17, &udp(50_000, 12_345, payload));
    packet[8] = hops;
    let sum = u16::from_be_bytes([packet[10], packet[11]]) + 0x100 * u16::from(64 - hops);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    ethernet(0x0800, &packet)
}

fn read(captures: Vec<Vec<u8>>) -> (Vec<(i64, Vec<u8>)>, Exported, u64) {
    let mut reading = Reading::from_bytes(captures, Options::default());
    let mut found = Vec::new();
    while reading.next_file().is_some() {
        reading.exports(|export| {
            assert_eq!(export.from.to_string(), "192.0.2.1:50000");
            found.push((export.captured, export.payload.to_vec()));
        });
    }
    assert!(reading.has_ended());
    (found, reading.exported(), reading.summary().tally.exports)
}

#[test]
fn each_format_is_known_and_others_are_not() {
    for datagram in [netflow5(1), netflow9(), ipfix(24), sflow()] {
        assert!(is_export(&datagram, datagram.len()), "{datagram:?}");
        for length in 0..20 {
            assert!(!is_export(&datagram[..length], length), "{datagram:?} of {length}");
        }
    }
    assert!(!is_export(&ipfix(25), 24), "IPFIX says its length");
    assert!(!is_export(&netflow5(1), 71), "a record that is not whole");
    let dns = b"\0\x09\x81\x80\0\x01\0\x01\0\0\0\0\x03www\x07example\0\0\x01\0\x01";
    assert!(!is_export(dns, dns.len()), "an answer of DNS with such a number");
    assert!(!is_export(&[0; 100], 100));
}

#[test]
fn they_are_handed_over_in_order_and_nothing_else_is() {
    let frames = [carried(&netflow5(1), 64), carried(b"something else", 64), carried(&ipfix(24), 64)];
    let (found, exported, seen) = read(vec![pcap(1, &frames), pcap(1, &[carried(&sflow(), 64)])]);
    let payloads: Vec<_> = found.iter().map(|(_, payload)| payload.clone()).collect();
    assert_eq!(payloads, [netflow5(1), ipfix(24), sflow()]);
    assert_eq!(found[1].0 - found[0].0, 2_000_000);
    assert_eq!((exported, seen), (Exported { datagrams: 3, ..Exported::default() }, 3));
}

#[test]
fn one_that_passes_two_interfaces_counts_once() {
    let interfaces = joined(&[&section(), &interface(1, "lan0", 6), &interface(1, "wan0", 6)]);
    let at = |interface, ticks, frame: &[u8]| packet_block(interface, ticks, frame, &[]);
    let (first, second) = (netflow5(1), netflow5(2));
    let file = joined(&[
        &interfaces,
        &at(0, 1_000_000, &carried(&first, 64)),
        &at(1, 1_000_010, &carried(&first, 63)),
        &at(0, 1_500_000, &carried(&second, 64)),
        &at(1, 1_500_010, &carried(&second, 63)),
    ]);
    let (found, exported, _) = read(vec![file]);
    assert_eq!(found.iter().map(|(_, payload)| payload).collect::<Vec<_>>(), [&first, &second]);
    assert_eq!(exported, Exported { datagrams: 4, repeated: 2, cut_off: 0 });
}

#[test]
fn one_that_is_cut_off_is_handed_over_and_counted() {
    let whole = carried(&netflow5(1), 64);
    let mut file = pcap(1, &[whole[..80].to_vec()]);
    let wire = whole.len() as u32;
    file[24 + 12..24 + 16].copy_from_slice(&wire.to_le_bytes());
    let (found, exported, _) = read(vec![file]);
    assert_eq!(found[0].1, netflow5(1)[..80 - 42]);
    assert_eq!((exported.datagrams, exported.cut_off), (1, 1));
}

#[test]
fn a_datagram_in_pieces_is_put_together() {
    let datagram = udp(50_000, 12_345, &netflow5(1));
    let piece = |at: usize, more: u16, part: &[u8]| {
        ethernet(0x0800, &ipv4_piece(A, B, 17, part, 9, more << 13 | (at / 8) as u16))
    };
    let (found, _, _) = read(vec![pcap(1, &[piece(0, 1, &datagram[..40]), piece(40, 0, &datagram[40..])])]);
    assert_eq!(found[0].1, netflow5(1));
}
