use super::*;
use crate::testing::*;

#[test]
fn what_is_not_ours_is_said_at_the_first_bytes() {
    for begin in
        [&b"SSH-2.0-OpenSSH_9.2"[..], b"\x13BitTorrent", b"220 mail", b"\x16\x04\x01", b"\0\0\0\x10abcd", b"GEX"]
    {
        assert_eq!(names_to(22, begin), (Progress::NotMine, vec![]), "{begin:?}");
    }
    assert_eq!(names_to(22, b""), (Progress::MoreBytes, vec![]));
}

#[test]
fn a_name_server_answers_over_tcp() {
    let address = record(&labels("a.example"), 1, 1, &[192, 0, 2, 7]);
    let stream = sized(2, &dns(0x8180, &[], [&[address], &[], &[]]));
    assert_eq!(names_from(53, &stream[..9]), (Progress::MoreBytes, vec![]));
    let (progress, found) = names_from(53, &stream);
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found), [(ip("192.0.2.7"), "resolves-to", "a.example")]);
}

#[test]
fn nobody_is_waited_for_for_ever() {
    let endless = [b"GET / HTTP/1.1\r\nX: ".as_slice(), &[b'x'; 20_000]].concat();
    assert_eq!(names_to(80, &endless), (Progress::Done, vec![]));
    let endless = [&[22, 3, 3, 0xff, 0xff][..], &[0; 20_000]].concat();
    assert_eq!(names_to(443, &endless).0, Progress::Done);
}
