//! A whole capture file: pcap and pcapng, plain or packed with gzip, zstd, xz or bzip2.
#![no_main]

use libfuzzer_sys::{fuzz_target, Corpus};
use whence_fuzz::{read, read_exports, unpacked};
use whence_packets::Options;

const MOST_UNPACKED: usize = 1 << 16;

fuzz_target!(|file: &[u8]| -> Corpus {
    if unpacked(file, MOST_UNPACKED).is_some_and(|length| length > MOST_UNPACKED) {
        return Corpus::Reject;
    }
    read(file.to_vec(), Options { flows: 64, ..Options::default() });
    if file.last().is_some_and(|byte| byte % 4 == 0) {
        read_exports(file.to_vec());
    }
    Corpus::Keep
});
