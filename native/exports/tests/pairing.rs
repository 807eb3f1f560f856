//! Records of one way each become flows of both.

mod common;

use common::*;
use whence_exports::{table, Collector, Direction, Flow, Pairing, Record, Timing};

const SECOND: i64 = 1_000_000_000;

fn records(flows: &[Flow5]) -> Vec<Record> {
    read(&mut Collector::new(), &netflow5(0, 0, flows))
}

fn there() -> Flow5 {
    Flow5::default()
}

fn back() -> Flow5 {
    Flow5 {
        source: there().destination,
        destination: there().source,
        ports: (443, 40000),
        packets: 7,
        bytes: 9_000,
        interfaces: (4, 3),
        times: (1_020, 4_010),
        ..there()
    }
}

fn flows(records: &[Record]) -> Vec<Flow> {
    let mut pairing = Pairing::new(Timing::default());
    records.iter().for_each(|record| pairing.add(record));
    pairing.end_all();
    pairing.take()
}

#[test]
fn two_ways_are_one_flow_whichever_is_reported_first() {
    let expected = flows(&records(&[there(), back()]));
    assert_eq!(expected, flows(&records(&[back(), there()])));
    let [flow] = &expected[..] else { panic!() };
    assert_eq!((flow.source_port, flow.destination_port), (40000, 443));
    assert_eq!((flow.there.packets, flow.back.packets), (5, 7));
    assert_eq!((flow.there.bytes, flow.back.bytes), (500, 9_000));
    assert_eq!((flow.state, flow.observed_at, flow.records), ("SF", 3, 2));
}

#[test]
fn an_unanswered_connection_stays_one_way() {
    let unanswered = Flow5 { flags: 0x02, packets: 3, ..there() };
    let flows = flows(&records(&[unanswered]));
    assert_eq!((flows[0].state, flows[0].back.packets), ("S0", 0));
}

#[test]
fn who_refused_did_not_begin() {
    let asks = Flow5 { flags: 0x02, times: (1_000, 1_000), ..there() };
    let refuses = Flow5 { flags: 0x14, times: (1_000, 1_000), ..back() };
    let flows = flows(&records(&[refuses, asks]));
    assert_eq!((flows[0].state, flows[0].source_port), ("REJ", 40000));
}

#[test]
fn a_lone_answer_is_turned_round() {
    let answer = Flow5 { flags: 0x12, packets: 1, ..back() };
    let flows = flows(&records(&[answer]));
    assert_eq!((flows[0].source_port, flows[0].there.packets), (40000, 0));
    assert_eq!((flows[0].back.packets, flows[0].state), (1, "OTH"));
}

#[test]
fn pieces_are_put_together() {
    let piece = |begin: u32, flags: u8| Flow5 { flags, times: (begin, begin + 60_000), ..there() };
    let mut records = records(&[piece(0, 0x12), piece(60_010, 0x10), piece(120_020, 0x11)]);
    for (record, minutes) in records.iter_mut().zip(1..) {
        record.received += minutes * 60 * SECOND;
    }
    let flows = flows(&records);
    let [flow] = &flows[..] else { panic!() };
    assert_eq!((flow.there.packets, flow.there.bytes, flow.records), (15, 1_500, 3));
    assert_eq!(flow.last - flow.first, 180_020_000_000);
    assert_eq!(flow.there.tcp_flags, Some(0x13));
}

#[test]
fn the_active_timeout_is_learnt_so_that_pieces_find_each_other() {
    let piece = |begin: u32| Flow5 { flags: 0x10, times: (begin, begin + 1_800_000), ..there() };
    let mut pairing = Pairing::new(Timing::default());
    for (record, half_hours) in records(&[piece(0), piece(1_800_010)]).iter_mut().zip(1..) {
        record.received += half_hours * 1800 * SECOND;
        pairing.end_until(record.received);
        pairing.add(record);
    }
    pairing.end_all();
    assert_eq!(pairing.take().len(), 1);
}

#[test]
fn the_same_ports_later_are_another_flow() {
    let later = Flow5 { times: (9_000, 9_500), ..there() };
    assert_eq!(flows(&records(&[there(), later])).len(), 2, "it had closed");
    let udp = |begin: u32| Flow5 { protocol: 17, times: (begin, begin), ..there() };
    assert_eq!(flows(&records(&[udp(0), udp(50_000)])).len(), 1);
    assert_eq!(flows(&records(&[udp(0), udp(61_000)])).len(), 2);
}

#[test]
fn a_flow_that_is_counted_in_and_out_is_a_row_for_each_interface() {
    let mut records = records(&[there(), there(), back(), back()]);
    for (record, direction) in
        records.iter_mut().zip([Direction::Ingress, Direction::Egress, Direction::Ingress, Direction::Egress])
    {
        record.direction = direction;
    }
    let mut seen: Vec<_> =
        flows(&records).iter().map(|flow| (flow.observed_at, flow.there.packets, flow.back.packets)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [(3, 5, 7), (4, 5, 7)]);
}

#[test]
fn numbers_of_samples_are_scaled_and_silence_is_not_believed() {
    let mut records = records(&[Flow5 { flags: 0x02, ..there() }]);
    records[0].sampling = 100;
    let flows = flows(&records);
    assert_eq!((flows[0].there.packets, flows[0].sampling), (500, 100));
    assert_eq!(flows[0].state, "OTH");
}

#[test]
fn an_echo_and_its_reply_are_one_flow() {
    let echo =
        |from, to, kind: u16| Flow5 { source: from, destination: to, protocol: 1, ports: (0, kind << 8), ..there() };
    let (one, other) = (there().source, there().destination);
    let flows = flows(&records(&[echo(other, one, 0), echo(one, other, 8)]));
    let [flow] = &flows[..] else { panic!() };
    assert_eq!((flow.source_port, flow.destination_port), (8, 0));
    assert_eq!(flow.source.to_string(), "10.0.0.1");
}

#[test]
fn flows_end_when_nothing_more_is_to_come() {
    let mut pairing = Pairing::new(Timing::default());
    for record in records(&[there(), back()]) {
        pairing.add(&record);
    }
    pairing.end_until(RECEIVED + 14 * SECOND);
    assert_eq!((pairing.done(), pairing.open()), (0, 1));
    pairing.end_until(RECEIVED + 15 * SECOND);
    assert_eq!((pairing.done(), pairing.open()), (1, 0));
}

#[test]
fn open_flows_are_bounded_and_early_ends_counted() {
    let mut pairing = Pairing::new(Timing { most_open: 100, ..Timing::default() });
    for port in 0..1_000 {
        let flow = Flow5 { ports: (port, 53), ..there() };
        pairing.add(&records(&[flow])[0]);
        assert!(pairing.open() <= 100);
    }
    assert_eq!(pairing.ended_early, 900);
    pairing.end_all();
    assert_eq!(pairing.take().len(), 1_000);
}

#[test]
fn the_table_has_a_row_a_flow() {
    let flows = flows(&records(&[there(), back()]));
    let batch = table::flows(&flows, "", 5).unwrap();
    assert_eq!(batch.num_rows(), 1);
    assert_eq!(batch.schema().field(0).name(), "flow");
    let ids = batch.column_by_name("community_id").unwrap();
    let ids = ids.as_any().downcast_ref::<arrow_array::StringArray>();
    assert!(ids.unwrap().value(0).starts_with("1:"));
}

/// A record of both ways, from port 443 to 50000, with this biflowDirection (RFC 5103, section 6.3).
fn biflow(direction: Option<u8>) -> Vec<Record> {
    let reverse = |id: u16| bytes().u16(0x8000 | id).u16(4).u32(29305).0;
    let fields = bytes().u16(8).u16(4).u16(12).u16(4).u16(7).u16(2).u16(11).u16(2).u16(4).u16(1).u16(2).u16(4);
    let fields = fields.add(&reverse(2)).u16(239).u16(u16::from(direction.is_some())).0;
    let content = bytes().u16(256).u16(8).add(&fields).0;
    let record = bytes().add(&[10, 0, 0, 1]).add(&[10, 0, 0, 2]).u16(443).u16(50_000).u8(17).u32(5).u32(7);
    let record = record.add(direction.as_slice()).0;
    read(&mut Collector::new(), &ipfix(0, &[set(2, &content), set(256, &record)]))
}

#[test]
fn a_record_of_both_ways_says_whether_its_source_began() {
    let began = |direction| {
        let flows = flows(&biflow(direction));
        let [flow] = &flows[..] else { panic!("{flows:?}") };
        (flow.source_port, flow.there.packets, flow.back.packets)
    };
    assert_eq!(began(None), (443, 5, 7));
    assert_eq!(began(Some(1)), (443, 5, 7));
    assert_eq!(began(Some(2)), (50_000, 7, 5));
    for arbitrary in [0, 3] {
        assert_eq!(began(Some(arbitrary)), (50_000, 7, 5), "by the smaller port, as records of one way each");
    }
}
