//! Which dialect a message is of, where it is none of Cisco's; each is a file of its own.

use crate::address::port;
use crate::asa::protocol;
use crate::cef::verdict;
use crate::header::Header;
use crate::keys::pairs;
use crate::row::Row;
use crate::scan::ends;
use crate::text::split;
use crate::{
    barracuda, cef, check_point, comma, firewall, fortigate, headings, juniper, linux, mikrotik, sql_server, squid,
    watchguard, windows,
};

/// Fill in what the message tells; whether it is of a dialect that has ids of its own.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    if is_one(header, message, row) {
        return !row.code.is_empty();
    }
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    if found.has_keys {
        of_keys(message, row);
    }
    linux::read(message, row);
    false
}

/// Keys of a line that are looked at.
const MOST_KEYS: usize = 64;

/// What keys and values say beside the two ends, as Sophos, SonicWall and Meraki write them.
fn of_keys<'a>(message: &'a [u8], row: &mut Row<'a>) {
    for (key, value) in pairs(message).take(MOST_KEYS) {
        match key {
            b"srcport" | b"src_port" | b"sport" | b"spt" if row.source.port.is_none() => row.source.port = port(value),
            b"dstport" | b"dst_port" | b"dport" | b"dpt" if row.destination.port.is_none() => {
                row.destination.port = port(value);
            }
            b"proto" | b"protocol" if row.transport.is_empty() => {
                row.transport = protocol(split(value, b'/').map_or(value, |(name, _)| name));
            }
            b"action" | b"act" if row.action.is_empty() => row.action = verdict(value),
            b"in_interface" | b"initf" if row.source.interface.is_empty() => row.source.interface = value,
            b"out_interface" | b"outitf" if row.destination.interface.is_empty() => row.destination.interface = value,
            b"user_name" if row.user.is_empty() => row.user = value,
            _ => {}
        }
    }
}

/// Whether it is of such a dialect, without a look at what a message of none of them tells.
pub fn known<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    is_one(header, message, row) && !row.code.is_empty()
}

fn is_one<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    cef::read(header, message, row)
        || comma::read(header, message, row)
        || fortigate::read(header, message, row)
        || firewall::read(header, message, row)
        || juniper::read(header, message, row)
        || mikrotik::read(header, message, row)
        || windows::read(header, message, row)
        || check_point::read(header, message, row)
        || watchguard::read(message, row)
        || barracuda::read(header, message, row)
        || squid::read(message, row)
        || sql_server::read(header, row)
        || headings::without(header.whole, row)
}
