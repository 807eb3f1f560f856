//! Addresses and ports in text, without knowing what the message is.

use std::net::Ipv6Addr;

use crate::row::End;
use crate::services::port_of;
use crate::text::{number, split_last, trim};

/// Is this an IPv4 address in dotted form?
pub fn is_ipv4(text: &[u8]) -> bool {
    if !(7..=15).contains(&text.len()) {
        return false;
    }
    let (mut dots, mut digits, mut value) = (0, 0, 0u32);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                value = value * 10 + u32::from(byte - b'0');
                if value > 255 || digits > 3 {
                    return false;
                }
            }
            b'.' if digits > 0 => {
                dots += 1;
                (digits, value) = (0, 0);
            }
            _ => return false,
        }
    }
    dots == 3 && digits > 0
}

/// Is this an IPv6 address?
pub fn is_ipv6(text: &[u8]) -> bool {
    if !(2..=45).contains(&text.len()) || !text.first().is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b':') {
        return false;
    }
    let plain = text.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b':' || *byte == b'.');
    plain && std::str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

pub fn is_address(text: &[u8]) -> bool {
    is_ipv4(text) || is_ipv6(text)
}

/// What stands around an address: quotes, brackets, and the end of a sentence.
const AROUND: &[u8] = b",;.\"'<>[]{}()";

/// Take apart `outside:192.0.2.1/443`, `192.0.2.1(443)`, `inside/192.0.2.1(443)`, `[2001:db8::1]:443`, `192.0.2.1:443`.
///
/// Where `named`, the address may be a name, if a port or an interface is there too.
pub fn end(text: &[u8], named: bool) -> Option<End<'_>> {
    if let Some(inside) = text.strip_prefix(b"[") {
        // Zabbix puts both into brackets: `[[192.0.2.1]:10050]:`.
        let inside = inside.strip_prefix(b"[").unwrap_or(inside);
        let (address, rest) = crate::text::split(inside, b']')?;
        if is_address(address) {
            let port = rest.strip_prefix(b":").map(|rest| trim(trim(rest, b":"), AROUND)).and_then(port);
            return Some(End { address, port, ..End::default() });
        }
    }
    let text = trim_end(text);
    if let Some(found) = usual(text) {
        return Some(found);
    }
    // `192.0.2.1#53` of BIND; `mx.example.net[192.0.2.1]:25` of mail servers; `192.0.2.1[500]` of strongSwan
    if let Some((address, number)) = split_last(text, b'#').filter(|(address, _)| is_address(address)) {
        return Some(End { address, port: port(number), ..End::default() });
    }
    if let Some((before, inside)) = crate::text::split(text, b'[') {
        let (inside, rest) = crate::text::split(inside, b']').unwrap_or((inside, &[]));
        let (address, number) =
            if is_address(before) { (before, Some(inside)) } else { (inside, rest.strip_prefix(b":")) };
        return is_address(address).then_some(End { address, port: number.and_then(port), ..End::default() });
    }
    // ADDRESS(PORT), with the interface before a slash
    if let [before @ .., b')'] = text {
        let (before, inside) = split_last(before, b'(')?;
        let number = port(inside);
        let (interface, address) = match split_last(before, b'/') {
            Some((interface, address)) => (interface, address),
            None => match interface_of(before) {
                Some(found) => found,
                None => (&[][..], before),
            },
        };
        if is_address(address) || (named && number.is_some() && is_name(address)) {
            return Some(End { interface, address, port: number, ..End::default() });
        }
        if let Some(end) = end(before, named) {
            return Some(end);
        }
        return None;
    }
    let (place, number) = match split_last(text, b'/') {
        Some((before, after)) => match port(after) {
            Some(number) => (before, Some(number)),
            None if is_address(after) => return Some(End { interface: before, address: after, ..End::default() }),
            None => return of_service(before, port_of(after)?),
        },
        None => (text, None),
    };
    if is_address(place) {
        return Some(End { address: place, port: number, ..End::default() });
    }
    if let Some((interface, address)) = interface_of(place) {
        if is_ipv4(interface) && number.is_none() {
            return Some(End { address: interface, port: port(address), ..End::default() });
        }
        if is_address(address) || (named && is_name(address)) {
            return Some(End { interface, address, port: number, ..End::default() });
        }
    }
    (named && number.is_some() && is_name(place)).then_some(End { address: place, port: number, ..End::default() })
}

/// `inside:192.0.2.1/ssh`: a port that is written as a name stands behind an address only.
fn of_service(place: &[u8], port: u32) -> Option<End<'_>> {
    let (interface, address) = if is_address(place) { (&[][..], place) } else { interface_of(place)? };
    is_address(address).then_some(End { interface, address, port: Some(port), ..End::default() })
}

/// `inside:192.0.2.1/443`, what most messages have: read once, from its end.
fn usual(text: &[u8]) -> Option<End<'_>> {
    let mut rest = text;
    let (mut port, mut unit) = (0, 1u32);
    while let Some((last @ b'0'..=b'9', before)) = rest.split_last() {
        if unit == 1_000_000_000 {
            return None;
        }
        port += u32::from(last - b'0') * unit;
        (unit, rest) = (unit * 10, before);
    }
    let [place @ .., b'/'] = rest else { return None };
    if unit == 1 {
        return None;
    }
    let mut before = place;
    let (mut dots, mut value, mut unit) = (0, 0, 1u32);
    let interface = loop {
        match before {
            [rest @ .., last @ b'0'..=b'9'] if unit <= 100 => {
                value += u32::from(last - b'0') * unit;
                (before, unit) = (rest, unit * 10);
            }
            [rest @ .., b'.'] if unit > 1 && value <= 255 => {
                (before, dots, value, unit) = (rest, dots + 1, 0, 1);
            }
            [interface @ .., b':'] => break interface,
            [] => break before,
            _ => return None,
        }
    };
    let is_address = dots == 3 && unit > 1 && value <= 255;
    if !is_address || crate::text::position(interface, b':').is_some() {
        return None;
    }
    let address = place.get(before.len()..)?;
    Some(End { interface, address, port: Some(port), ..End::default() })
}

fn trim_end(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text {
        if !matches!(first, b'"' | b'\'' | b'<' | b'(' | b'{') {
            break;
        }
        text = rest;
    }
    while let [rest @ .., last] = text {
        let closes = *last == b')' && memchr::memchr(b'(', text).is_none();
        if !closes && !matches!(last, b',' | b';' | b'.' | b':' | b'"' | b'\'' | b'>' | b']' | b'}') {
            break;
        }
        text = rest;
    }
    text
}

/// `INTERFACE:ADDRESS`, where both may have colons.
fn interface_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (interface, address) = split_last(text, b':')?;
    if is_ipv4(address) || memchr::memchr(b':', interface).is_none() {
        return Some((interface, address));
    }
    // IPv6 behind an interface: the first colon after which an address stands.
    memchr::memchr_iter(b':', text)
        .filter_map(|at| Some((text.get(..at)?, text.get(at + 1..)?)))
        .find(|(interface, address)| !interface.is_empty() && is_ipv6(address))
        .or(Some((interface, address)))
}

/// A port as written; above 65535 it is kept, and is none.
pub fn port(text: &[u8]) -> Option<u32> {
    if text.len() > 9 {
        return None;
    }
    number(text).map(|port| port as u32)
}

/// May this be the name of a machine?
pub fn is_name(text: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && text.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::{is_ipv4, port, usual};
    use crate::row::End;
    use crate::text::split_last;

    /// The same, as it is said and not as it is quick.
    fn plainly(text: &[u8]) -> Option<End<'_>> {
        let (place, number) = split_last(text, b'/')?;
        let number = port(number)?;
        let (interface, address) = split_last(place, b':').unwrap_or((&[], place));
        let plain = is_ipv4(address) && !interface.contains(&b':');
        plain.then_some(End { interface, address, port: Some(number), ..End::default() })
    }

    #[test]
    fn an_end_is_read_from_its_end_as_from_its_beginning() {
        let known: [&[u8]; 8] = [
            b"inside:192.0.2.1/443",
            b"10.0.0.255/999999999",
            b"v1:outside:010.1.2.003/1",
            b":1.2.3.4/0",
            b"1.2.3.4.5/7",
            b"inside:1.2.3.256/80",
            b"a.b:192.0.2.1/0000000001",
            b"2001:db8::1/443",
        ];
        assert_eq!(
            usual(known[0]).map(|end| (end.interface, end.address, end.port)),
            Some((&b"inside"[..], &b"192.0.2.1"[..], Some(443)))
        );
        let (mut state, mut found) = (3u64, 0);
        let mut chance = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for number in 0..400_000 {
            let mut text = known[number % known.len()].to_vec();
            for _ in 0..chance(4) {
                let (at, byte) = (chance(text.len() + 1), b"0123456789.:/a-25"[chance(17)]);
                match chance(3) {
                    0 => text.insert(at, byte),
                    1 if at < text.len() => text[at] = byte,
                    _ if at < text.len() => drop(text.remove(at)),
                    _ => text.push(byte),
                }
                if text.is_empty() {
                    break;
                }
            }
            assert_eq!(usual(&text), plainly(&text), "{}", String::from_utf8_lossy(&text));
            found += usize::from(usual(&text).is_some());
        }
        assert!(found > 50_000, "{found}");
    }
}
