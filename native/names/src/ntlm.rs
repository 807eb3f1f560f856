//! NTLM (MS-NLMP): both ends name themselves while they prove who they are.

use std::net::IpAddr;

use crate::bytes::Bytes;
use crate::found::{relation, Findings, Subject};
use crate::text::utf16;

const SIGNATURE: &[u8] = b"NTLMSSP\0";
/// NEGOTIATE_FLAGS (MS-NLMP 2.2.2.5).
const UNICODE: u32 = 0x0000_0001;
const VERSION: u32 = 0x0200_0000;
const MOST_PAIRS: usize = 16;

/// Which of the three messages it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Negotiate,
    Challenge,
    Authenticate,
}

/// Where an NTLM message begins in a security blob, bare or wrapped in SPNEGO.
pub(crate) fn find(blob: &[u8]) -> Option<&[u8]> {
    blob.get(memchr::memmem::find(blob, SIGNATURE)?..)
}

/// Say what the sender of this message says of itself.
pub(crate) fn said(sender: IpAddr, message: &[u8], findings: &mut Findings<'_>) -> Option<Step> {
    let mut fields = Bytes(message.strip_prefix(SIGNATURE)?);
    let sender = Subject::Ip(sender);
    match fields.u32_little()? {
        1 => Some(Step::Negotiate),
        2 => {
            let _ = challenge(sender, message, fields, findings);
            Some(Step::Challenge)
        }
        3 => {
            let _ = authenticate(sender, message, fields, findings);
            Some(Step::Authenticate)
        }
        _ => None,
    }
}

/// A field that is elsewhere in the message: length, room, offset.
fn elsewhere<'a>(message: &'a [u8], fields: &mut Bytes<'_>) -> Option<&'a [u8]> {
    let size = usize::from(fields.u16_little()?);
    fields.skip(2)?;
    let begin = usize::try_from(fields.u32_little()?).ok()?;
    Some(message.get(begin..begin.checked_add(size)?).unwrap_or_default())
}

/// The server: its names for itself and its domain, and its version.
fn challenge(server: Subject, message: &[u8], mut fields: Bytes<'_>, findings: &mut Findings<'_>) -> Option<()> {
    let target = elsewhere(message, &mut fields)?;
    let flags = fields.u32_little()?;
    fields.skip(16)?; // challenge, reserved
    let information = elsewhere(message, &mut fields).unwrap_or_default();
    let version = (flags & VERSION != 0).then(|| version(&mut fields)).flatten();
    let mut pairs = Bytes(information);
    for _ in 0..MOST_PAIRS {
        let Some((kind, size)) = pairs.u16_little().zip(pairs.u16_little()) else {
            break;
        };
        let value = utf16(pairs.take_up_to(size.into()));
        match kind {
            0 => break,
            1 => findings.say(server, relation::IS_CALLED, value, "NTLM challenge, NetBIOS computer name"),
            2 => findings.say(server, relation::WORKGROUP, value, "NTLM challenge, NetBIOS domain name"),
            3 => findings.say(server, relation::IS_CALLED, value, "NTLM challenge, DNS computer name"),
            4 => findings.say(server, relation::WORKGROUP, value, "NTLM challenge, DNS domain name"),
            _ => {}
        }
    }
    findings.say(server, relation::WORKGROUP, text(target, flags), "NTLM challenge, target name");
    findings.say(server, relation::RUNS_SOFTWARE, version.unwrap_or_default(), "NTLM challenge, version");
    Some(())
}

/// The client: its name, and who logs in from where.
fn authenticate(client: Subject, message: &[u8], mut fields: Bytes<'_>, findings: &mut Findings<'_>) -> Option<()> {
    fields.skip(16)?; // the two responses
    let domain = elsewhere(message, &mut fields)?;
    let user = elsewhere(message, &mut fields)?;
    let workstation = elsewhere(message, &mut fields)?;
    fields.skip(8)?; // session key
                     // The oldest clients end here, and write OEM characters.
    let flags = fields.u32_little().unwrap_or_default();
    let version = (flags & VERSION != 0).then(|| version(&mut fields)).flatten();
    let (domain, user) = (text(domain, flags), text(user, flags));
    let detail = format!("NTLM login of {domain}\\{user}");
    findings.say(client, relation::IS_CALLED, text(workstation, flags), &detail);
    findings.say(client, relation::WORKGROUP, domain, &detail);
    findings.say(client, relation::RUNS_SOFTWARE, version.unwrap_or_default(), "NTLM login, version");
    Some(())
}

/// Windows' version (MS-NLMP 2.2.2.10); others send zeros.
fn version(fields: &mut Bytes<'_>) -> Option<String> {
    let [major, minor] = fields.array()?;
    let build = fields.u16_little()?;
    (major != 0).then(|| format!("Windows {major}.{minor} build {build}"))
}

/// Text in the character set that was agreed on; OEM characters beyond ASCII are not known to us.
fn text(field: &[u8], flags: u32) -> String {
    if flags & UNICODE != 0 {
        utf16(field)
    } else {
        String::from_utf8_lossy(field).into_owned()
    }
}

#[cfg(test)]
pub(crate) mod tests;
