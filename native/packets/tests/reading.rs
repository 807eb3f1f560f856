//! What a reading says of captures made by hand.

mod common;

use common::*;
use whence_packets::{Checksums, Filter, Instruction, Options, Reading, Way};

fn transport(flows: &[whence_packets::Flow]) -> Vec<(String, String)> {
    flows
        .iter()
        .map(|flow| {
            let (source, destination) = (flow.source(), flow.destination());
            (format!("{}:{}", source.0.ip(), source.1), format!("{}:{}", destination.0.ip(), destination.1))
        })
        .collect()
}

#[test]
fn every_link_layer_carries_the_same_datagram() {
    for (link, frame) in links() {
        let is_ip = frame.windows(5).any(|bytes| bytes == b"hello");
        let (flows, summary) = read(pcap(link, &[frame]));
        assert_eq!(flows.len(), usize::from(is_ip), "link {link}: {summary:?}");
        if is_ip {
            assert_eq!(transport(&flows)[0], ("192.0.2.1:40000".to_string(), "192.0.2.2:9".to_string()), "link {link}");
        }
        assert_eq!(summary.tally.malformed, 0, "link {link}");
    }
}

#[test]
fn a_header_before_the_frame_that_cannot_be_is_passed_over() {
    let frame = ethernet(0x0800, &datagram());
    for header in
        [[0, 0, 0, 0, 1, 0, 0, 0], [0, 0, 255, 0, 1, 0, 0, 0], [0, 0, 8, 0, 192, 0, 0, 0], [0, 0, 8, 0, 1, 0, 1, 0]]
    {
        let (flows, summary) = read(pcap(192, &[joined(&[&header, &frame])]));
        assert_eq!((flows.len(), summary.tally.malformed), (0, 1), "{header:?}");
    }
}

#[test]
fn a_tunnel_and_what_is_in_it_are_two_flows() {
    for (name, packet) in tunnels() {
        let capture = pcap(101, &[packet]);
        let mut reading = Reading::from_bytes(vec![capture], Options::default());
        let mut flows = Vec::new();
        while let Some(batch) = reading.next_flows() {
            flows.extend(batch);
        }
        flows.sort_by_key(|flow| flow.link.depth);
        assert_eq!(flows.len(), 2, "{name}: {:?}", reading.summary());
        assert_eq!(flows[1].destination().1, 9, "{name}");
        let said = reading.tunnel_name()(flows[1].link.tunnel);
        assert_eq!(said, format!("{name} 198.51.100.1>198.51.100.2"));
    }
}

/// Hold flows apart by all that there is.
fn apart() -> Options {
    Options { by_vlan: true, by_tunnel: true, ..Options::default() }
}

#[test]
fn a_tag_that_only_says_how_urgent_a_frame_is_makes_no_vlan() {
    let frames: Vec<Vec<u8>> = connection()
        .into_iter()
        .enumerate()
        .map(|(number, frame)| match number % 3 {
            0 => joined(&[&frame[..12], &[0x81, 0, 0xa0, 0], &frame[12..]]),
            1 => joined(&[&frame[..12], &[0x88, 0xa8, 0xa0, 0], &frame[12..]]),
            _ => frame,
        })
        .collect();
    let (flows, _) = read_with(vec![pcap(1, &frames)], apart());
    assert_eq!(flows.len(), 1);
    assert_eq!((flows[0].link.tags, flows[0].state()), (0, "SF"));
    let inner = |frame: &Vec<u8>| joined(&[&frame[..12], &[0x88, 0xa8, 0xa0, 0, 0x81, 0, 0, 7], &frame[12..]]);
    let (flows, _) = read_with(vec![pcap(1, &connection().iter().map(inner).collect::<Vec<_>>())], apart());
    assert_eq!((flows[0].link.tags, flows[0].link.vlan), (1, [7, 0, 0, 0]));
}

#[test]
fn three_tags_are_three() {
    let tagged = |inner: u8| {
        let tags = [0x88, 0xa8, 0, 10, 0x81, 0, 0, 20, 0x81, 0, 0, inner];
        connection().into_iter().map(move |frame| joined(&[&frame[..12], &tags, &frame[12..]]))
    };
    let (flows, _) = read_with(vec![pcap(1, &tagged(30).chain(tagged(31)).collect::<Vec<_>>())], apart());
    let seen: Vec<_> = flows.iter().map(|flow| (flow.link.tags, flow.link.vlan)).collect();
    assert_eq!(seen, [(3, [10, 20, 30, 0]), (3, [10, 20, 31, 0])]);
}

#[test]
fn an_authentication_header_hides_nothing() {
    let behind = |next: u8, packet: &[u8]| joined(&[&[next, 4, 0, 0, 0, 0, 0, 77, 0, 0, 0, 1], &[9; 12], packet]);
    let question = udp(5000, 9, b"payload");
    let (flows, _) = read(pcap(101, &[ipv4(A, B, 51, &behind(17, &question)), ipv6(51, &behind(17, &question))]));
    let seen: Vec<_> = flows.iter().map(|flow| (flow.key.protocol, flow.destination().1, flow.payload[0])).collect();
    assert_eq!(seen, [(17, 9, 7); 2]);
    // In IPv4 no other header is gone through, and no frame makes the decoder go round and round.
    let (flows, _) = read(pcap(101, &[ipv4(A, B, 51, &behind(60, &[17; 40]))]));
    assert_eq!(flows[0].key.protocol, 60);
    let nested = (0..2000).fold(Vec::new(), |inner, _| behind(51, &inner));
    let (flows, summary) = read(pcap(101, &[ipv4(A, B, 51, &nested)]));
    assert_eq!((flows.len(), summary.tally.malformed), (0, 1));
    let (flows, _) = read_with(vec![pcap(101, &[ipv4(A, B, 51, &behind(4, &ipv4(A, B, 17, &question)))])], apart());
    let seen: Vec<_> = flows.iter().map(|flow| (flow.key.protocol, flow.link.depth)).collect();
    assert_eq!(seen, [(4, 0), (17, 1)]);
}

#[test]
fn a_direction_is_that_of_who_asked_though_an_answer_was_first() {
    let (asks, answers) = (udp(40_000, 53, b"question"), udp(53, 40_000, b"\0\0\x81\0answer"));
    let (there, back) = (ipv4(A, B, 17, &asks), ipv4(B, A, 17, &answers));
    let direction = |way: u32| joined(&[&option(2, &way.to_le_bytes()), &option(0, &[])]);
    let out_first = [packet_block(0, 1, &there, &direction(2)), packet_block(0, 2, &back, &direction(1))];
    let in_first = [packet_block(0, 1, &back, &direction(1)), packet_block(0, 2, &there, &direction(2))];
    for packets in [out_first, in_first] {
        let (flows, _) = read(joined(&[&section(), &interface(101, "tun0", 6), &packets[0], &packets[1]]));
        assert_eq!((flows.len(), flows[0].destination().1, flows[0].link.direction), (1, 53, 2));
    }
}

#[test]
fn a_cooked_capture_that_begins_with_an_answer_knows_who_sent_that() {
    let (asks, answers) = (udp(40_000, 53, b"question"), udp(53, 40_000, b"\0\0\x81\0answer"));
    let cooked = |kind: u8, hardware: u16, mac: [u8; 6], packet: &[u8]| {
        joined(&[&[0, kind], &hardware.to_be_bytes(), &[0, 6], &mac, &[0, 0, 8, 0], packet])
    };
    let (here, there) = ([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let question = cooked(4, 1, here, &ipv4(A, B, 17, &asks));
    let answer = cooked(0, 1, there, &ipv4(B, A, 17, &answers));
    let (flows, _) = read(pcap(113, &[question.clone(), answer.clone()]));
    assert_eq!((flows[0].stations(), flows[0].link.direction), ([Some(here), None], 2));
    let (flows, _) = read(pcap(113, &[answer, question]));
    assert_eq!((flows[0].stations(), flows[0].link.direction), ([None, Some(there)], 2));
    let loopback = cooked(0, 772, [0; 6], &ipv4(B, A, 17, &answers));
    assert_eq!(read(pcap(113, &[loopback])).0[0].stations(), [Some([0; 6]), None]);
}

#[test]
fn gtp_numbers_each_way_for_itself() {
    let around = |packet: &[u8]| {
        let (from, to, number) =
            if packet[12..16] == A { ([10, 0, 0, 1], [10, 0, 0, 2], 5) } else { ([10, 0, 0, 2], [10, 0, 0, 1], 6) };
        let header = [0x30, 0xff, 0, packet.len() as u8, 0, 0, 0, number];
        ipv4(from, to, 17, &udp(2152, 2152, &joined(&[&header, packet])))
    };
    let packets: Vec<Vec<u8>> = connection().iter().map(|frame| around(&frame[14..])).collect();
    let mut reading = Reading::from_bytes(vec![pcap(101, &packets)], apart());
    let mut flows = Vec::new();
    while let Some(batch) = reading.next_flows() {
        flows.extend(batch);
    }
    let inner: Vec<_> = flows.iter().filter(|flow| flow.link.depth == 1).collect();
    assert_eq!(inner.len(), 1);
    assert_eq!(inner[0].state(), "SF");
    assert_eq!(reading.tunnel_name()(inner[0].link.tunnel), "gtp:5 10.0.0.1>10.0.0.2");
}

#[test]
fn a_station_that_sends_to_an_access_point_is_the_source_and_not_the_point() {
    let snap = joined(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &datagram()]);
    let (point, source, destination) = ([2, 0, 0, 0, 0, 0xff], [2, 0, 0, 0, 0, 0xa], [2, 0, 0, 0, 0, 0xb]);
    let to_point = joined(&[&[0x08, 1, 0, 0], &point, &source, &destination, &[0, 0], &snap]);
    let from_point = joined(&[&[0x08, 2, 0, 0], &destination, &point, &source, &[0, 0], &snap]);
    let past_it = joined(&[&[0x08, 0, 0, 0], &destination, &source, &point, &[0, 0], &snap]);
    let between = joined(&[&[0x08, 3, 0, 0], &point, &point, &destination, &[0, 0], &source, &snap]);
    for frame in [to_point, from_point, past_it, between] {
        let (flows, _) = read(pcap(105, std::slice::from_ref(&frame)));
        assert_eq!(flows[0].stations(), [Some(source), Some(destination)], "{frame:02x?}");
    }
}

#[test]
fn frames_that_nobody_can_look_into_are_counted() {
    let wireless = joined(&[&[0x88, 0x41, 0, 0], &[2; 18], &[0, 0], &[0, 0], &[1, 2, 0, 0x20, 0, 0, 0, 0], &[7; 60]]);
    let macsec = ethernet(0x88e5, &[7; 60]);
    for (link, frame) in [(105, wireless), (1, macsec)] {
        let (flows, summary) = read(pcap(link, &[frame]));
        assert_eq!((flows.len(), summary.tally.encrypted), (0, 1), "link {link}");
    }
}

#[test]
fn tunnels_in_tunnels_are_named_from_the_outermost() {
    let inner = ipv4([10, 0, 0, 1], [10, 0, 0, 2], 47, &joined(&[&[0, 0, 8, 0], &datagram()]));
    let outer = ipv6(4, &inner);
    let mut reading = Reading::from_bytes(vec![pcap(101, &[outer])], Options::default());
    let mut flows = Vec::new();
    while let Some(batch) = reading.next_flows() {
        flows.extend(batch);
    }
    flows.sort_by_key(|flow| flow.link.depth);
    assert_eq!(flows.iter().map(|flow| flow.key.protocol).collect::<Vec<_>>(), [4, 47, 17]);
    let said = reading.tunnel_name()(flows[2].link.tunnel);
    assert_eq!(said, "ipip 2001:db8::1>2001:db8::2 gre 10.0.0.1>10.0.0.2");
}

#[test]
fn what_only_looks_like_teredo_is_one_flow() {
    let ip = ipv6(17, &udp(40_000, 9, b"hello"));
    let mut longer = joined(&[&[0; 8], &ip, b"and more"]);
    let origin = joined(&[&[0; 8], &ip[..39]]);
    for payload in [&ip[..], &longer.clone(), &origin, &joined(&[&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &ip])] {
        let (flows, summary) = read(pcap(101, &[ipv4(A, B, 17, &udp(5000, 6000, payload))]));
        assert_eq!((flows.len(), summary.tally.malformed), (1, 0), "{payload:02x?}");
    }
    longer.truncate(8 + ip.len());
    assert_eq!(read(pcap(101, &[ipv4(A, B, 17, &udp(5000, 6000, &longer))])).0.len(), 2);
}

#[test]
fn gtp_is_not_looked_for_in_gtp() {
    let gtp = |packet: &[u8]| udp(2152, 2152, &joined(&[&[0x30, 0xff, 0, packet.len() as u8, 0, 0, 0, 5], packet]));
    let twice = gtp(&ipv4([10, 0, 0, 1], [10, 0, 0, 2], 17, &gtp(&datagram())));
    assert_eq!(read(pcap(101, &[ipv4(A, B, 17, &twice)])).0.len(), 2);
}

#[test]
fn gre_with_flags_that_nobody_defined_is_not_gone_into() {
    for flag in [0x08, 0x10, 0x20, 0x40] {
        let (flows, summary) = read(pcap(101, &[ipv4(A, B, 47, &joined(&[&[0, flag, 8, 0], &datagram()]))]));
        assert_eq!((flows.len(), summary.tally.malformed), (1, 1), "{flag:#x}");
    }
}

#[test]
fn what_only_goes_to_the_port_of_linux_vxlan_is_one_flow() {
    let frame = ethernet(0x0800, &datagram());
    let header = [8, 0, 0, 0, 0, 0, 42, 0];
    let other = [[0x0c, 0, 0, 0, 0, 0, 42, 0], [8, 0, 0, 1, 0, 0, 42, 0], [8, 0, 0, 0, 0, 0, 42, 1]];
    for payload in [joined(&[&header, &[9; 40]]), header.to_vec()]
        .into_iter()
        .chain(other.map(|header| joined(&[&header, &frame])))
    {
        let (flows, summary) = read(pcap(101, &[ipv4(A, B, 17, &udp(50_000, 8472, &payload))]));
        assert_eq!((flows.len(), summary.tally.malformed), (1, 0), "{payload:02x?}");
    }
}

#[test]
fn what_only_goes_to_the_port_of_gre_is_one_flow() {
    let gre = joined(&[&[0, 0, 8, 0], &datagram()]);
    let mut routed = gre.clone();
    routed[0] = 0x40;
    let mut second = gre.clone();
    second[1] = 1;
    let answer = udp(53, 4754, &[0x12, 0x34, 0x81, 0x80, 0, 1]);
    for datagram in [answer, udp(4754, 50_000, &gre), udp(50_000, 4754, &routed), udp(50_000, 4754, &second)] {
        let (flows, summary) = read(pcap(101, &[ipv4(A, B, 17, &datagram)]));
        assert_eq!((flows.len(), summary.tally.malformed), (1, 0), "{datagram:02x?}");
    }
}

#[test]
fn a_connection_from_its_beginning_to_its_end() {
    let (flows, _) = read(pcap(ETHERNET, &connection()));
    let [flow] = &flows[..] else { panic!("{} flows", flows.len()) };
    assert_eq!((flow.state(), flow.history.text().as_str()), ("SF", "ShADdFf"));
    assert_eq!((flow.payload(Way::Forth), flow.payload(Way::Back)), (Some(8), Some(6)));
    assert_eq!((flow.packets, flow.bytes), ([5, 3], [208, 126]));
    assert_eq!((flow.syns[0], flow.answers[1], flow.fins, flow.resets), (1, 1, 2, 0));
    // The last ACK comes after both have closed, and does not count for the duration.
    assert_eq!(flow.duration(), Some(6_000_000));
}

#[test]
fn a_segment_sent_twice_is_a_retransmission() {
    let mut frames = connection();
    frames.insert(4, frames[3].clone());
    let (flows, _) = read(pcap(ETHERNET, &frames));
    assert_eq!(flows[0].retransmissions(Way::Forth), 1);
    assert!(flows[0].history.text().contains('T'));
}

#[test]
fn the_answer_seen_first_is_still_an_answer() {
    let answer = ethernet(0x0800, &ipv4(B, A, 17, &udp(53, 40_000, b"answer")));
    let (flows, _) = read(pcap(ETHERNET, &[answer]));
    assert_eq!((flows[0].source().1, flows[0].state(), flows[0].history.text().as_str()), (40_000, "SHR", "^d"));
    let screen = ethernet(0x0800, &ipv4(B, A, 17, &udp(3389, 40_000, b"screen")));
    assert_eq!(read(pcap(ETHERNET, &[screen])).0[0].destination().1, 3389);
}

/// Segments between port 4000 of A and port 5000 of B, of which neither is one of servers: who sends, flags, payload.
fn segments(sent: &[(bool, u8, &[u8])]) -> whence_packets::Flow {
    let mut next = [100, 500];
    let frames: Vec<Vec<u8>> = sent
        .iter()
        .map(|(forth, flags, payload)| {
            let (here, there) = if *forth { (0, 1) } else { (1, 0) };
            let (from, to, ports) = if *forth { (A, B, (4000, 5000)) } else { (B, A, (5000, 4000)) };
            let segment = tcp(ports.0, ports.1, next[here], next[there], *flags, payload);
            next[here] += payload.len() as u32 + u32::from(flags & 3 != 0);
            ethernet(0x0800, &ipv4(from, to, 6, &segment))
        })
        .collect();
    let (mut flows, _) = read(pcap(ETHERNET, &frames));
    assert_eq!(flows.len(), 1);
    flows.remove(0)
}

#[test]
fn an_answer_that_is_gone_on_with_answered_somebody() {
    let answer: (bool, u8, &[u8]) = (false, 0x12, b"");
    let ends = |flow: &whence_packets::Flow| (flow.source().1, flow.destination().1, flow.history.text());
    // The caller goes on, or the one who was called.
    let flow = segments(&[answer, (true, 0x10, b""), (true, 0x18, b"question"), (false, 0x18, b"answer")]);
    assert_eq!(ends(&flow), (4000, 5000, "^hADd".into()));
    assert_eq!((flow.packets, flow.answers, flow.state()), ([2, 2], [0, 1], "OTH"));
    assert_eq!((flow.payload(Way::Forth), flow.payload(Way::Back)), (Some(8), Some(6)));
    let flow = segments(&[answer, (false, 0x18, b"banner"), (true, 0x10, b"")]);
    assert_eq!(ends(&flow), (4000, 5000, "^hdA".into()));
    let flow = segments(&[answer, (true, 0x10, b""), (true, 0x11, b""), (false, 0x11, b""), (true, 0x10, b"")]);
    assert_eq!((ends(&flow).2.as_str(), flow.state()), ("^hAFf", "SF"));
    // A scan by SYN+ACK: nobody, a RST, or the SYN after all.
    assert_eq!(ends(&segments(&[answer, answer])), (5000, 4000, "H".into()));
    let flow = segments(&[answer, (true, 0x04, b""), (true, 0x10, b"")]);
    assert_eq!((ends(&flow), flow.state()), ((5000, 4000, "Hra".into()), "REJ"));
}

#[test]
fn a_packet_whose_length_is_left_to_the_card_has_no_sums_either() {
    let mut packet = ipv4(A, B, 17, &udp(40_000, 9, &[0; 3000]));
    (packet[2], packet[3]) = (0, 0);
    let frame = ethernet(0x0800, &packet);
    let with = |checksums| {
        let options = Options { checksums, ..Options::default() };
        let (flows, summary) = read_with(vec![pcap(ETHERNET, std::slice::from_ref(&frame))], options);
        (flows.iter().map(|flow| flow.bytes[0]).collect::<Vec<_>>(), summary.tally.bad_checksums)
    };
    assert_eq!(with(Checksums::Ignore).0, [3028]);
    assert_eq!(with(Checksums::Drop), (vec![], 1));
}

#[test]
fn a_connection_of_which_nothing_was_sound_is_over_after_five_seconds() {
    // The sums of these segments are all wrong.
    let segment = |flags| ethernet(0x0800, &ipv4(A, B, 6, &tcp(4000, 5000, 100, 0, flags, b"")));
    let options = Options { checksums: Checksums::Drop, ..Options::default() };
    let rows = |seconds: i64| {
        let frames = [(0, segment(0x02)), (1_000_000 * seconds, segment(0x10))];
        let (flows, _) = read_with(vec![timed(ETHERNET, frames)], options.clone());
        flows.iter().map(|flow| (flow.history.text(), flow.packets[0])).collect::<Vec<_>>()
    };
    assert_eq!(rows(4), [("C".to_string(), 0)]);
    assert_eq!(rows(6), [("C".to_string(), 0), ("C".to_string(), 0)]);
}

#[test]
fn what_nobody_acknowledges_is_kept_for_nobody() {
    let frame = |from, to, ports: (u16, u16), sequence, acknowledged, flags, payload: &[u8]| {
        ethernet(0x0800, &ipv4(from, to, 6, &tcp(ports.0, ports.1, sequence, acknowledged, flags, payload)))
    };
    let server = |sequence, flags, payload: &[u8]| frame(B, A, (80, 40_000), sequence, 2_405_409_293, flags, payload);
    let frames = [
        server(2, 0x11, &[0; 751]),
        server(24_982, 0x10, b""), // more than anybody takes at once, and none of it is acknowledged
        server(753, 0x10, b"abc"),
        frame(A, B, (40_000, 80), 756, 2_405_409_293, 0x11, b""),
        frame(A, B, (40_000, 80), 757, 2_405_409_293, 0x10, b""),
    ];
    let (flows, _) = read(pcap(ETHERNET, &frames));
    // Both have closed with the fourth: the client's end waits for nothing of the server's.
    assert_eq!(flows[0].duration(), Some(3_000_000));
}

#[test]
fn silence_ends_a_flow() {
    let frame = ethernet(0x0800, &datagram());
    let (flows, _) = read(timed(ETHERNET, [(0, frame.clone()), (59_999_999, frame.clone()), (119_999_999, frame)]));
    assert_eq!(flows.iter().map(|flow| flow.packets[0]).collect::<Vec<_>>(), [2, 1]);
}

/// In how many flows a connection is that is silent for so many seconds, with or without its beginning.
fn flows_with_silence(client: u16, port: u16, seconds: i64, skip: usize) -> usize {
    let forth = |sequence, acknowledged, flags, payload: &[u8]| {
        ethernet(0x0800, &ipv4(A, B, 6, &tcp(client, port, sequence, acknowledged, flags, payload)))
    };
    let answer = ethernet(0x0800, &ipv4(B, A, 6, &tcp(port, client, 500, 101, 0x12, b"")));
    let frames = [
        (0, forth(100, 0, 0x02, b"")),
        (1000, answer),
        (2000, forth(101, 501, 0x18, b"question")),
        (2000 + seconds * 1_000_000, forth(109, 501, 0x18, b"question")),
    ];
    read(timed(ETHERNET, frames.into_iter().skip(skip))).0.len()
}

#[test]
fn at_a_terminal_one_may_be_silent_for_an_hour() {
    for port in [21, 22, 23, 513] {
        assert_eq!([3599, 3600].map(|seconds| flows_with_silence(40_000, port, seconds, 0)), [1, 2], "port {port}");
        // Nobody has seen that the server took the call.
        assert_eq!([299, 300].map(|seconds| flows_with_silence(40_000, port, seconds, 2)), [1, 2], "port {port}");
    }
    for port in [20, 24, 80, 512] {
        assert_eq!([299, 300].map(|seconds| flows_with_silence(40_000, port, seconds, 0)), [1, 2], "port {port}");
    }
    // The client's port says nothing, unless the call itself was not seen.
    assert_eq!(flows_with_silence(22, 8080, 400, 0), 2);
    // From the answer on: the roles are guessed for 22, but not for 513.
    assert_eq!([3599, 3600].map(|seconds| flows_with_silence(40_000, 22, seconds, 1)), [1, 2]);
    assert_eq!(flows_with_silence(40_000, 513, 400, 1), 2);
}

#[test]
fn a_syn_that_nobody_answers_is_an_attempt_for_five_seconds() {
    let syn = connection().swap_remove(0);
    let (flows, _) = read(timed(ETHERNET, [(0, syn.clone()), (1_000_000, syn.clone()), (7_000_000, syn)]));
    assert_eq!(flows.iter().map(|flow| (flow.state(), flow.syns[0])).collect::<Vec<_>>(), [("S0", 2), ("S0", 1)]);
}

#[test]
fn pieces_are_put_together_in_any_order() {
    let payload = udp(40_000, 9, &[7; 2000]);
    let piece = |from: usize, to: usize, more: bool| {
        let flags = u16::from(more) << 13 | (from / 8) as u16;
        ethernet(0x0800, &ipv4_piece(A, B, 17, &payload[from..to], 5, flags))
    };
    let (flows, summary) =
        read(pcap(ETHERNET, &[piece(1600, 2008, false), piece(0, 800, true), piece(800, 1600, true)]));
    assert_eq!((flows.len(), flows[0].packets[0], flows[0].bytes[0]), (1, 1, 2028));
    assert_eq!((summary.tally.fragments, summary.incomplete_fragments), (3, 0));
    let (flows, summary) = read(pcap(ETHERNET, &[piece(0, 800, true)]));
    assert_eq!((flows.len(), summary.incomplete_fragments), (0, 1));
}

#[test]
fn headers_between_ip_and_transport_are_passed() {
    let datagram = udp(40_000, 9, b"hello");
    let packet = ipv6(
        0,
        &joined(&[&[43, 0, 1, 4, 0, 0, 0, 0], &[60, 0, 0, 0, 0, 0, 0, 0], &[17, 0, 1, 4, 0, 0, 0, 0], &datagram]),
    );
    let (flows, _) = read(pcap(101, &[packet]));
    assert_eq!(flows[0].destination().1, 9);
}

/// Of what `read` says: between whom, and how many wrong checksums there were.
fn ends(packet: Vec<u8>) -> (String, String, u64) {
    let (flows, summary) = read(pcap(101, &[packet]));
    let [flow] = &flows[..] else { panic!("{} flows", flows.len()) };
    (flow.source().0.ip().to_string(), flow.destination().0.ip().to_string(), summary.tally.bad_checksums)
}

#[test]
fn an_ipv6_packet_goes_where_its_routing_header_says_in_the_end() {
    let last = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
    let between = |kind: u8, units: u8, left: u8| {
        let mut header = vec![17, units, kind, left, 0, 0, 0, 0];
        header.resize(usize::from(units) * 8 - 8, 0);
        header.extend(last);
        let mut datagram = udp(5000, 5001, b"hello");
        (datagram[6], datagram[7]) = (0x39, 0x75); // with 2001:db8::9
        ipv6(43, &joined(&[&header, &datagram]))
    };
    let (here, next, there) = ("2001:db8::1".to_string(), "2001:db8::2".to_string(), "2001:db8::9".to_string());
    for (kind, units, left) in [(0, 2, 1), (0, 4, 2), (2, 2, 1)] {
        assert_eq!(ends(between(kind, units, left)), (here.clone(), there.clone(), 0), "{kind} {units} {left}");
    }
    for (kind, units, left) in [(0, 2, 0), (0, 3, 1), (2, 4, 1), (2, 2, 0), (4, 2, 1)] {
        assert_eq!(ends(between(kind, units, left)), (here.clone(), next.clone(), 1), "{kind} {units} {left}");
    }
}

#[test]
fn a_mobile_node_sends_from_its_home_address() {
    let home = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let option = joined(&[&[201, 16], &home]);
    let packet = |options: &[u8]| {
        let header = joined(&[&[17, (options.len() / 8) as u8], options]);
        let mut datagram = udp(5000, 5001, b"hello");
        (datagram[6], datagram[7]) = (0x39, 0x76); // with 2001:db8::7
        ipv6(60, &joined(&[&header, &datagram]))
    };
    let (home, here, there) = ("2001:db8::7".to_string(), "2001:db8::1".to_string(), "2001:db8::2".to_string());
    let told = joined(&[&[1, 2, 0, 0], &option]);
    assert_eq!(ends(packet(&told)), (home.clone(), there.clone(), 0));
    assert_eq!(ends(packet(&joined(&[&[0, 0, 0, 0], &option]))), (home, there.clone(), 0));
    // Another length, another option, an option that goes on behind the header.
    for bad in [[201, 15], [202, 16], [1, 17]] {
        let bad = joined(&[&[0, 0, 0, 0], &bad, &[7; 16]]);
        assert_eq!(ends(packet(&bad)), (here.clone(), there.clone(), 1));
    }
}

#[test]
fn where_a_mobile_node_is_makes_no_flow() {
    let update = joined(&[&[59, 1, 5, 0, 0, 0], &[0; 10]]);
    let behind = joined(&[&[135, 0, 1, 4, 0, 0, 0, 0], &update]);
    let (flows, summary) = read(pcap(101, &[ipv6(135, &update), ipv6(60, &behind)]));
    assert_eq!((flows.len(), summary.tally.packets, summary.tally.malformed), (0, 2, 0));
    // In IPv4 there is no such thing.
    assert_eq!(read(pcap(101, &[ipv4(A, B, 135, &update)])).0.len(), 1);
}

#[test]
fn a_fragment_header_around_the_whole_is_not_counted() {
    let datagram = udp(40_000, 9, &[7; 64]);
    let alone = ipv6(44, &joined(&[&[17, 0, 0, 0, 0, 0, 0, 99], &datagram]));
    let (flows, summary) = read(pcap(101, std::slice::from_ref(&alone)));
    assert_eq!((flows[0].bytes[0], flows[0].payload[0], summary.tally.malformed), (112, 64, 0));
    let behind = joined(&[&[44, 0, 1, 4, 0, 0, 0, 0], &alone[40..]]);
    assert_eq!(read(pcap(101, &[ipv6(0, &behind)])).0[0].bytes[0], 120);
    // It is not put together where the end was not captured.
    let mut cut = pcap(101, std::slice::from_ref(&alone));
    let (length, end) = (cut.len(), 24 + 8);
    cut[end..end + 4].copy_from_slice(&100u32.to_le_bytes());
    let (flows, _) = read(cut[..length - 20].to_vec());
    assert_eq!(flows[0].bytes[0], 120);
}

#[test]
fn pcapng_with_sections_interfaces_and_blocks_of_other_kinds() {
    let frame = ethernet(0x0800, &datagram());
    let mut flags = option(1, b"a comment");
    flags.extend(option(2, &2u32.to_le_bytes()));
    flags.extend(option(0, &[]));
    let mut statistics = 1u32.to_le_bytes().to_vec();
    statistics.extend([0; 8]);
    statistics.extend(option(5, &17u64.to_le_bytes()));
    let file = joined(&[
        &section(),
        &interface(1, "eth0", 6),
        &interface(101, "tun0", 9),
        &block(4, &[0; 4]),
        &block(10, &vec![1; 100_000]),
        &packet_block(0, 5_000_000, &frame, &flags),
        &block(0xbad, &[1, 2, 3, 4]),
        &packet_block(1, 5_500_000_000, &datagram(), &[]),
        &block(5, &statistics),
        &section(),
        &interface(1, "wlan0", 0x80 | 10),
        &packet_block(0, 6 << 10, &frame, &[]),
    ]);
    let (flows, summary) = read(file);
    assert_eq!(summary.damage, []);
    let names: Vec<_> =
        summary.interfaces.iter().map(|known| (known.name.as_str(), known.packets, known.drops)).collect();
    assert_eq!(names, [("eth0", 1, None), ("tun0", 1, Some(17)), ("wlan0", 1, None)]);
    let seen: Vec<_> = flows.iter().map(|flow| (flow.first, flow.link.interface, flow.link.direction)).collect();
    assert_eq!(seen, [(5_000_000_000, 0, 2), (5_500_000_000, 1, 0), (6_000_000_000, 2, 0)]);
}

#[test]
fn a_file_cut_off_gives_what_is_there_and_says_where_it_ends() {
    let mut file = pcap(ETHERNET, &connection());
    file.truncate(file.len() - 10);
    let (flows, summary) = read(file);
    assert_eq!(flows[0].packets, [4, 3]);
    let [damage] = &summary.damage[..] else { panic!("{:?}", summary.damage) };
    assert_eq!((damage.packet, damage.resumed), (7, None));
    assert!(damage.reason.contains("middle of a packet"), "{}", damage.reason);
}

#[test]
fn damage_in_the_middle_is_passed_over() {
    let frames: Vec<_> = (0..20).map(|_| ethernet(0x0800, &datagram())).collect();
    let mut file = pcap(ETHERNET, &frames);
    let record = 16 + frames[0].len();
    let at = 24 + 5 * record;
    file[at + 8..at + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let (flows, summary) = read(file);
    assert_eq!(flows[0].packets[0], 19);
    assert_eq!(summary.damage[0].offset, at as u64);
    assert_eq!(summary.damage[0].resumed, Some((at + record) as u64));
}

#[test]
fn something_else_than_a_capture_is_said_to_be_so() {
    for (bytes, reason) in
        [(&b"this is not a capture at all"[..], "neither"), (b"", "empty"), (b"\xd4\xc3\xb2\xa1", "neither")]
    {
        let (flows, summary) = read(bytes.to_vec());
        assert!(flows.is_empty());
        assert!(summary.damage[0].reason.contains(reason), "{:?}", summary.damage);
    }
}

#[test]
fn several_threads_say_the_same_as_one() {
    let mut frames = Vec::new();
    for port in 0..3000u16 {
        for _ in 0..3 {
            frames.push(ethernet(0x0800, &ipv4(A, B, 17, &udp(40_000 + port % 20_000, 9, &[0; 200]))));
        }
    }
    let key = |flows: Vec<whence_packets::Flow>| -> Vec<_> {
        flows.iter().map(|flow| (flow.identity(), flow.source().1, flow.packets, flow.bytes)).collect()
    };
    let alone = key(read(pcap(ETHERNET, &frames)).0);
    for threads in [2, 3, 8] {
        let options = Options { threads, ..Options::default() };
        let (flows, summary) = read_with(vec![pcap(ETHERNET, &frames)], options);
        assert_eq!(key(flows), alone);
        assert_eq!(summary.tally.packets, 9000);
    }
}

#[test]
fn what_segments_in_pieces_say_is_heard_on_several_threads_too() {
    let request = b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n";
    let segment = tcp(40_000, 80, 1001, 501, 0x18, request);
    let piece = |from: usize, to: usize, more: bool| {
        let flags = u16::from(more) << 13 | (from / 8) as u16;
        ethernet(0x0800, &ipv4_piece(A, B, 6, &segment[from..to], 5, flags))
    };
    let frames = [
        ethernet(0x0800, &ipv4(A, B, 6, &tcp(40_000, 80, 1000, 0, 0x02, b""))),
        ethernet(0x0800, &ipv4(B, A, 6, &tcp(80, 40_000, 500, 1001, 0x12, b""))),
        piece(32, segment.len(), false),
        piece(0, 32, true),
    ];
    for threads in [1, 2, 3] {
        let mut reading = Reading::from_bytes(vec![pcap(ETHERNET, &frames)], Options { threads, ..Options::default() });
        while reading.next_flows().is_some() {}
        let names: Vec<String> = reading.take_names().map(|said| said.name.value).collect();
        assert!(names.iter().any(|name| name == "www.example.org"), "{threads}: {names:?}");
    }
}

#[test]
fn memory_is_bounded_by_handing_out_early() {
    let frames: Vec<_> = (0..60_000u16).map(|port| ethernet(0x0800, &ipv4(A, B, 17, &udp(port, 9, b"")))).collect();
    let (flows, summary) = read_with(vec![pcap(ETHERNET, &frames)], Options { flows: 1000, ..Options::default() });
    assert_eq!(flows.len(), 60_000);
    assert!(summary.early_flows >= 59_000);
}

#[test]
fn a_filter_takes_what_it_says() {
    // `udp port 9`, as tcpdump -d says it, in short: load the destination port, compare, decide.
    let program = |port: u32| {
        vec![
            Instruction { code: 0x28, jump_true: 0, jump_false: 0, k: 36 },
            Instruction { code: 0x15, jump_true: 0, jump_false: 1, k: port },
            Instruction { code: 0x06, jump_true: 0, jump_false: 0, k: 65_535 },
            Instruction { code: 0x06, jump_true: 0, jump_false: 0, k: 0 },
        ]
    };
    for (port, count) in [(9, 1), (10, 0)] {
        let filter = Filter::new(program(port)).map(std::sync::Arc::new).ok();
        assert!(filter.is_some());
        let (flows, summary) =
            read_with(vec![pcap(ETHERNET, &[ethernet(0x0800, &datagram())])], Options { filter, ..Options::default() });
        assert_eq!((flows.len(), summary.tally.filtered), (count, 1 - count as u64));
    }
    assert!(Filter::new(vec![Instruction { code: 0x05, jump_true: 0, jump_false: 0, k: 5 }]).is_err());
}

#[test]
fn compressed_files_are_read_as_they_are() {
    use std::io::Write;
    let file = pcap(ETHERNET, &connection());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&file).unwrap();
    let zstd = zstd::encode_all(&file[..], 1).unwrap();
    for packed in [gzip.finish().unwrap(), zstd] {
        assert_eq!(read(packed.clone()).0.len(), 1);
        // Cut off: what can be unpacked counts.
        let (_, summary) = read(packed[..packed.len() / 2].to_vec());
        assert_eq!(summary.damage.len(), 1);
    }
}

/// A capture of which only so many bytes of each frame were kept.
fn cut(frames: &[Vec<u8>], snap: usize) -> Vec<u8> {
    let mut file = pcap(ETHERNET, &[]);
    for (at, frame) in frames.iter().enumerate() {
        let kept = &frame[..snap.min(frame.len())];
        file.extend(1_000_000_000u32.to_le_bytes());
        file.extend((at as u32 * 1000).to_le_bytes());
        file.extend((kept.len() as u32).to_le_bytes());
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend(kept);
    }
    file
}

#[test]
fn what_the_capture_cut_off_is_not_malformed() {
    let frames = connection();
    for (snap, cut_off) in [(13, 8), (20, 8), (34, 8), (40, 8), (53, 8), (54, 0), (64, 0)] {
        let (flows, summary) = read(cut(&frames, snap));
        assert_eq!((summary.tally.malformed, summary.tally.cut_off), (0, cut_off), "{snap}");
        let packets: u64 = flows.iter().map(|flow| flow.packets[0] + flow.packets[1]).sum();
        assert_eq!(packets, 8 - cut_off, "{snap}");
    }
    let datagram = ethernet(0x0800, &ipv4(A, B, 17, &udp(5000, 53, b"name")));
    let (flows, summary) = read(cut(&[datagram], 40));
    assert_eq!((flows[0].destination().1, flows[0].packets, flows[0].payload[0]), (53, [1, 0], 4));
    assert_eq!(summary.tally.cut_off, 0);
    let short: Vec<Vec<u8>> = frames.iter().map(|frame| frame[..40].to_vec()).collect();
    let (_, summary) = read(pcap(ETHERNET, &short));
    assert_eq!((summary.tally.malformed, summary.tally.cut_off), (8, 0));
}

#[test]
fn later_fragments_that_are_cut_off_are_in_no_flow_and_said_to_be() {
    let datagram = udp(5000, 53, &[7; 192]);
    let piece = |at: usize, more: u16| {
        let part = &datagram[at..(at + 100 / 8 * 8).min(datagram.len())];
        ethernet(0x0800, &ipv4_piece(A, B, 17, part, 7, more + at as u16 / 8))
    };
    let (flows, summary) = read(cut(&[piece(0, 0x2000), piece(96, 0x2000)], 64));
    assert_eq!((flows.len(), flows[0].packets, flows[0].payload[0]), (1, [1, 0], 192));
    assert_eq!((summary.tally.fragments, summary.tally.cut_off), (2, 1));
}

#[test]
fn a_connection_is_told_by_its_headers_though_their_options_are_cut_off() {
    let with_options = |mut frame: Vec<u8>| {
        frame[46] = 0xa0;
        frame.splice(54..54, [1; 20]);
        let total = (frame.len() as u16 - 14).to_be_bytes();
        frame[16..18].copy_from_slice(&total);
        mend(&mut frame);
        frame
    };
    let frames: Vec<Vec<u8>> = connection().into_iter().map(with_options).collect();
    let (whole, cut) = (read(pcap(ETHERNET, &frames)).0, read(cut(&frames, 64)).0);
    assert_eq!((cut[0].state(), cut[0].bytes), (whole[0].state(), whole[0].bytes));
    assert_eq!(cut[0].state(), "SF");
}

fn simple_packet(frame: &[u8]) -> Vec<u8> {
    block(3, &joined(&[&(frame.len() as u32).to_le_bytes(), frame]))
}

#[test]
fn packets_without_a_time_are_as_old_as_the_first_that_has_one() {
    let frame = ethernet(0x0800, &ipv4(A, B, 17, &udp(5000, 53, &[7; 900])));
    let time = 1_700_000_000_000_000;
    for many in [1, 500] {
        let untimed: Vec<u8> = (0..many).flat_map(|_| simple_packet(&frame)).collect();
        let begin = joined(&[&section(), &interface(1, "lan0", 6)]);
        let timed = joined(&[&packet_block(0, time, &frame, &[]), &simple_packet(&frame)]);
        let (flows, summary) = read(joined(&[&begin, &untimed, &timed]));
        assert_eq!((flows.len(), flows[0].packets[0]), (1, many + 2));
        let moment = time as i64 * 1000;
        assert_eq!((summary.tally.first, summary.tally.last), (Some(moment), Some(moment)));
        let (_, without) = read(joined(&[&begin, &untimed]));
        assert_eq!(without.tally.first, Some(0));
    }
}

/// Datagrams with these identifications, so many microseconds apart.
fn datagrams(numbers: impl IntoIterator<Item = u16>, apart: i64) -> Vec<u8> {
    let frame = |number| ethernet(0x0800, &ipv4_piece(A, B, 17, &udp(5000, 53, b"x"), number, 0));
    timed(ETHERNET, numbers.into_iter().enumerate().map(|(at, number)| (1_000_000 + at as i64 * apart, frame(number))))
}

fn doubled(capture: Vec<u8>) -> (u64, u64) {
    let count = read(capture).1.doubled;
    (count.sampled, count.twice)
}

#[test]
fn a_packet_that_comes_again_at_once_with_its_number_is_a_copy() {
    assert_eq!(doubled(datagrams((1..=100).flat_map(|number| [number; 2]), 100)), (100, 100));
    assert_eq!(doubled(datagrams(1..=100, 100)), (100, 0));
    // Nobody numbered these, those come late, and of others there are too many.
    assert_eq!(doubled(datagrams([0; 100], 100)), (0, 0));
    assert_eq!(doubled(datagrams((1..=100).flat_map(|number| [number; 2]), 5000)), (200, 0));
    assert_eq!(doubled(datagrams((1..=100).flat_map(|number| [number; 3]), 100)), (100, 0));
}

#[test]
fn a_copy_of_a_capture_has_the_same_times() {
    let (first, later) = (datagrams(1..=100, 100), datagrams(51..=80, 100));
    let count = |apart, second: &[u8]| {
        let options = Options { overlaps: vec![(0, i64::MAX, apart)], ..Options::default() };
        read_with(vec![first.clone(), second.to_vec()], options).1.tally.packets
    };
    assert_eq!((count(1000, &first), count(100_000, &first)), (100, 100));
    assert_eq!(count(1000, &later), 130);
}
