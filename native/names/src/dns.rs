//! DNS (RFC 1035), and its two neighbours on the local link: mDNS (RFC 6762) and LLMNR (RFC 4795).
//!
//! Messages are read record by record and not as a whole, so that one cut short by a snap length still gives the
//! names it begins with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::base::iana::Rtype;
use domain::base::message::Message;
use domain::base::name::ParsedName;
use domain::base::rdata::UnknownRecordData;
use domain::base::record::ParsedRecord;
use domain::rdata::{Cname, Ptr};

use crate::bytes::Bytes;
use crate::found::{relation, Datagram, Findings, Name, Subject};
use crate::text::{clean, until_nul, LONGEST_NAME};

/// Bytes of a message that are read: the longest that mDNS allows (RFC 6762, 17). With [`MOST_RECORDS`] it bounds the
/// compression pointers that one message can make us follow.
const LONGEST_MESSAGE: usize = 9000;
const MOST_QUESTIONS: usize = 16;
const MOST_RECORDS: usize = 96;
const MOST_ALIASES: usize = 16;

/// TXT keys in which devices say their model: Bonjour printing (ty, usb_MDL), AirPlay and RAOP (model, am), Chromecast
/// (md), HomeKit (md), device-info (model).
const MODEL_KEYS: [&str; 6] = ["ty", "md", "model", "am", "usb_MDL", "deviceModel"];
/// TXT keys in which devices say what their owner calls them: Chromecast (fn).
const NAME_KEYS: [&str; 1] = ["fn"];

pub(crate) type Labels<'a> = ParsedName<&'a [u8]>;
pub(crate) type Record<'a> = ParsedRecord<'a, &'a [u8]>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Answer,
    Authority,
    Additional,
}

/// The start of a message, if it is one.
pub(crate) fn message(payload: &[u8]) -> Option<Message<&[u8]>> {
    Message::from_octets(payload.get(..LONGEST_MESSAGE).unwrap_or(payload)).ok()
}

/// The questions up to the first that cannot be read.
pub(crate) fn questions<'m>(message: &'m Message<&'m [u8]>) -> impl Iterator<Item = (Labels<'m>, Rtype)> + 'm {
    let readable = message.question().map_while(Result::ok).take(MOST_QUESTIONS);
    readable.map(|question| {
        let rtype = question.qtype();
        (question.into_qname(), rtype)
    })
}

/// The records up to the first that cannot be read.
pub(crate) fn records<'m>(message: &'m Message<&'m [u8]>, mut visit: impl FnMut(Section, &Record<'m>)) {
    let mut left = MOST_RECORDS;
    let mut name = Section::Answer;
    let mut section = message.answer().ok();
    while let Some(mut current) = section {
        for record in current.by_ref() {
            let Ok(record) = record else { return };
            let Some(fewer) = left.checked_sub(1) else {
                return;
            };
            left = fewer;
            visit(name, &record);
        }
        name = if name == Section::Answer { Section::Authority } else { Section::Additional };
        section = current.next_section().ok().flatten();
    }
}

pub(crate) fn data<'a>(record: &Record<'a>) -> Option<&'a [u8]> {
    let record = record.to_record::<UnknownRecordData<&'a [u8]>>().ok()??;
    Some(record.data().data())
}

/// A name as people write it, without the last dot; a dot inside of a label is written `\.`.
fn written<Octets: AsRef<[u8]>>(name: &ParsedName<Octets>) -> String {
    let mut text = String::with_capacity(48);
    for label in name.iter().filter(|label| !label.is_root()) {
        if !text.is_empty() {
            text.push('.');
        }
        let bytes = label.as_slice();
        if bytes.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'.') {
            text.extend(bytes.iter().copied().map(char::from));
        } else {
            text.push_str(&clean(bytes, LONGEST_NAME).replace('.', "\\."));
        }
    }
    if text.is_empty() {
        text.push('.');
    }
    text
}

/// As [`written`], in small letters: resolvers mix the case at random against forgery.
fn lowered<Octets: AsRef<[u8]>>(name: &ParsedName<Octets>) -> String {
    let mut text = written(name);
    text.make_ascii_lowercase();
    text
}

fn address(record: &Record<'_>) -> Option<IpAddr> {
    match record.rtype() {
        Rtype::A => <[u8; 4]>::try_from(data(record)?).ok().map(|bytes| Ipv4Addr::from(bytes).into()),
        Rtype::AAAA => <[u8; 16]>::try_from(data(record)?).ok().map(|bytes| Ipv6Addr::from(bytes).into()),
        _ => None,
    }
}

/// The address that a name under in-addr.arpa or ip6.arpa stands for.
fn reversed_address(name: &str) -> Option<IpAddr> {
    if let Some(digits) = strip_suffix_any_case(name, ".in-addr.arpa") {
        let mut parts: Vec<&str> = digits.splitn(5, '.').collect();
        parts.reverse();
        return parts.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::from);
    }
    let digits = strip_suffix_any_case(name, ".ip6.arpa")?;
    let nibbles: String = digits.split('.').rev().take(33).collect();
    let whole = nibbles.len() == 32 && digits.len() == 63;
    let bits = u128::from_str_radix(&nibbles, 16).ok().filter(|_| whole)?;
    Some(Ipv6Addr::from(bits).into())
}

fn strip_suffix_any_case<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let (head, tail) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// Questions to and answers from a name server.
pub(crate) fn unicast(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let message = message(packet.payload)?;
    let mut findings = Findings::new(found, "dns");
    if message.header().qr() {
        answers(packet, &message, &mut findings);
    } else {
        asked(packet, &message, &mut findings);
    }
    Some(())
}

fn asked(packet: &Datagram<'_>, message: &Message<&[u8]>, findings: &mut Findings<'_>) {
    for (name, rtype) in questions(message) {
        let detail = format!("{rtype}, asked of {}", packet.destination.ip());
        findings.say(packet.speaker(), relation::ASKS_FOR, lowered(&name), &detail);
    }
}

fn answers(packet: &Datagram<'_>, message: &Message<&[u8]>, findings: &mut Findings<'_>) {
    let mut aliases: Vec<(String, String)> = Vec::new();
    let ends = format!("answer of {} to {}", packet.source.ip(), packet.destination.ip());
    records(message, |_, record| {
        let rtype = record.rtype();
        if let Some(ip) = address(record) {
            let owner = lowered(&record.owner());
            let said = format!("{rtype}, TTL {}, {ends}", record.ttl().as_secs());
            findings.say(Subject::Ip(ip), relation::RESOLVES_TO, &owner, &said);
            also_under_aliases(ip, &owner, &aliases, &said, findings);
        } else if rtype == Rtype::CNAME && aliases.len() < MOST_ALIASES {
            if let Ok(Some(alias)) = record.to_record::<Cname<_>>() {
                aliases.push((lowered(&record.owner()), lowered(alias.data().cname())));
            }
        } else if rtype == Rtype::PTR {
            pointer(record, findings);
        }
    });
}

/// The names that lead to `owner` through CNAME records, nearest first.
fn also_under_aliases(ip: IpAddr, owner: &str, aliases: &[(String, String)], said: &str, findings: &mut Findings<'_>) {
    let mut target = owner;
    for _ in 0..aliases.len() {
        let Some((alias, _)) = aliases.iter().find(|(_, to)| to == target) else {
            return;
        };
        findings.say(Subject::Ip(ip), relation::RESOLVES_TO, alias, &format!("CNAME {owner}, {said}"));
        target = alias;
    }
}

/// A PTR record of an address: the name that its owner's zone gives to it.
fn pointer(record: &Record<'_>, findings: &mut Findings<'_>) {
    let Some(ip) = reversed_address(&written(&record.owner())) else {
        return;
    };
    if let Ok(Some(name)) = record.to_record::<Ptr<_>>() {
        findings.say(Subject::Ip(ip), relation::RESOLVES_TO, lowered(name.data().ptrdname()), "PTR");
    }
}

/// What hosts tell each other on UDP 5353: their names, their services, their models.
pub(crate) fn multicast(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let message = message(packet.payload)?;
    let mut findings = Findings::new(found, "mdns");
    let is_response = message.header().qr();
    if !is_response {
        asked(packet, &message, &mut findings);
    }
    records(&message, |section, record| {
        if is_response {
            announced(packet, record, &mut findings);
        } else if section == Section::Authority {
            // A probe (RFC 6762, 8.1): "I would like to be called this". Its answers are what it knows of others.
            own_or_other_address(packet, record, "probes for the name", &mut findings);
        }
    });
    Some(())
}

fn announced(packet: &Datagram<'_>, record: &Record<'_>, findings: &mut Findings<'_>) {
    match record.rtype() {
        Rtype::A | Rtype::AAAA => own_or_other_address(packet, record, "announces the name", findings),
        Rtype::PTR => service_instance(packet, record, findings),
        Rtype::TXT => described(packet, record, findings),
        Rtype::HINFO => {
            let _ = host_information(packet, record, findings);
        }
        _ => {}
    }
}

fn own_or_other_address(packet: &Datagram<'_>, record: &Record<'_>, says: &str, findings: &mut Findings<'_>) {
    let Some(ip) = address(record) else { return };
    let name = written(&record.owner());
    if ip == packet.source.ip() {
        findings.say(Subject::Ip(ip), relation::IS_CALLED, name, says);
    } else {
        // Another address of the same host, or of one that sleeps and lets a proxy answer (RFC 6762 leaves both open).
        findings.say(Subject::Ip(ip), relation::RESOLVES_TO, name, &format!("{} {says}", packet.source.ip()));
    }
}

/// `Office Printer._ipp._tcp.local` says that the sender has a service, and what its owner calls it.
fn service_instance(packet: &Datagram<'_>, record: &Record<'_>, findings: &mut Findings<'_>) {
    let owner = written(&record.owner());
    if reversed_address(&owner).is_some() {
        return pointer(record, findings);
    }
    let Ok(Some(instance)) = record.to_record::<Ptr<_>>() else {
        return;
    };
    if owner.starts_with("_services.") || !owner.starts_with('_') {
        return;
    }
    let Some(label) = instance.data().ptrdname().iter().next() else {
        return;
    };
    if !label.is_root() && !label.as_slice().starts_with(b"_") {
        findings.say(packet.speaker(), relation::IS_CALLED, label.as_slice(), &format!("service {owner}"));
    }
}

fn described(packet: &Datagram<'_>, record: &Record<'_>, findings: &mut Findings<'_>) {
    let Some(text) = data(record) else { return };
    let service = written(&record.owner());
    let mut strings = Bytes(text);
    while let Some(size) = strings.u8() {
        let pair = strings.take_up_to(size.into());
        let Some(equals) = memchr::memchr(b'=', pair) else {
            continue;
        };
        let (key, value) = pair.split_at(equals);
        let is_one_of = |keys: &[&str]| keys.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(key));
        let value = value.get(1..).unwrap_or_default();
        let detail = format!("{}= of {service}", clean(key, 16));
        if is_one_of(&MODEL_KEYS) {
            findings.say(packet.speaker(), relation::IS_MODEL, value, &detail);
        } else if is_one_of(&NAME_KEYS) {
            findings.say(packet.speaker(), relation::IS_CALLED, value, &detail);
        }
    }
}

/// HINFO: what the host runs on and under (RFC 1035, 3.3.2).
fn host_information(packet: &Datagram<'_>, record: &Record<'_>, findings: &mut Findings<'_>) -> Option<()> {
    let mut strings = Bytes(data(record)?);
    let size = strings.u8()?;
    let processor = strings.take(size.into())?;
    let size = strings.u8()?;
    let system = strings.take(size.into())?;
    let detail = format!("HINFO, processor {}", clean(until_nul(processor), 64));
    findings.say(packet.speaker(), relation::RUNS_SOFTWARE, system, &detail);
    Some(())
}

/// What Windows hosts ask and answer on UDP 5355.
pub(crate) fn link_local(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let message = message(packet.payload)?;
    let mut findings = Findings::new(found, "llmnr");
    if !message.header().qr() {
        asked(packet, &message, &mut findings);
        return Some(());
    }
    records(&message, |_, record| match record.rtype() {
        Rtype::PTR => pointer(record, &mut findings),
        _ => own_or_other_address(packet, record, "answers to the name", &mut findings),
    });
    Some(())
}

#[cfg(test)]
mod tests;
