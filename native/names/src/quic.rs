//! QUIC version 1 and 2 (RFC 9000, RFC 9001, RFC 9369): the ClientHello in a client's first datagram. Its keys are made
//! from what the packet itself says, so anybody can read it.

use aes::cipher::{BlockCipherEncrypt, KeyInit as _};
use aes::Aes128;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::Aes128Gcm;
use hkdf::Hkdf;
use sha2::Sha256;

use crate::bytes::Bytes;
use crate::found::{relation, Datagram, Findings, Name, Subject};
use crate::tls;

/// Datagrams that begin a connection are at least this long (RFC 9000, 14.1); a captured one may be cut.
const LONGEST_PACKET: usize = 4096;
const MOST_FRAMES: usize = 256;

/// What differs between the versions.
struct Version {
    salt: [u8; 20],
    key: &'static [u8],
    nonce: &'static [u8],
    mask: &'static [u8],
    initial_type: u8,
}

const VERSION_1: Version = Version {
    salt: [
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
        0x7f, 0x0a,
    ],
    key: b"quic key",
    nonce: b"quic iv",
    mask: b"quic hp",
    initial_type: 0,
};
const VERSION_2: Version = Version {
    salt: [
        0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
        0x2e, 0xd9,
    ],
    key: b"quicv2 key",
    nonce: b"quicv2 iv",
    mask: b"quicv2 hp",
    initial_type: 1,
};

fn version(number: u32) -> Option<&'static Version> {
    match number {
        0x0000_0001 => Some(&VERSION_1),
        0x6b33_43cf => Some(&VERSION_2),
        _ => None,
    }
}

/// Whether a datagram begins with an Initial packet of a version that we can read: five bytes say it.
pub(crate) fn begins(payload: &[u8]) -> bool {
    let mut bytes = Bytes(payload);
    let (Some(first), Some(number)) = (bytes.u8(), bytes.u32()) else {
        return false;
    };
    let initial = |version: &Version| first >> 4 == 0b1100 | version.initial_type;
    version(number).is_some_and(initial)
}

pub(crate) fn from_datagram(packet: &Datagram<'_>, found: &mut Vec<Name>) -> Option<()> {
    let name = tls::server_name(&client_hello(packet.payload)?)?;
    let detail = format!("SNI, port {}, asked by {}", packet.destination.port(), packet.source.ip());
    let server = Subject::Ip(packet.destination.ip());
    Findings::new(found, "quic").say(server, relation::SERVED_AS, name, &detail);
    Some(())
}

/// The ClientHello, as a handshake message without records, in the Initial packet that a datagram begins with.
///
/// None if the datagram holds only a part of it, as with clients whose ClientHello needs two datagrams.
pub fn client_hello(payload: &[u8]) -> Option<Vec<u8>> {
    if !begins(payload) {
        return None;
    }
    let packet = Initial::read(payload)?;
    assembled(&packet.decrypted()?)
}

/// A long-header packet of type Initial (RFC 9000, 17.2.2), still protected.
struct Initial<'a> {
    version: &'static Version,
    first: u8,
    connection: &'a [u8],
    /// All before the packet number.
    header: &'a [u8],
    /// Packet number and payload.
    protected: &'a [u8],
}

impl<'a> Initial<'a> {
    fn read(payload: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(payload);
        let first = bytes.u8()?;
        let version = version(bytes.u32()?)?;
        let size = bytes.u8()?;
        let connection = bytes.take(size.into())?;
        let size = bytes.u8()?;
        bytes.skip(size.into())?; // the sender's own connection id
        let token = variable(&mut bytes)?;
        bytes.skip(token)?;
        let size = variable(&mut bytes).filter(|&size| size <= LONGEST_PACKET)?;
        let header = payload.get(..payload.len().checked_sub(bytes.0.len())?)?;
        Some(Self { version, first, connection, header, protected: bytes.take(size)? })
    }

    fn decrypted(&self) -> Option<Vec<u8>> {
        let keys = Keys::new(self.version, self.connection)?;
        let mask = keys.mask(self.protected.get(4..20)?.try_into().ok()?);
        let [first_mask, number_mask @ ..] = mask;
        let first = self.first ^ (first_mask & 0x0f);
        let number_size = usize::from(first & 0b11).checked_add(1)?;
        let (number, sealed) = self.protected.split_at_checked(number_size)?;
        let number: Vec<u8> = number.iter().zip(number_mask).map(|(byte, mask)| byte ^ mask).collect();

        let mut header = self.header.to_vec();
        *header.first_mut()? = first;
        header.extend_from_slice(&number);
        let mut nonce = keys.nonce;
        for (byte, part) in nonce.iter_mut().rev().zip(number.iter().rev()) {
            *byte ^= part;
        }
        let cipher = Aes128Gcm::new(&keys.key.into());
        cipher.decrypt(&nonce.into(), Payload { msg: sealed, aad: &header }).ok()
    }
}

/// What protects a client's Initial packets (RFC 9001, 5.2).
struct Keys {
    key: [u8; 16],
    nonce: [u8; 12],
    header: Aes128,
}

impl Keys {
    fn new(version: &Version, connection: &[u8]) -> Option<Self> {
        let initial = Hkdf::<Sha256>::new(Some(&version.salt), connection);
        let secret: [u8; 32] = expanded(&initial, b"client in")?;
        let client = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        let mask: [u8; 16] = expanded(&client, version.mask)?;
        Some(Self {
            key: expanded(&client, version.key)?,
            nonce: expanded(&client, version.nonce)?,
            header: Aes128::new(&mask.into()),
        })
    }

    fn mask(&self, sample: [u8; 16]) -> [u8; 5] {
        let mut block = sample.into();
        self.header.encrypt_block(&mut block);
        let [a, b, c, d, e, ..] = block.0;
        [a, b, c, d, e]
    }
}

/// HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446, 7.1).
fn expanded<const SIZE: usize>(secret: &Hkdf<Sha256>, label: &[u8]) -> Option<[u8; SIZE]> {
    let label_size = u8::try_from(label.len().checked_add(6)?).ok()?;
    let size = u16::try_from(SIZE).ok()?.to_be_bytes();
    let mut key = [0; SIZE];
    secret.expand_multi_info(&[&size, &[label_size], b"tls13 ", label, &[0]], &mut key).ok()?;
    Some(key)
}

/// A variable-length integer (RFC 9000, 16).
fn variable(bytes: &mut Bytes<'_>) -> Option<usize> {
    let first = bytes.u8()?;
    let more = (1_usize << (first >> 6)).checked_sub(1)?;
    let begin = u64::from(first & 0x3f);
    let value = bytes.take(more)?.iter().fold(begin, |value, &byte| value << 8 | u64::from(byte));
    usize::try_from(value).ok()
}

/// Put CRYPTO frames in order; clients shuffle them on purpose.
fn assembled(frames: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<(usize, &[u8])> = Vec::new();
    let mut bytes = Bytes(frames);
    while let Some(kind) = bytes.u8() {
        match kind {
            0 | 1 => continue, // PADDING, PING
            6 => {
                let offset = variable(&mut bytes)?;
                let size = variable(&mut bytes)?;
                parts.push((offset, bytes.take(size)?));
            }
            _ => break,
        }
        if parts.len() >= MOST_FRAMES {
            break;
        }
    }
    parts.sort_unstable_by_key(|&(offset, _)| offset);
    let mut message: Vec<u8> = Vec::new();
    for (offset, part) in parts {
        let known = message.len().checked_sub(offset)?; // a gap: the rest comes in another datagram
        message.extend_from_slice(part.get(known..).unwrap_or_default());
    }
    Some(message)
}

#[cfg(test)]
pub(crate) mod tests;
