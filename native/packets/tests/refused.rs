//! ICMP errors and the packets that they quote.

mod common;

use common::*;
use whence_packets::{Options, Reading, Refused};

fn refused(frames: &[Vec<u8>]) -> Vec<Refused> {
    let mut reading = Reading::from_bytes(vec![pcap(ETHERNET, frames)], Options::default());
    while reading.next_flows().is_some() {}
    reading.refused()
}

fn error(kind: u8, code: u8, rest: [u8; 4], quoted: &[u8]) -> Vec<u8> {
    let message = joined(&[&[kind, code, 0, 0], &rest, quoted]);
    ethernet(0x0800, &ipv4(C, A, 1, &message))
}

fn error_6(kind: u8, code: u8, rest: [u8; 4], quoted: &[u8]) -> Vec<u8> {
    let message = joined(&[&[kind, code, 0, 0], &rest, quoted]);
    ethernet(0x86dd, &ipv6(58, &message))
}

const C: [u8; 4] = [203, 0, 113, 1];

/// Transport, and the two ports, of the only packet quoted.
fn quoted(frame: Vec<u8>) -> (u8, Option<(u16, u16)>) {
    let rows = refused(&[frame]);
    assert_eq!(rows.len(), 1);
    (rows[0].refusal.quoted.protocol, rows[0].refusal.quoted.ports)
}

#[test]
fn eight_bytes_of_transport_tell_the_ports() {
    let packet = ipv4(A, B, 6, &tcp(40_000, 443, 1, 0, 2, b""));
    let rows = refused(&[error(3, 1, [0; 4], &packet[..28]), error(3, 1, [0; 4], &packet[..28])]);
    let said = rows[0].refusal;
    assert_eq!((rows.len(), rows[0].count, rows[0].packet), (1, 2, 1));
    assert_eq!((said.by.octets()[12..].to_vec(), said.told.octets()[12..].to_vec()), (C.to_vec(), A.to_vec()));
    assert_eq!((said.kind, said.code, said.quoted.ports), (3, 1, Some((40_000, 443))));
}

#[test]
fn options_stand_between_address_and_port() {
    let mut packet = ipv4(A, B, 17, &udp(5000, 53, b"x"));
    packet[0] = 0x47;
    packet.splice(20..20, [7, 7, 4, 0, 0, 0, 0, 0]);
    assert_eq!(quoted(error(11, 0, [0; 4], &packet)), (17, Some((5000, 53))));
}

#[test]
fn a_later_fragment_has_no_ports() {
    let packet = ipv4_piece(A, B, 17, &[0xff; 16], 7, 185);
    assert_eq!(quoted(error(3, 1, [0; 4], &packet)), (17, None));
    let later = joined(&[&[17, 0, 5, 0xc8, 0, 0, 0, 7], &[0xff; 8]]);
    assert_eq!(quoted(error_6(1, 3, [0; 4], &ipv6(44, &later))), (17, None));
}

#[test]
fn an_authentication_header_of_ipv4_is_gone_through() {
    let header = joined(&[&[17, 4, 0, 0, 0, 0, 0, 77, 0, 0, 0, 1], &[9; 12]]);
    let packet = ipv4(A, B, 51, &joined(&[&header, &udp(5000, 53, b"x")]));
    assert_eq!(quoted(error(3, 3, [0; 4], &packet)), (17, Some((5000, 53))));
    assert_eq!(quoted(error(3, 3, [0; 4], &packet[..28])), (17, None));
}

#[test]
fn headers_of_ipv6_are_gone_through() {
    let first = joined(&[&[60, 0, 1, 4, 0, 0, 0, 0], &[44, 0, 1, 4, 0, 0, 0, 0], &[17, 0, 0, 1, 0, 0, 0, 7]]);
    let packet = ipv6(0, &joined(&[&first, &udp(5000, 53, b"x")]));
    assert_eq!(quoted(error_6(1, 0, [0; 4], &packet[..72])), (17, Some((5000, 53))));
    assert_eq!(quoted(error_6(1, 0, [0; 4], &packet[..60])), (17, None));
}

#[test]
fn an_echo_request_is_quoted_as_its_flow_is_called() {
    assert_eq!(quoted(error(3, 1, [0; 4], &ipv4(A, B, 1, &[8, 0, 0, 0, 0, 7, 0, 1]))), (1, Some((8, 0))));
}

#[test]
fn what_is_too_large_says_what_fits() {
    let packet = ipv4(A, B, 17, &udp(5000, 53, b"x"));
    assert_eq!(refused(&[error(3, 4, [0, 0, 5, 0x78], &packet)])[0].refusal.fits, 1400);
    assert_eq!(refused(&[error_6(2, 0, [0, 0, 5, 0], &ipv6(17, &udp(5000, 53, b"x")))])[0].refusal.fits, 1280);
}

#[test]
fn what_quotes_nothing_refuses_nothing() {
    let echo = ethernet(0x0800, &ipv4(A, B, 1, &joined(&[&[8, 0, 0, 0, 0, 0, 0, 0], &ipv4(A, B, 17, &[0; 8])])));
    let redirect = error(5, 1, [0; 4], &ipv4(A, B, 17, &udp(5000, 53, b"x")));
    assert!(refused(&[echo, redirect, error(3, 1, [0; 4], &[0x45; 19]), error(3, 1, [0; 4], &[0; 28])]).is_empty());
}
