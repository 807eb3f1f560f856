//! SMB (MS-SMB, MS-SMB2) over TCP 445, and over NetBIOS sessions on 139 (RFC 1002, 4.3): the start of a session, in
//! which both ends say NTLM, and old ones what they run.

use crate::beginning::{Progress, Stream};
use crate::bytes::Bytes;
use crate::found::{relation, Findings, Name, Subject};
use crate::netbios::NetbiosName;
use crate::ntlm;
use crate::text::{clean, utf16, LONGEST_NAME};

const SESSION_MESSAGE: u8 = 0x00;
const SESSION_REQUEST: u8 = 0x81;
const MOST_MESSAGES: usize = 16;
const SMB1_NEGOTIATE: u8 = 0x72;
const SMB1_SESSION_SETUP: u8 = 0x73;

/// Whether these bytes begin a NetBIOS session or an SMB one; None while there are too few to say.
pub(crate) fn begins(begin: &[u8]) -> Option<bool> {
    let mut bytes = Bytes(begin);
    match bytes.u8() {
        Some(SESSION_REQUEST) => Some(bytes.take(3)?.first()? <= &1),
        Some(SESSION_MESSAGE) => {
            bytes.skip(3)?;
            let magic: [u8; 4] = bytes.array()?;
            Some(matches!(&magic, b"\xffSMB" | b"\xfeSMB"))
        }
        // A positive or negative session response: four bytes, or five.
        Some(0x82) => Some(bytes.u24()? == 0),
        Some(_) => Some(false),
        None => None,
    }
}

/// What one message says of the rest of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    ToCome,
    AllSaid,
}

pub(crate) fn from_stream(stream: &Stream<'_>, found: &mut Vec<Name>) -> Progress {
    let mut findings = Findings::new(found, "smb");
    let mut bytes = Bytes(stream.begin);
    for _ in 0..MOST_MESSAGES {
        let Some((kind, size)) = bytes.u8().zip(bytes.u24()) else {
            return Progress::MoreBytes;
        };
        let Some(message) = usize::try_from(size).ok().and_then(|size| bytes.take(size)) else {
            return Progress::MoreBytes;
        };
        let names = match kind {
            SESSION_REQUEST => {
                let _ = session_request(stream, message, &mut findings);
                Names::ToCome
            }
            SESSION_MESSAGE => session_message(stream, message, &mut findings),
            0x82 | 0x85 => Names::ToCome,
            _ => Names::AllSaid,
        };
        if names == Names::AllSaid {
            break;
        }
    }
    Progress::Done
}

/// Whom the client calls, and under which name it does.
fn session_request(stream: &Stream<'_>, message: &[u8], findings: &mut Findings<'_>) -> Option<()> {
    let mut bytes = Bytes(message);
    let called = NetbiosName::read(&mut bytes)?;
    let calling = NetbiosName::read(&mut bytes)?;
    let (client, server) = (Subject::Ip(stream.sender.ip()), Subject::Ip(stream.receiver.ip()));
    findings.say(server, relation::SERVED_AS, called.text(), "NetBIOS session request");
    findings.say(client, relation::IS_CALLED, calling.text(), "NetBIOS session request");
    Some(())
}

fn session_message(stream: &Stream<'_>, message: &[u8], findings: &mut Findings<'_>) -> Names {
    let mut bytes = Bytes(message);
    match bytes.array::<4>() {
        Some([0xfe, b'S', b'M', b'B']) => {
            let command = bytes.skip(8).and_then(|()| bytes.u16_little());
            match command {
                Some(0) => Names::ToCome,
                Some(1) => authentication(stream, message, findings),
                _ => Names::AllSaid,
            }
        }
        Some([0xff, b'S', b'M', b'B']) => match bytes.u8() {
            Some(SMB1_NEGOTIATE) => Names::ToCome,
            Some(SMB1_SESSION_SETUP) => {
                let _ = systems(stream, message, findings);
                authentication(stream, message, findings)
            }
            _ => Names::AllSaid,
        },
        _ => Names::AllSaid,
    }
}

/// The NTLM message of a session setup. Without one it is Kerberos, which names nobody in clear, or an empty answer.
fn authentication(stream: &Stream<'_>, message: &[u8], findings: &mut Findings<'_>) -> Names {
    let Some(token) = ntlm::find(message) else {
        return Names::AllSaid;
    };
    match ntlm::said(stream.sender.ip(), token, findings) {
        Some(ntlm::Step::Negotiate) => Names::ToCome,
        _ => Names::AllSaid,
    }
}

/// The strings at the end of an SMB1 session setup (MS-SMB 2.2.4.6): operating system and LAN manager of the sender.
fn systems(stream: &Stream<'_>, message: &[u8], findings: &mut Findings<'_>) -> Option<()> {
    let mut bytes = Bytes(message);
    bytes.skip(9)?; // magic, command, status
    let is_answer = bytes.u8()? & 0x80 != 0;
    let is_unicode = bytes.u16_little()? & 0x8000 != 0;
    bytes.skip(20)?;
    let words = bytes.u8()?;
    let parameters = bytes.take(usize::from(words).checked_mul(2)?)?;
    bytes.skip(2)?; // byte count
    let blob_size = match (is_answer, words) {
        (true, 3) => 0,
        (true, 4) => Bytes(parameters.get(6..)?).u16_little()?,
        (false, 12) => Bytes(parameters.get(14..)?).u16_little()?,
        _ => return None, // the form without extended security: passwords first, account and domain before the rest
    };
    bytes.skip(blob_size.into())?;
    let begin = message.len().checked_sub(bytes.0.len())?;
    if is_unicode && begin % 2 == 1 {
        bytes.skip(1)?; // Unicode strings are aligned to the header
    }
    let system = next_string(&mut bytes, is_unicode)?;
    let manager = next_string(&mut bytes, is_unicode).unwrap_or_default();
    let sender = Subject::Ip(stream.sender.ip());
    findings.say(sender, relation::RUNS_SOFTWARE, system, &format!("SMB1 session setup, {manager}"));
    if is_answer {
        let workgroup = next_string(&mut bytes, is_unicode).unwrap_or_default();
        findings.say(sender, relation::WORKGROUP, workgroup, "SMB1 session setup");
    }
    Some(())
}

/// Text up to its terminating NUL, or to the end.
fn next_string(bytes: &mut Bytes<'_>, is_unicode: bool) -> Option<String> {
    if bytes.is_empty() {
        return None;
    }
    if !is_unicode {
        let size = memchr::memchr(0, bytes.0).unwrap_or(bytes.0.len());
        let text = clean(bytes.take_up_to(size), LONGEST_NAME);
        bytes.take_up_to(1);
        return Some(text);
    }
    let units = bytes.0.chunks_exact(2).take_while(|unit| unit != &[0, 0]).count();
    let text = utf16(bytes.take_up_to(units.checked_mul(2)?));
    bytes.take_up_to(2);
    Some(text)
}

#[cfg(test)]
pub(crate) mod tests;
