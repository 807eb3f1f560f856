use super::*;
use crate::testing::{hex, ip, said, sized, MAC};

fn field(kind: u16, value: &[u8]) -> Vec<u8> {
    [&(kind << 9 | value.len() as u16).to_be_bytes()[..], value].concat()
}

pub(crate) fn lldp_frame(capabilities: u8) -> Vec<u8> {
    [
        field(1, &[&[4][..], &MAC].concat()),
        field(2, b"\x05Gi1/0/7"),
        field(3, &[0, 120]),
        field(4, b"outlet 2.17"),
        field(5, b"sw3"),
        field(6, b"Example OS 7.1"),
        field(7, &[0, 0x14, 0, capabilities]),
        field(8, &[&[5, 1, 192, 0, 2, 3, 2][..], &[0, 0, 0, 1, 0]].concat()),
        field(127, &[0x00, 0x80, 0xc2, 1, 0, 20]),
        field(127, b"\x00\x12\xbb\x09Example"),
        field(127, b"\x00\x12\xbb\x0aES-24"),
        field(0, &[]),
    ]
    .concat()
}

pub(crate) fn cdp_frame() -> Vec<u8> {
    let field =
        |kind: u16, value: &[u8]| [&kind.to_be_bytes()[..], &(value.len() as u16 + 4).to_be_bytes(), value].concat();
    [
        vec![2, 180, 0, 0],
        field(1, b"sw3.example.com"),
        field(2, &[&[0, 0, 0, 1, 1, 1, 0xcc][..], &sized(2, &[192, 0, 2, 3])].concat()),
        field(3, b"GigabitEthernet1/0/7"),
        field(4, &[0, 0, 0, 0x28]),
        field(5, b"Example IOS, Version 15.2"),
        field(6, b"example WS-C2960X"),
        field(10, &[0, 20]),
    ]
    .concat()
}

fn names(protocol: Protocol, frame: &[u8]) -> Vec<Name> {
    let mut found = Vec::new();
    crate::from_frame(MAC, protocol, frame, &mut found);
    found
}

#[test]
fn a_switch_says_where_its_listener_is_plugged_in() {
    let found = names(Protocol::Lldp, &lldp_frame(0x04));
    let mac = Subject::Mac(MAC);
    assert_eq!(
        said(&found),
        [
            (mac, "plugged-into", "switch sw3 port Gi1/0/7"),
            (mac, "is-called", "sw3"),
            (ip("192.0.2.3"), "is-called", "sw3"),
            (mac, "is-model", "Example ES-24"),
            (mac, "runs-software", "Example OS 7.1"),
        ]
    );
    assert_eq!(found[0].detail, "VLAN 20, description outlet 2.17, chassis 02:00:5e:10:00:01, management 192.0.2.3");
}

#[test]
fn nobody_is_plugged_into_a_telephone() {
    let found = names(Protocol::Lldp, &lldp_frame(0x20));
    assert_eq!(found[0].relation, "is-called");
}

#[test]
fn a_switch_without_a_name_is_called_by_its_chassis() {
    let frame = [field(1, &hex("05 01 c0000203")), field(2, &[&[3][..], &MAC].concat())].concat();
    let found = names(Protocol::Lldp, &frame);
    assert_eq!(found[0].value, "switch 192.0.2.3 port 02:00:5e:10:00:01");
}

#[test]
fn cisco_says_the_same_in_its_own_way() {
    let found = names(Protocol::Cdp, &cdp_frame());
    let mac = Subject::Mac(MAC);
    assert_eq!(
        said(&found),
        [
            (mac, "plugged-into", "switch sw3.example.com port GigabitEthernet1/0/7"),
            (mac, "is-called", "sw3.example.com"),
            (ip("192.0.2.3"), "is-called", "sw3.example.com"),
            (mac, "is-model", "example WS-C2960X"),
            (mac, "runs-software", "Example IOS, Version 15.2"),
        ]
    );
    assert_eq!(found[0].detail, "VLAN 20, management 192.0.2.3");
}
