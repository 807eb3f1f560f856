//! A file that two threads read in halves adds up to what one thread says.

mod common;

use common::*;
use whence_packets::sums::{By, Measure};
use whence_packets::{Listening, Options, Reading};

const PACKETS: usize = 24_000;
const BLOCK: usize = 1 << 17;
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

/// The number of the packet where the halves of the file meet: at the beginning of a block.
fn middle(frames: &[(i64, Vec<u8>)]) -> usize {
    let length = |(_, frame): &(i64, Vec<u8>)| 16 + frame.len();
    let middle = (24 + frames.iter().map(length).sum::<usize>()) / 2 / BLOCK * BLOCK;
    let mut passed = 24;
    frames.iter().take_while(|frame| (passed < middle, passed += length(frame)).0).count()
}

/// Put a frame in the place of another one, as long as that was: nothing moves.
fn put(frames: &mut [(i64, Vec<u8>)], place: usize, mut frame: Vec<u8>) {
    frame.resize(frames[place].1.len().max(frame.len()), 0);
    frames[place].1 = frame;
}

#[test]
fn conversations_that_cross_the_middle_are_one() {
    let capture = timed(ETHERNET, frames());
    assert!(capture.len() > 65 * BLOCK, "{}", capture.len());
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

/// Of a connection that begins before the middle, or seems to: a SYN and its answer, and the SYN again so many seconds
/// later, with the same number or with another; then the connection goes on.
#[test]
fn a_syn_that_comes_again_begins_nothing_unless_it_has_another_number() {
    for (seconds, same) in [(3, true), (40, true), (80, true), (200, true), (290, true), (80, false), (290, false)] {
        for is_answered in [true, false] {
            let mut frames = frames();
            let middle = middle(&frames);
            let place = |second: i64| middle.checked_add_signed((second * SECOND / STEP) as isize).unwrap();
            for at in 0..7 {
                let client = [10, 9, 1, at as u8];
                let forth = |sequence, flags, payload: &[u8]| {
                    ethernet(0x0800, &ipv4(client, B, 6, &tcp(40_000, 443, sequence, 501, flags, payload)))
                };
                let begin = -3 * i64::from(at) - 1;
                let number = if same { 100 } else { 7_000_000 };
                put(&mut frames, place(begin), forth(100, 0x02, b""));
                if is_answered {
                    let answer = tcp(443, 40_000, 500, 101, 0x12, b"");
                    put(&mut frames, place(begin) + 1, ethernet(0x0800, &ipv4(B, client, 6, &answer)));
                }
                put(&mut frames, place(begin + seconds), forth(number, 0x02, b""));
                put(&mut frames, place(begin + seconds) + 1, forth(number + 1, 0x18, b"GET"));
                put(&mut frames, place(begin + seconds + 30), forth(number + 4, 0x18, b"GET"));
                put(&mut frames, place(begin + seconds + 350), forth(number + 7, 0x18, b"GET"));
            }
            is_the_same(&timed(ETHERNET, frames));
        }
    }
}

/// Of this format nobody can tell in the middle of a file where a packet begins.
#[test]
fn flows_go_on_in_another_table_where_there_are_no_halves() {
    let mut capture = joined(&[&section(), &interface(1, "eth0", 6)]);
    for (time, frame) in frames() {
        capture.extend(packet_block(0, time as u64, &frame, &[]));
    }
    is_the_same(&capture);
}

/// Many connections at a time, of which each begins again with the ports of one before.
#[test]
fn many_connections_with_the_same_ends_one_after_the_other() {
    let frames = (0..240_000_usize).map(|number| {
        let (connection, step) = (number / 1000 * 250 + number % 250, number / 250 % 4);
        let (client, port) = ([10, 1, 0, connection as u8], (connection >> 8) as u16 % 40 + 50_000);
        let sequence = (connection as u32).wrapping_mul(7919) + [0, 0, 1, 4][step];
        let segment = match step {
            0 => tcp(port, 443, sequence, 0, 0x02, b""),
            1 => tcp(443, port, 500, sequence + 1, 0x12, b""),
            2 => tcp(port, 443, sequence, 501, 0x18, b"GET"),
            _ => tcp(port, 443, sequence, 501, [0x11, 0x10, 0x14][connection % 3], b""),
        };
        let (source, destination) = if step == 1 { (B, client) } else { (client, B) };
        (BEGIN + number as i64 * 5_000, ethernet(0x0800, &ipv4(source, destination, 6, &segment)))
    });
    is_the_same(&timed(ETHERNET, frames));
}

#[test]
fn much_at_a_time_is_read_in_order() {
    let frames = (0..280_000).map(|number| {
        let (source, port) = ([10, 1, 0, number as u8], (number >> 8) as u16 % 128);
        (BEGIN + number as i64 * 400, ethernet(0x0800, &ipv4(source, B, 17, &udp(port, 9, &[0; 20]))))
    });
    is_the_same(&timed(ETHERNET, frames));
}
