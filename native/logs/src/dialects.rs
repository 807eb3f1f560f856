//! Messages of others than ASA: what is known by its form, and what ends any sentence names.

use crate::header::Header;
use crate::row::Row;
use crate::scan::ends;
use crate::text::{after, leading_number, trim, word};

/// IOS: who was denied, how often, and who configured.
pub fn ios<'a>(message: &'a [u8], row: &mut Row<'a>) {
    // `list 101 denied tcp 192.0.2.1(1024) -> 198.51.100.1(80), 3 packets`
    if let Some(rest) = after(message, b"list ") {
        let (name, rest) = word(rest);
        let (verdict, rest) = word(rest);
        if matches!(verdict, b"denied" | b"permitted") {
            row.rule = name;
            row.action = if verdict == b"denied" { b"deny" } else { b"allow" };
            row.transport = crate::asa::protocol(word(rest).0);
            if let Some(at) = memchr::memrchr(b',', rest) {
                if let Some((count, more)) = rest.get(at + 2..).and_then(leading_number) {
                    if more.starts_with(b" packet") {
                        row.weight = u32::try_from(count).unwrap_or(u32::MAX).max(1);
                    }
                }
            }
        }
    }
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    if row.code == b"SYS-5-CONFIG_I" {
        row.action = b"configuration";
        if let Some(rest) = after(message, b" by ") {
            row.user = trim(word(rest).0, b",.");
        }
    }
}

/// Whether the message is of a dialect that has ids of its own.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    let _ = header;
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    false
}
