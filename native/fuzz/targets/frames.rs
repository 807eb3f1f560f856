//! The first byte chooses the link type, the second how to read, the rest is frames (see `pieces`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_fuzz::{pieces, read};
use whence_packets::{Checksums, Options};

/// Each that the decoder knows, and one that nobody does (https://www.tcpdump.org/linktypes.html).
const LINKS: [u16; 16] = [0, 1, 9, 12, 14, 50, 51, 101, 105, 108, 113, 127, 147, 228, 229, 276];

fn capture(link: u16, frames: &[u8]) -> Vec<u8> {
    let mut file = [0xa1b2_c3d4_u32.to_le_bytes(), [2, 0, 4, 0]].concat();
    file.extend([0; 8]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(u32::from(link).to_le_bytes());
    for (at, frame) in pieces(frames).enumerate() {
        // Seconds apart, so that connections end by silence too.
        let seconds = 1_700_000_000 + at as u32 * 7;
        for number in [seconds, 0, frame.len() as u32, frame.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

fuzz_target!(|input: &[u8]| {
    let Some(([link, how], frames)) = input.split_first_chunk::<2>() else {
        return;
    };
    let options = Options {
        checksums: [Checksums::Ignore, Checksums::Count, Checksums::Drop][usize::from(how & 0x0f) % 3],
        by_vlan: how & 0x10 != 0,
        by_tunnel: how & 0x20 != 0,
        guesses_servers: how & 0x40 == 0,
        flows: 64,
        ..Options::default()
    };
    read(capture(LINKS[usize::from(*link) % LINKS.len()], frames), options);
});
