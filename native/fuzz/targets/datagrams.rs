//! The first byte chooses the port and the way, the rest is the datagram.
#![no_main]

use std::net::{Ipv4Addr, SocketAddr};

use libfuzzer_sys::fuzz_target;

const PORTS: [u16; 10] = [53, 67, 137, 138, 443, 546, 547, 1900, 5353, 5355];

fuzz_target!(|input: &[u8]| {
    let Some((&choice, payload)) = input.split_first() else {
        return;
    };
    let port = PORTS[usize::from(choice) % PORTS.len()];
    let near = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), port));
    let far = SocketAddr::from((Ipv4Addr::new(198, 51, 100, 1), 40000));
    let mut found = Vec::new();
    let (source, destination) = if choice < 128 { (near, far) } else { (far, near) };
    whence_names::from_datagram(source, destination, Some([2; 6]), payload, &mut found);
    assert!(found.len() <= whence_names::MOST_NAMES);
    let _ = whence_names::quic_client_hello(payload);
});
