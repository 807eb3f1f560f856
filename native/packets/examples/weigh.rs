//! How long one reading takes: `cargo run --release --example weigh -- FILE sums|flows THREADS [TURNS]`.
use std::time::Instant;

use whence_packets::{Listening, Options, Reading};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let word = |at: usize, otherwise: &'static str| words.get(at).cloned().unwrap_or(otherwise.to_string());
    let threads = word(3, "1").parse().unwrap_or(1);
    let what = word(2, "sums");
    for _ in 0..word(4, "1").parse().unwrap_or(1) {
        let begin = Instant::now();
        let sums = what == "sums";
        let options = Options {
            files: vec![word(1, "").into()],
            names: if sums { Listening::Addresses } else { Listening::Nothing },
            by_vlan: sums,
            by_tunnel: sums,
            threads,
            ..Options::default()
        };
        let mut reading = Reading::new(options);
        let (mut flows, mut packets, mut bytes) = (0, 0, 0);
        if sums {
            let sums = reading.sums(&[]);
            let totals = sums.and_then(|sums| sums.totals());
            (flows, packets, bytes) = totals.map_or((0, 0, 0), |sum| (sum.flows, sum.packets, sum.bytes));
        } else {
            while let Some(batch) = reading.next_flows() {
                flows += batch.len() as u64;
                packets += batch.iter().map(|flow| flow.packets[0] + flow.packets[1]).sum::<u64>();
                bytes += batch.iter().map(|flow| flow.bytes[0] + flow.bytes[1]).sum::<u64>();
            }
        }
        println!("{what} {threads}: {flows} flows, {packets} packets, {bytes} bytes, {:?}", begin.elapsed());
    }
}
