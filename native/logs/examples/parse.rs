//! Parse files and say how many rows they have, for profiling: `cargo run --release --example parse FILE…`
use whence_logs::{Columns, Counts, Form, Options, Reading};

fn main() {
    let files = std::env::args_os().skip(1).map(Into::into).collect();
    let mut reading = Reading::new(Options {
        files,
        form: Form::Text,
        start: 0,
        now: 1_772_600_000_000_000,
        zone: Default::default(),
        zones: Vec::new(),
        keep_original: true,
        most_rows: 0,
        peer: String::new(),
        templates: Vec::new(),
    });
    if std::env::var_os("COUNT").is_some() {
        let mut counts = Counts::default();
        reading.count(&mut counts);
        println!("{} groups", counts.table(|_| String::new()).unwrap().num_rows());
        return;
    }
    let mut batch = Reading::batch(Columns::new(None).unwrap());
    let mut rows = 0;
    while let Some(batch) = reading.next_batch(&mut batch) {
        rows += batch.unwrap().num_rows();
    }
    println!("{rows} rows, {} templates", reading.parser.templates.all().len());
}
