//! One row of the flow table: a bidirectional flow, as one exporter saw it at one interface.

use std::net::IpAddr;

use crate::record::{Direction, Nanoseconds};

pub const FIN: u16 = 0x01;
pub const SYN: u16 = 0x02;
pub const RST: u16 = 0x04;
pub const ACK: u16 = 0x10;

pub const ICMP: u8 = 1;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const ICMP6: u8 = 58;

/// One way of a flow; numbers are estimates where the exporter samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    pub packets: u64,
    /// Bytes of IP packets.
    pub bytes: u64,
    pub wire_bytes: Option<u64>,
    pub tcp_flags: Option<u16>,
    pub ttl: Option<(u8, u8)>,
}

/// A flow. The source is who began it, as far as an export lets one tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    pub exporter: IpAddr,
    /// ifIndex at which the exporter looked, and where it came in and went out.
    pub observed_at: u32,
    pub input: u32,
    pub output: u32,
    pub direction: Direction,
    pub first: Nanoseconds,
    pub last: Nanoseconds,
    pub source_mac: Option<[u8; 6]>,
    pub destination_mac: Option<[u8; 6]>,
    pub vlan: u16,
    pub inner_vlan: u16,
    pub source: IpAddr,
    pub destination: IpAddr,
    /// For ICMP as Zeek has it: type, and the answer's type or the code.
    pub source_port: u16,
    pub destination_port: u16,
    pub protocol: u8,
    pub state: &'static str,
    pub there: Way,
    pub back: Way,
    pub next_hop: Option<IpAddr>,
    pub source_as: u32,
    pub destination_as: u32,
    pub tos: u8,
    /// The largest factor by which numbers were multiplied; 1: nothing was sampled; 0: something
    /// was, by nobody knows what.
    pub sampling: u32,
    /// Records that it was made of.
    pub records: u32,
}

/// Zeek's conn_state, as far as flags that were or-ed together let one tell.
///
/// `there` and `back` are `None` where no record of that way came. Silence is only an answer where
/// every packet was looked at.
pub fn state(protocol: u8, there: Option<&Way>, back: Option<&Way>, sampled: bool) -> &'static str {
    let silence = |word| if sampled { "OTH" } else { word };
    match (protocol, there, back) {
        (TCP, Some(there), Some(back)) => match (there.tcp_flags, back.tcp_flags) {
            (Some(there), Some(back)) => both_ways(there, back),
            _ => "OTH",
        },
        (TCP, Some(there), None) => silence(one_way(there.tcp_flags.unwrap_or(0))),
        (TCP, None, Some(back)) => silence(only_back(back.tcp_flags.unwrap_or(0))),
        (UDP, Some(_), Some(_)) => "SF",
        (UDP, Some(_), None) => silence("S0"),
        (UDP, None, Some(_)) => silence("SHR"),
        _ => "OTH",
    }
}

fn both_ways(there: u16, back: u16) -> &'static str {
    if there & SYN == 0 {
        return only_back(back);
    }
    if back & SYN == 0 {
        return match back & RST != 0 && there & ACK == 0 {
            true => "REJ",
            false => "OTH",
        };
    }
    match (there & FIN != 0 && back & FIN != 0, there & RST != 0, back & RST != 0) {
        (true, _, _) => "SF",
        (false, true, _) => "RSTO",
        (false, false, true) => "RSTR",
        _ if there & FIN != 0 => "S2",
        _ if back & FIN != 0 => "S3",
        _ => "S1",
    }
}

fn one_way(there: u16) -> &'static str {
    match there & (SYN | ACK | RST | FIN) {
        SYN => "S0",
        flags if flags & SYN == 0 => "OTH",
        flags if flags & RST != 0 => "RSTOS0",
        flags if flags & FIN != 0 => "SH",
        // It acknowledged something: there was an answer, that did not pass here.
        _ => "OTH",
    }
}

fn only_back(back: u16) -> &'static str {
    match back & (SYN | ACK) == SYN | ACK {
        true if back & RST != 0 => "RSTRH",
        true if back & FIN != 0 => "SHR",
        _ => "OTH",
    }
}

/// The type with which a host answers this ICMP type, or which this type answers (as Zeek pairs them).
pub fn icmp_counterpart(protocol: u8, kind: u8) -> Option<(u8, Role)> {
    let pairs: &[(u8, u8)] = match protocol {
        ICMP => &[(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)],
        ICMP6 => &[(128, 129), (130, 131), (133, 134), (135, 136), (139, 140)],
        _ => &[],
    };
    pairs.iter().find_map(|&(asks, answers)| match kind {
        _ if kind == asks => Some((answers, Role::Asks)),
        _ if kind == answers => Some((asks, Role::Answers)),
        _ => None,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Asks,
    Answers,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(flags: u16) -> Option<Way> {
        Some(Way { packets: 1, tcp_flags: Some(flags), ..Way::default() })
    }

    fn said(there: Option<Way>, back: Option<Way>) -> &'static str {
        state(TCP, there.as_ref(), back.as_ref(), false)
    }

    #[test]
    fn flags_tell_the_state() {
        let full = SYN | ACK;
        assert_eq!(said(way(SYN), None), "S0");
        assert_eq!(said(way(SYN), way(RST | ACK)), "REJ");
        assert_eq!(said(way(full | FIN), way(full | FIN)), "SF");
        assert_eq!(said(way(full), way(full)), "S1");
        assert_eq!(said(way(full | FIN), way(full)), "S2");
        assert_eq!(said(way(full), way(full | FIN)), "S3");
        assert_eq!(said(way(full | RST), way(full)), "RSTO");
        assert_eq!(said(way(full), way(full | RST)), "RSTR");
        assert_eq!(said(way(SYN | RST), None), "RSTOS0");
        assert_eq!(said(way(SYN | FIN), None), "SH");
        assert_eq!(said(None, way(full | RST)), "RSTRH");
        assert_eq!(said(way(ACK), way(ACK)), "OTH");
    }

    #[test]
    fn silence_is_no_answer_where_packets_were_left_out() {
        assert_eq!(state(TCP, way(SYN).as_ref(), None, true), "OTH");
        assert_eq!(state(UDP, way(0).as_ref(), None, true), "OTH");
        assert_eq!(state(UDP, way(0).as_ref(), None, false), "S0");
    }
}
