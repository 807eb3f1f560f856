//! Log lines, one after the other: each is a row, and is counted as it is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence_logs::{Around, Envelope, Parser};

const NOW: i64 = 1_772_600_000_000_000;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let (mut parser, mut counter) = (Parser::new(NOW, 0), Parser::new(NOW, 0));
    let (mut envelope, mut other) = (Envelope::default(), Envelope::default());
    for line in text.split('\n') {
        let around = Around { size: line.len() as u32, ..Around::default() };
        let row = parser.line(line.as_bytes(), around, &mut envelope);
        let brief = counter.brief(line.as_bytes(), around, &mut other);
        assert_eq!(row.original, line.as_bytes());
        assert_eq!((row.host, row.weight, row.time), (brief.host, brief.weight, brief.time));
        assert_eq!(parser.templates.id(row.template), counter.templates.id(brief.template));
    }
});
