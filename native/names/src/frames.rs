//! Link-layer announcements of network devices: LLDP (IEEE 802.1AB, with the organisational TLVs of 802.1 and of
//! LLDP-MED) and CDP (Cisco's, as its documentation and Wireshark describe it).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bytes::Bytes;
use crate::found::{relation, Findings, Name, Subject};
use crate::text::{clean, mac, LONGEST_NAME};

const MOST_FIELDS: usize = 128;

/// Which announcement a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Ethertype 0x88cc.
    Lldp,
    /// SNAP, organisation 00000c, protocol 0x2000.
    Cdp,
}

/// What an announcement says, whichever protocol it is in.
#[derive(Default)]
struct Announcement {
    device: String,
    port: String,
    port_description: String,
    chassis: String,
    system: String,
    model: String,
    maker: String,
    native_vlan: Option<u16>,
    addresses: Vec<IpAddr>,
    /// Whether it forwards for others; None if it does not say.
    forwards: Option<bool>,
}

pub(crate) fn from_frame(source_mac: [u8; 6], protocol: Protocol, payload: &[u8], found: &mut Vec<Name>) {
    let (announcement, source) = match protocol {
        Protocol::Lldp => (lldp(Bytes(payload)), "lldp"),
        Protocol::Cdp => (cdp(Bytes(payload)), "cdp"),
    };
    announcement.say(Subject::Mac(source_mac), &mut Findings::new(found, source));
}

impl Announcement {
    fn say(&self, sender: Subject, findings: &mut Findings<'_>) {
        let detail = self.detail();
        let device = if self.device.is_empty() { &self.chassis } else { &self.device };
        // A telephone or a server announces itself as well, and nobody is plugged into it.
        if self.forwards.unwrap_or(true) && !device.is_empty() && !self.port.is_empty() {
            let value = format!("switch {device} port {}", self.port);
            findings.say(sender, relation::PLUGGED_INTO, value, &detail);
        }
        findings.say(sender, relation::IS_CALLED, &self.device, &detail);
        for address in self.addresses.iter().copied() {
            findings.say(Subject::Ip(address), relation::IS_CALLED, &self.device, "management address");
        }
        let model = format!("{} {}", self.maker, self.model);
        if !self.model.is_empty() {
            findings.say(sender, relation::IS_MODEL, model, &detail);
        }
        findings.say(sender, relation::RUNS_SOFTWARE, &self.system, "system description");
    }

    fn detail(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let vlan = self.native_vlan.map(|vlan| vlan.to_string()).unwrap_or_default();
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        let told = [
            ("VLAN", &vlan),
            ("description", &self.port_description),
            ("chassis", &self.chassis),
            ("management", &addresses.join(" ")),
        ];
        for (word, value) in told.into_iter().filter(|(_, value)| !value.is_empty()) {
            parts.push(format!("{word} {value}"));
        }
        parts.join(", ")
    }

    fn add_address(&mut self, address: Option<IpAddr>) {
        if let Some(address) = address.filter(|address| self.addresses.len() < 8 && !self.addresses.contains(address)) {
            self.addresses.push(address);
        }
    }
}

fn lldp(mut frame: Bytes<'_>) -> Announcement {
    let mut said = Announcement::default();
    for _ in 0..MOST_FIELDS {
        let Some(header) = frame.u16() else { break };
        let value = frame.take_up_to(usize::from(header & 0x01ff));
        match header >> 9 {
            0 => break,
            1 => said.chassis = identity(value, 4, 5),
            2 => said.port = identity(value, 3, 4),
            4 => said.port_description = clean(value, LONGEST_NAME),
            5 => said.device = clean(value, LONGEST_NAME),
            6 => said.system = clean(value, LONGEST_NAME),
            7 => said.forwards = forwards(value),
            8 => said.add_address(management_address(Bytes(value))),
            127 => {
                let _ = organisational(Bytes(value), &mut said);
            }
            _ => {}
        }
    }
    said
}

/// A chassis or port id: its subtype says whether it is a MAC address, a network address or text (802.1AB 8.5.2, 8.5.3).
fn identity(value: &[u8], mac_subtype: u8, address_subtype: u8) -> String {
    let Some((&subtype, id)) = value.split_first() else {
        return String::new();
    };
    if subtype == mac_subtype {
        if let Ok(address) = id.try_into() {
            return mac(address);
        }
    }
    if subtype == address_subtype {
        return network_address(id).map(|address| address.to_string()).unwrap_or_default();
    }
    clean(id, LONGEST_NAME)
}

/// An address after its family: IANA's 1 is IPv4, 2 is IPv6.
fn network_address(bytes: &[u8]) -> Option<IpAddr> {
    let (&family, address) = bytes.split_first()?;
    ip(address).filter(|address| family == if address.is_ipv4() { 1 } else { 2 })
}

fn ip(address: &[u8]) -> Option<IpAddr> {
    if let Ok(bytes) = <[u8; 4]>::try_from(address) {
        return Some(Ipv4Addr::from(bytes).into());
    }
    <[u8; 16]>::try_from(address).ok().map(|bytes| Ipv6Addr::from(bytes).into())
}

fn management_address(mut value: Bytes<'_>) -> Option<IpAddr> {
    let size = value.u8()?;
    network_address(value.take(size.into())?)
}

/// Enabled capabilities: bridge, access point or router (802.1AB 8.5.8).
fn forwards(value: &[u8]) -> Option<bool> {
    let mut fields = Bytes(value);
    fields.skip(2)?;
    let enabled = fields.u16()?;
    (enabled != 0).then_some(enabled & (1 << 2 | 1 << 3 | 1 << 4) != 0)
}

fn organisational(mut value: Bytes<'_>, said: &mut Announcement) -> Option<()> {
    let organisation: [u8; 3] = value.array()?;
    match (organisation, value.u8()?) {
        ([0x00, 0x80, 0xc2], 1) => said.native_vlan = value.u16().filter(|&vlan| vlan != 0),
        ([0x00, 0x12, 0xbb], 9) => said.maker = clean(value.0, 64),
        ([0x00, 0x12, 0xbb], 10) => said.model = clean(value.0, 64),
        _ => {}
    }
    Some(())
}

fn cdp(mut frame: Bytes<'_>) -> Announcement {
    let mut said = Announcement::default();
    if frame.skip(4).is_none() {
        return said; // version, time to live, checksum
    }
    for _ in 0..MOST_FIELDS {
        let Some((kind, size)) = frame.u16().zip(frame.u16()) else {
            break;
        };
        let Some(size) = usize::from(size).checked_sub(4) else {
            break;
        };
        let value = frame.take_up_to(size);
        match kind {
            0x0001 => said.device = clean(value, LONGEST_NAME),
            0x0002 | 0x0016 => {
                let _ = addresses(Bytes(value), &mut said);
            }
            0x0003 => said.port = clean(value, LONGEST_NAME),
            0x0004 => said.forwards = Bytes(value).u32().map(|abilities| abilities & 0b0000_1011 != 0),
            0x0005 => said.system = clean(value, LONGEST_NAME),
            0x0006 => said.model = clean(value, LONGEST_NAME),
            0x000a => said.native_vlan = Bytes(value).u16(),
            _ => {}
        }
    }
    said
}

/// A count, then for each address the kind and size of its protocol, the protocol, its size and itself.
fn addresses(mut value: Bytes<'_>, said: &mut Announcement) -> Option<()> {
    let count = value.u32()?;
    for _ in 0..count.min(16) {
        let [_kind, protocol_size] = value.array()?;
        value.skip(protocol_size.into())?;
        let size = value.u16()?;
        said.add_address(ip(value.take(size.into())?));
    }
    Some(())
}

#[cfg(test)]
pub(crate) mod tests;
