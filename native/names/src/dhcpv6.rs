//! DHCPv6 (RFC 8415, FQDN of RFC 4704). The options are walked here for the same reason as those of DHCPv4.

use std::net::{IpAddr, Ipv6Addr};

use crate::bytes::Bytes;
use crate::dhcp::{labels, numbers};
use crate::found::{relation, Datagram, Findings, Name, Subject};

const MOST_OPTIONS: usize = 128;
const MOST_RELAYS: usize = 8;
const REPLY: u8 = 7;

pub(crate) fn from_datagram(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let mut findings = Findings::new(found, "dhcpv6");
    let mut bytes = Bytes(packet.payload);
    let mut client = if packet.destination.port() == 546 { packet.destination.ip() } else { packet.source.ip() };
    for _ in 0..=MOST_RELAYS {
        let message = bytes.u8()?;
        if !matches!(message, 12 | 13) {
            bytes.skip(3)?; // transaction
            return said(message, client, bytes, &mut findings);
        }
        bytes.skip(17)?; // hop count and link address
        client = Ipv6Addr::from(bytes.array::<16>()?).into();
        bytes = Bytes(each_option(bytes).find(|&(code, _)| code == 9)?.1);
    }
    None
}

/// Codes and values, up to the first that is cut short.
fn each_option(mut bytes: Bytes<'_>) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let code = bytes.u16()?;
        let size = bytes.u16()?;
        Some((code, bytes.take(size.into())?))
    })
    .take(MOST_OPTIONS)
}

fn said(message: u8, client: IpAddr, bytes: Bytes<'_>, findings: &mut Findings<'_>) -> Option<()> {
    let identity = each_option(bytes).find(|&(code, _)| code == 1).map(|(_, value)| value);
    let mac = identity.and_then(hardware_address).map(Subject::Mac);
    let who = [mac, Some(Subject::Ip(client))];
    let is_client = matches!(message, 1 | 3..=6 | 8 | 9 | 11);
    for (code, value) in each_option(bytes) {
        let mut fields = Bytes(value);
        match code {
            3 if message == REPLY && fields.skip(12).is_some() => leased(mac, fields, findings),
            4 if message == REPLY && fields.skip(4).is_some() => leased(mac, fields, findings),
            39 if is_client || message == REPLY => {
                fields.skip(1)?;
                everybody(who, relation::IS_CALLED, labels(fields), "client FQDN", findings);
            }
            6 if is_client => {
                let asked = value.chunks_exact(2).filter_map(|code| code.try_into().ok().map(u16::from_be_bytes));
                everybody(who, relation::DHCP_FINGERPRINT, numbers(asked).into_bytes(), "option request", findings);
            }
            16 if is_client => {
                let enterprise = fields.u32()?;
                let size = fields.u16()?;
                let class = fields.take_up_to(size.into()).to_vec();
                everybody(who, relation::VENDOR_CLASS, class, &format!("enterprise {enterprise}"), findings);
            }
            _ => {}
        }
    }
    Some(())
}

fn everybody(
    who: [Option<Subject>; 2],
    relation: &'static str,
    value: Vec<u8>,
    detail: &str,
    findings: &mut Findings<'_>,
) {
    for subject in who.into_iter().flatten() {
        findings.say(subject, relation, &value, detail);
    }
}

/// The MAC address in a DUID made of one: kinds LLT and LL on Ethernet (RFC 8415, 11.2 and 11.4).
fn hardware_address(identity: &[u8]) -> Option<[u8; 6]> {
    let mut fields = Bytes(identity);
    let kind = fields.u16()?;
    let hardware = fields.u16()?;
    if kind == 1 {
        fields.skip(4)?; // time
    }
    (matches!(kind, 1 | 3) && hardware == 1).then(|| fields.array())?
}

/// The addresses in an identity association that a server confirmed.
fn leased(client: Option<Subject>, addresses: Bytes<'_>, findings: &mut Findings<'_>) {
    let Some(client) = client else { return };
    for (_, value) in each_option(addresses).filter(|&(code, _)| code == 5) {
        let mut fields = Bytes(value);
        let Some(address) = fields.array::<16>().map(Ipv6Addr::from) else {
            continue;
        };
        let valid = fields.skip(4).and_then(|()| fields.u32()).unwrap_or_default();
        if valid != 0 {
            findings.say(client, relation::LEASED, address.to_string(), &format!("for {valid} s"));
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
