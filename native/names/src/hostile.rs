//! Every decoder against damaged and made-up input: it must return, soon, with few and short names.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::beginning::Progress;
use crate::found::{Name, MOST_NAMES};
use crate::testing::*;
use crate::text::{LONGEST_DETAIL, LONGEST_NAME};
use crate::{dhcp, dhcpv6, frames, netbios, ntlm, quic, resolution, smb, tls, Protocol};

/// A reader, and a well-formed input for it.
struct Seed {
    name: &'static str,
    read: fn(&[u8]) -> Vec<Name>,
    input: Vec<u8>,
}

fn datagram<const PORT: u16>(input: &[u8]) -> Vec<Name> {
    let mut found = names_of((CLIENT, PORT), (SERVER, 40000), input);
    found.extend(names_of((CLIENT, 40000), (SERVER, PORT), input));
    assert!(found.len() <= 2 * MOST_NAMES);
    found
}

fn stream<const PORT: u16>(input: &[u8]) -> Vec<Name> {
    let (progress, mut found) = names_to(PORT, input);
    assert!(progress == Progress::Done || found.is_empty());
    assert!(found.len() <= MOST_NAMES);
    found.extend(names_from(PORT, input).1);
    let _ = crate::ja4(input, false);
    let _ = crate::server_name(input);
    found
}

fn frame<const CDP: bool>(input: &[u8]) -> Vec<Name> {
    let mut found = Vec::new();
    let protocol = if CDP { Protocol::Cdp } else { Protocol::Lldp };
    crate::from_frame(MAC, protocol, input, &mut found);
    assert!(found.len() <= MOST_NAMES);
    found
}

fn handshake(input: &[u8]) -> Vec<Name> {
    let _ = crate::ja4(input, true);
    stream::<443>(&tls::tests::records(&input[..input.len().min(8000)], 4000))
}

fn certificate(input: &[u8]) -> Vec<Name> {
    let mut found = Vec::new();
    let server = SERVER.parse().unwrap();
    let mut findings = crate::found::Findings::new(&mut found, "tls");
    crate::certificate::said(server, 443, input, &mut findings);
    found
}

fn security_blob(input: &[u8]) -> Vec<Name> {
    let mut found = Vec::new();
    let mut findings = crate::found::Findings::new(&mut found, "smb");
    let server = SERVER.parse().unwrap();
    let _ = ntlm::find(input).and_then(|message| ntlm::said(server, message, &mut findings));
    found
}

/// What is inside of a QUIC packet, sealed anew, so that damage gets past its checksum.
fn quic_frames(input: &[u8]) -> Vec<Name> {
    datagram::<443>(&quic::tests::sealed_again(&input[..input.len().min(3000)]))
}

fn mdns() -> Vec<u8> {
    let instance = b"\x07Printer\x04_ipp\x04_tcp\x05local\0";
    let answers = [
        record(&labels("_ipp._tcp.local"), 12, 1, instance),
        record(instance, 16, 0x8001, &sized(1, b"ty=Example Laser")),
        record(&[0xc0, 12], 1, 0x8001, &[192, 0, 2, 10]),
        record(&labels("7.2.0.192.in-addr.arpa"), 12, 1, &[0xc0, 12]),
        record(&labels("a.local"), 13, 1, &[sized(1, b"ARM"), sized(1, b"LINUX")].concat()),
    ];
    dns(0x8400, &[question(&labels("printer.local"), 1)], [&answers, &[], &[]])
}

fn answer() -> Vec<u8> {
    let records = [
        record(&[0xc0, 12], 5, 1, &labels("edge.example.net")),
        record(&labels("edge.example.net"), 1, 1, &[203, 0, 113, 7]),
        record(&[0xc0, 12], 28, 1, &[0x20; 16]),
    ];
    dns(0x8180, &[question(&labels("www.example.com"), 1)], [&records, &[], &[]])
}

fn hello() -> Vec<u8> {
    let list = |kind: u16, value: &[u8]| tls::tests::extension(kind, value);
    let extensions = [
        list(0x1a1a, &[]),
        tls::tests::asking_for("files.example.com"),
        list(0x0010, &sized(2, &[sized(1, b"h2"), sized(1, b"http/1.1")].concat())),
        list(0x000d, &sized(2, &[4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1])),
        list(0x002b, &sized(1, &[3, 4, 3, 3])),
        list(0x000a, &sized(2, &[0, 29, 0, 23])),
        list(0x0033, &[0; 1216]),
        list(0xff01, &[0]),
    ];
    let ciphers: Vec<u16> = (0xc02b..0xc03a).collect();
    tls::tests::hello(0x0303, &ciphers, &extensions)
}

fn flight() -> Vec<u8> {
    [tls::tests::server_hello(&[]), tls::tests::certificate_chain()].concat()
}

fn crypto_frame(data: &[u8]) -> Vec<u8> {
    let size = 0x4000 | data.len() as u16;
    [&[6, 0][..], &size.to_be_bytes(), data].concat()
}

static SEEDS: LazyLock<Vec<Seed>> = LazyLock::new(seeds);

fn seeds() -> Vec<Seed> {
    let web = b"GET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: NTLM TlRMTVNTUAABAAAA\r\n\r\n".to_vec();
    let notify = b"NOTIFY * HTTP/1.1\r\nSERVER: a/1\r\nUSN: uuid:1\r\nLOCATION: http://a\r\n\r\n".to_vec();
    let lease = dhcp::tests::message(2, [192, 0, 2, 10], &[(53, &[5]), (12, b"a"), (81, b"\x04\0\0\x01a\0")]);
    let asks = dhcp::tests::message(1, [0; 4], &[(53, &[1]), (12, b"a"), (60, b"b"), (55, &[1, 3, 6])]);
    let seed = |name, read, input| Seed { name, read, input };
    vec![
        seed("dns", datagram::<53>, answer()),
        seed("mdns", datagram::<5353>, mdns()),
        seed("llmnr", datagram::<5355>, answer()),
        seed("netbios-ns", datagram::<137>, netbios::tests::status()),
        seed("netbios-dgm", datagram::<138>, netbios::tests::announcement()),
        seed("ssdp", datagram::<1900>, notify),
        seed("dhcp lease", datagram::<67>, lease),
        seed("dhcp", datagram::<67>, asks),
        seed("dhcpv6", datagram::<547>, dhcpv6::tests::solicit()),
        seed("quic", quic_frames, crypto_frame(&hello())),
        seed("quic packet", datagram::<443>, quic::tests::sealed_again(&[1; 1162])),
        seed("dns over tcp", stream::<53>, sized(2, &answer())),
        seed("tls hello", handshake, hello()),
        seed("tls records", stream::<443>, tls::tests::records(&hello(), 600)),
        seed("tls certificate", handshake, flight()),
        seed("certificate", certificate, include_bytes!("../tests/data/files.example.com.der").to_vec()),
        seed("http", stream::<80>, web),
        seed("smb2", stream::<445>, smb::tests::answers()),
        seed("smb1", stream::<139>, smb::tests::old_answers()),
        seed("ntlm challenge", security_blob, ntlm::tests::challenge()),
        seed("ntlm login", security_blob, ntlm::tests::login()),
        seed("lldp", frame::<false>, frames::tests::lldp_frame(4)),
        seed("cdp", frame::<true>, frames::tests::cdp_frame()),
        seed("nrb", |input| resolution::tests::names(input, false), resolution::tests::block()),
    ]
}

fn assert_harmless(names: &[Name]) {
    for name in names {
        // An escape such as \u{202e} takes eight characters for one.
        assert!(!name.value.is_empty() && name.value.chars().count() <= 8 * LONGEST_NAME + 1);
        assert!(name.detail.chars().count() <= 8 * LONGEST_DETAIL + 1);
        assert!(!name.value.chars().chain(name.detail.chars()).any(char::is_control));
    }
}

/// Xorshift, so that a run can be repeated by its seed (George Marsaglia, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// Change, cut, repeat or insert a few bytes, with a liking for lengths at their limits.
    fn damage(&mut self, input: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let at = self.below(input.len());
            match self.below(6) {
                0 => input.truncate(at),
                1 if !input.is_empty() => input[at] ^= 1 << self.below(8),
                2 if !input.is_empty() => input[at] = [0, 1, 0x3f, 0x7f, 0x80, 0xc0, 0xff][self.below(7)],
                3 => input.insert(at, self.below(256) as u8),
                4 => {
                    let part = input[at..at + self.below(input.len() - at)].to_vec();
                    input.extend(part);
                }
                _ if !input.is_empty() => drop(input.drain(at..at + self.below((input.len() - at).min(8)))),
                _ => {}
            }
        }
    }
}

/// How many damaged inputs each decoder gets: many when asked for.
fn rounds() -> usize {
    std::env::var("WHENCE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

#[test]
fn every_seed_says_something() {
    for seed in seeds().iter().filter(|seed| seed.name != "quic packet" && seed.name != "http") {
        assert!(!(seed.read)(&seed.input).is_empty(), "{}", seed.name);
    }
}

#[test]
fn damaged_packets_do_no_harm() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for seed in SEEDS.iter() {
        let mut slowest = Duration::ZERO;
        for _ in 0..rounds() {
            let mut input = seed.input.clone();
            random.damage(&mut input);
            let begin = Instant::now();
            assert_harmless(&(seed.read)(&input));
            slowest = slowest.max(begin.elapsed());
        }
        assert!(slowest < Duration::from_secs(1), "{} took {slowest:?}", seed.name);
    }
}

#[test]
fn packets_cut_short_do_no_harm() {
    for seed in SEEDS.iter() {
        for size in 0..seed.input.len() {
            assert_harmless(&(seed.read)(&seed.input[..size]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_do_no_harm(input in proptest::collection::vec(any::<u8>(), 0..600)) {
        for seed in SEEDS.iter() {
            assert_harmless(&(seed.read)(&input));
        }
    }

    #[test]
    fn any_bytes_after_a_good_beginning_do_no_harm(
        which in 0..24_usize,
        kept in 0.0..1.0,
        tail in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let seed = &SEEDS[which];
        let kept = (seed.input.len() as f64 * kept) as usize;
        assert_harmless(&(seed.read)(&[&seed.input[..kept], &tail].concat()));
    }
}

/// `cargo test --release -p whence-names speed -- --ignored --nocapture`
///
/// One call, the best of many short batches, so that other programs on the machine count little.
#[test]
#[ignore = "prints figures"]
fn speed() {
    let (client, resolver) = (end(CLIENT, 40000), end(SERVER, 53));
    let mut found = Vec::new();
    let (answer, mdns, hello, flight) = (answer(), mdns(), hello(), flight());
    let hello = tls::tests::records(&hello, 16_000);
    let flight = tls::tests::records(&flight, 16_000);
    let (web, server) = (end(SERVER, 443), end(SERVER, 5353));
    let datagram = |source, destination, payload: &[u8], found: &mut Vec<Name>| {
        found.clear();
        crate::from_datagram(source, destination, None, payload, found);
    };
    let stream = |sender, receiver, begin: &[u8], found: &mut Vec<Name>| {
        found.clear();
        let _ = crate::from_stream(sender, receiver, true, begin, found);
    };
    let quic = quic::tests::sealed_again(&crypto_frame(&self::hello()[..1100]));
    timed("DNS answer, 3 records, 4 names", || datagram(resolver, client, &answer, &mut found));
    timed("mDNS answer, 5 records", || datagram(server, server, &mdns, &mut found));
    timed("datagram without names", || datagram(client, web, &[0x40; 1200], &mut found));
    timed("stream without names", || stream(client, web, b"SSH-2.0-Example", &mut found));
    timed("ClientHello, server name", || stream(client, web, &hello, &mut found));
    timed("ClientHello, JA4", || drop(crate::ja4(&hello, false)));
    timed("certificate in clear", || stream(web, client, &flight, &mut found));
    timed("QUIC Initial, decrypted", || datagram(client, web, &quic, &mut found));
}

fn timed(what: &str, mut call: impl FnMut()) {
    const CALLS: u32 = 50;
    let mut best = Duration::MAX;
    for _ in 0..2_000 {
        let begin = Instant::now();
        for _ in 0..CALLS {
            call();
        }
        best = best.min(begin.elapsed() / CALLS);
    }
    println!("{what:>32} {:>6} ns", best.as_nanos());
}
