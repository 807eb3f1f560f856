//! Log lines, one after the other: each is a row, and is counted as it is read. What is packed, or in UTF-16, is read as
//! a file, and so is some of the rest.
#![no_main]

use libfuzzer_sys::{fuzz_target, Corpus};
use whence_fuzz::unpacked;
use whence_logs::{Around, Columns, Counts, Envelope, Form, Options, Parser, Reading, Shape, Writing};

const NOW: i64 = 1_772_600_000_000_000;
const MOST_UNPACKED: usize = 1 << 13;

fuzz_target!(|input: &[u8]| -> Corpus {
    let unpacked = unpacked(input, MOST_UNPACKED);
    if unpacked.is_some_and(|length| length > MOST_UNPACKED) {
        return Corpus::Reject;
    }
    let is_wide = input.iter().take(2).any(|byte| matches!(byte, 0 | 0xfe | 0xff));
    if is_wide || unpacked.is_some() {
        read_file(input);
    } else {
        read_lines(input);
        if input.last().is_some_and(|byte| byte % 8 == 0) {
            read_file(input);
        }
    }
    Corpus::Keep
});

fn read_lines(input: &[u8]) {
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
}

/// What becomes of the lines is told by the last byte of the input.
fn read_file(input: &[u8]) {
    // What cannot be opened is no text.
    let Ok(mut reading) = Reading::from_bytes(input.to_vec(), options()) else { return };
    let way = input.last().map_or(0, |byte| byte / 8 % 8);
    let rows = match way {
        0 => {
            let mut batch = Reading::batch(Columns::new(None).expect("all columns"));
            let batches = std::iter::from_fn(|| reading.next_batch(&mut batch));
            batches.map(|rows| rows.expect("rows").num_rows() as u64).sum()
        }
        1 | 2 => {
            let mut counts = Counts::default();
            reading.count(&mut counts);
            reading.summary().rows
        }
        _ => {
            let shape = if way == 3 { Shape::Table } else { Shape::Document };
            let mut writing = Writing::new(shape);
            let texts =
                std::iter::from_fn(|| Some(reading.next_text(&mut writing, 4096)).filter(|text| !text.is_empty()));
            texts.map(|text| text.iter().filter(|byte| **byte == b'\n').count() as u64).sum()
        }
    };
    let summary = reading.summary();
    assert!(summary.complete);
    assert_eq!(summary.rows, rows);
    assert!(summary.damage.len() <= 1);
}

fn options() -> Options {
    Options {
        files: Vec::new(),
        form: Form::Text,
        start: 0,
        now: NOW,
        zone: 0.into(),
        zones: Vec::new(),
        keep_original: true,
        most_rows: 0,
        peer: "192.0.2.1".to_string(),
        templates: Vec::new(),
    }
}
