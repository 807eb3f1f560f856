//! A whole capture file: pcap, pcapng, gzip or zstd.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_fuzz::read;
use whence_packets::Options;

fuzz_target!(|file: &[u8]| read(file.to_vec(), Options { flows: 64, ..Options::default() }));
