use super::*;
use crate::testing::*;

pub(crate) fn extension(kind: u16, value: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &sized(2, value)].concat()
}

pub(crate) fn asking_for(name: &str) -> Vec<u8> {
    extension(0, &sized(2, &[&[0][..], &sized(2, name.as_bytes())].concat()))
}

/// A ClientHello as a handshake message.
pub(crate) fn hello(version: u16, ciphers: &[u16], extensions: &[Vec<u8>]) -> Vec<u8> {
    let ciphers: Vec<u8> = ciphers.iter().flat_map(|cipher| cipher.to_be_bytes()).collect();
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.extend(sized(1, &[9; 32]));
    body.extend(sized(2, &ciphers));
    body.extend([1, 0]);
    body.extend(sized(2, &extensions.concat()));
    [&[1][..], &sized(3, &body)].concat()
}

/// Handshake bytes in records of at most so many bytes.
pub(crate) fn records(handshake: &[u8], most: usize) -> Vec<u8> {
    handshake.chunks(most).flat_map(|part| [&[22, 3, 1][..], &sized(2, part)].concat()).collect()
}

pub(crate) fn certificate_chain() -> Vec<u8> {
    let der = include_bytes!("../../tests/data/files.example.com.der");
    let chain = sized(3, &sized(3, der));
    [&[11][..], &sized(3, &chain)].concat()
}

pub(crate) fn server_hello(extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0xc0, 0x2f, 0]);
    body.extend(sized(2, &extensions.concat()));
    [&[2][..], &sized(3, &body)].concat()
}

#[test]
fn a_server_is_known_by_the_name_it_is_asked_for() {
    let hello = hello(0x0303, &[0x1301], &[asking_for("Files.Example.com")]);
    let (progress, found) = names_to(8443, &records(&hello, 16000));
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found), [(ip(SERVER), "served-as", "files.example.com")]);
    assert_eq!(found[0].detail, "SNI, port 8443, asked by 192.0.2.10");
    assert_eq!(server_name(&hello).as_deref(), Some("files.example.com"));
}

#[test]
fn a_hello_in_pieces_asks_for_more_until_it_is_whole() {
    let hello = hello(0x0303, &[0x1301], &[extension(21, &[0; 600]), asking_for("files.example.com")]);
    for most in [16000, 100] {
        let stream = records(&hello, most);
        for size in 0..stream.len() {
            assert_eq!(names_to(443, &stream[..size]), (Progress::MoreBytes, vec![]), "{size} of {}", stream.len());
        }
        let (progress, found) = names_to(443, &stream);
        assert_eq!((progress, found.len()), (Progress::Done, 1));
    }
}

#[test]
fn a_certificate_in_clear_names_its_subjects_and_issuer() {
    let flight = [server_hello(&[extension(0xff01, &[0])]), certificate_chain(), vec![14, 0, 0, 0]].concat();
    let stream = records(&flight, 300);
    assert_eq!(names_from(443, &stream[..stream.len() - 20]), (Progress::MoreBytes, vec![]));
    let (progress, found) = names_from(443, &stream);
    assert_eq!(progress, Progress::Done);
    let server = ip(SERVER);
    assert_eq!(
        said(&found),
        [
            (server, "certificate-issuer", "Example Issuing CA"),
            (server, "certificate-subject", "files.example.com"),
            (server, "certificate-subject", "*.files.example.com"),
            (server, "certificate-subject", "192.0.2.80"),
            (server, "certificate-subject", "2001:db8::80"),
        ]
    );
    assert!(found[0].detail.starts_with("port 443, valid until 20"), "{}", found[0].detail);
}

#[test]
fn nothing_more_is_to_come_where_the_certificate_is_encrypted_or_left_out() {
    let tls13 = records(&server_hello(&[extension(0x002b, &[3, 4])]), 16000);
    assert_eq!(names_from(443, &tls13), (Progress::Done, vec![]));
    let resumed = [records(&server_hello(&[]), 16000), vec![20, 3, 3, 0, 1, 1]].concat();
    assert_eq!(names_from(443, &resumed), (Progress::Done, vec![]));
}

#[test]
fn a_malformed_extension_does_not_hide_the_name() {
    let hello = hello(0x0303, &[0x1301], &[extension(10, &[0xff]), asking_for("a.example")]);
    assert_eq!(server_name(&records(&hello, 16000)).as_deref(), Some("a.example"));
}
