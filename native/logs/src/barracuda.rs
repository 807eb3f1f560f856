//! CloudGen Firewall of Barracuda: `Block: FWD|TCP|p1|10.1.1.5|51234|…` between bars, with names (`srcIP=10.1.1.5`) or
//! without (Barracuda Campus, "Available Log Files and Structure", Firewall Activity).

use crate::address::{is_address, port};
use crate::asa::protocol;
use crate::header::Header;
use crate::row::Row;
use crate::text::{number, split, split_last, word};

const MOST: usize = 20;

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    if !header.program.ends_with(b"box_Firewall_Activity") {
        return false;
    }
    let Some((head, text)) = split(message, b':') else { return false };
    let mut values = [&b""[..]; MOST];
    for (value, said) in values.iter_mut().zip(text.split(|byte| *byte == b'|')) {
        *value = split(said, b'=').map_or(said, |(_, value)| value);
    }
    let [_, kind, from, source, source_port, _, destination, service, _, to, rule, reason, nat, other_nat, span, count, ..] =
        values;
    if !is_address(source) || !is_address(destination) {
        return false;
    }
    row.vendor = "barracuda";
    row.code = split_last(head, b' ').map_or(head, |(_, verdict)| verdict);
    row.action = match row.code {
        b"Allow" | b"Detect" | b"LocalAllow" => b"allow",
        b"Block" | b"Deny" | b"Drop" | b"LocalBlock" => b"deny",
        b"Remove" | b"LocalRemove" => b"teardown",
        other => other,
    };
    let translated = |nat: &'a [u8], real: &[u8]| match nat {
        b"0.0.0.0" | b"::" => &[][..],
        nat if nat == real || !is_address(nat) => &[],
        nat => nat,
    };
    row.transport = protocol(word(kind).0);
    row.source.interface = from;
    row.source.address = source;
    row.source.port = port(source_port);
    row.source.nat = translated(nat, source);
    row.destination.interface = to;
    row.destination.address = destination;
    row.destination.port = port(service);
    row.destination.nat = translated(other_nat, destination);
    row.rule = rule;
    row.reason = reason;
    row.duration = number(span).and_then(|span| u32::try_from(span / 1000).ok());
    row.weight = number(count).and_then(|count| u32::try_from(count).ok()).unwrap_or(1).max(1);
    row.initiator = "source";
    true
}
