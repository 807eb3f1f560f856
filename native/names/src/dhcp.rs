//! DHCPv4 (RFC 2131, options of RFC 2132, FQDN of RFC 4702).
//!
//! The options are walked here, for a reader of other people's packets must go on where a client may stop: a host name
//! in Latin-1, a client FQDN in the old ASCII form, an option cut short must not hide those that follow.

use std::net::Ipv4Addr;

use crate::bytes::Bytes;
use crate::found::{relation, Datagram, Findings, Name, Subject};

const MAGIC: [u8; 4] = [99, 130, 83, 99];
const MOST_OPTIONS: usize = 128;

#[derive(Default)]
struct Lease<'a> {
    message: u8,
    host_name: &'a [u8],
    qualified_name: Vec<u8>,
    vendor_class: &'a [u8],
    parameters: &'a [u8],
    server: Option<Ipv4Addr>,
    seconds: Option<u32>,
}

pub(crate) fn from_datagram(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let mut bytes = Bytes(packet.payload);
    let operation = bytes.u8()?;
    let [hardware, hardware_size, _hops] = bytes.array()?;
    bytes.skip(8)?; // transaction, seconds, flags
    let client_address = Ipv4Addr::from(bytes.array::<4>()?);
    let your_address = Ipv4Addr::from(bytes.array::<4>()?);
    bytes.skip(8)?; // next server, relay
    let mac: [u8; 6] = bytes.array()?;
    bytes.skip(202)?; // rest of the hardware address, server name and file
    if bytes.array()? != MAGIC {
        return None;
    }
    let client = (hardware == 1 && hardware_size == 6 && mac != [0; 6]).then_some(Subject::Mac(mac));
    let lease = options(bytes);
    let mut findings = Findings::new(found, "dhcp");
    match operation {
        1 => {
            let who = [client, known(client_address)];
            said_by_client(&lease, who, &mut findings);
        }
        2 if lease.message == 5 => acknowledged(packet, &lease, client, known(your_address), &mut findings),
        _ => return None,
    }
    Some(())
}

fn known(address: Ipv4Addr) -> Option<Subject> {
    (!address.is_unspecified()).then_some(Subject::Ip(address.into()))
}

fn options(mut bytes: Bytes<'_>) -> Lease<'_> {
    let mut lease = Lease::default();
    for _ in 0..MOST_OPTIONS {
        let Some(code) = bytes.u8() else { break };
        if code == 0 {
            continue;
        }
        let Some(size) = bytes.u8().filter(|_| code != 255) else {
            break;
        };
        let value = bytes.take_up_to(size.into());
        let mut fields = Bytes(value);
        match code {
            12 => lease.host_name = value,
            51 => lease.seconds = fields.u32(),
            53 => lease.message = fields.u8().unwrap_or_default(),
            54 => lease.server = fields.array::<4>().map(Ipv4Addr::from),
            55 => lease.parameters = value,
            60 => lease.vendor_class = value,
            81 => lease.qualified_name = qualified_name(fields).unwrap_or_default(),
            _ => {}
        }
    }
    lease
}

/// Flags, two old result codes, and a name: in DNS form if bit E is set, else in ASCII (RFC 4702, 2.1).
fn qualified_name(mut fields: Bytes<'_>) -> Option<Vec<u8>> {
    let flags = fields.u8()?;
    fields.skip(2)?;
    if flags & 0b100 == 0 {
        return Some(fields.0.to_vec());
    }
    Some(labels(fields))
}

/// A name in DNS form without compression, as DHCP uses it; one that ends early is partial (RFC 4704, 4.2).
pub(crate) fn labels(mut fields: Bytes<'_>) -> Vec<u8> {
    let mut name = Vec::new();
    while let Some(size @ 1..=63) = fields.u8() {
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(fields.take_up_to(size.into()));
    }
    name
}

fn message_type(message: u8) -> &'static str {
    match message {
        1 => "DISCOVER",
        2 => "OFFER",
        3 => "REQUEST",
        4 => "DECLINE",
        5 => "ACK",
        6 => "NAK",
        7 => "RELEASE",
        8 => "INFORM",
        _ => "message",
    }
}

/// Numbers with commas between them, as fingerprint lists write them.
pub(crate) fn numbers<Number: ToString>(values: impl Iterator<Item = Number>) -> String {
    values.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

fn said_by_client(lease: &Lease<'_>, who: [Option<Subject>; 2], findings: &mut Findings<'_>) {
    let message = message_type(lease.message);
    for subject in who.into_iter().flatten() {
        findings.say(subject, relation::IS_CALLED, lease.host_name, message);
        findings.say(subject, relation::IS_CALLED, &lease.qualified_name, &format!("{message}, client FQDN"));
        findings.say(subject, relation::VENDOR_CLASS, lease.vendor_class, message);
        findings.say(subject, relation::DHCP_FINGERPRINT, numbers(lease.parameters.iter()), message);
    }
}

fn acknowledged(
    packet: &Datagram<'_>,
    lease: &Lease<'_>,
    client: Option<Subject>,
    address: Option<Subject>,
    findings: &mut Findings<'_>,
) {
    let server = lease.server.map_or_else(|| packet.source.ip().to_string(), |server| server.to_string());
    let duration = lease.seconds.map(|seconds| format!(" for {seconds} s")).unwrap_or_default();
    if let (Some(client), Some(Subject::Ip(ip))) = (client, address) {
        findings.say(client, relation::LEASED, ip.to_string(), &format!("by {server}{duration}"));
    }
    for subject in [client, address].into_iter().flatten() {
        let detail = format!("ACK by {server}");
        findings.say(subject, relation::IS_CALLED, lease.host_name, &detail);
        findings.say(subject, relation::IS_CALLED, &lease.qualified_name, &detail);
    }
}

#[cfg(test)]
pub(crate) mod tests;
