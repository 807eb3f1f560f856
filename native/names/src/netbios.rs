//! NetBIOS over UDP (RFC 1001, RFC 1002): the name service on port 137 and the datagram service on 138, in which
//! Windows and Samba announce themselves (MS-BRWS).

use std::net::{IpAddr, Ipv4Addr};

use domain::base::iana::Rtype;

use crate::bytes::Bytes;
use crate::dns::{self, Section};
use crate::found::{relation, Datagram, Findings, Name, Subject};
use crate::text::{clean, until_nul};

const NODE_STATUS: Rtype = Rtype::from_int(33);
const ADDRESSES: Rtype = Rtype::from_int(32);
/// The bit of NB_FLAGS that tells a group from a machine (RFC 1002, 4.2.1.3).
const GROUP: u16 = 0x8000;

/// Fifteen characters, and a sixteenth that says for what the name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NetbiosName {
    characters: [u8; 15],
    kind: u8,
}

impl NetbiosName {
    fn from_octets(octets: [u8; 16]) -> Self {
        let [characters @ .., kind] = octets;
        Self { characters, kind }
    }

    /// From the label in which each half of a byte is a letter from A to P (RFC 1001, 14.1).
    pub(crate) fn from_label(label: &[u8]) -> Option<Self> {
        let mut octets = [0; 16];
        if label.len() != 32 {
            return None;
        }
        for (octet, pair) in octets.iter_mut().zip(label.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *octet = half(*high)? << 4 | half(*low)?;
        }
        Some(Self::from_octets(octets))
    }

    /// From a name in a packet that is not DNS: one length byte, 32 letters, perhaps a scope, zero.
    pub(crate) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let size = bytes.u8()?;
        let name = Self::from_label(bytes.take(size.into())?)?;
        loop {
            match bytes.u8()? {
                0 => return Some(name),
                scope @ 1..=63 => bytes.skip(scope.into())?,
                _ => return None,
            }
        }
    }

    pub(crate) fn text(&self) -> String {
        let [first, second, ..] = self.characters;
        if [first, second] == [1, 2] {
            return String::new(); // \x01\x02__MSBROWSE__\x02 is every master browser
        }
        let text = clean(&self.characters, 15);
        if text.starts_with('*') {
            return String::new(); // "*" asks anybody, "*SMBSERVER" means whoever listens
        }
        text
    }

    /// What the sixteenth byte says (MS-BRWS and Microsoft's list of NetBIOS suffixes).
    fn role(&self) -> &'static str {
        match self.kind {
            0x00 => "workstation or workgroup",
            0x03 => "messenger",
            0x1b => "domain master browser",
            0x1c => "domain controllers",
            0x1d => "master browser",
            0x1e => "browser elections",
            0x20 => "file server",
            _ => "other",
        }
    }

    fn told(&self) -> String {
        format!("<{:02x}> {}", self.kind, self.role())
    }

    /// Say of an owner what the name makes of it.
    fn say_of(&self, owner: Subject, flags: u16, how: &str, findings: &mut Findings<'_>) {
        let is_group = flags & GROUP != 0;
        let detail = format!("{how} {}", self.told());
        match (self.kind, is_group) {
            (0x00 | 0x1c | 0x1e, true) | (0x1b | 0x1d, _) => {
                findings.say(owner, relation::WORKGROUP, self.text(), &detail);
            }
            (0x00 | 0x20, false) => findings.say(owner, relation::IS_CALLED, self.text(), &detail),
            _ => {} // <03> may be a person or a machine; others are programs
        }
    }
}

fn half(letter: u8) -> Option<u8> {
    letter.checked_sub(b'A').filter(|&value| value < 16)
}

/// Queries, registrations and node status on UDP 137.
pub(crate) fn name_service(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let message = dns::message(packet.payload)?;
    let mut findings = Findings::new(found, "netbios-ns");
    let is_response = message.header().qr();
    let is_query = message.header().opcode().to_int() == 0;
    if is_query && !is_response {
        for (name, rtype) in dns::questions(&message) {
            let asked = name.iter().next().and_then(|label| NetbiosName::from_label(label.as_slice()));
            let Some(asked) = asked.filter(|_| rtype == ADDRESSES) else {
                continue;
            };
            findings.say(packet.speaker(), relation::ASKS_FOR, asked.text(), &asked.told());
        }
        return Some(());
    }
    dns::records(&message, |section, record| {
        if record.rtype() == NODE_STATUS && is_response {
            let _ = node_status(packet, dns::data(record), &mut findings);
            return;
        }
        let owner = record.owner();
        let name = owner.iter().next().and_then(|label| NetbiosName::from_label(label.as_slice()));
        let (Some(name), true) = (name, record.rtype() == ADDRESSES) else {
            return;
        };
        let registers = !is_query && !is_response && section == Section::Additional;
        if registers {
            let _ = registered(packet, &name, dns::data(record), &mut findings);
        } else if is_query {
            let _ = resolved(&name, dns::data(record), &mut findings);
        }
    });
    Some(())
}

/// Registration, refresh and release: the record that was added says which name for which address.
fn registered(
    packet: &Datagram<'_>,
    name: &NetbiosName,
    data: Option<&[u8]>,
    findings: &mut Findings<'_>,
) -> Option<()> {
    let mut data = Bytes(data?);
    let flags = data.u16()?;
    let ip = Ipv4Addr::from(data.array::<4>()?);
    let owner = if ip.is_unspecified() { packet.speaker() } else { Subject::Ip(ip.into()) };
    name.say_of(owner, flags, "registers", findings);
    Some(())
}

/// A positive answer: entries of flags and address.
fn resolved(name: &NetbiosName, data: Option<&[u8]>, findings: &mut Findings<'_>) -> Option<()> {
    let mut data = Bytes(data?);
    loop {
        let flags = data.u16()?;
        let ip = Subject::Ip(IpAddr::from(data.array::<4>()?));
        if flags & GROUP == 0 {
            findings.say(ip, relation::RESOLVES_TO, name.text(), &name.told());
        } else {
            name.say_of(ip, flags, "is in the group", findings);
        }
    }
}

/// The table of its own names that a node sends when asked for `*` (RFC 1002, 4.2.18).
fn node_status(packet: &Datagram<'_>, data: Option<&[u8]>, findings: &mut Findings<'_>) -> Option<()> {
    let mut data = Bytes(data?);
    let count = data.u8()?;
    let mut computer = String::new();
    for _ in 0..count {
        let name = NetbiosName::from_octets(data.array()?);
        let flags = data.u16()?;
        name.say_of(packet.speaker(), flags, "node status", findings);
        if name.kind == 0 && flags & GROUP == 0 {
            computer = name.text();
        }
    }
    let mac: [u8; 6] = data.array()?;
    if mac != [0; 6] {
        findings.say(Subject::Mac(mac), relation::IS_CALLED, computer, "node status, unit id");
    }
    Some(())
}

/// Datagrams on UDP 138: who sends, to which group, and what it announces to browsers.
pub(crate) fn datagram_service(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let mut bytes = Bytes(packet.payload);
    let kind = bytes.u8()?;
    if !(0x10..=0x12).contains(&kind) {
        return None;
    }
    // Flags, id, source address and port, length, offset: the addresses are the IP header's again.
    bytes.skip(13)?;
    let mut findings = Findings::new(found, "netbios-dgm");
    let sender = NetbiosName::read(&mut bytes)?;
    if matches!(sender.kind, 0x00 | 0x20) {
        findings.say(packet.speaker(), relation::IS_CALLED, sender.text(), &sender.told());
    }
    let group = NetbiosName::read(&mut bytes)?;
    if matches!(group.kind, 0x1d | 0x1e) {
        findings.say(packet.speaker(), relation::WORKGROUP, group.text(), &group.told());
    }
    browser_announcement(packet, bytes.0, &mut findings)
}

/// A host announcement to the mailslot `\MAILSLOT\BROWSE` (MS-BRWS 2.2), inside of an SMB transaction.
fn browser_announcement(packet: &Datagram<'_>, smb: &[u8], findings: &mut Findings<'_>) -> Option<()> {
    const MAILSLOT: &[u8] = b"\\MAILSLOT\\BROWSE\0";
    if !smb.starts_with(b"\xffSMB\x25") {
        return None;
    }
    let header = smb.get(..200).unwrap_or(smb);
    let after = memchr::memmem::find(header, MAILSLOT)?.checked_add(MAILSLOT.len())?;
    let mut announcement = Bytes(smb.get(after..)?);
    let command = announcement.u8()?;
    if !matches!(command, 0x01 | 0x0c | 0x0f) {
        return None;
    }
    announcement.skip(5)?; // update count and period
    let name = until_nul(announcement.take(16)?);
    let major = announcement.u8()?;
    let minor = announcement.u8()?;
    announcement.skip(8)?; // server type, browser version, signature
    let comment = clean(until_nul(announcement.0), 64);
    if command == 0x0c {
        let detail = format!("domain announcement, master browser {comment}");
        findings.say(packet.speaker(), relation::WORKGROUP, name, &detail);
        return Some(());
    }
    findings.say(packet.speaker(), relation::IS_CALLED, name, &format!("host announcement, {comment}"));
    let version = format!("Windows {major}.{minor} (as announced)");
    findings.say(packet.speaker(), relation::RUNS_SOFTWARE, version, &format!("host announcement, {comment}"));
    Some(())
}

#[cfg(test)]
pub(crate) mod tests;
