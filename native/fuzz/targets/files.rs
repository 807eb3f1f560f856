//! A whole capture file: pcap, pcapng, gzip or zstd.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_fuzz::{read, read_exports};
use whence_packets::Options;

fuzz_target!(|file: &[u8]| {
    read(file.to_vec(), Options { flows: 64, ..Options::default() });
    if file.last().is_some_and(|byte| byte % 4 == 0) {
        read_exports(file.to_vec());
    }
});
