//! Damaged and made-up input: it must be read to an end or refused, and nothing more.

use crate::Variables;

const SEED: &[u8] = b"\x30\x0d\x06\x08\x2b\x06\x01\x02\x01\x11\x81\x07\x02\x01\x05\
\x30\x0d\x06\x07\x2b\x06\x01\x02\x01\x01\x05\x04\x02sw\
\x30\x0e\x06\x04\x2b\x06\x01\x04\x46\x06\x01\x02\x03\x04\x05\x06\
\x30\x0a\x06\x02\x2b\x06\x40\x04\xc0\x00\x02\x01\
\x30\x81\x09\x06\x02\x2b\x06\x06\x03\x2b\x06\x01\
\x30\x06\x06\x02\x2b\x06\x82\x00";

struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

/// Read to the end, and give how many variables there were.
fn count(content: &[u8]) -> usize {
    let mut variables = Variables::of(content);
    let mut found = 0;
    while let Some(Ok((name, _))) = variables.next() {
        assert!((2..=128).contains(&name.len()));
        found += 1;
    }
    assert!(found <= content.len() / 7, "a variable takes seven octets at least");
    found
}

#[test]
fn hostile_bytes_are_read_to_an_end() {
    let rounds = std::env::var("SNMP_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_000);
    assert_eq!(count(SEED), 6);
    let mut chance = Chance(20_261_126);
    let mut whole = 0;
    for _ in 0..rounds {
        let mut input = SEED.to_vec();
        for _ in 0..1 + chance.below(4) {
            let at = chance.below(input.len());
            match chance.below(4) {
                0 => input[at] = [0, 0x7f, 0x80, 0x81, 0x84, 0xff][chance.below(6)],
                1 => input[at] = chance.below(256) as u8,
                2 => input.truncate(at.max(1)),
                _ => input.insert(at, chance.below(256) as u8),
            }
        }
        whole += count(&input);
    }
    assert!(whole > rounds, "damage in one place leaves others readable");
}
