use super::*;
use crate::testing::*;

const EVERYBODY: (&str, u16) = ("192.0.2.255", 137);

/// A name in letters from A to P, as a label with its length and without the root.
pub(crate) fn encoded(name: &str, kind: u8) -> Vec<u8> {
    let mut octets = [b' '; 16];
    octets[..name.len()].copy_from_slice(name.as_bytes());
    octets[15] = kind;
    let letters: Vec<u8> = octets.iter().flat_map(|octet| [b'A' + (octet >> 4), b'A' + (octet & 15)]).collect();
    [sized(1, &letters), vec![0]].concat()
}

#[test]
fn a_query_says_what_is_looked_for() {
    let message = dns(0x0110, &[question(&encoded("FILES", 0x20), 0x20)], [&[], &[], &[]]);
    let found = names_of((CLIENT, 137), EVERYBODY, &message);
    assert_eq!(said(&found), [(ip(CLIENT), "asks-for", "FILES")]);
    assert_eq!(found[0].detail, "<20> file server");
}

#[test]
fn a_registration_names_machine_and_workgroup() {
    let register = |name: &str, kind: u8, flags: u8| {
        let name = encoded(name, kind);
        let data = [flags, 0, 192, 0, 2, 10];
        dns(0x2910, &[question(&name, 0x20)], [&[], &[], &[record(&[0xc0, 12], 0x20, 1, &data)]])
    };
    let found = names_of((CLIENT, 137), EVERYBODY, &register("DESK-7", 0x00, 0x00));
    assert_eq!(said(&found), [(ip(CLIENT), "is-called", "DESK-7")]);
    let found = names_of((CLIENT, 137), EVERYBODY, &register("WORKS", 0x00, 0x80));
    assert_eq!(said(&found), [(ip(CLIENT), "workgroup", "WORKS")]);
    let found = names_of((CLIENT, 137), EVERYBODY, &register("\x01\x02__MSBROWSE__\x02", 0x01, 0x80));
    assert!(found.is_empty());
}

/// What a node answers when it is asked for all of its names.
pub(crate) fn status() -> Vec<u8> {
    let entry = |name: &str, kind: u8, flags: u8| [format!("{name:15}").as_bytes(), &[kind, flags, 0]].concat();
    let table = [
        vec![4],
        entry("FILES", 0x00, 0x04),
        entry("WORKS", 0x00, 0x84),
        entry("FILES", 0x20, 0x04),
        entry("ALICE", 0x03, 0x04),
        MAC.to_vec(),
        vec![0; 40],
    ]
    .concat();
    let answer = record(&encoded("*\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0), 0x21, 1, &table);
    dns(0x8400, &[], [&[answer], &[], &[]])
}

#[test]
fn a_node_status_answer_tells_all_names_and_the_mac() {
    let found = names_of((SERVER, 137), (CLIENT, 137), &status());
    assert_eq!(
        said(&found),
        [
            (ip(SERVER), "is-called", "FILES"),
            (ip(SERVER), "workgroup", "WORKS"),
            (Subject::Mac(MAC), "is-called", "FILES"),
        ]
    );
}

#[test]
fn a_positive_answer_resolves() {
    let answer = record(&encoded("FILES", 0x20), 0x20, 1, &[0, 0, 198, 51, 100, 5]);
    let found = names_of(("192.0.2.1", 137), (CLIENT, 137), &dns(0x8500, &[], [&[answer], &[], &[]]));
    assert_eq!(said(&found), [(ip(SERVER), "resolves-to", "FILES")]);
}

/// A host announcement as Samba sends it.
pub(crate) fn announcement() -> Vec<u8> {
    let mut frame = [&[0x03, 0, 0x80, 0xfc, 0x0a, 0][..], b"FILES\0\0\0\0\0\0\0\0\0\0\0", &[6, 1]].concat();
    frame.extend([0x03, 0x9a, 0x84, 0x00, 0x0f, 0x01, 0x55, 0xaa]);
    frame.extend(b"Example file server\0");
    frame[0] = 0x01;
    let mut smb = [b"\xffSMB\x25".as_slice(), &[0; 27], &[17], &[0; 34]].concat();
    smb.extend([0x2f, 0]);
    smb.extend(b"\\MAILSLOT\\BROWSE\0");
    smb.extend(frame);
    let header = hex("110a 1234 c6336405 008a 00bb 0000");
    [header, encoded("FILES", 0x00), encoded("WORKS", 0x1d), smb].concat()
}

#[test]
fn a_host_announces_itself_to_the_browsers() {
    let found = names_of((SERVER, 138), ("198.51.100.255", 138), &announcement());
    assert_eq!(
        said(&found),
        [
            (ip(SERVER), "is-called", "FILES"),
            (ip(SERVER), "workgroup", "WORKS"),
            (ip(SERVER), "runs-software", "Windows 6.1 (as announced)"),
        ]
    );
    assert_eq!(found[2].detail, "host announcement, Example file server");
}
