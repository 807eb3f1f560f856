//! Captures made by hand: frames of every kind that is understood, in files of both formats.
#![allow(dead_code)] // each test uses some of it

use whence_packets::{Checksums, Flow, Options, Reading, Summary};

pub const ETHERNET: u16 = 1;

pub fn pcap(link: u16, frames: &[Vec<u8>]) -> Vec<u8> {
    timed(link, frames.iter().enumerate().map(|(at, frame)| (1_000_000_000 + at as i64 * 1000, frame.clone())))
}

/// Microseconds and frames.
pub fn timed(link: u16, frames: impl IntoIterator<Item = (i64, Vec<u8>)>) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(262_144u32.to_le_bytes());
    file.extend(u32::from(link).to_le_bytes());
    for (time, frame) in frames {
        file.extend(((time / 1_000_000) as u32).to_le_bytes());
        file.extend(((time % 1_000_000) as u32).to_le_bytes());
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend(frame);
    }
    file
}

pub fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = (body.len() + 3) & !3;
    let length = (padded + 12) as u32;
    let mut block = Vec::new();
    block.extend(kind.to_le_bytes());
    block.extend(length.to_le_bytes());
    block.extend(body);
    block.resize(padded + 8, 0);
    block.extend(length.to_le_bytes());
    block
}

pub fn section() -> Vec<u8> {
    let mut body = 0x1a2b_3c4du32.to_le_bytes().to_vec();
    body.extend([1, 0, 0, 0]);
    body.extend(u64::MAX.to_le_bytes());
    block(0x0a0d_0d0a, &body)
}

pub fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = code.to_le_bytes().to_vec();
    option.extend((value.len() as u16).to_le_bytes());
    option.extend(value);
    option.resize((option.len() + 3) & !3, 0);
    option
}

pub fn interface(link: u16, name: &str, resolution: u8) -> Vec<u8> {
    let mut body = link.to_le_bytes().to_vec();
    body.extend([0; 6]);
    body.extend(option(2, name.as_bytes()));
    body.extend(option(9, &[resolution]));
    body.extend(option(0, &[]));
    block(1, &body)
}

pub fn packet_block(interface: u32, ticks: u64, frame: &[u8], options: &[u8]) -> Vec<u8> {
    let mut body = interface.to_le_bytes().to_vec();
    body.extend(((ticks >> 32) as u32).to_le_bytes());
    body.extend((ticks as u32).to_le_bytes());
    body.extend((frame.len() as u32).to_le_bytes());
    body.extend((frame.len() as u32).to_le_bytes());
    body.extend(frame);
    body.resize((body.len() + 3) & !3, 0);
    body.extend(options);
    block(6, &body)
}

fn sum(mut total: u32, data: &[u8]) -> u32 {
    for pair in data.chunks(2) {
        total += u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
    }
    while total >> 16 != 0 {
        total = (total & 0xffff) + (total >> 16);
    }
    total
}

pub fn ipv4(source: [u8; 4], destination: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_piece(source, destination, protocol, payload, 7, 0)
}

pub fn ipv4_piece(
    source: [u8; 4],
    destination: [u8; 4],
    protocol: u8,
    payload: &[u8],
    identification: u16,
    fragment: u16,
) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((payload.len() as u16 + 20).to_be_bytes());
    packet.extend(identification.to_be_bytes());
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend(source);
    packet.extend(destination);
    let check = !sum(0, &packet) as u16;
    packet[10..12].copy_from_slice(&check.to_be_bytes());
    packet.extend(payload);
    packet
}

pub fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next, 64]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(payload);
    packet
}

pub fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = source.to_be_bytes().to_vec();
    datagram.extend(destination.to_be_bytes());
    datagram.extend((payload.len() as u16 + 8).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}

pub fn tcp(source: u16, destination: u16, sequence: u32, acknowledged: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = source.to_be_bytes().to_vec();
    segment.extend(destination.to_be_bytes());
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    segment.extend(payload);
    segment
}

pub fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    frame.extend(kind.to_be_bytes());
    frame.extend(payload);
    frame
}

pub fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub const A: [u8; 4] = [192, 0, 2, 1];
pub const B: [u8; 4] = [192, 0, 2, 2];

/// A datagram in IPv4.
pub fn datagram() -> Vec<u8> {
    ipv4(A, B, 17, &udp(40_000, 9, b"hello"))
}

/// The same datagram behind every link layer: link type, frame.
pub fn links() -> Vec<(u16, Vec<u8>)> {
    let ip = datagram();
    let snap = joined(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip]);
    let wireless = joined(&[&[0x08, 1, 0, 0], &[2; 18], &[0, 0], &snap]);
    let padded = joined(&[&[0x88, 1, 0, 0], &[2; 18], &[0; 2 + 2 + 2], &snap]);
    let mesh = joined(&[&[0x88, 3, 0, 0], &[2; 18], &[0, 0], &[2; 6], &[0, 1], &[1, 31, 7, 0, 0, 0], &[2; 6], &snap]);
    let ppp = joined(&[&[0x00, 0x21], &ip]);
    let pppoe = joined(&[&[0x11, 0, 0, 1, 0, (ip.len() + 2) as u8], &ppp]);
    let mut lldp = ethernet(0x88cc, &[2, 7, 4, 2, 0, 0, 0, 0, 1, 4, 3, 5, b'e', b'1', 6, 2, 0, 120, 0, 0]);
    lldp.resize(60, 0);
    let arp = [&[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1][..], &A, &[0; 6], &B].concat();
    vec![
        (1, ethernet(0x0800, &ip)),
        (1, ethernet(0x0806, &arp)),
        (1, lldp),
        (1, ethernet(snap.len() as u16, &snap)),
        (1, ethernet(0x8100, &joined(&[&[0, 100, 8, 0], &ip]))),
        (1, ethernet(0x88a8, &joined(&[&[0, 100, 0x81, 0, 0, 20, 8, 0], &ip]))),
        (1, ethernet(0x8847, &joined(&[&[0, 0, 16, 64, 0, 1, 1, 64], &ip]))),
        (1, ethernet(0x8847, &joined(&[&[0, 1, 1, 64, 0, 0, 0, 0], &ethernet(0x0800, &ip)]))),
        (1, ethernet(0x8864, &pppoe)),
        (1, ethernet(0x88e7, &joined(&[&[0, 0, 0, 1], &ethernet(0x0800, &ip)]))),
        (1, ethernet(0x8926, &joined(&[&[0, 0, 0, 1, 8, 0], &ip]))),
        (0, joined(&[&[2, 0, 0, 0], &ip])),
        (108, joined(&[&[0, 0, 0, 2], &ip])),
        (9, joined(&[&[0xff, 3], &ppp])),
        (50, joined(&[&[0x21], &ip])),
        (50, joined(&[&[0x0f, 0, 8, 0], &ip])),
        (104, joined(&[&[0x0f, 0, 8, 0], &ip])),
        (104, joined(&[&[0xff, 3], &ppp])),
        (51, pppoe),
        (101, ip.clone()),
        (12, ip.clone()),
        (228, ip.clone()),
        (105, wireless.clone()),
        (127, joined(&[&[0, 0, 8, 0, 0, 0, 0, 0], &wireless])),
        (127, joined(&[&[0, 0, 9, 0, 2, 0, 0, 0, 0x20], &padded])),
        (127, joined(&[&[0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0], &[0; 4], &[9; 8], &[0x20], &padded])),
        (105, mesh),
        (113, joined(&[&[0, 0, 0x03, 0x23, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 8, 0, 0, 0, 0, 0], &wireless])),
        (113, joined(&[&[0, 0, 0x03, 0x21, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4], &wireless])),
        (276, joined(&[&[0, 4, 0, 0, 0, 0, 0, 3, 0x03, 0x21, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0], &wireless])),
        (1, ethernet(0x8909, &joined(&[&[1, 1, 0, 1, 0, 5, 8, 0], &ip]))),
        (1, ethernet(ip.len() as u16 + 3, &joined(&[&[6, 6, 3], &ip]))),
        (113, joined(&[&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], &ip])),
        (113, joined(&[&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4], &snap])),
        (276, joined(&[&[0, 4, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0], &snap])),
        (192, joined(&[&[0, 0, 8, 0, 105, 0, 0, 0], &wireless])),
        (192, joined(&[&[0, 0, 12, 0, 1, 0, 0, 0], &[7; 4], &ethernet(0x0800, &ip)])),
        (10, joined(&[&[0x50], &[2; 12], &snap])),
        (239, joined(&[&[2, 0, 0, 0, 5, 0, 10, 0, b'x', 0, 0, 0, 48, 0, 9, 0], &ip])),
        (239, joined(&[&[2, 0, 0, 0, 0, 6, 0, 10, b'x', b'y', 0, 0, 0, 48, 0, 9], &ip])),
        (276, joined(&[&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0], &ip])),
    ]
}

/// The datagram in every kind of tunnel: what the tunnel is called, the packet around.
pub fn tunnels() -> Vec<(&'static str, Vec<u8>)> {
    let ip = datagram();
    let frame = ethernet(0x0800, &ip);
    let outer = |protocol: u8, payload: &[u8]| ipv4([198, 51, 100, 1], [198, 51, 100, 2], protocol, payload);
    let inner6 = ipv6(17, &udp(40_000, 9, b"hello"));
    let mut relayed = inner6.clone();
    relayed[24..28].copy_from_slice(&[0x20, 1, 0, 0]);
    let authentication = [0, 1, 1, 2, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0];
    let label = [0, 1, 1, 64];
    let wireless = joined(&[&[0x08, 1, 0, 0], &[2; 18], &[0, 0], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip]);
    let call = [0x30, 1, 0x88, 0x0b, 0, 0, 0, 7, 0, 0, 0, 1, 0xff, 3, 0, 0x21];
    let gtp = |flags: u8, behind: &[u8], packet: &[u8]| {
        let length = (behind.len() + packet.len()) as u8;
        outer(17, &udp(2152, 2152, &joined(&[&[flags, 0xff, 0, length, 0, 0, 0, 5], behind, packet])))
    };
    let ayiya = joined(&[&[0x42, 0x52, 0x11, 41], &[7; 4 + 16 + 20], &inner6]);
    vec![
        ("ipip", outer(4, &ip)),
        ("6in4", outer(41, &inner6)),
        ("gre", outer(47, &joined(&[&[0, 0, 8, 0], &ip]))),
        ("gre", outer(47, &joined(&[&[0, 0, 8, 0], &ip, &[0; 6]]))),
        ("gre:7", outer(47, &joined(&[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 7], &frame]))),
        ("erspan", outer(47, &joined(&[&[0, 0, 0x88, 0xbe], &frame]))),
        ("erspan", outer(47, &joined(&[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1], &[0x10; 8], &frame]))),
        ("erspan", outer(47, &joined(&[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1], &[0x20; 12], &frame]))),
        ("erspan", outer(47, &joined(&[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1], &[0x20; 11], &[1; 9], &frame]))),
        ("gre", outer(47, &joined(&[&[0, 0, 0x88, 0x47], &label, &ip]))),
        ("gre", outer(47, &joined(&[&[0, 0, 0x82, 0], &wireless]))),
        ("gre", outer(47, &joined(&[&call, &ip]))),
        ("gre", outer(47, &joined(&[&call[..12], &[0x21], &ip]))),
        ("vxlan:42", outer(17, &udp(50_000, 4789, &joined(&[&[8, 0, 0, 0, 0, 0, 42, 0], &frame])))),
        ("vxlan:42", outer(17, &udp(50_000, 8472, &joined(&[&[8, 0, 0, 0, 0, 0, 42, 0], &frame])))),
        ("geneve:42", outer(17, &udp(50_000, 6081, &joined(&[&[1, 0, 0x65, 0x58, 0, 0, 42, 0, 0, 0, 0, 0], &frame])))),
        ("geneve:42", outer(17, &udp(50_000, 6081, &joined(&[&[0, 0, 8, 0, 0, 0, 42, 0], &ip])))),
        ("geneve:42", outer(17, &udp(50_000, 6081, &joined(&[&[0, 0, 0x86, 0xdd, 0, 0, 42, 0], &inner6])))),
        ("gtp:5", gtp(0x30, &[], &ip)),
        ("gtp:5", gtp(0x30, &[], &inner6)),
        ("gtp:5", gtp(0x32, &[0, 1, 0, 0], &ip)),
        ("gtp:5", gtp(0x34, &[0, 0, 0, 0x85, 1, 0, 0, 0], &ip)),
        ("teredo", outer(17, &udp(50_000, 32_900, &relayed))),
        ("teredo", outer(17, &udp(50_000, 32_900, &joined(&[&[0; 8], &inner6])))),
        ("teredo", outer(17, &udp(50_000, 32_900, &joined(&[&authentication, &[0; 8], &inner6])))),
        ("gtp:5", outer(17, &udp(50_000, 2123, &joined(&[&[0x30, 0xff, 0, ip.len() as u8, 0, 0, 0, 5], &ip])))),
        ("teredo", outer(17, &udp(50_000, 3544, &joined(&[&[0, 0, 1, 2, 3, 4, 5, 6], &inner6])))),
        ("gre", outer(17, &udp(50_000, 4754, &joined(&[&[0, 0, 8, 0], &ip])))),
        ("gre:7", outer(17, &udp(50_000, 4754, &joined(&[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 7], &frame])))),
        ("ayiya", outer(17, &udp(50_000, 5072, &ayiya))),
        ("ayiya", outer(17, &udp(50_000, 32_900, &ayiya))),
        ("ayiya", outer(17, &udp(5072, 50_000, &joined(&[&[0x10, 0, 1, 4], &[7; 4 + 2], &ip])))),
    ]
}

/// A whole connection, from SYN to the last ACK.
pub fn connection() -> Vec<Vec<u8>> {
    let forth = |sequence, acknowledged, flags, payload: &[u8]| {
        ethernet(0x0800, &ipv4(A, B, 6, &tcp(40_000, 9999, sequence, acknowledged, flags, payload)))
    };
    let back = |sequence, acknowledged, flags, payload: &[u8]| {
        ethernet(0x0800, &ipv4(B, A, 6, &tcp(9999, 40_000, sequence, acknowledged, flags, payload)))
    };
    vec![
        forth(100, 0, 0x02, b""),
        back(500, 101, 0x12, b""),
        forth(101, 501, 0x10, b""),
        forth(101, 501, 0x18, b"question"),
        back(501, 109, 0x18, b"answer"),
        forth(109, 507, 0x11, b""),
        back(507, 110, 0x11, b""),
        forth(110, 508, 0x10, b""),
    ]
}

pub fn read_with(captures: Vec<Vec<u8>>, options: Options) -> (Vec<Flow>, Summary) {
    let mut reading = Reading::from_bytes(captures, options);
    let mut flows = Vec::new();
    while let Some(batch) = reading.next_flows() {
        flows.extend(batch);
    }
    flows.sort_by_key(Flow::identity);
    (flows, reading.summary())
}

pub fn read(capture: Vec<u8>) -> (Vec<Flow>, Summary) {
    read_with(vec![capture], Options { checksums: Checksums::Count, ..Options::default() })
}

/// Marsaglia's xorshift: the same numbers each time.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// Make the checksum of an IPv4 header in an Ethernet frame right, so that what else is wrong is looked at.
pub fn mend(frame: &mut [u8]) {
    let at = if frame.get(12..14) == Some(&[0x81, 0]) { 18 } else { 14 };
    let Some(header) = frame.get_mut(at..at + 20) else { return };
    (header[10], header[11]) = (0, 0);
    let check = !sum(0, header) as u16;
    header[10..12].copy_from_slice(&check.to_be_bytes());
}
