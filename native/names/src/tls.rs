//! TLS handshakes (RFC 5246, RFC 8446): the name that a client asks for, and the certificate that a server shows when
//! it is not TLS 1.3, which encrypts it.

use std::borrow::Cow;
use std::net::IpAddr;

use tls_parser::{
    parse_tls_client_hello_extension, parse_tls_handshake_client_hello, parse_tls_handshake_msg_certificate,
    TlsClientHelloContents, TlsExtension, TlsMessageHandshake,
};

use crate::beginning::{Progress, Stream};
use crate::bytes::Bytes;
use crate::certificate;
use crate::found::{relation, Findings, Name, Subject};
use crate::text::{clean, LONGEST_NAME};

const HANDSHAKE: u8 = 22;
/// Type, version, size.
const RECORD_HEADER: usize = 5;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const MOST_EXTENSIONS: usize = 256;
const MOST_RECORDS: usize = 64;
const MOST_MESSAGES: usize = 16;

/// The handshake bytes of the first records, and whether more of them are to come.
struct Handshake<'a> {
    bytes: Cow<'a, [u8]>,
    goes_on: bool,
}

fn handshake(stream: &[u8]) -> Handshake<'_> {
    let mut records = Bytes(stream);
    let mut bytes: Cow<'_, [u8]> = Cow::Borrowed(&[]);
    for _ in 0..MOST_RECORDS {
        if records.0.len() < RECORD_HEADER {
            let goes_on = records.0.first().is_none_or(|&kind| kind == HANDSHAKE);
            return Handshake { bytes, goes_on };
        }
        let (Some(HANDSHAKE), Some(3), Some(_), Some(size)) = (records.u8(), records.u8(), records.u8(), records.u16())
        else {
            return Handshake { bytes, goes_on: false };
        };
        let fragment = records.take_up_to(size.into());
        if bytes.is_empty() {
            bytes = Cow::Borrowed(fragment);
        } else {
            bytes.to_mut().extend_from_slice(fragment);
        }
        if fragment.len() < usize::from(size) {
            return Handshake { bytes, goes_on: true };
        }
    }
    Handshake { bytes, goes_on: false }
}

/// One handshake message: its type and body.
fn message<'a>(bytes: &mut Bytes<'a>) -> Option<(u8, &'a [u8])> {
    let kind = bytes.u8()?;
    let size = bytes.u24()?;
    Some((kind, bytes.take(usize::try_from(size).ok()?)?))
}

pub(crate) fn from_stream(stream: &Stream<'_>, found: &mut Vec<Name>) -> Progress {
    let handshake = handshake(stream.begin);
    let mut bytes = Bytes(&handshake.bytes);
    for _ in 0..MOST_MESSAGES {
        match message(&mut bytes) {
            Some((CLIENT_HELLO, body)) => {
                if let Ok((_, hello)) = parse_tls_handshake_client_hello(body) {
                    asked_for(stream, &hello, found);
                }
                return Progress::Done;
            }
            Some((SERVER_HELLO, body)) if chooses_tls13(body) => return Progress::Done,
            Some((CERTIFICATE, body)) => {
                shown(stream.sender.ip(), stream.sender.port(), body, found);
                return Progress::Done;
            }
            Some(_) => {}
            None if handshake.goes_on => return Progress::MoreBytes,
            None => return Progress::Done,
        }
    }
    Progress::Done
}

fn asked_for(stream: &Stream<'_>, hello: &TlsClientHelloContents<'_>, found: &mut Vec<Name>) {
    let Some(name) = requested_name(hello) else {
        return;
    };
    let server = Subject::Ip(stream.receiver.ip());
    let detail = format!("SNI, port {}, asked by {}", stream.receiver.port(), stream.sender.ip());
    Findings::new(found, "tls").say(server, relation::SERVED_AS, name, &detail);
}

fn shown(server: IpAddr, port: u16, body: &[u8], found: &mut Vec<Name>) {
    let Ok((_, TlsMessageHandshake::Certificate(chain))) = parse_tls_handshake_msg_certificate(body) else {
        return;
    };
    let Some(leaf) = chain.cert_chain.first() else {
        return;
    };
    certificate::said(server, port, leaf.data, &mut Findings::new(found, "tls"));
}

/// Whether a ServerHello's supported_versions extension is there: only TLS 1.3 has it (RFC 8446, 4.2.1).
fn chooses_tls13(body: &[u8]) -> bool {
    let version = || {
        let mut bytes = Bytes(body);
        bytes.skip(34)?; // version, random
        let session = bytes.u8()?;
        bytes.skip(usize::from(session).checked_add(3)?)?; // session, cipher, compression
        let size = bytes.u16()?;
        extensions(bytes.take_up_to(size.into())).find(|extension| extension.kind == 0x002b)
    };
    version().is_some()
}

/// One extension of a hello: its number, and its bytes with number and size, as tls-parser wants them.
pub(crate) struct Extension<'a> {
    pub(crate) kind: u16,
    whole: &'a [u8],
}

impl<'a> Extension<'a> {
    pub(crate) fn parsed(&self) -> Option<TlsExtension<'a>> {
        parse_tls_client_hello_extension(self.whole).ok().map(|(_, extension)| extension)
    }
}

/// The extensions up to the first that is cut short. One that is malformed inside does not hide the others.
pub(crate) fn extensions(block: &[u8]) -> impl Iterator<Item = Extension<'_>> {
    let mut bytes = Bytes(block);
    std::iter::from_fn(move || {
        let mut header = bytes;
        let kind = header.u16()?;
        let size = header.u16()?;
        let whole = bytes.take(usize::from(size).checked_add(4)?)?;
        Some(Extension { kind, whole })
    })
    .take(MOST_EXTENSIONS)
}

/// Let `read` have the ClientHello in TLS records, or in a handshake message without records as QUIC carries it.
pub(crate) fn with_client_hello<Answer>(
    bytes: &[u8],
    read: impl FnOnce(&TlsClientHelloContents<'_>) -> Option<Answer>,
) -> Option<Answer> {
    let handshake = if bytes.first() == Some(&HANDSHAKE) { handshake(bytes).bytes } else { Cow::Borrowed(bytes) };
    let (CLIENT_HELLO, body) = message(&mut Bytes(&handshake))? else {
        return None;
    };
    let (_, hello) = parse_tls_handshake_client_hello(body).ok()?;
    read(&hello)
}

/// The server name that a ClientHello asks for (RFC 6066, 3), in small letters.
///
/// Takes TLS records, or one handshake message without records as in QUIC.
pub fn server_name(client_hello: &[u8]) -> Option<String> {
    with_client_hello(client_hello, requested_name)
}

pub(crate) fn requested_name(hello: &TlsClientHelloContents<'_>) -> Option<String> {
    let extension = extensions(hello.ext?).find(|extension| extension.kind == 0)?;
    let Some(TlsExtension::SNI(names)) = extension.parsed() else {
        return None;
    };
    let (_, name) = names.first()?;
    let mut name = clean(name, LONGEST_NAME);
    name.make_ascii_lowercase();
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
pub(crate) mod tests;
