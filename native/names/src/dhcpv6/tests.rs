use crate::found::Subject;
use crate::testing::*;

const LINK: &str = "fe80::10";

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &sized(2, value)].concat()
}

fn identity() -> Vec<u8> {
    option(1, &[&[0, 1, 0, 1, 0x2a, 0x2a, 0x2a, 0x2a][..], &MAC].concat())
}

pub(crate) fn solicit() -> Vec<u8> {
    let class = [&[0, 0, 1, 0x37][..], &sized(2, b"MSFT 5.0")].concat();
    [
        vec![1, 0, 0, 7],
        identity(),
        option(39, b"\0\x06desk-7\x07example\x03com\0"),
        option(6, &[0, 23, 0, 24, 0, 39]),
        option(16, &class),
    ]
    .concat()
}

#[test]
fn a_client_is_known_by_its_address_and_by_the_mac_in_its_identity() {
    let found = names_of((LINK, 546), ("ff02::1:2", 547), &solicit());
    let mac = Subject::Mac(MAC);
    assert_eq!(
        said(&found),
        [
            (mac, "is-called", "desk-7.example.com"),
            (ip(LINK), "is-called", "desk-7.example.com"),
            (mac, "dhcp-fingerprint", "23,24,39"),
            (ip(LINK), "dhcp-fingerprint", "23,24,39"),
            (mac, "vendor-class", "MSFT 5.0"),
            (ip(LINK), "vendor-class", "MSFT 5.0"),
        ]
    );
    assert_eq!(found[4].detail, "enterprise 311");
}

#[test]
fn a_relayed_client_is_the_peer_and_not_the_relay() {
    let peer = hex("fe800000 00000000 00000000 00000010");
    let relayed = [vec![12, 0], vec![0; 16], peer, option(9, &solicit())].concat();
    let found = names_of(("2001:db8::1", 547), ("2001:db8::2", 547), &relayed);
    assert_eq!(found[1].subject, ip(LINK));
}

#[test]
fn a_reply_leases() {
    let address = [hex("20010db8 00000000 00000000 00000010"), vec![0, 0, 0, 60, 0, 0, 0, 120]].concat();
    let association = [vec![0; 12], option(5, &address)].concat();
    let reply = [vec![7, 0, 0, 7], identity(), option(3, &association)].concat();
    let found = names_of(("fe80::1", 547), (LINK, 546), &reply);
    assert_eq!(said(&found), [(Subject::Mac(MAC), "leased", "2001:db8::10")]);
    assert_eq!(found[0].detail, "for 120 s");
}
