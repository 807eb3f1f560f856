//! Lines of flow logs of AWS VPCs in their default format, with no head above them (Amazon VPC user guide, "Flow log
//! records").

use crate::text::{number, split};

/// So many columns they have.
pub const COLUMNS: usize = 14;
/// The column that says when the flow began.
const START: usize = 10;

/// `2 123456789010 eni-1235b8ca123456789 172.31.16.139 …`
pub fn is_one(text: &[u8]) -> bool {
    let [b'2', b' ', rest @ ..] = text else { return false };
    let Some((account, rest)) = split(rest, b' ') else { return false };
    account.len() == 12
        && number(account).is_some()
        && rest.starts_with(b"eni-")
        && rest.split(|byte| *byte == b' ').count() == COLUMNS - 2
}

/// When the flow began, in seconds since 1970 as written.
pub fn start(text: &[u8]) -> Option<&[u8]> {
    is_one(text).then(|| text.split(|byte| *byte == b' ').nth(START)).flatten()
}
