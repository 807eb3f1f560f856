//! Community ID version 1, seed 0 (Corelight, "Community ID Flow Hashing").

use std::net::IpAddr;

use base64::prelude::{Engine, BASE64_STANDARD};
use sha1::{Digest, Sha1};

use crate::flow::{icmp_counterpart, Flow, ICMP, ICMP6, TCP, UDP};

const SCTP: u8 = 132;

/// The same text for both ways of a flow, whoever computes it.
pub fn community_id(flow: &Flow) -> String {
    let source = (octets(flow.source), flow.source_port);
    let destination = (octets(flow.destination), flow.destination_port);
    let one_way =
        matches!(flow.protocol, ICMP | ICMP6) && icmp_counterpart(flow.protocol, flow.source_port as u8).is_none();
    let (low, high) = match one_way || source <= destination {
        true => (source, destination),
        false => (destination, source),
    };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    hash.update(&low.0);
    hash.update(&high.0);
    hash.update([flow.protocol, 0]);
    if matches!(flow.protocol, ICMP | ICMP6 | TCP | UDP | SCTP) {
        hash.update(low.1.to_be_bytes());
        hash.update(high.1.to_be_bytes());
    }
    format!("1:{}", BASE64_STANDARD.encode(hash.finalize()))
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
