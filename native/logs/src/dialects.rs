//! Which dialect a message is of, where it is none of Cisco's; each is a file of its own.

use crate::header::Header;
use crate::row::Row;
use crate::scan::ends;
use crate::{cef, comma, firewall, fortigate, juniper, linux, mikrotik, windows};

/// Fill in what the message tells; whether it is of a dialect that has ids of its own.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    if is_one(header, message, row) {
        return !row.code.is_empty();
    }
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    linux::read(message, row);
    false
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
}
