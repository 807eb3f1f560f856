use super::*;
use crate::tls::tests::{asking_for, extension, hello, records};

const CIPHERS: [u16; 16] = [
    0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
    0x002f, 0x0035,
];
const ALGORITHMS: [u16; 8] = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

fn list(width: usize, values: &[u16]) -> Vec<u8> {
    crate::testing::sized(width, &values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<u8>>())
}

fn protocols(names: &[&[u8]]) -> Vec<u8> {
    let names: Vec<u8> = names.iter().flat_map(|name| crate::testing::sized(1, name)).collect();
    extension(0x0010, &crate::testing::sized(2, &names))
}

/// Chrome's extensions in the given order, with what JA4 reads filled in.
fn chrome(order: &[u16], algorithms: &[u16]) -> Vec<Vec<u8>> {
    let fill = |&kind: &u16| match kind {
        0x0000 => asking_for("example.com"),
        0x0010 => protocols(&[b"h2", b"http/1.1"]),
        0x000d => extension(kind, &list(2, algorithms)),
        0x002b => extension(kind, &list(1, &[0x3a3a, 0x0304, 0x0303])),
        _ => extension(kind, &[]),
    };
    order.iter().map(fill).collect()
}

const DESCRIBED: [u16; 18] = [
    0x2a2a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01,
    0x000b, 0x000a, 0x0015, 0x8a8a,
];

#[test]
fn the_example_of_the_description_comes_out() {
    let message = hello(0x0303, &CIPHERS, &chrome(&DESCRIBED, &ALGORITHMS));
    let expected = Some("t13d1516h2_8daaf6152771_e5627efa2ab1".to_owned());
    assert_eq!(ja4(&records(&message, 16000), false), expected);
    assert_eq!(ja4(&records(&message, 70), false), expected);
    assert_eq!(ja4(&message, true).as_deref(), Some("q13d1516h2_8daaf6152771_e5627efa2ab1"));
}

#[test]
fn chrome_143_comes_out_as_published_by_others() {
    let order = [
        0x9a9a, 0x002d, 0x0033, 0x0010, 0xfe0d, 0x0017, 0x44cd, 0x0000, 0x000b, 0x000a, 0x002b, 0xff01, 0x0023, 0x0012,
        0x0005, 0x000d, 0x001b,
    ];
    let message = hello(0x0303, &CIPHERS, &chrome(&order, &ALGORITHMS));
    assert_eq!(ja4(&message, false).as_deref(), Some("t13d1516h2_8daaf6152771_d8a2da3f94cd"));
}

#[test]
fn grease_among_signature_algorithms_does_not_count() {
    let greased: Vec<u16> = [&[0x0a0a][..], &ALGORITHMS].concat();
    let message = hello(0x0303, &CIPHERS, &chrome(&DESCRIBED, &greased));
    assert_eq!(ja4(&message, false).as_deref(), Some("t13d1516h2_8daaf6152771_e5627efa2ab1"));
}

#[test]
fn without_signature_algorithms_there_is_no_underscore() {
    let message = hello(0x0303, &CIPHERS, &chrome(&DESCRIBED, &[]));
    assert_eq!(ja4(&message, false).as_deref(), Some("t13d1516h2_8daaf6152771_6d807ffa2a79"));
}

#[test]
fn a_bare_hello_has_zeros_for_what_it_has_not() {
    assert_eq!(ja4(&hello(0x0301, &[], &[]), false).as_deref(), Some("t10i000000_000000000000_000000000000"));
    let only_name = hello(0x0303, &[0x1301], &[asking_for("example.com")]);
    assert_eq!(ja4(&only_name, false).as_deref().map(|text| &text[24..]), Some("000000000000"));
    assert_eq!(ja4(&hello(0x0300, &[], &[]), false).as_deref().map(|text| &text[..3]), Some("ts3"));
}

#[test]
fn counts_stop_at_99() {
    let ciphers: Vec<u16> = (0x1000..0x1100).collect();
    assert_eq!(ja4(&hello(0x0303, &ciphers, &[]), false).as_deref().map(|text| &text[..10]), Some("t12i990000"));
}

#[test]
fn the_ends_of_a_protocol_are_letters_or_hexadecimal() {
    let examples: [(&[u8], &str); 9] = [
        (b"h2", "h2"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"", "00"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
    ];
    for (protocol, expected) in examples {
        assert_eq!(ends(protocol), expected, "{protocol:?}");
    }
}

#[test]
fn half_a_hello_has_no_fingerprint() {
    let message = records(&hello(0x0303, &CIPHERS, &chrome(&DESCRIBED, &ALGORITHMS)), 16000);
    assert_eq!(ja4(&message[..message.len() - 1], false), None);
    assert_eq!(ja4(b"GET / HTTP/1.1", false), None);
}
