use crate::found::Subject;
use crate::testing::*;

pub(crate) fn message(operation: u8, your_address: [u8; 4], options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![operation, 1, 6, 0];
    bytes.resize(16, 0);
    bytes.extend(your_address);
    bytes.resize(28, 0);
    bytes.extend(MAC);
    bytes.resize(236, 0);
    bytes.extend([99, 130, 83, 99]);
    for (code, value) in options {
        bytes.push(*code);
        bytes.extend(sized(1, value));
    }
    bytes.push(255);
    bytes
}

const ALL: (&str, u16) = ("255.255.255.255", 67);

#[test]
fn a_client_says_its_names_class_and_fingerprint() {
    let options: [(u8, &[u8]); 5] = [
        (53, &[1]),
        (12, b"desk-7"),
        (81, &[&[4, 0, 0][..], b"\x06desk-7\x07example\x03com\0"].concat()),
        (60, b"MSFT 5.0"),
        (55, &[1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]),
    ];
    let found = names_of(("0.0.0.0", 68), ALL, &message(1, [0; 4], &options));
    let mac = Subject::Mac(MAC);
    assert_eq!(
        said(&found),
        [
            (mac, "is-called", "desk-7"),
            (mac, "is-called", "desk-7.example.com"),
            (mac, "vendor-class", "MSFT 5.0"),
            (mac, "dhcp-fingerprint", "1,3,6,15,31,33,43,44,46,47,119,121,249,252"),
        ]
    );
    assert_eq!(found[0].detail, "DISCOVER");
}

#[test]
fn a_name_in_latin_and_one_in_the_old_form_hide_nothing() {
    let options: [(u8, &[u8]); 4] = [(53, &[3]), (12, b"b\xfcro"), (81, b"\0\0\0old.example.com"), (60, b"dhcpcd")];
    let found = names_of(("0.0.0.0", 68), ALL, &message(1, [0; 4], &options));
    let values: Vec<&str> = found.iter().map(|name| name.value.as_str()).collect();
    assert_eq!(values, ["b\u{fffd}ro", "old.example.com", "dhcpcd"]);
}

#[test]
fn an_acknowledgement_is_a_lease() {
    let options: [(u8, &[u8]); 4] = [(53, &[5]), (54, &[192, 0, 2, 1]), (51, &[0, 0, 14, 16]), (12, b"desk-7")];
    let found = names_of(("192.0.2.1", 67), ("192.0.2.10", 68), &message(2, [192, 0, 2, 10], &options));
    assert_eq!(
        said(&found),
        [
            (Subject::Mac(MAC), "leased", "192.0.2.10"),
            (Subject::Mac(MAC), "is-called", "desk-7"),
            (ip(CLIENT), "is-called", "desk-7"),
        ]
    );
    assert_eq!(found[0].detail, "by 192.0.2.1 for 3600 s");
    let offer = names_of(("192.0.2.1", 67), ("192.0.2.10", 68), &message(2, [192, 0, 2, 10], &[(53, &[2])]));
    assert!(offer.is_empty());
}
