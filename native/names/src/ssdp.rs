//! SSDP (UPnP Device Architecture 2.0, 1.2 and 1.3): devices that advertise themselves on UDP 1900.

use crate::found::{relation, Datagram, Findings, Name};
use crate::text::clean;

const MOST_HEADERS: usize = 32;

/// Advertisements, answers to searches, and the searches, which name the searching program.
pub(crate) fn from_datagram(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let headers: &[httparse::Header<'_>] = if packet.payload.starts_with(b"HTTP/1.") {
        let mut response = httparse::Response::new(&mut headers);
        response.parse(packet.payload).ok()?;
        response.headers
    } else {
        let mut request = httparse::Request::new(&mut headers);
        request.parse(packet.payload).ok()?;
        request.headers
    };
    let value = |name: &str| {
        let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value).unwrap_or_default()
    };
    let mut findings = Findings::new(found, "ssdp");
    let (location, identity) = (value("Location"), value("USN"));
    let detail = format!("{} {}", clean(location, 160), clean(identity, 160));
    findings.say(packet.speaker(), relation::RUNS_SOFTWARE, value("Server"), &detail);
    findings.say(packet.speaker(), relation::RUNS_SOFTWARE, value("User-Agent"), &clean(value("ST"), 160));
    // UPnP 1.1 and later: what the owner calls a control point.
    findings.say(packet.speaker(), relation::IS_CALLED, value("CPFN.UPNP.ORG"), "control point");
    if value("Server").is_empty() {
        findings.say(packet.speaker(), relation::IS_CALLED, identity, &detail);
    }
    Some(())
}

#[cfg(test)]
mod tests;
