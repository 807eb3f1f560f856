//! What machines are called, as they say it themselves in packets. Bytes in, names out.
//!
//! Every byte comes from a stranger: whatever it is, these functions return, quickly, with at most [`MOST_NAMES`]
//! names of bounded size. No file, no clock, no state is kept between calls.
//!
//! Formats are read by crates made for them (DNS: `domain`, TLS: `tls-parser`, certificates: `x509-parser`, HTTP:
//! `httparse`); by hand only where none reads on after damage, or none exists: NetBIOS, DHCP, SMB, NTLM, LLDP, CDP.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod beginning;
mod bytes;
mod certificate;
mod dhcp;
mod dhcpv6;
mod dns;
mod found;
mod frames;
#[cfg(test)]
mod hostile;
mod http;
mod ja4;
mod netbios;
mod ntlm;
mod quic;
mod resolution;
mod smb;
mod ssdp;
mod stream;
#[cfg(test)]
mod testing;
mod text;
mod tls;

use std::net::SocketAddr;

pub use beginning::{Progress, LONGEST_BEGINNING};
pub use found::{relation, Name, Subject, MOST_NAMES};
pub use frames::Protocol;
pub use ja4::ja4;
pub use quic::client_hello as quic_client_hello;
pub use resolution::{resolution_records, Record};
pub use tls::server_name;

use found::Datagram;

type DatagramDecoder = fn(&Datagram<'_>, &mut Vec<Name>) -> Option<()>;

/// The names in one UDP datagram.
///
/// Which protocol it is, is decided by its ports, and for QUIC by its first five bytes.
pub fn from_datagram(
    source: SocketAddr,
    destination: SocketAddr,
    source_mac: Option<[u8; 6]>,
    payload: &[u8],
    found: &mut Vec<Name>,
) {
    let Some(decode) = decoder(source.port(), destination.port(), payload) else {
        return;
    };
    // A decoder that gives up early has still written down what it had read.
    let _ = decode(&Datagram { source, destination, source_mac, payload }, found);
}

fn decoder(source: u16, destination: u16, payload: &[u8]) -> Option<DatagramDecoder> {
    if source == 53 {
        return Some(dns::unicast);
    }
    by_port(destination).or_else(|| by_port(source)).or_else(|| {
        let decoder: DatagramDecoder = quic::from_datagram;
        quic::begins(payload).then_some(decoder)
    })
}

fn by_port(port: u16) -> Option<DatagramDecoder> {
    match port {
        53 => Some(dns::unicast),
        67 | 68 => Some(dhcp::from_datagram),
        137 => Some(netbios::name_service),
        138 => Some(netbios::datagram_service),
        546 | 547 => Some(dhcpv6::from_datagram),
        1900 => Some(ssdp::from_datagram),
        5353 => Some(dns::multicast),
        5355 => Some(dns::link_local),
        _ => None,
    }
}

/// The names in the first bytes of one direction of a TCP connection: in order, from its very beginning, at most
/// [`LONGEST_BEGINNING`].
///
/// The bytes themselves decide which protocol it is, except for DNS (port 53), and which end speaks: `_from_client` is
/// the caller's guess, which fails where a capture begins in the middle. Names are written down with
/// [`Progress::Done`] only, so that calling again after [`Progress::MoreBytes`] gives nothing twice.
pub fn from_stream(
    sender: SocketAddr,
    receiver: SocketAddr,
    _from_client: bool,
    begin: &[u8],
    found: &mut Vec<Name>,
) -> Progress {
    let begin = begin.get(..LONGEST_BEGINNING).unwrap_or(begin);
    stream::read(&beginning::Stream { sender, receiver, begin }, found)
}

/// The names in a link-layer announcement; `payload` is what follows the Ethernet type or the SNAP header.
pub fn from_frame(source_mac: [u8; 6], ethertype_or_snap: Protocol, payload: &[u8], found: &mut Vec<Name>) {
    frames::from_frame(source_mac, ethertype_or_snap, payload, found);
}
