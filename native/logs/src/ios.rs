//! Messages of IOS, IOS-XR and NX-OS: who was denied, how often, and who configured.

use crate::asa::protocol;
use crate::row::Row;
use crate::scan::ends;
use crate::text::{after, between, leading_number, trim, word};

/// Fill in what the message tells.
pub fn read<'a>(message: &'a [u8], row: &mut Row<'a>) {
    // `list 101 denied tcp 192.0.2.1(1024) -> 198.51.100.1(80), 3 packets`
    if let Some(rest) = after(message, b"list ") {
        let (name, rest) = word(rest);
        let (verdict, rest) = word(rest);
        if matches!(verdict, b"denied" | b"permitted") {
            row.rule = name;
            row.action = if verdict == b"denied" { b"deny" } else { b"allow" };
            row.transport = protocol(word(rest).0);
            let count = memchr::memrchr(b',', rest).and_then(|at| leading_number(rest.get(at + 2..)?));
            if let Some((count, _)) = count.filter(|(_, more)| more.starts_with(b" packet")) {
                row.weight = u32::try_from(count).unwrap_or(u32::MAX).max(1);
            }
        }
    }
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    if row.code.ends_with(b"UPDOWN") {
        // `Interface GigabitEthernet0/1, changed state to down`
        row.source.interface = after(message, b"nterface ").map_or(b"", |rest| trim(word(rest).0, b",.:"));
    } else if row.code.ends_with(b"-MACFLAP_NOTIF") {
        // `Host 0050.56aa.bbcc in vlan 10 is flapping between port Gi1/0/1 and port Gi1/0/2`
        let port = |before: &[u8]| after(message, before).map_or(&b""[..], |rest| trim(word(rest).0, b",."));
        row.source.interface = port(b"between port ");
        row.destination.interface = port(b"and port ");
    } else if row.code.ends_with(b"-LOGIN_FAILED") || row.code.ends_with(b"-LOGIN_SUCCESS") {
        let failed = row.code.ends_with(b"FAILED");
        row.action = if failed { b"login-failed" } else { b"login" };
        row.user = between(message, b"[user: ", b"]").unwrap_or_default();
    } else if row.code.ends_with(b"-CONFIG_I") || row.code.ends_with(b"-CFGLOG_LOGGEDCMD") {
        row.action = b"configuration";
        if let Some(rest) = after(message, b" by ").or_else(|| after(message, b"User:")) {
            row.user = trim(word(rest).0, b",.");
        }
    } else if row.code.ends_with(b"-RESTART") || row.code.ends_with(b"-RELOAD") {
        row.action = b"restart";
    }
}
