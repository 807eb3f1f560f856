//! What is in memory is read as a file with it would be.

use whence_logs::{Form, Options, Reading, Shape, Writing};

fn read(text: Vec<u8>) -> (String, u64) {
    let options = Options {
        files: Vec::new(),
        form: Form::Text,
        start: 0,
        now: 1_772_600_000_000_000,
        zone: 0.into(),
        zones: Vec::new(),
        keep_original: true,
        most_rows: 0,
        peer: String::new(),
        templates: Vec::new(),
    };
    let mut reading = Reading::from_bytes(text, options).unwrap();
    let mut writing = Writing::new(Shape::Document);
    let mut lines = String::new();
    loop {
        let text = reading.next_text(&mut writing, 100);
        if text.is_empty() {
            break;
        }
        lines.push_str(std::str::from_utf8(&text).unwrap());
    }
    let summary = reading.summary();
    assert!(summary.complete && summary.damage.is_empty());
    (lines, summary.rows)
}

#[test]
fn a_text_in_memory_says_the_same_however_it_is_packed() {
    let text = "Mar  3 03:17:00 app07 sshd[123]: Accepted publickey for älice from 192.0.2.1 port 50022 ssh2\nlast";
    let (lines, rows) = read(text.as_bytes().to_vec());
    assert_eq!((lines.lines().count(), rows), (2, 2));
    assert!(lines.contains(r#""ip":"192.0.2.1""#), "{lines}");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(wide.clone()).0, lines);
    assert_eq!(read(zstd::encode_all(&wide[..], 1).unwrap()).0, lines);
}
