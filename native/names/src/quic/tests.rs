use super::*;
use crate::testing::*;
use crate::tls::tests::{asking_for, extension, hello};

const CONNECTION: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// An Initial packet as a client protects it, with packet number 2 in four bytes as in RFC 9001, A.2.
fn sealed(number: u32, version: &'static Version, frames: &[u8]) -> Vec<u8> {
    let keys = Keys::new(version, &CONNECTION).unwrap();
    let mut header = vec![0xc3 | version.initial_type << 4];
    header.extend(number.to_be_bytes());
    header.extend(sized(1, &CONNECTION));
    header.extend([0, 0]);
    header.extend((0x4000 | (frames.len() + 20) as u16).to_be_bytes());
    header.extend([0, 0, 0, 2]);
    let mut nonce = keys.nonce;
    nonce[11] ^= 2;
    let cipher = Aes128Gcm::new(&keys.key.into());
    let body = cipher.encrypt(&nonce.into(), Payload { msg: frames, aad: &header }).unwrap();
    let mask = keys.mask(body[..16].try_into().unwrap());
    header[0] ^= mask[0] & 0x0f;
    for (byte, mask) in header[18..].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
    [header, body].concat()
}

/// Frames in a packet of version 1.
pub(crate) fn sealed_again(frames: &[u8]) -> Vec<u8> {
    sealed(1, &VERSION_1, &padded(frames.to_vec()))
}

fn crypto(offset: u16, data: &[u8]) -> Vec<u8> {
    let size = 0x4000 | data.len() as u16;
    [&[6][..], &(0x4000 | offset).to_be_bytes(), &size.to_be_bytes(), data].concat()
}

fn padded(mut frames: Vec<u8>) -> Vec<u8> {
    frames.resize(frames.len().max(1162), 0);
    frames
}

/// The frames of RFC 9001, A.2.
fn published() -> Vec<u8> {
    padded(hex("060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868
        04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578
        616d706c652e636f6dff01000100000a00080006001d00170018001000070005
        04616c706e000500050100000000003300260024001d00209370b2c9caa47fba
        baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400
        0d0010000e0403050306030203080408050806002d00020101001c0002400100
        3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000
        75300901100f088394c8f03e51570806048000ffff"))
}

#[test]
fn the_packet_of_the_standard_is_made_and_read() {
    let packet = sealed(1, &VERSION_1, &published());
    assert_eq!(packet[..34], hex("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242"));
    assert_eq!(packet[packet.len() - 16..], hex("e221af44860018ab0856972e194cd934"));
    let found = names_of((CLIENT, 40000), (SERVER, 443), &packet);
    assert_eq!(said(&found), [(ip(SERVER), "served-as", "example.com")]);
    assert_eq!(found[0].source, "quic");
    let hello = client_hello(&packet).unwrap();
    assert!(crate::ja4(&hello, true).unwrap().starts_with("q13d0211an_"), "{:?}", crate::ja4(&hello, true));
}

#[test]
fn shuffled_frames_and_the_second_version_are_read() {
    let message = hello(0x0303, &[0x1301], &[extension(21, &[0; 300]), asking_for("b.example")]);
    let (first, rest) = message.split_at(100);
    let (second, third) = rest.split_at(150);
    let frames = [crypto(250, third), vec![0, 0, 1], crypto(0, first), crypto(100, second)].concat();
    let packet = sealed(0x6b33_43cf, &VERSION_2, &padded(frames));
    assert_eq!(names_of((CLIENT, 40000), (SERVER, 443), &packet)[0].value, "b.example");
}

#[test]
fn half_a_hello_and_a_forged_packet_say_nothing() {
    let message = hello(0x0303, &[0x1301], &[asking_for("b.example")]);
    let packet = sealed(1, &VERSION_1, &padded(crypto(10, &message[10..])));
    assert_eq!(client_hello(&packet), None);
    let mut packet = sealed(1, &VERSION_1, &published());
    packet[300] ^= 1;
    assert_eq!(client_hello(&packet), None);
}
