//! The variables in an answer of an SNMP agent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_snmp::Variables;

fuzz_target!(|input: &[u8]| {
    let mut variables = Variables::of(input);
    let mut found = 0;
    while let Some(Ok((name, _))) = variables.next() {
        assert!((2..=128).contains(&name.len()));
        found += 1;
    }
    assert!(found <= input.len() / 7);
});
