//! Which protocol the beginning of a stream is in, and what it says.

use crate::beginning::{Progress, Stream, LONGEST_BEGINNING};
use crate::bytes::Bytes;
use crate::found::{Datagram, Name};
use crate::{dns, http, smb, tls};

type Decoder = fn(&Stream<'_>, &mut Vec<Name>) -> Progress;

pub(crate) fn read(stream: &Stream<'_>, found: &mut Vec<Name>) -> Progress {
    let mark = found.len();
    let progress = match decoder(stream) {
        Some(Some(decode)) => decode(stream, found),
        Some(None) => Progress::NotMine,
        None => Progress::MoreBytes,
    };
    if progress != Progress::MoreBytes {
        return progress;
    }
    if stream.begin.len() >= LONGEST_BEGINNING {
        return Progress::Done;
    }
    found.truncate(mark);
    Progress::MoreBytes
}

/// Which decoder the first bytes are for; None while there are too few to say.
fn decoder(stream: &Stream<'_>) -> Option<Option<Decoder>> {
    let first = *stream.begin.first()?;
    if stream.sender.port() == 53 || stream.receiver.port() == 53 {
        return Some(Some(name_server));
    }
    match first {
        0x16 => (*stream.begin.get(1)? == 3).then_some(Some(tls::from_stream as Decoder)).or(Some(None)),
        0x00 | 0x81 | 0x82 => Some(smb::begins(stream.begin)?.then_some(smb::from_stream as Decoder)),
        b'A'..=b'Z' => Some(http::begins(stream.begin)?.then_some(http::from_stream as Decoder)),
        _ => Some(None),
    }
}

/// DNS over TCP: the first message, after its size (RFC 1035, 4.2.2).
fn name_server(stream: &Stream<'_>, found: &mut Vec<Name>) -> Progress {
    let mut bytes = Bytes(stream.begin);
    let Some(size) = bytes.u16() else {
        return Progress::MoreBytes;
    };
    let Some(payload) = bytes.take(size.into()) else {
        if stream.begin.len() < LONGEST_BEGINNING {
            return Progress::MoreBytes;
        }
        return answered(stream, bytes.0, found);
    };
    answered(stream, payload, found)
}

fn answered(stream: &Stream<'_>, payload: &[u8], found: &mut Vec<Name>) -> Progress {
    let packet = Datagram { source: stream.sender, destination: stream.receiver, source_mac: None, payload };
    match dns::unicast(&packet, found) {
        Some(()) => Progress::Done,
        None => Progress::NotMine,
    }
}

#[cfg(test)]
mod tests;
