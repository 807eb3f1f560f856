//! Each format, read as its standard draws it.

mod common;

use common::*;
use std::net::IpAddr;
use whence_exports::{Collector, Direction};

const SECOND: i64 = 1_000_000_000;
const PLAIN: &[(u16, u16)] =
    &[(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (2, 4), (1, 4), (22, 4), (21, 4), (10, 2), (14, 2)];

fn plain_record() -> Vec<u8> {
    bytes()
        .add(&[10, 0, 0, 1])
        .add(&[198, 51, 100, 7])
        .u16(40000)
        .u16(443)
        .u8(6)
        .u8(0x1b)
        .u32(5)
        .u32(500)
        .u32(1_000)
        .u32(4_000)
        .u16(3)
        .u16(4)
        .0
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn netflow5_says_all_it_has() {
    let mut collector = Collector::new();
    let records = read(&mut collector, &netflow5(0, 0x4000 | 100, &[Flow5::default()]));
    let [record] = &records[..] else { panic!() };
    assert_eq!(record.exporter, ip("192.0.2.1"));
    assert_eq!(record.domain, 0x0102);
    assert_eq!((record.source, record.source_port), (ip("10.0.0.1"), 40000));
    assert_eq!(record.next_hop, Some(ip("10.0.0.254")));
    assert_eq!((record.input, record.output, record.tos), (3, 4, 0x10));
    assert_eq!((record.source_as, record.destination_as), (64500, 64501));
    assert_eq!(record.sampling, 100);
    assert_eq!((record.forward.packets, record.forward.bytes), (5, 500));
    assert_eq!(record.forward.tcp_flags, Some(0x1b));
    assert_eq!(record.forward.first, i64::from(EXPORTED) * SECOND - 9 * SECOND);
    assert_eq!(record.forward.last, i64::from(EXPORTED) * SECOND - 6 * SECOND);
}

#[test]
fn an_uptime_that_wrapped_is_still_a_time() {
    let before_wrap = Flow5 { times: (u32::MAX - 999, 2_000), ..Flow5::default() };
    let records = read(&mut Collector::new(), &netflow5(0, 0, &[before_wrap]));
    let exported = i64::from(EXPORTED) * SECOND;
    assert_eq!(records[0].forward.first, exported - 11 * SECOND);
    assert_eq!(records[0].forward.last, exported - 8 * SECOND);
}

#[test]
fn icmp_in_the_destination_port_is_type_and_code() {
    let unreachable = Flow5 { protocol: 1, ports: (0, 0x0301), ..Flow5::default() };
    let records = read(&mut Collector::new(), &netflow5(0, 0, &[unreachable]));
    assert_eq!(records[0].icmp, Some((3, 1)));
    assert_eq!(records[0].destination_port, 0);
}

#[test]
fn missing_flows_of_netflow5_are_counted() {
    let mut collector = Collector::new();
    read(&mut collector, &netflow5(100, 0, &[Flow5::default()]));
    read(&mut collector, &netflow5(131, 0, &[Flow5::default()]));
    assert_eq!(collector.totals().lost_exports, 30);
}

#[test]
fn a_netflow5_datagram_that_was_cut_gives_its_whole_records() {
    let mut collector = Collector::new();
    let datagram = netflow5(0, 0, &[Flow5::default(), Flow5::default()]);
    assert_eq!(read(&mut collector, &datagram[..24 + 48 + 20]).len(), 1);
    assert_eq!(collector.totals().damaged, 1);
}

#[test]
fn netflow9_is_read_by_its_template() {
    let mut collector = Collector::new();
    let sets = [set(0, &template(256, PLAIN)), set(256, &plain_record())];
    let records = read(&mut collector, &netflow9(1, &sets));
    let [record] = &records[..] else { panic!() };
    assert_eq!((record.destination, record.destination_port), (ip("198.51.100.7"), 443));
    assert_eq!((record.input, record.output, record.domain), (3, 4, 7));
    assert_eq!(record.forward.first, i64::from(EXPORTED) * SECOND - 9 * SECOND);
}

#[test]
fn records_wait_for_their_template() {
    let mut collector = Collector::new();
    assert!(read(&mut collector, &netflow9(1, &[set(256, &plain_record())])).is_empty());
    assert_eq!(collector.totals().waiting_sets, 1);
    let records = read(&mut collector, &netflow9(2, &[set(0, &template(256, PLAIN))]));
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].forward.last, i64::from(EXPORTED) * SECOND - 6 * SECOND);
    assert_eq!(collector.totals().waiting_sets, 0);
}

#[test]
fn what_waits_is_bounded_and_its_loss_counted() {
    let mut collector = Collector::new();
    let content = vec![0; 60_000];
    for sequence in 0..1_000 {
        read(&mut collector, &netflow9(sequence, &[set(300, &content)]));
    }
    let totals = collector.totals();
    assert!(totals.waiting_sets < 20);
    assert_eq!(totals.waiting_sets + totals.lost_sets, 1_000);
}

#[test]
fn templates_of_two_routers_do_not_mix() {
    let mut collector = Collector::new();
    let mut found = whence_exports::Found::default();
    let other = "192.0.2.2:2055".parse().unwrap();
    read(&mut collector, &netflow9(1, &[set(0, &template(256, PLAIN))]));
    collector.feed(other, RECEIVED, &netflow9(1, &[set(256, &plain_record())]), &mut found);
    assert!(found.records.is_empty());
}

#[test]
fn options_of_netflow9_tell_each_sampler_s_rate() {
    let mut collector = Collector::new();
    let options = bytes().u16(257).u16(4).u16(12).u16(1).u16(4);
    let options = options.u16(48).u16(1).u16(49).u16(1).u16(50).u16(4).u16(0).0;
    let told = bytes().u32(0).u8(3).u8(2).u32(1000).u8(0).u8(0).0;
    let mut fields = PLAIN.to_vec();
    fields.push((48, 1));
    let record = [plain_record(), vec![3]].concat();
    let unsampled = [plain_record(), vec![0]].concat();
    let sets =
        [set(1, &options), set(257, &told), set(0, &template(256, &fields)), set(256, &[record, unsampled].concat())];
    let records = read(&mut collector, &netflow9(1, &sets));
    assert_eq!(records.iter().map(|record| record.sampling).collect::<Vec<_>>(), [1000, 1]);
}

#[test]
fn options_of_ipfix_tell_the_rate_of_all() {
    let mut collector = Collector::new();
    let options = template(257, &[(302, 8), (305, 4), (306, 4)]);
    let options = [&options[..4], &[0, 1], &options[4..]].concat();
    let told = bytes().u64(9).u32(1).u32(511).0;
    let sets = [set(3, &options), set(257, &told), set(2, &template(256, PLAIN)), set(256, &plain_record())];
    let records = read(&mut collector, &ipfix(0, &sets));
    assert_eq!(records[0].sampling, 512);
}

#[test]
fn ipfix_has_fields_of_variable_length_and_of_others() {
    let mut collector = Collector::new();
    let content = bytes().u16(256).u16(5).u16(8).u16(4).u16(0x8000 | 1).u16(0xffff).u32(9);
    let content = content.u16(12).u16(4).u16(82).u16(0xffff).u16(1).u16(8).0;
    let record = |name: &[u8]| {
        let head = bytes().add(&[10, 0, 0, 1]).u8(name.len() as u8).add(name);
        head.add(&[10, 0, 0, 2]).u8(255).u16(2).add(b"e0").u64(77).0
    };
    let data = [record(b"x"), record(b"a longer one")].concat();
    let records = read(&mut collector, &ipfix(0, &[set(2, &content), set(256, &data)]));
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].destination, ip("10.0.0.2"));
    assert_eq!(records[1].forward.bytes, 77);
}

#[test]
fn ipfix_numbers_may_be_short_and_times_absolute() {
    let mut collector = Collector::new();
    let fields = [(27, 16), (28, 16), (1, 3), (152, 8), (155, 8), (61, 1), (243, 2), (56, 6)];
    let ntp = (u64::from(EXPORTED) + 2_208_988_800) << 32 | 0x8000_0000;
    let record = bytes()
        .add(&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        .add(&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
        .add(&[1, 0, 0])
        .u64(1_699_999_999_123)
        .u64(ntp)
        .u8(1)
        .u16(100)
        .add(&[2, 0, 0, 0, 0, 1])
        .0;
    let sets = [set(2, &template(256, &fields)), set(256, &record)];
    let records = read(&mut collector, &ipfix(0, &sets));
    let [record] = &records[..] else { panic!() };
    assert_eq!(record.source, ip("2001:db8::1"));
    assert_eq!(record.forward.bytes, 65_536);
    assert_eq!(record.forward.first, 1_699_999_999_123_000_000);
    assert_eq!(record.forward.last, 1_700_000_000_500_000_000);
    assert_eq!((record.direction, record.vlan), (Direction::Egress, 100));
    assert_eq!(record.source_mac, Some([2, 0, 0, 0, 0, 1]));
}

#[test]
fn reverse_elements_are_the_way_back() {
    let mut collector = Collector::new();
    let reverse = |id: u16, length: u16| bytes().u16(0x8000 | id).u16(length).u32(29305).0;
    let content = bytes().u16(256).u16(6).u16(8).u16(4).u16(12).u16(4).u16(2).u16(4);
    let content = content.u16(1).u16(4).add(&reverse(2, 4)).add(&reverse(1, 4)).0;
    let record = bytes().add(&[10, 0, 0, 1]).add(&[10, 0, 0, 2]);
    let record = record.u32(5).u32(500).u32(7).u32(9000).0;
    let records = read(&mut collector, &ipfix(0, &[set(2, &content), set(256, &record)]));
    let back = records[0].reverse.unwrap();
    assert_eq!((records[0].forward.packets, back.packets, back.bytes), (5, 7, 9000));
}

#[test]
fn a_withdrawn_template_is_gone() {
    let mut collector = Collector::new();
    read(&mut collector, &ipfix(0, &[set(2, &template(256, PLAIN)), set(2, &template(257, PLAIN))]));
    read(&mut collector, &ipfix(0, &[set(2, &template(256, &[]))]));
    assert!(read(&mut collector, &ipfix(0, &[set(256, &plain_record())])).is_empty());
    assert_eq!(read(&mut collector, &ipfix(0, &[set(257, &plain_record())])).len(), 1);
    read(&mut collector, &ipfix(0, &[set(2, &template(2, &[]))]));
    assert!(read(&mut collector, &ipfix(0, &[set(257, &plain_record())])).is_empty());
}

#[test]
fn missing_records_of_ipfix_are_counted() {
    let mut collector = Collector::new();
    let two = [plain_record(), plain_record()].concat();
    read(&mut collector, &ipfix(0, &[set(2, &template(256, PLAIN)), set(256, &two)]));
    read(&mut collector, &ipfix(2, &[set(256, &two)]));
    read(&mut collector, &ipfix(10, &[set(256, &two)]));
    assert_eq!(collector.totals().lost_exports, 6);
}

#[test]
fn a_template_without_bytes_is_refused() {
    let mut collector = Collector::new();
    let sets = [set(2, &template(256, &[(8, 0), (12, 0)])), set(256, &[0; 60])];
    assert!(read(&mut collector, &ipfix(0, &sets)).is_empty());
    assert_eq!(collector.totals().refused_templates, 1);
}

#[test]
fn a_sampled_header_is_handed_out() {
    let mut collector = Collector::new();
    let switch = bytes().u32(100).u32(0).u32(200).u32(0).0;
    let sample = flow_sample(&[(1, raw_header(b"begin of a frame")), (1001, switch)]);
    let found = found(&mut collector, &sflow(1, &[(1, sample)]));
    let [sampled] = &found.headers[..] else { panic!() };
    assert_eq!(sampled.header, b"begin of a frame");
    assert_eq!((sampled.header_protocol, sampled.frame_length), (1, 1500));
    assert_eq!(sampled.record.exporter, ip("192.0.2.9"));
    assert_eq!((sampled.record.input, sampled.record.output), (5, 6));
    assert_eq!((sampled.record.sampling, sampled.record.vlan), (512, 100));
    assert_eq!(sampled.record.direction, Direction::Ingress);
    assert_eq!(sampled.record.forward.wire_bytes, Some(1500));
}

#[test]
fn a_sampled_header_that_is_cut_off_still_names_both_ends() {
    let frame = bytes()
        .add(&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1])
        .u16(0x8100)
        .u16(100)
        .u16(0x0800)
        .add(&[0x45, 0, 0x05, 0xb4, 0, 1, 0, 0, 63, 6, 0, 0])
        .add(&[10, 0, 0, 1])
        .add(&[198, 51, 100, 7])
        .u16(40000)
        .u16(443)
        .u32(1)
        .u32(2)
        .add(&[0x50, 0x18, 1, 0, 0, 0, 0, 0])
        .add(b"the first bytes of")
        .0;
    let sample = flow_sample(&[(1, raw_header(&frame))]);
    let found = found(&mut Collector::new(), &sflow(1, &[(1, sample)]));
    let record = found.headers[0].decode().unwrap();
    assert_eq!((record.source, record.source_port), (ip("10.0.0.1"), 40000));
    assert_eq!((record.destination, record.destination_port), (ip("198.51.100.7"), 443));
    assert_eq!((record.vlan, record.ttl, record.protocol), (100, Some((63, 63)), 6));
    assert_eq!((record.forward.bytes, record.forward.tcp_flags), (1460, Some(0x18)));
    assert_eq!(record.source_mac, Some([2, 0, 0, 0, 0, 1]));
}

#[test]
fn a_sampled_ipv4_packet_in_an_expanded_sample_is_a_record() {
    let mut collector = Collector::new();
    let head = bytes().u32(1).u32(0).u32(70_000_000).u32(256).u32(0).u32(0);
    let head = head.u32(0).u32(70_000_000).u32(1).u32(2).u32(1);
    let sample = parts(head, &[(3, sampled_ipv4())]).0;
    let records = read(&mut collector, &sflow(1, &[(3, sample)]));
    let [record] = &records[..] else { panic!() };
    assert_eq!((record.input, record.output), (70_000_000, 0));
    assert_eq!((record.source, record.destination_port), (ip("10.0.0.1"), 443));
    assert_eq!((record.forward.packets, record.forward.bytes, record.sampling), (1, 576, 256));
}

#[test]
fn interface_counters_are_read() {
    let mut collector = Collector::new();
    let sample = parts(bytes().u32(1).u32(5).u32(1), &[(1, interface_counters())]).0;
    let found = found(&mut collector, &sflow(1, &[(2, sample)]));
    let [counters] = &found.counters[..] else { panic!() };
    assert_eq!((counters.index, counters.speed, counters.status), (5, 1_000_000_000, 3));
    assert_eq!(counters.received_bytes, 123_456_789_012);
    assert_eq!((counters.sent_bytes, counters.sent_errors), (987_654_321, 25));
}

#[test]
fn an_odd_part_costs_only_itself() {
    let mut collector = Collector::new();
    let odd = (0xabcd_e001, vec![1, 2, 3, 4]);
    let short_gateway = (1003, vec![0, 0, 0, 1]);
    let sample = flow_sample(&[odd.clone(), short_gateway, (3, sampled_ipv4())]);
    let datagram = sflow(1, &[odd, (1, sample)]);
    assert_eq!(read(&mut collector, &datagram).len(), 1);
    assert_eq!(collector.totals().damaged, 0);
}

#[test]
fn what_is_no_export_is_foreign() {
    let mut collector = Collector::new();
    for datagram in [&b""[..], b"x", b"GET / HTTP/1.1", &[0, 0, 0, 4]] {
        assert!(read(&mut collector, datagram).is_empty());
    }
    assert_eq!(collector.totals().foreign, 4);
}
