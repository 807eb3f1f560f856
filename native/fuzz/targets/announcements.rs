//! The first bit chooses between LLDP and CDP, the rest is the announcement.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_names::Protocol;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, payload)) = input.split_first() else {
        return;
    };
    let protocol = if choice & 1 == 0 { Protocol::Lldp } else { Protocol::Cdp };
    let mut found = Vec::new();
    whence_names::from_frame([2; 6], protocol, payload, &mut found);
    assert!(found.len() <= whence_names::MOST_NAMES);
});
