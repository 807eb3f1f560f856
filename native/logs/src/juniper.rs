//! Junos: structured data of its own enterprise number, or `TAG_IN_CAPITALS: text` (Juniper System Log Explorer).

use crate::address::port;
use crate::asa::protocol;
use crate::header::Header;
use crate::keys::pairs;
use crate::row::Row;
use crate::scan::ends;
use crate::text::{after, number, skip_spaces, split, trim, word};

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    if header.data.starts_with(b"[junos@2636.") {
        row.vendor = "juniper";
        row.code = header.id;
        structured(header.data, row);
    } else {
        let head = message.get(..message.len().min(64)).unwrap_or_default();
        let Some((tag, _)) = split(head, b':') else { return false };
        let plain = tag.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
        if !plain || !tag.contains(&b'_') || !tag.first().is_some_and(u8::is_ascii_uppercase) {
            return false;
        }
        row.vendor = "juniper";
        row.code = tag;
        let text = skip_spaces(message.get(tag.len() + 1..).unwrap_or_default());
        let found = ends(text);
        row.source = found.source.unwrap_or_default();
        row.destination = found.destination.unwrap_or_default();
        if tag.starts_with(b"RT_FLOW_SESSION") {
            plain_flow(text, row);
        } else if let Some(rest) = after(text, b"User '").or_else(|| after(text, b"user '")) {
            row.user = split(rest, b'\'').map_or(rest, |(name, _)| name);
        }
    }
    if row.action.is_empty() {
        row.action = match row.code {
            b"RT_FLOW_SESSION_CREATE" | b"RT_FLOW_SESSION_CREATE_LS" => b"built",
            b"RT_FLOW_SESSION_CLOSE" | b"RT_FLOW_SESSION_CLOSE_LS" => b"teardown",
            b"RT_FLOW_SESSION_DENY" | b"RT_FLOW_SESSION_DENY_LS" => b"deny",
            b"UI_COMMIT" | b"UI_COMMIT_COMPLETED" | b"UI_CFG_AUDIT_SET" => b"configuration",
            b"SSHD_LOGIN_FAILED" | b"LOGIN_FAILED" => b"login-failed",
            _ => b"",
        };
    }
    if row.code.starts_with(b"RT_FLOW_SESSION") {
        row.initiator = "source";
    }
    !row.code.is_empty()
}

fn structured<'a>(data: &'a [u8], row: &mut Row<'a>) {
    let (mut sent, mut received) = (None, None);
    for (key, value) in pairs(data) {
        match key {
            b"source-address" => row.source.address = value,
            b"source-port" => row.source.port = port(value),
            b"destination-address" => row.destination.address = value,
            b"destination-port" => row.destination.port = port(value),
            b"nat-source-address" if value != row.source.address => row.source.nat = value,
            b"nat-destination-address" if value != row.destination.address => row.destination.nat = value,
            b"protocol-id" => row.transport = protocol(value),
            b"policy-name" => row.rule = value,
            b"source-zone-name" if row.source.interface.is_empty() => row.source.interface = value,
            b"destination-zone-name" => row.destination.interface = value,
            b"username" if value != b"N/A" => row.user = value,
            b"reason" | b"message" | b"command" => row.reason = value,
            b"elapsed-time" => row.duration = number(value).and_then(|span| u32::try_from(span).ok()),
            b"bytes-from-client" => sent = number(value),
            b"bytes-from-server" => received = number(value),
            _ => {}
        }
    }
    if sent.is_some() || received.is_some() {
        row.bytes = Some(sent.unwrap_or(0u64).saturating_add(received.unwrap_or(0)));
    }
}

/// `session closed TCP FIN: 10.0.0.1/1024->192.0.2.1/80 …`, `session denied 10.0.0.1/1024->192.0.2.1/22 junos-ssh 6(0) …`
fn plain_flow<'a>(text: &'a [u8], row: &mut Row<'a>) {
    if let Some(rest) = text.strip_prefix(b"session closed ") {
        row.reason = split(rest, b':').map_or(b"", |(reason, _)| reason);
    }
    // The protocol's number is the first word that is nothing else, or one with the ICMP type behind it.
    let mut rest = after(text, b"->").unwrap_or_default();
    let (mut words, mut before) = (0, &b""[..]);
    while !rest.is_empty() && words < 16 && row.transport.is_empty() {
        let (one, next) = word(rest);
        let kind = split(one, b'(').map_or(one, |(kind, _)| kind);
        if words > 0 && kind.len() <= 3 && number(kind).is_some() {
            row.transport = protocol(kind);
            let (name, next) = word(next);
            row.rule = trim(name, b",");
            let (zone, next) = word(next);
            row.source.interface = zone;
            row.destination.interface = word(next).0;
        }
        (before, rest) = (one, next);
        words += 1;
    }
    let _ = before;
}
