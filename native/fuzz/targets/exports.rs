//! Datagrams of one exporter (see `pieces`): NetFlow v5 and v9, IPFIX and sFlow, mixed as chance has it.
#![no_main]

use std::net::{Ipv4Addr, SocketAddr};

use libfuzzer_sys::fuzz_target;
use whence_exports::{table, Collector, Found, Pairing, Timing};
use whence_fuzz::pieces;

const SECOND: i64 = 1_000_000_000;

fuzz_target!(|input: &[u8]| {
    let mut collector = Collector::new();
    let mut pairing = Pairing::new(Timing { most_open: 64, ..Timing::default() });
    let mut found = Found::default();
    let from = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 2055));
    for (at, datagram) in pieces(input).enumerate() {
        let received = (1_700_000_100 + at as i64 * 20) * SECOND;
        let known = (found.records.len(), found.headers.len());
        collector.feed(from, received, datagram, &mut found);
        found.records[known.0..].iter().for_each(|record| pairing.add(record));
        for header in &found.headers[known.1..] {
            header.decode().iter().for_each(|record| pairing.add(record));
        }
        pairing.end_until(received);
        assert!(pairing.open() <= 64);
    }
    pairing.end_all();
    assert_eq!(pairing.open(), 0);
    // Tables take longer than all before: of one input in eight.
    if input.last().is_some_and(|byte| byte % 8 == 0) {
        table::records(&found.records).unwrap();
        table::counters(&found.counters).unwrap();
        table::flows(&pairing.take(), "", 0).unwrap();
    }
    let _ = (collector.totals(), collector.senders());
});
