use super::*;
use crate::testing::*;

const RESOLVER: (&str, u16) = ("192.0.2.53", 53);
const ANSWER: u16 = 0x8180;
const A: u16 = 1;

fn address_record(name: &str, address: [u8; 4]) -> Vec<u8> {
    record(&labels(name), A, 1, &address)
}

#[test]
fn an_answer_names_its_address_under_every_alias() {
    let message = dns(
        ANSWER,
        &[question(&labels("wWw.Example.com"), A)],
        [
            &[
                record(&[0xc0, 12], 5, 1, &labels("edge.example.net")),
                record(&labels("edge.example.net"), 5, 1, &labels("pop7.example.org")),
                address_record("pop7.example.org", [203, 0, 113, 7]),
                record(&labels("pop7.example.org"), 28, 1, &hex("20010db8 00000000 00000000 00000007")),
            ],
            &[],
            &[],
        ],
    );
    let found = names_of(RESOLVER, (CLIENT, 40000), &message);
    let v4 = ip("203.0.113.7");
    let v6 = ip("2001:db8::7");
    assert_eq!(
        said(&found),
        [
            (v4, "resolves-to", "pop7.example.org"),
            (v4, "resolves-to", "edge.example.net"),
            (v4, "resolves-to", "www.example.com"),
            (v6, "resolves-to", "pop7.example.org"),
            (v6, "resolves-to", "edge.example.net"),
            (v6, "resolves-to", "www.example.com"),
        ]
    );
    assert_eq!(found[0].detail, "A, TTL 300, answer of 192.0.2.53 to 192.0.2.10");
    assert_eq!(found[2].detail, "CNAME pop7.example.org, A, TTL 300, answer of 192.0.2.53 to 192.0.2.10");
}

#[test]
fn aliases_in_a_circle_end() {
    let circle = [
        record(&labels("a.example"), 5, 1, &labels("b.example")),
        record(&labels("b.example"), 5, 1, &labels("a.example")),
        address_record("a.example", [192, 0, 2, 1]),
    ];
    let found = names_of(RESOLVER, (CLIENT, 40000), &dns(ANSWER, &[], [&circle, &[], &[]]));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_question_is_asked_by_its_sender() {
    let message = dns(0x0100, &[question(&labels("Example.com"), 28)], [&[], &[], &[]]);
    let found = names_of((CLIENT, 40000), RESOLVER, &message);
    assert_eq!(said(&found), [(ip(CLIENT), "asks-for", "example.com")]);
    assert_eq!(found[0].detail, "AAAA, asked of 192.0.2.53");
}

#[test]
fn a_pointer_names_the_address_it_is_about() {
    let six = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    let records = [
        record(&labels("9.2.0.192.in-addr.arpa"), 12, 1, &labels("nine.example.com")),
        record(&labels(six), 12, 1, &labels("seven.example.com")),
        record(&labels("2.0.192.in-addr.arpa"), 12, 1, &labels("zone.example.com")),
    ];
    let found = names_of(RESOLVER, (CLIENT, 40000), &dns(ANSWER, &[], [&records, &[], &[]]));
    assert_eq!(
        said(&found),
        [(ip("192.0.2.9"), "resolves-to", "nine.example.com"), (ip("2001:db8::7"), "resolves-to", "seven.example.com"),]
    );
}

#[test]
fn an_answer_cut_short_gives_what_it_begins_with() {
    let records = [address_record("one.example", [192, 0, 2, 1]), address_record("two.example", [192, 0, 2, 2])];
    let message = dns(ANSWER, &[question(&labels("one.example"), A)], [&records, &[], &[]]);
    let found = names_of(RESOLVER, (CLIENT, 40000), &message[..message.len() - 3]);
    assert_eq!(said(&found), [(ip("192.0.2.1"), "resolves-to", "one.example")]);
}

#[test]
fn a_dot_inside_of_a_label_and_a_control_character_are_escaped() {
    let message = dns(0x0100, &[question(b"\x07a.b\x1b[2J\0", A)], [&[], &[], &[]]);
    let found = names_of((CLIENT, 40000), RESOLVER, &message);
    assert_eq!(found[0].value, "a\\.b\\u{1b}[2j");
}

#[test]
fn a_host_announces_itself_its_service_and_its_model() {
    let instance = b"\x10Office\xe2\x80\x99s Print\x04_ipp\x04_tcp\x05local\0";
    let answers = [
        record(&labels("_ipp._tcp.local"), 12, 1, instance),
        record(instance, 16, 0x8001, &[sized(1, b"rp=ipp/print"), sized(1, b"ty=Example Laser 9000")].concat()),
        record(&labels("office.local"), A, 0x8001, &[192, 0, 2, 10]),
        record(&labels("office.local"), A, 0x8001, &[192, 0, 2, 11]),
        record(&labels("office.local"), 13, 0x8001, &[sized(1, b"ARM64"), sized(1, b"LINUX")].concat()),
    ];
    let found = names_of((CLIENT, 5353), ("224.0.0.251", 5353), &dns(0x8400, &[], [&answers, &[], &[]]));
    assert_eq!(
        said(&found),
        [
            (ip(CLIENT), "is-called", "Office’s Print"),
            (ip(CLIENT), "is-model", "Example Laser 9000"),
            (ip(CLIENT), "is-called", "office.local"),
            (ip("192.0.2.11"), "resolves-to", "office.local"),
            (ip(CLIENT), "runs-software", "LINUX"),
        ]
    );
    assert_eq!(found[0].detail, "service _ipp._tcp.local");
}

#[test]
fn a_probe_is_a_name_and_known_answers_are_not() {
    let questions = [question(&labels("desk.local"), 255), question(&labels("_ipp._tcp.local"), 12)];
    let known = [record(&labels("other.local"), A, 1, &[192, 0, 2, 10])];
    let wanted = [record(&labels("desk.local"), A, 1, &[192, 0, 2, 10])];
    let found = names_of((CLIENT, 5353), ("224.0.0.251", 5353), &dns(0, &questions, [&known, &wanted, &[]]));
    assert_eq!(
        said(&found),
        [
            (ip(CLIENT), "asks-for", "desk.local"),
            (ip(CLIENT), "asks-for", "_ipp._tcp.local"),
            (ip(CLIENT), "is-called", "desk.local"),
        ]
    );
}

#[test]
fn windows_asks_and_answers_on_the_link() {
    let asks = dns(0, &[question(&labels("FILES"), A)], [&[], &[], &[]]);
    let found = names_of((CLIENT, 50000), ("224.0.0.252", 5355), &asks);
    assert_eq!(said(&found), [(ip(CLIENT), "asks-for", "files")]);
    let answers =
        dns(0x8000, &[question(&labels("FILES"), A)], [&[address_record("FILES", [198, 51, 100, 5])], &[], &[]]);
    let found = names_of((SERVER, 5355), (CLIENT, 50000), &answers);
    assert_eq!(said(&found), [(ip(SERVER), "is-called", "FILES")]);
}

#[test]
fn one_without_an_address_is_known_by_its_mac() {
    let asks = dns(0, &[question(&labels("new.local"), A)], [&[], &[], &[]]);
    let found = names_of(("0.0.0.0", 5353), ("224.0.0.251", 5353), &asks);
    assert_eq!(found[0].subject, Subject::Mac(MAC));
}

#[test]
fn a_message_of_pointers_costs_little_and_many_records_give_few_names() {
    let mut message = dns(ANSWER, &[], [&[], &[], &[]]);
    message[7] = 200;
    for number in 0..200_u8 {
        message.extend(address_record(&format!("h{number}.example"), [203, 0, 113, number]));
    }
    assert_eq!(names_of(RESOLVER, (CLIENT, 40000), &message).len(), crate::MOST_NAMES);

    let mut message = dns(ANSWER, &[], [&[], &[], &[]]);
    message[6..8].copy_from_slice(&[0xff, 0xff]);
    message.push(0);
    while message.len() < 8000 {
        let to = if message.len() < 14 { 12 } else { message.len() - 2 };
        message.extend([0xc0 | (to >> 8) as u8, to as u8]);
    }
    let _ = names_of(RESOLVER, (CLIENT, 40000), &message);
}
