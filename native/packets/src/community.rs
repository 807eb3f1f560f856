//! Community ID version 1, seed 0 (https://github.com/corelight/community-id-spec).

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use sha1::{Digest, Sha1};

use crate::flow::Flow;
use crate::packet::{ICMP, ICMPV6, SCTP, TCP, UDP};

/// Append the flow's community ID.
pub fn write(flow: &Flow, to: &mut String) {
    let (source, destination) = (flow.source(), flow.destination());
    let swap = !flow.key.one_way && source > destination;
    let (low, high) = if swap { (destination, source) } else { (source, destination) };
    let mut data = [0u8; 40];
    let mut length = 2; // the seed
    let mut put = |bytes: &[u8]| {
        if let Some(place) = data.get_mut(length..length + bytes.len()) {
            place.copy_from_slice(bytes);
            length += bytes.len();
        }
    };
    let v4 = low.0.is_ipv4() && high.0.is_ipv4();
    let skip = if v4 { 12 } else { 0 };
    put(&low.0.octets()[skip..]);
    put(&high.0.octets()[skip..]);
    put(&[flow.key.protocol, 0]);
    if matches!(flow.key.protocol, TCP | UDP | SCTP | ICMP | ICMPV6) {
        put(&low.1.to_be_bytes());
        put(&high.1.to_be_bytes());
    }
    let digest = Sha1::digest(data.get(..length).unwrap_or(&[]));
    to.push_str("1:");
    STANDARD.encode_string(digest, to);
}
