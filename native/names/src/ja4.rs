//! JA4, the fingerprint of a TLS client, after FoxIO's published description of JA4 (BSD 3-clause). The other
//! fingerprints of JA4+ are licensed otherwise, and are not here.

use sha2::{Digest, Sha256};
use tls_parser::{TlsClientHelloContents, TlsExtension};

use crate::tls::{extensions, with_client_hello};

const SERVER_NAME: u16 = 0x0000;
const SIGNATURE_ALGORITHMS: u16 = 0x000d;
const APPLICATION_PROTOCOLS: u16 = 0x0010;
const SUPPORTED_VERSIONS: u16 = 0x002b;
const NOTHING: &str = "000000000000";
/// Browsers have fewer extensions than that.
const USUAL_EXTENSIONS: usize = 24;
/// Letters of a JA4.
const LENGTH: usize = 36;

/// The JA4 of a ClientHello in TLS records, or in one handshake message without records as QUIC carries it.
///
/// None unless the whole ClientHello is there.
pub fn ja4(client_hello_record: &[u8], quic: bool) -> Option<String> {
    with_client_hello(client_hello_record, |hello| Some(fingerprint(hello, if quic { 'q' } else { 't' })))
}

fn fingerprint(hello: &TlsClientHelloContents<'_>, transport: char) -> String {
    let hello = Hello::from(hello);
    let mut ciphers = hello.ciphers;
    ciphers.sort_unstable();
    let mut kinds = hello.extensions;
    let (cipher_count, extension_count) = (ciphers.len().min(99), kinds.len().min(99));
    let asked = if kinds.contains(&SERVER_NAME) { 'd' } else { 'i' };
    kinds.retain(|kind| !matches!(*kind, SERVER_NAME | APPLICATION_PROTOCOLS));
    kinds.sort_unstable();
    let mut listed = hexadecimal(&kinds);
    let has_extensions = !listed.is_empty();
    if has_extensions && !hello.signature_algorithms.is_empty() {
        listed.push('_');
        listed.push_str(&hexadecimal(&hello.signature_algorithms));
    }
    let mut text = String::with_capacity(LENGTH);
    text.push(transport);
    text.push_str(version_letters(hello.version));
    text.push(asked);
    push_decimal(&mut text, cipher_count);
    push_decimal(&mut text, extension_count);
    text.push_str(&hello.protocol);
    text.push('_');
    push_hash(&mut text, &hexadecimal(&ciphers));
    text.push('_');
    push_hash(&mut text, if has_extensions { &listed } else { "" });
    text
}

/// What JA4 looks at, without GREASE.
struct Hello {
    version: u16,
    ciphers: Vec<u16>,
    extensions: Vec<u16>,
    signature_algorithms: Vec<u16>,
    protocol: String,
}

impl From<&TlsClientHelloContents<'_>> for Hello {
    fn from(hello: &TlsClientHelloContents<'_>) -> Self {
        let mut read = Self {
            version: hello.version.0,
            ciphers: without_grease(hello.ciphers.iter().map(|cipher| cipher.0)),
            extensions: Vec::with_capacity(USUAL_EXTENSIONS),
            signature_algorithms: Vec::new(),
            protocol: "00".to_owned(),
        };
        for extension in extensions(hello.ext.unwrap_or_default()).filter(|extension| !is_grease(extension.kind)) {
            read.extensions.push(extension.kind);
            if matches!(extension.kind, SIGNATURE_ALGORITHMS | APPLICATION_PROTOCOLS | SUPPORTED_VERSIONS) {
                read.look_into(extension.parsed());
            }
        }
        read
    }
}

impl Hello {
    fn look_into(&mut self, extension: Option<TlsExtension<'_>>) {
        match extension {
            Some(TlsExtension::SignatureAlgorithms(algorithms)) => {
                self.signature_algorithms = without_grease(algorithms.into_iter());
            }
            Some(TlsExtension::SupportedVersions(versions)) => {
                let highest = without_grease(versions.iter().map(|version| version.0)).into_iter().max();
                self.version = highest.unwrap_or(self.version);
            }
            Some(TlsExtension::ALPN(protocols)) => {
                self.protocol = ends(protocols.first().copied().unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// RFC 8701: both bytes are the same and end in A.
fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn without_grease(values: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut kept = Vec::with_capacity(values.size_hint().0);
    kept.extend(values.filter(|&value| !is_grease(value)));
    kept
}

fn version_letters(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// The first and last letter of a protocol's name, or of its hexadecimal form if either is no letter or digit.
fn ends(protocol: &[u8]) -> String {
    let (Some(&first), Some(&last)) = (protocol.first(), protocol.last()) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [first, last].map(char::from).iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 0x0f)
}

fn hexadecimal(values: &[u16]) -> String {
    let mut text = String::with_capacity(values.len().saturating_mul(5));
    for value in values {
        if !text.is_empty() {
            text.push(',');
        }
        value.to_be_bytes().into_iter().for_each(|byte| push_byte(&mut text, byte));
    }
    text
}

fn push_hash(text: &mut String, list: &str) {
    if list.is_empty() {
        return text.push_str(NOTHING);
    }
    Sha256::digest(list.as_bytes()).iter().take(6).for_each(|byte| push_byte(text, *byte));
}

// By hand: a capture has as many of these as connections, and `write!` took most of the time that a JA4 takes.

fn push_byte(text: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 0x0f] {
        text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
    }
}

/// Two digits of a number below 100.
fn push_decimal(text: &mut String, number: usize) {
    for digit in [number / 10, number % 10] {
        text.push(char::from_digit(digit as u32, 10).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
