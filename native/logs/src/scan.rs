//! The two ends that a sentence names, whatever the sentence is.

use crate::address::{end, port};
use crate::row::End;
use crate::text::{split, split_last, trim};

/// Which end the next address is, by the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Any,
    Source,
    Destination,
}

/// What was found in a sentence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends<'a> {
    pub source: Option<End<'a>>,
    pub destination: Option<End<'a>>,
    /// Whether a key said one of them, `src=192.0.2.1`: others may say the rest.
    pub has_keys: bool,
}

/// Find the two ends. Addresses in brackets behind an address are what it is translated to.
pub fn ends(text: &[u8]) -> Ends<'_> {
    let mut found = Ends::default();
    let mut next = Next::Any;
    let mut last = Next::Any;
    let (mut wants_interface, mut wants_port, mut wants_url) = (false, false, false);
    let mut rest = text;
    let mut words = 0;
    while !rest.is_empty() && words < 64 {
        let (word, after) = split(rest, b' ').unwrap_or((rest, &[]));
        rest = after;
        words += 1;
        if wants_port {
            wants_port = false;
            let end = match last {
                Next::Source => found.source.as_mut(),
                Next::Destination => found.destination.as_mut(),
                Next::Any => None,
            };
            if let Some(end) = end.filter(|end| end.port.is_none()) {
                end.port = port(trim(word, b",.;:)"));
            }
            continue;
        }
        match word {
            b"from" | b"src" | b"source" | b"Source" | b"for" | b"SRC" if found.source.is_none() => {
                next = Next::Source;
                continue;
            }
            b"to" | b"dst" | b"dest" | b"destination" | b"Destination" | b"->" | b"DST" => {
                next = Next::Destination;
                continue;
            }
            b"client:" | b"[client" if found.source.is_none() => {
                next = Next::Source;
                continue;
            }
            b"upstream:" => {
                wants_url = true;
                continue;
            }
            b"port" => {
                wants_port = true;
                continue;
            }
            b"interface" => {
                wants_interface = true;
                continue;
            }
            b"" => continue,
            _ => {}
        }
        if wants_interface {
            wants_interface = false;
            let name = trim(word, b",.;\"'");
            if let Some(source) = found.source.as_mut().filter(|source| source.interface.is_empty()) {
                source.interface = name;
            }
            continue;
        }
        if !word.iter().any(|byte| matches!(byte, b'.' | b':' | b'/')) || is_keyword_only(word) {
            // "from host 192.0.2.1" keeps what the word before said.
            continue;
        }
        if wants_url {
            wants_url = false;
            found.destination = found.destination.or_else(|| of_url(word));
            continue;
        }
        if let Some((of, value)) = named(word) {
            let place = if of == Next::Source { &mut found.source } else { &mut found.destination };
            *place = place.or_else(|| end(value, false)).or_else(|| before_interface(value));
            found.has_keys = true;
            continue;
        }
        // Both ends in one word: `192.0.2.1/1024->198.51.100.1/80`.
        if let Some(at) = arrow(word).filter(|_| found.source.is_none()) {
            found.source = word.get(..at).and_then(|text| end(text, true));
            found.destination = word.get(at + 2..).and_then(|text| end(text, true));
            if found.source.is_some() {
                break;
            }
            continue;
        }
        if word.first() == Some(&b'(') {
            if let Some(nat) = end(word, false) {
                let place = match last {
                    Next::Source => found.source.as_mut(),
                    Next::Destination => found.destination.as_mut(),
                    Next::Any => None,
                };
                if let Some(place) = place.filter(|place| place.nat.is_empty() && place.address != nat.address) {
                    place.nat = nat.address;
                }
            }
            continue;
        }
        let Some(one) = end(word, next != Next::Any) else { continue };
        // Who is named once more is no other end: `connect from x[192.0.2.9]: … Client host [192.0.2.9] blocked`.
        let is_again =
            |source: &End<'_>| source.address == one.address && (one.port.is_none() || one.port == source.port);
        if next == Next::Any && found.source.as_ref().is_some_and(is_again) {
            continue;
        }
        let to_source = match next {
            Next::Source => true,
            Next::Destination => false,
            Next::Any => found.source.is_none(),
        };
        next = Next::Any;
        if to_source && found.source.is_none() {
            found.source = Some(one);
            last = Next::Source;
        } else if found.destination.is_none() {
            found.destination = Some(one);
            last = Next::Destination;
        } else {
            last = Next::Any;
        }
        let goes_on = rest.starts_with(b"(") || rest.starts_with(b"port ") || rest.starts_with(b"on interface ");
        if found.source.is_some() && found.destination.is_some() && !goes_on {
            break;
        }
    }
    found
}

/// `rhost=192.0.2.1`: which end it is, and what it is.
fn named(word: &[u8]) -> Option<(Next, &[u8])> {
    let (name, value) = split(word, b'=')?;
    match name {
        b"src" | b"srcip" | b"src_ip" | b"saddr" | b"rhost" | b"rip" | b"client" | b"client_ip" | b"remote_addr" => {
            Some((Next::Source, value))
        }
        b"dst" | b"dstip" | b"dst_ip" | b"daddr" | b"lip" | b"relay" => Some((Next::Destination, value)),
        _ => None,
    }
}

/// `"http://192.0.2.1:8080/path",`, as nginx says whom it asked.
fn of_url(word: &[u8]) -> Option<End<'_>> {
    let at = memchr::memmem::find(word, b"://")?;
    let behind = word.get(at + 3..)?;
    end(split(behind, b'/').map_or(behind, |(authority, _)| authority), false)
}

/// `192.0.2.1:1024:X0` of SonicWall.
fn before_interface(value: &[u8]) -> Option<End<'_>> {
    let (place, interface) = split_last(value, b':')?;
    Some(End { interface, ..end(place, false)? })
}

/// Where `->` stands in a word.
fn arrow(word: &[u8]) -> Option<usize> {
    let at = memchr::memchr(b'>', word)?.checked_sub(1)?;
    (word.get(at) == Some(&b'-')).then_some(at)
}

fn is_keyword_only(word: &[u8]) -> bool {
    word.iter().all(|byte| matches!(byte, b'.' | b':' | b'/' | b'-'))
}
