use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;

fn record(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut record = [kind.to_le_bytes(), (value.len() as u16).to_le_bytes()].concat();
    record.extend(value);
    record.resize(record.len().next_multiple_of(4), 0);
    record
}

/// A block with records of every kind, and a comment behind them.
pub(crate) fn block() -> Vec<u8> {
    let six: Ipv6Addr = "2001:db8::7".parse().unwrap();
    [
        record(IPV4, b"\xc0\x00\x02\x07printer\0printer.example\0"),
        record(IPV6, &[&six.octets()[..], b"nas.example\0"].concat()),
        record(77, b"what is not known is passed over"),
        record(EUI48, b"\x02\0\0\0\0\x07door\0"),
        record(END, b""),
        // The options: a comment has the number of an IPv4 record.
        record(1, b"\xc0\x00\x02\x08no name\0"),
    ]
    .concat()
}

/// The names in a block.
pub(crate) fn names(body: &[u8], big_endian: bool) -> Vec<Name> {
    let mut found = Vec::new();
    resolution_records(body, big_endian).for_each(|record| record.names("block 2", &mut found));
    found
}

#[test]
fn addresses_of_every_kind_have_their_names() {
    let four = Subject::Ip(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)));
    let wanted = [
        (four, "printer"),
        (four, "printer.example"),
        (Subject::Ip("2001:db8::7".parse().unwrap()), "nas.example"),
        (Subject::Mac([2, 0, 0, 0, 0, 7]), "door"),
    ];
    let said = names(&block(), false);
    assert!(said.iter().all(|name| name.relation == relation::NOTED_AS && name.detail == "block 2"));
    let said: Vec<_> = said.iter().map(|name| (name.subject, name.value.as_str())).collect();
    assert_eq!(said, wanted);
}

#[test]
fn the_byte_order_is_that_of_the_section() {
    let body = [&[0, 1, 0, 7][..], b"\xc0\x00\x02\x07pc\0", &[0; 5]].concat();
    assert_eq!(names(&body, true).len(), 1);
    assert_eq!(names(&body, false).len(), 0);
}

#[test]
fn a_record_that_is_cut_off_ends_the_block() {
    let whole = record(IPV4, b"\xc0\x00\x02\x07pc\0");
    let body = [&whole[..], &record(IPV4, b"\xc0\x00\x02\x08other\0")[..10]].concat();
    assert_eq!(names(&body, false).len(), 1);
    assert!(names(&record(IPV4, b"\xc0\x00\x02"), false).is_empty());
}

#[test]
fn a_record_full_of_names_gives_no_more_than_are_allowed() {
    let all: Vec<u8> = (0..4000).flat_map(|number| format!("n{number}\0").into_bytes()).collect();
    let body = record(IPV4, &[b"\xc0\x00\x02\x07", &all[..]].concat());
    assert_eq!(names(&body, false).len(), crate::MOST_NAMES);
}
