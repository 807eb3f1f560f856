use super::*;
use crate::netbios::tests::encoded;
use crate::ntlm::tests::{challenge, login, negotiation};
use crate::testing::*;

fn session(message: &[u8]) -> Vec<u8> {
    [&[0][..], &sized(3, message)].concat()
}

pub(crate) fn smb2(command: u8, body: &[u8]) -> Vec<u8> {
    let mut message = b"\xfeSMB\x40\0\0\0\0\0\0\0".to_vec();
    message.extend([command, 0]);
    message.resize(64, 0);
    message.extend(body);
    session(&message)
}

fn smb1(command: u8, flags: u8, words: &[u8], data: &[u8]) -> Vec<u8> {
    let mut message = [b"\xffSMB".as_slice(), &[command, 0, 0, 0, 0, flags, 0x01, 0xc8], &[0; 20]].concat();
    message.push((words.len() / 2) as u8);
    message.extend(words);
    message.extend((data.len() as u16).to_le_bytes());
    message.extend(data);
    session(&message)
}

pub(crate) fn answers() -> Vec<u8> {
    let blob = [b"\xa1\x81\xceSPNEGO".as_slice(), &challenge()].concat();
    [smb2(0, &[0; 80]), smb2(1, &blob)].concat()
}

#[test]
fn a_server_names_itself_in_smb2() {
    let stream = answers();
    for size in 0..stream.len() {
        assert_eq!(names_from(445, &stream[..size]), (Progress::MoreBytes, vec![]));
    }
    let (progress, found) = names_from(445, &stream);
    assert_eq!(progress, Progress::Done);
    assert!(said(&found).contains(&(ip(SERVER), "is-called", "files.example.com")));
}

#[test]
fn a_client_names_itself_after_it_negotiated() {
    let stream = [smb2(0, &[0; 40]), smb2(1, &negotiation())].concat();
    assert_eq!(names_to(445, &stream), (Progress::MoreBytes, vec![]));
    let (progress, found) = names_to(445, &[stream, smb2(1, &login())].concat());
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found)[0], (ip(CLIENT), "is-called", "DESK-7"));
}

#[test]
fn kerberos_and_what_follows_a_session_setup_say_nothing() {
    let stream = [smb2(0, &[0; 40]), smb2(1, b"kerberos ticket")].concat();
    assert_eq!(names_to(445, &stream), (Progress::Done, vec![]));
    assert_eq!(names_to(445, &smb2(5, &[])), (Progress::Done, vec![]));
}

#[test]
fn a_netbios_session_begins_with_both_names() {
    let mut request = vec![0x81];
    request.extend(sized(3, &[encoded("FILES", 0x20), encoded("DESK-7", 0x00)].concat()));
    let (progress, found) = names_to(139, &[request, smb2(5, &[])].concat());
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found), [(ip(SERVER), "served-as", "FILES"), (ip(CLIENT), "is-called", "DESK-7")]);
}

/// The answers of Windows XP.
pub(crate) fn old_answers() -> Vec<u8> {
    let blob = challenge();
    let mut words = [0xff, 0, 0, 0, 0, 0].to_vec();
    words.extend((blob.len() as u16).to_le_bytes());
    let strings = [wide("Windows 5.1\0"), wide("Windows 2000 LAN Manager\0"), wide("WORKS\0")].concat();
    let padding = (32 + 1 + words.len() + 2 + blob.len()) % 2;
    let data = [blob, vec![0; padding], strings].concat();
    [smb1(SMB1_NEGOTIATE, 0x80, &[0; 34], &[]), smb1(SMB1_SESSION_SETUP, 0x80, &words, &data)].concat()
}

#[test]
fn an_old_server_says_its_system_in_smb1() {
    let (progress, found) = names_from(139, &old_answers());
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found)[..2], [(ip(SERVER), "runs-software", "Windows 5.1"), (ip(SERVER), "workgroup", "WORKS")]);
    assert_eq!(found[0].detail, "SMB1 session setup, Windows 2000 LAN Manager");
}
