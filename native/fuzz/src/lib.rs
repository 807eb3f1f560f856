//! What the targets have in common: several packets in one input, and what must hold of every reading.

use whence_exports::{Collector, Found};
use whence_packets::{Options, Reading, Source, Way};

/// The pieces of an input, each behind its length in two bytes, little endian. The last may be short.
pub fn pieces(mut input: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = input.split_first_chunk::<2>()?;
        let (piece, after) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
        input = after;
        Some(piece)
    })
}

/// To how many bytes a packed input unpacks, counted a little beyond `most`; none where it is not packed.
///
/// A few bytes may unpack to millions, which take seconds to read and show nothing that fewer would not.
pub fn unpacked(input: &[u8], most: usize) -> Option<usize> {
    let source = Source::memory(input.to_vec(), Default::default());
    if input.is_empty() || matches!(source, Ok(Source::Plain(_))) {
        return None;
    }
    let (mut piece, mut length) = ([0; 1 << 12], 0);
    if let Ok(mut source) = source {
        while let Ok(count @ 1..) = source.read(&mut piece, length as u64) {
            length += count;
            if length > most {
                break;
            }
        }
    }
    Some(length)
}

/// Read the flow exports in a capture.
pub fn read_exports(capture: Vec<u8>) {
    let mut reading = Reading::from_bytes(vec![capture], Options::default());
    let (mut handed, mut collector, mut found) = (0, Collector::new(), Found::default());
    while reading.next_file().is_some() {
        reading.exports(|export| {
            handed += 1;
            found.clear();
            collector.feed(export.from, export.captured, export.payload, &mut found);
        });
    }
    assert!(reading.has_ended());
    let exported = reading.exported();
    assert_eq!(exported.datagrams - exported.repeated, handed);
    assert!(exported.datagrams <= reading.summary().tally.exports);
}

/// Read a capture to its end, and look at all there is to know of it.
pub fn read(capture: Vec<u8>, options: Options) {
    let mut reading = Reading::from_bytes(vec![capture], options);
    reading.hear_streams();
    let mut flows = 0;
    while let Some(batch) = reading.next_flows() {
        flows += batch.len() as u64;
        for flow in batch {
            let _ = (flow.state(), flow.history.text(), flow.payload(Way::Forth), flow.payload(Way::Back));
        }
    }
    assert!(reading.has_ended());
    let summary = reading.summary();
    assert!(summary.damage.len() <= 101);
    // A packet may be in as many tunnels as are followed, and each is a flow.
    assert!(flows <= summary.tally.packets * 8);
    let _ = (reading.take_names().count(), reading.take_arp().len());
}
