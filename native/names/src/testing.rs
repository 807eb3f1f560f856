//! Bytes for tests, put together field by field so that each test shows what it is about.

use std::net::SocketAddr;

use crate::beginning::Progress;
use crate::found::{Name, Subject};

pub(crate) const CLIENT: &str = "192.0.2.10";
pub(crate) const SERVER: &str = "198.51.100.5";
pub(crate) const MAC: [u8; 6] = [0x02, 0x00, 0x5e, 0x10, 0x00, 0x01];

pub(crate) fn ip(text: &str) -> Subject {
    Subject::Ip(text.parse().unwrap())
}

pub(crate) fn end(address: &str, port: u16) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), port)
}

/// The names in a datagram.
pub(crate) fn names_of(source: (&str, u16), destination: (&str, u16), payload: &[u8]) -> Vec<Name> {
    let mut found = Vec::new();
    let (source, destination) = (end(source.0, source.1), end(destination.0, destination.1));
    crate::from_datagram(source, destination, Some(MAC), payload, &mut found);
    found
}

/// The names that a client says to a server's port.
pub(crate) fn names_to(port: u16, begin: &[u8]) -> (Progress, Vec<Name>) {
    let mut found = Vec::new();
    let progress = crate::from_stream(end(CLIENT, 40000), end(SERVER, port), true, begin, &mut found);
    (progress, found)
}

/// The names that a server says from its port.
pub(crate) fn names_from(port: u16, begin: &[u8]) -> (Progress, Vec<Name>) {
    let mut found = Vec::new();
    let progress = crate::from_stream(end(SERVER, port), end(CLIENT, 40000), false, begin, &mut found);
    (progress, found)
}

/// Subject, relation and value of each, which is what most tests are about.
pub(crate) fn said(names: &[Name]) -> Vec<(Subject, &'static str, &str)> {
    names.iter().map(|name| (name.subject, name.relation, name.value.as_str())).collect()
}

/// Hexadecimal digits, with blanks wherever they help.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()
}

/// Bytes after their length in so many bytes, big endian.
pub(crate) fn sized(width: usize, bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_be_bytes();
    [&length[8 - width..], bytes].concat()
}

/// A domain name without compression.
pub(crate) fn labels(name: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.split('.').flat_map(|label| sized(1, label.as_bytes())).collect();
    bytes.push(0);
    bytes
}

/// A DNS message from its questions and the records of its three sections.
pub(crate) fn dns(flags: u16, questions: &[Vec<u8>], sections: [&[Vec<u8>]; 3]) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34];
    bytes.extend(flags.to_be_bytes());
    bytes.extend((questions.len() as u16).to_be_bytes());
    for section in sections {
        bytes.extend((section.len() as u16).to_be_bytes());
    }
    bytes.extend(questions.concat());
    for section in sections {
        bytes.extend(section.concat());
    }
    bytes
}

pub(crate) fn question(name: &[u8], rtype: u16) -> Vec<u8> {
    [name, &rtype.to_be_bytes(), &[0, 1]].concat()
}

pub(crate) fn record(name: &[u8], rtype: u16, class: u16, data: &[u8]) -> Vec<u8> {
    let ttl = 300_u32.to_be_bytes();
    [name, &rtype.to_be_bytes(), &class.to_be_bytes(), &ttl, &sized(2, data)].concat()
}

/// UTF-16, little endian.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
