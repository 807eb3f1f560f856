//! Names that stand in a pcapng file itself.

mod common;

use common::*;
use whence_packets::{Listening, Options, Reading, Said};

fn names(address: [u8; 4], name: &str) -> Vec<u8> {
    let value = [&address[..], name.as_bytes(), b"\0"].concat();
    let record = [option(1, &value), option(0, &[]), option(1, b"a comment")].concat();
    block(4, &record)
}

fn frame() -> Vec<u8> {
    ethernet(0x0800, &datagram())
}

fn begin() -> Vec<u8> {
    joined(&[&section(), &interface(1, "lan0", 6)])
}

fn said(captures: Vec<Vec<u8>>, options: Options) -> Vec<Said> {
    let mut reading = Reading::from_bytes(captures, options);
    while reading.next_flows().is_some() {}
    assert!(reading.summary().damage.is_empty());
    reading.take_names().collect()
}

#[test]
fn a_name_has_its_file_and_block_and_the_time_of_the_packet_before_it() {
    let before = joined(&[&begin(), &packet_block(0, 1_000_000, &frame(), &[])]);
    let file = |name| joined(&[&before, &names(A, name), &packet_block(0, 2_000_000, &frame(), &[])]);
    for threads in [1, 3] {
        let files = vec![file("pc.example"), file("desk.example")];
        let [first, second] = &said(files, Options { threads, ..Options::default() })[..] else {
            panic!("a name in each of two files")
        };
        assert_eq!(
            (first.name.value.as_str(), first.name.relation, first.name.source),
            ("pc.example", "noted-as", "nrb")
        );
        assert_eq!(first.name.detail, format!("name resolution block at byte {}", before.len()));
        assert_eq!((first.file, first.packet, first.first, first.count), (0, 1, 1_000_000_000, 1));
        assert_eq!((second.file, second.packet), (1, 1));
    }
}

#[test]
fn names_before_all_packets_have_the_time_of_the_first() {
    let padding = block(0x0bad, &vec![0; 400_000]);
    let file = joined(&[&begin(), &names(A, "pc"), &padding, &packet_block(0, 3_000_000, &frame(), &[])]);
    let [name] = &said(vec![file], Options::default())[..] else { panic!("one name") };
    assert_eq!((name.packet, name.first, name.last), (0, 3_000_000_000, 3_000_000_000));
}

#[test]
fn a_file_of_names_alone_has_them_all() {
    let file = joined(&[&begin(), &names(A, "pc"), &names(B, "nas")]);
    assert_eq!(said(vec![file], Options::default()).len(), 2);
}

#[test]
fn names_stay_where_only_those_of_addresses_are_wanted_and_go_where_none_are() {
    let file = joined(&[&begin(), &names(A, "pc"), &packet_block(0, 3_000_000, &frame(), &[])]);
    let wanted = |names| said(vec![file.clone()], Options { names, ..Options::default() }).len();
    assert_eq!((wanted(Listening::Addresses), wanted(Listening::Nothing)), (1, 0));
}

#[test]
fn a_block_with_more_names_than_fit_into_what_is_read_at_once() {
    let records: Vec<u8> = (0..40_000u32)
        .flat_map(|number| option(1, &[&(0x0a00_0000 + number).to_be_bytes()[..], b"pc\0"].concat()))
        .collect();
    let file = joined(&[&begin(), &block(4, &records), &packet_block(0, 3_000_000, &frame(), &[])]);
    assert_eq!(said(vec![file], Options::default()).len(), 40_000);
}
