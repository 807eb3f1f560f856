//! Messages of Cisco ASA and Firepower Threat Defense ("Cisco Secure Firewall ASA Series Syslog Messages").

use crate::address::{end, port};
use crate::row::{End, Row};
use crate::scan::ends;
use crate::text::{after, between, leading_number, number, quoted, skip_spaces, split, trim, word};

/// Fill in what the message tells.
pub fn read<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let code = number(row.code).unwrap_or(0);
    match code {
        302_013..=302_016 | 302_303..=302_306 => connection(code, message, row),
        302_020 | 302_021 => ping(code, message, row),
        430_001..=430_005 => key_values(message, row),
        106_100 | 106_102 | 106_103 => listed(message, row),
        305_009..=305_012 => translation(code, message, row),
        106_016 | 106_017 | 106_021 | 106_022 => spoofed(message, row),
        111_008..=111_010 | 111_004 | 111_001 | 111_003 | 111_005 | 111_007 => command(message, row),
        113_004..=113_045
        | 109_005..=109_008
        | 605_004
        | 605_005
        | 611_101..=611_103
        | 716_001..=716_059
        | 722_010..=722_055 => {
            session(message, row);
        }
        609_001 | 609_002 => local_host(code, message, row),
        _ => generic(message, row),
    }
    if row.action.is_empty() {
        row.action = action(code, message).as_bytes();
    }
    if code == 419_002 {
        row.transport = b"tcp";
    } else if row.transport.is_empty() {
        row.transport = transport(message);
    }
    if (106_000..107_000).contains(&code) {
        denied(message, row);
    }
}

/// What the messages about packets that were refused have in common.
fn denied<'a>(message: &'a [u8], row: &mut Row<'a>) {
    if let Some(rest) = after(message, b"by access-group ") {
        row.rule = trim(quoted(rest), b"\"");
    } else if let Some(rest) = after(message, b" due to ") {
        row.reason = trim(rest, b" .");
    } else if let Some(rest) = between(message, b" (", b") from ") {
        row.reason = rest;
    }
    if row.direction.is_empty() {
        let (first, rest) = word(message);
        row.direction = match (first, word(rest).0) {
            (b"Inbound" | b"inbound", _) | (_, b"inbound") => "inbound",
            (_, b"outbound") => "outbound",
            _ => "",
        };
    }
}

/// The two ends, whichever words stand around them.
fn generic<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    if row.source.interface.is_empty() {
        if let Some(rest) = after(message, b" interface ") {
            row.source.interface = trim(word(rest).0, b",.\"'");
        }
    }
}

/// `Built outbound TCP connection 7 for outside:192.0.2.1/443 (192.0.2.1/443) to inside:10.0.0.1/50000 (198.51.100.1/50000)`
fn connection<'a>(code: u64, message: &'a [u8], row: &mut Row<'a>) {
    row.action = if code % 2 == 1 { b"built" } else { b"teardown" };
    if (302_303..=302_306).contains(&code) {
        row.action = if code == 302_303 || code == 302_305 { b"built" } else { b"teardown" };
    }
    let (_, rest) = word(message);
    let (first, after_first) = word(rest);
    let kind = match first {
        b"inbound" => {
            row.direction = "inbound";
            row.initiator = "source";
            word(after_first).0
        }
        b"outbound" => {
            row.direction = "outbound";
            row.initiator = "destination";
            word(after_first).0
        }
        other => other,
    };
    row.transport = protocol(kind);
    // `… connection NUMBER for END`
    let mut rest = after_first;
    let mut one = &b""[..];
    for _ in 0..8 {
        let (next, after_next) = word(rest);
        rest = after_next;
        if next == b"for" {
            (one, rest) = word(rest);
            break;
        }
    }
    let source = end(one, true);
    let Some(mut source) = source else { return generic(message, row) };
    (source.nat, rest) = translated(rest, source.address);
    rest = skip_bracket(rest, row);
    let (to, after_to) = word(rest);
    if to != b"to" {
        return generic(message, row);
    }
    let (two, rest) = word(after_to);
    let Some(mut destination) = end(two, true) else { return generic(message, row) };
    let rest = {
        let (nat, rest) = translated(rest, destination.address);
        destination.nat = nat;
        rest
    };
    row.source = source;
    row.destination = destination;
    let mut rest = skip_bracket(rest, row);
    if let (b"duration", after_word) = word(rest) {
        let (span, after_span) = word(after_word);
        row.duration = seconds(span);
        rest = after_span;
        if let (b"bytes", after_word) = word(rest) {
            let (count, after_count) = word(after_word);
            row.bytes = number(count);
            rest = skip_spaces(after_count);
            let reason = match memchr::memrchr(b'(', rest) {
                Some(at) if rest.ends_with(b")") => rest.get(..at).unwrap_or_default(),
                _ => rest,
            };
            row.reason = trim(reason, b" ");
            if row.user.is_empty() && rest.ends_with(b")") {
                row.user = user(rest.get(reason.len()..).unwrap_or_default());
            }
            // "TCP FINs from inside": the side that ended it stands in the reason.
        }
    } else if row.user.is_empty() && rest.starts_with(b"(") && rest.ends_with(b")") {
        row.user = user(rest);
    }
}

fn user(text: &[u8]) -> &[u8] {
    let text = trim(text, b"() ");
    if text.is_empty() || memchr::memchr(b'/', text).is_some() {
        &[]
    } else {
        text
    }
}

/// The address in brackets, if it is another one; and what comes after the brackets.
fn translated<'a>(text: &'a [u8], address: &[u8]) -> (&'a [u8], &'a [u8]) {
    let text = skip_spaces(text);
    let Some(inside) = text.strip_prefix(b"(") else { return (&[], text) };
    let Some((inside, rest)) = split(inside, b')') else { return (&[], text) };
    // Nearly always it is the same one, with its port.
    if inside.strip_prefix(address).and_then(|port| port.strip_prefix(b"/")).and_then(port).is_some() {
        return (&[], rest);
    }
    let Some(found) = end(inside, true) else { return (&[], text) };
    (if found.address == address { &[] } else { found.address }, rest)
}

/// A user in brackets behind an end: `(LOCAL\alice)`.
fn skip_bracket<'a>(text: &'a [u8], row: &mut Row<'a>) -> &'a [u8] {
    let text = skip_spaces(text);
    let Some(inside) = text.strip_prefix(b"(") else { return text };
    let Some((inside, rest)) = split(inside, b')') else { return text };
    let named = skip_spaces(rest).is_empty() || memchr::memchr(b'\\', inside).is_some();
    if row.user.is_empty() && named {
        row.user = user(inside);
    }
    skip_spaces(rest)
}

/// `0:01:02`, `1h2m3s`, `61` in seconds.
fn seconds(text: &[u8]) -> Option<u32> {
    let mut total = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let (count, after) = leading_number(rest)?;
        match after {
            [b':', next @ ..] => {
                total = total.checked_add(count)?.checked_mul(60)?;
                rest = next;
            }
            [unit @ (b'd' | b'h' | b'm' | b's'), next @ ..] => {
                let length = match unit {
                    b'd' => 86_400,
                    b'h' => 3600,
                    b'm' => 60,
                    _ => 1,
                };
                total = total.checked_add(count.checked_mul(length)?)?;
                rest = next.strip_prefix(b":").unwrap_or(next);
            }
            [] => {
                total = total.checked_add(count)?;
                rest = &[];
            }
            _ => return None,
        }
    }
    (!text.is_empty()).then(|| u32::try_from(total).ok()).flatten()
}

/// `Built outbound ICMP connection for faddr 192.0.2.1/0 gaddr 198.51.100.1/5 laddr 10.0.0.1/5`
fn ping<'a>(code: u64, message: &'a [u8], row: &mut Row<'a>) {
    row.action = if code == 302_020 { b"built" } else { b"teardown" };
    row.transport = if after(message, b"ICMPv6").is_some() { b"ipv6-icmp" } else { b"icmp" };
    let place = |name: &[u8]| after(message, name).and_then(|rest| end(word(rest).0, true)).unwrap_or_default();
    let (foreign, global, local) = (place(b"faddr "), place(b"gaddr "), place(b"laddr "));
    if foreign.address.is_empty() && local.address.is_empty() {
        return generic(message, row);
    }
    let of = |end: End<'a>| End { address: end.address, interface: end.interface, ..End::default() };
    let nat = if global.address == local.address { &[][..] } else { global.address };
    let local = End { nat, ..of(local) };
    if after(message, b"outbound").is_some() {
        row.direction = "outbound";
        row.initiator = "source";
        row.source = local;
        row.destination = of(foreign);
    } else {
        if after(message, b"inbound").is_some() {
            row.direction = "inbound";
            row.initiator = "source";
        }
        row.source = of(foreign);
        row.destination = local;
    }
}

/// `access-list NAME permitted tcp inside/10.0.0.1(1024) -> outside/192.0.2.1(80) hit-cnt 1 first hit [0x0, 0x0]`
fn listed<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let mut rest = after(message, b"access-list ").unwrap_or(message);
    (row.rule, rest) = word(rest);
    let (verdict, rest) = word(rest);
    row.action = match verdict {
        b"permitted" => b"allow",
        b"est-allowed" => b"allow",
        _ => b"deny",
    };
    let (kind, rest) = word(rest);
    row.transport = protocol(kind);
    let found = ends(rest);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    if let Some(user) = after(rest, b" for user '").and_then(|rest| split(rest, b'\'')) {
        row.user = user.0;
    }
    if let Some((count, _)) = after(rest, b"hit-cnt ").and_then(leading_number) {
        row.weight = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    }
}

/// `Built dynamic TCP translation from inside:10.0.0.1/1024 to outside:198.51.100.1/1024 duration 0:00:30`
fn translation<'a>(code: u64, message: &'a [u8], row: &mut Row<'a>) {
    row.action = if code == 305_011 || code == 305_009 { b"built" } else { b"teardown" };
    generic(message, row);
    row.source.nat = row.destination.address;
    // The other end is the same machine under its other name.
    row.destination = End { interface: row.destination.interface, ..End::default() };
    row.duration = after(message, b" duration ").and_then(|rest| seconds(word(rest).0));
}

/// `Deny IP spoof from (10.0.0.1) to 192.0.2.1 on interface inside`
fn spoofed<'a>(message: &'a [u8], row: &mut Row<'a>) {
    row.action = b"deny";
    let place = |name: &[u8]| {
        let rest = after(message, name)?;
        end(trim(word(rest).0, b"(),"), true).or_else(|| {
            let address = trim(word(rest).0, b"(),");
            crate::address::is_name(address).then_some(End { address, ..End::default() })
        })
    };
    row.source = place(b"from ").unwrap_or_default();
    row.destination = place(b" to ").unwrap_or_default();
    if let Some(rest) = after(message, b"on interface ") {
        row.source.interface = trim(word(rest).0, b",.\"");
    }
}

/// `User 'enable_15' executed the 'write memory' command.`
fn command<'a>(message: &'a [u8], row: &mut Row<'a>) {
    generic(message, row);
    if let Some(rest) = after(message, b"User '").or_else(|| after(message, b"user '")) {
        row.user = split(rest, b'\'').map_or(rest, |(name, _)| name);
    }
    row.reason = between(message, b"executed the '", b"' command")
        .or_else(|| after(message, b"executed '").map(|rest| trim(rest, b"'.")))
        .or_else(|| after(message, b"executed cmd: ").map(|rest| trim(rest, b"'.")))
        .unwrap_or_default();
    row.action = if row.reason.is_empty() { b"configuration" } else { b"command" };
}

/// What says who logged in, and from where.
fn session<'a>(message: &'a [u8], row: &mut Row<'a>) {
    generic(message, row);
    for begin in
        [&b"user = "[..], b"User <", b"Username = ", b"user \"", b"user '", b"User '", b"Uname: ", b"for user "]
    {
        if let Some(rest) = after(message, begin) {
            let end = rest.iter().position(|byte| matches!(byte, b' ' | b',' | b'>' | b'"' | b'\'' | b':'));
            row.user = trim(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(), b"*");
            break;
        }
    }
    for begin in [&b" IP <"[..], b"IP = ", b"user IP = ", b"IP address <"] {
        if let Some(found) = after(message, begin).and_then(|rest| end(trim(word(rest).0, b",<>"), false)) {
            row.source = found;
            break;
        }
    }
    if let Some(rest) = after(message, b"server = ").or_else(|| after(message, b"server =  ")) {
        row.destination = end(word(rest).0, true).unwrap_or_default();
        if row.source.address == row.destination.address {
            row.source = End::default();
        }
    }
    if let Some(rest) = after(message, b"Duration: ") {
        row.duration = seconds(trim(word(rest).0, b","));
    }
    let count = |name: &[u8]| after(message, name).and_then(leading_number).map(|(count, _)| count);
    if let (Some(sent), Some(received)) = (count(b"Bytes xmt: "), count(b"Bytes rcv: ")) {
        row.bytes = Some(sent.saturating_add(received));
    }
    if let Some(rest) = after(message, b"reason = ").or_else(|| after(message, b"Reason: ")) {
        row.reason = trim(rest.split(|byte| *byte == b':').next().unwrap_or(rest), b" .");
    }
    if let Some(rest) = between(message, b"Group <", b">") {
        row.rule = rest;
    }
}

/// `Built local-host inside:10.0.0.1`
fn local_host<'a>(code: u64, message: &'a [u8], row: &mut Row<'a>) {
    row.action = if code == 609_001 { b"built" } else { b"teardown" };
    if let Some(rest) = after(message, b"local-host ") {
        let (place, rest) = word(rest);
        row.source = end(place, true).unwrap_or_default();
        row.duration = after(rest, b"duration ").and_then(|rest| seconds(word(rest).0));
    }
}

/// `AccessControlRuleAction: Allow, SrcIP: 10.0.0.1, …` of FTD.
fn key_values<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let mut rest = message;
    let (mut from, mut to, mut bytes) = (None, None, None::<u64>);
    while !rest.is_empty() {
        rest = skip_spaces(rest);
        let Some((key, after_key)) = split(rest, b':') else { break };
        let after_key = skip_spaces(after_key);
        let (value, next) = if after_key.starts_with(b"\"") {
            let inside = after_key.get(1..).unwrap_or_default();
            let (value, next) = split(inside, b'"').unwrap_or((inside, &[]));
            (value, next.strip_prefix(b",").unwrap_or(next))
        } else {
            match memchr::memmem::find(after_key, b", ") {
                Some(at) => (after_key.get(..at).unwrap_or_default(), after_key.get(at + 2..).unwrap_or_default()),
                None => (after_key, &[][..]),
            }
        };
        rest = next;
        match key {
            b"SrcIP" | b"InitiatorIP" => row.source.address = value,
            b"DstIP" | b"ResponderIP" => row.destination.address = value,
            b"SrcPort" => row.source.port = port(value),
            b"DstPort" => row.destination.port = port(value),
            b"Protocol" => row.transport = protocol(value),
            b"IngressInterface" => row.source.interface = value,
            b"EgressInterface" => row.destination.interface = value,
            b"IngressZone" if row.source.interface.is_empty() => row.source.interface = value,
            b"EgressZone" if row.destination.interface.is_empty() => row.destination.interface = value,
            b"AccessControlRuleAction" | b"InlineResult" | b"FileAction" => row.action = verdict(value),
            b"AccessControlRuleName" => row.rule = value,
            b"Message" | b"ThreatName" | b"AccessControlRuleReason" => row.reason = value,
            b"User" if value != b"No Authentication Required" => row.user = value,
            b"InitiatorBytes" => from = number(value),
            b"ResponderBytes" => to = number(value),
            b"FileSize" => bytes = number(value),
            b"ConnectionDuration" => row.duration = number(value).and_then(|value| u32::try_from(value).ok()),
            b"NAT_InitiatorIP" => row.source.nat = value,
            b"NAT_ResponderIP" => row.destination.nat = value,
            _ => {}
        }
    }
    row.bytes = match (from, to) {
        (None, None) => bytes,
        (from, to) => Some(from.unwrap_or(0).saturating_add(to.unwrap_or(0))),
    };
    row.initiator = "source";
}

fn verdict(value: &[u8]) -> &[u8] {
    match value {
        b"Allow" | b"Trust" | b"Fastpath" | b"allow" => b"allow",
        b"Block" | b"Block with reset" | b"Blocked" | b"Dropped" | b"Would have dropped" | b"block" => b"deny",
        _ => value,
    }
}

/// The name of a protocol, in small letters; a number as it is.
pub fn protocol(text: &[u8]) -> &[u8] {
    match text {
        b"TCP" | b"tcp" | b"6" | b"Tcp" => b"tcp",
        b"UDP" | b"udp" | b"17" => b"udp",
        b"ICMP" | b"icmp" | b"1" => b"icmp",
        b"ICMPv6" | b"icmp6" | b"icmpv6" | b"ipv6-icmp" | b"58" | b"ICMP6" => b"ipv6-icmp",
        b"GRE" | b"gre" | b"47" => b"gre",
        b"ESP" | b"esp" | b"50" => b"esp",
        b"SCTP" | b"sctp" | b"132" => b"sctp",
        b"igmp" | b"IGMP" | b"2" => b"igmp",
        b"ospf" | b"OSPF" | b"89" => b"ospf",
        _ if !text.is_empty() && text.len() <= 3 && text.iter().all(u8::is_ascii_digit) => text,
        _ => b"",
    }
}

/// The first word that is a protocol.
fn transport(message: &[u8]) -> &[u8] {
    let mut rest = message;
    for _ in 0..8 {
        let (one, next) = word(rest);
        let found = match one {
            b"protocol" => return protocol(trim(word(next).0, b",.")),
            _ if one.starts_with(b"protocol=") => return protocol(trim(one.get(9..).unwrap_or_default(), b",.")),
            _ if one.first().is_some_and(u8::is_ascii_digit) => b"",
            _ => protocol(trim(one, b",.")),
        };
        if !found.is_empty() {
            return found;
        }
        rest = next;
    }
    b""
}

/// What happened, by the number of the message, else by its first word.
fn action(code: u64, message: &[u8]) -> &'static str {
    match code {
        419_002 => "duplicate-syn",
        419_001 => "deny",
        733_100..=733_105 => "threat-detection",
        199_001..=199_027 => "restart",
        113_004 | 113_008 | 113_012 | 605_005 | 611_101 | 716_001 | 716_038 | 722_022 | 722_051 => "login",
        113_005 | 113_006 | 113_013..=113_018 | 605_004 | 611_102 | 716_039 => "login-failed",
        113_019 | 716_002 | 722_023 | 722_037 => "logout",
        710_001..=710_002 => "allow",
        710_003..=710_006 => "deny",
        338_001..=338_008 | 338_201..=338_204 => "blacklist",
        302_010 => "connections",
        _ => match word(message).0 {
            b"Deny" | b"Denied" | b"deny" | b"Dropping" | b"Drop" | b"Inbound" | b"Blocked" | b"Discarding"
            | b"denied" => "deny",
            b"Built" => "built",
            b"Teardown" => "teardown",
            b"Invalid" => "invalid",
            b"TCP" if after(message, b"access denied").is_some() => "deny",
            b"UDP" if after(message, b"access denied").is_some() => "deny",
            b"Permitted" | b"permitted" => "allow",
            _ if after(message, b"denied").is_some() => "deny",
            _ => "",
        },
    }
}
