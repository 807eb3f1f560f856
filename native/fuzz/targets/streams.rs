//! The first byte chooses between a name server's port and any other, the rest is the beginning of a stream.
#![no_main]

use std::net::{Ipv4Addr, SocketAddr};

use libfuzzer_sys::fuzz_target;
use whence_names::Progress;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, begin)) = input.split_first() else {
        return;
    };
    let port = if choice & 1 == 0 { 53 } else { 443 };
    let sender = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), port));
    let receiver = SocketAddr::from((Ipv4Addr::new(198, 51, 100, 1), 40000));
    let mut found = Vec::new();
    let progress = whence_names::from_stream(sender, receiver, choice & 2 == 0, begin, &mut found);
    assert!(progress == Progress::Done || found.is_empty());
    assert!(found.len() <= whence_names::MOST_NAMES);
    let _ = whence_names::ja4(begin, choice & 4 == 0);
    let _ = whence_names::server_name(begin);
});
