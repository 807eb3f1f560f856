//! A file that two threads read in halves adds up to what one thread says.

mod common;

use common::*;
use whence_packets::sums::{By, Measure};
use whence_packets::{Listening, Options, Reading};

const PACKETS: usize = 24_000;
const SECOND: i64 = 1_000_000; // in microseconds
const BEGIN: i64 = 1_700_000_000 * SECOND;
/// Between two packets: the capture is of four hours.
const STEP: i64 = 4 * 3600 * SECOND / PACKETS as i64;

/// Conversations of all lengths: one is as long as the capture, many cross its middle, some after a silence.
fn frame(number: usize) -> Vec<u8> {
    let payload = vec![number as u8; 440 + number % 61];
    let at = (number * 450) as u32;
    let station = |last: usize| [10, 0, (last >> 8) as u8, last as u8];
    match number % 8 {
        0 => ethernet(0x0800, &ipv4(A, B, 6, &tcp(40_000, 443, at, 7, 0x18, &payload))),
        1 => ethernet(0x0800, &ipv4(B, A, 6, &tcp(443, 40_000, 7, at, 0x10, b""))),
        2 => ethernet(0x0800, &ipv4(station(number % 300), B, 17, &udp(5000, 9, &payload))),
        3 => ethernet(0x0800, &ipv4(B, station(number % 300), 17, &udp(9, 5000, &payload))),
        // A connection that is silent for some 280 s, again and again, and one for longer than that.
        4 | 5 => {
            let last = number / 8 % if number % 8 == 4 { 48 } else { 70 };
            ethernet(0x0800, &ipv4(station(1000 + last), B, 6, &tcp(50_000, 80, at, 1, 0x18, &payload)))
        }
        6 => ethernet(0x0800, &ipv4(station(2000 + number % 977), B, 6, &tcp(number as u16, 25, at, 0, 0x02, b""))),
        _ => ethernet(0x86dd, &ipv6(17, &udp((number % 50) as u16 + 1000, 9, &payload))),
    }
}

fn frames() -> Vec<(i64, Vec<u8>)> {
    (0..PACKETS).map(|number| (BEGIN + number as i64 * STEP, frame(number))).collect()
}

/// All that a reading for sums says.
fn said(capture: &[u8], threads: usize) -> String {
    let options =
        Options { names: Listening::Addresses, by_vlan: true, by_tunnel: true, threads, ..Options::default() };
    let mut reading = Reading::from_bytes(vec![capture.to_vec()], options);
    let sums = reading.sums(&[]).expect("nothing was seen twice");
    let mut said = format!("{:?} {:?} {:?}\n", sums.totals(), sums.places(reading.interface_name()), reading.summary());
    for measure in [Measure::Packets, Measure::Bytes, Measure::Flows] {
        for by in [By::Station, By::Pair, By::Port, By::Protocol] {
            said += &format!("{:?}\n", sums.ranked(by, measure, 500));
        }
        said += &format!("{:?} {:?}\n", sums.amounts(measure).len(), sums.main_peer(A.into(), measure));
    }
    said
}

fn is_the_same(capture: &[u8]) {
    let (one, two) = (said(capture, 1), said(capture, 2));
    let differ = one.lines().zip(two.lines()).find(|(one, two)| one != two);
    assert_eq!(differ, None);
    assert!(one.contains("packets"));
}

/// The number of the packet in the middle of the file.
fn middle(frames: &[(i64, Vec<u8>)]) -> usize {
    let whole: usize = frames.iter().map(|(_, frame)| 16 + frame.len()).sum();
    let mut passed = 0;
    frames.iter().take_while(|(_, frame)| (passed += 16 + frame.len(), passed < whole / 2).1).count()
}

#[test]
fn conversations_that_cross_the_middle_are_one() {
    let capture = timed(ETHERNET, frames());
    assert!(capture.len() > 65 << 17, "{}", capture.len());
    is_the_same(&capture);
}

#[test]
fn terminals_that_are_silent_across_the_middle_are_one_conversation() {
    let mut frames = frames();
    let middle = middle(&frames);
    let minutes = |many: usize| many * 60 * SECOND as usize / STEP as usize;
    for (at, silence) in [4, 6, 30, 55, 59, 61, 75, 100].into_iter().enumerate() {
        for (port, before) in [(22, 1), (22, 3), (21, silence / 2), (80, 3), (513, silence)] {
            let client = [10, 9, at as u8, (before + port as usize % 100) as u8];
            let forth = |sequence, acknowledged, flags, payload: &[u8]| {
                ethernet(0x0800, &ipv4(client, B, 6, &tcp(40_000, port, sequence, acknowledged, flags, payload)))
            };
            let answer = ethernet(0x0800, &ipv4(B, client, 6, &tcp(port, 40_000, 500, 101, 0x12, b"")));
            // Frames of others give way: each has its place.
            let place = middle + at * 12 + before * 97 % 12 - minutes(before);
            let mut put = |place: usize, frame: Vec<u8>| frames[place].1 = frame;
            put(place - 300, forth(100, 0, 0x02, b""));
            put(place - 200, answer);
            put(place - 100, forth(101, 501, 0x18, b"ls"));
            put(place - 100 + minutes(silence), forth(103, 501, 0x18, b"date"));
            put(place + minutes(silence + 2), forth(107, 501, 0x18, b"exit"));
        }
    }
    is_the_same(&timed(ETHERNET, frames));
}

#[test]
fn times_may_go_backwards() {
    for (at, by) in [(500, 50), (500, 700), (5000, 90), (-30, -100)] {
        let mut frames = frames();
        let place = middle(&frames).checked_add_signed(at).unwrap();
        for frame in &mut frames[place..place + 20] {
            frame.0 -= by * SECOND;
        }
        is_the_same(&timed(ETHERNET, frames));
    }
}

#[test]
fn pieces_on_both_sides_of_the_middle_are_one_datagram() {
    let mut frames = frames();
    let place = middle(&frames) - 400;
    let whole = udp(7000, 9, &[7; 800]);
    for at in 0..400 {
        let (first, rest) = (&whole[..400], &whole[400..]);
        let piece = |payload, fragment| ethernet(0x0800, &ipv4_piece(A, B, 17, payload, at as u16, fragment));
        frames[place + at].1 = piece(first, 0x2000);
        frames[place + 400 + at].1 = piece(rest, 400 / 8);
    }
    is_the_same(&timed(ETHERNET, frames));
}

#[test]
fn damage_is_told_where_it_is() {
    let whole = timed(ETHERNET, frames());
    for at in [whole.len() / 4, whole.len() / 2, whole.len() * 3 / 4] {
        let mut capture = whole.clone();
        capture[at..at + 3000].fill(0xff);
        is_the_same(&capture);
    }
    is_the_same(&whole[..whole.len() - 7]);
}

#[test]
fn much_at_a_time_is_read_in_order() {
    let frames = (0..134_000).map(|number| {
        let (source, port) = ([10, 1, 0, number as u8], (number >> 8) as u16);
        (BEGIN + number as i64 * 1000, ethernet(0x0800, &ipv4(source, B, 17, &udp(port, 9, &[0; 20]))))
    });
    is_the_same(&timed(ETHERNET, frames));
}
