use super::*;
use crate::testing::{ip, said as said_of, wide, SERVER};

/// A message of fixed fields, where each of the texts is placed behind them and pointed to.
fn message(kind: u8, before: &[u8], texts: &[Vec<u8>], fixed: impl Fn(&[Vec<u8>]) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = [SIGNATURE, &[kind, 0, 0, 0], before].concat();
    let size = bytes.len() + fixed(&vec![vec![0; 8]; texts.len()]).len();
    let mut offset = size;
    let pointers: Vec<Vec<u8>> = texts
        .iter()
        .map(|text| {
            let length = (text.len() as u16).to_le_bytes();
            let pointer = [&length[..], &length, &(offset as u32).to_le_bytes()].concat();
            offset += text.len();
            pointer
        })
        .collect();
    bytes.extend(fixed(&pointers));
    bytes.extend(texts.concat());
    bytes
}

const FLAGS: u32 = UNICODE | VERSION;
const WINDOWS: [u8; 8] = [10, 0, 0x63, 0x45, 0, 0, 0, 15];

pub(crate) fn negotiation() -> Vec<u8> {
    [SIGNATURE, &[1, 0, 0, 0, 0x97, 0x82, 0x08, 0xe2], &[0; 16], &WINDOWS].concat()
}

pub(crate) fn challenge() -> Vec<u8> {
    let pair = |kind: u8, text: &str| {
        let text = wide(text);
        [&[kind, 0][..], &(text.len() as u16).to_le_bytes(), &text].concat()
    };
    let information =
        [pair(2, "WORKS"), pair(1, "FILES"), pair(4, "example.com"), pair(3, "files.example.com"), vec![0; 4]].concat();
    message(2, &[], &[wide("WORKS"), information], |pointers| {
        [&pointers[0][..], &FLAGS.to_le_bytes(), &[7; 16], &pointers[1], &WINDOWS].concat()
    })
}

pub(crate) fn login() -> Vec<u8> {
    message(3, &[0; 16], &[wide("WORKS"), wide("alice"), wide("DESK-7")], |pointers| {
        [&pointers.concat()[..], &[0; 8], &FLAGS.to_le_bytes(), &WINDOWS, &[0; 16]].concat()
    })
}

fn names(message: &[u8]) -> (Option<Step>, Vec<crate::Name>) {
    let mut found = Vec::new();
    let step = said(SERVER.parse().unwrap(), message, &mut Findings::new(&mut found, "smb"));
    (step, found)
}

#[test]
fn a_server_names_itself_in_its_challenge() {
    let (step, found) = names(&challenge());
    let server = ip(SERVER);
    assert_eq!(step, Some(Step::Challenge));
    assert_eq!(
        said_of(&found),
        [
            (server, "workgroup", "WORKS"),
            (server, "is-called", "FILES"),
            (server, "workgroup", "example.com"),
            (server, "is-called", "files.example.com"),
            (server, "runs-software", "Windows 10.0 build 17763"),
        ]
    );
}

#[test]
fn a_client_names_itself_and_its_user_when_it_logs_in() {
    let (step, found) = names(&login());
    assert_eq!(step, Some(Step::Authenticate));
    let values: Vec<&str> = found.iter().map(|name| name.value.as_str()).collect();
    assert_eq!(values, ["DESK-7", "WORKS", "Windows 10.0 build 17763"]);
    assert_eq!(found[0].detail, "NTLM login of WORKS\\alice");
}

#[test]
fn pointers_to_nowhere_are_empty() {
    let mut message = login();
    message[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    let (_, found) = names(&message);
    assert_eq!(found[0].detail, "NTLM login of \\alice");
}
