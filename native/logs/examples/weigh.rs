//! Read a log and keep nothing, to be measured and profiled: `weigh FILE parse|count|templates|parquet [original]`.
use std::path::PathBuf;

use whence_logs::parquet::Writer;
use whence_logs::{Columns, Counts, Form, Options, Reading};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, form, rest @ ..] = words.as_slice() else {
        panic!("weigh FILE parse|count|templates|parquet [original]")
    };
    let mut reading = Reading::new(Options {
        files: vec![PathBuf::from(file)],
        form: Form::Text,
        start: 0,
        now: 1_772_600_000_000_000,
        zone: Default::default(),
        zones: Vec::new(),
        keep_original: !rest.is_empty(),
        most_rows: 0,
        peer: String::new(),
        templates: Vec::new(),
    });
    if form == "count" {
        reading.count(&mut Counts::default());
    } else if form == "parquet" {
        let columns = Columns::new(None).expect("columns");
        let file = std::fs::File::create(format!("{file}.parquet")).expect("a file");
        let mut writer = Writer::new(file, columns.schema.clone()).expect("a file");
        let mut batch = Reading::batch(columns);
        while let Some(rows) = reading.next_batch(&mut batch) {
            writer.write(&rows.expect("rows"), 0).expect("written");
        }
        writer.finish().expect("written");
    } else {
        let wanted = (form == "templates").then(|| vec!["template".to_string()]);
        let mut batch = Reading::batch(Columns::new(wanted.as_deref()).expect("columns"));
        while let Some(rows) = reading.next_batch(&mut batch) {
            rows.expect("rows");
        }
    }
    println!("{} lines", reading.summary().rows);
}
