//! The error log of Microsoft SQL Server: `2026-03-03 10:11:12.34 spid51      Error: 18456, Severity: 14, State: 8.`
//! (Microsoft Learn, "View the SQL Server error log" and "Database engine error severities").

use crate::header::Header;
use crate::row::Row;
use crate::text::{after, between, leading_number, number, trim};

/// Who writes stands in a column that is so wide.
const COLUMN: usize = 12;

/// What stands behind the column that says which session, or part of the server, writes; none where there is none.
pub fn behind_session(text: &[u8]) -> Option<&[u8]> {
    let (column, message) = text.split_at_checked(COLUMN)?;
    let writer = column.strip_suffix(b" ").map(|column| trim(column, b" "))?;
    let is_session =
        writer.strip_prefix(b"spid").is_some_and(|id| number(id.strip_suffix(b"s").unwrap_or(id)).is_some());
    let is_part = matches!(writer, b"Server" | b"Logon" | b"Backup");
    let begins = message.first().is_some_and(|byte| *byte != b' ');
    (begins && (is_session || is_part)).then_some(message)
}

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, row: &mut Row<'a>) -> bool {
    if !header.is_sql_server {
        return false;
    }
    row.vendor = "sql_server";
    let message = header.whole;
    if let Some((code, severity)) = error(message) {
        row.program = b"";
        row.code = code;
        row.severity = Some(severity);
        return true;
    }
    let verdict = message.strip_prefix(b"Login ").and_then(|rest| rest.split(|byte| *byte == b' ').next());
    row.action = match verdict {
        Some(b"succeeded") => b"login",
        Some(b"failed") => b"login-failed",
        _ => return false,
    };
    row.user = between(message, b"for user '", b"'").unwrap_or_default();
    row.reason = between(message, b"Reason: ", b". ").unwrap_or_default();
    row.initiator = "source";
    false
}

/// `Error: 18456, Severity: 14, State: 8.`: the number, and the severity as syslog has it.
fn error(message: &[u8]) -> Option<(&[u8], u8)> {
    let rest = message.strip_prefix(b"Error: ")?;
    let (_, behind) = leading_number(rest)?;
    let code = rest.get(..rest.len() - behind.len())?;
    let (severity, _) = after(behind, b"Severity: ").and_then(leading_number)?;
    let severity = match severity {
        0..=10 => 6,
        11..=16 => 3,
        _ => 2,
    };
    Some((code, severity))
}
