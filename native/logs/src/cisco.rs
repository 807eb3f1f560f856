//! `%FACILITY-SEVERITY-MNEMONIC: ` of Cisco, and which device writes it.

use crate::header::Header;
use crate::text::split;

/// The sign of a message of Cisco, and what comes after it.
#[derive(Clone, Copy, Debug)]
pub struct Sign<'a> {
    pub vendor: &'static str,
    /// The number of ASA and FTD, else `SYS-5-CONFIG_I`.
    pub code: &'a [u8],
    pub severity: u8,
    pub message: &'a [u8],
}

/// Find the sign near the beginning of a text.
pub fn sign(text: &[u8]) -> Option<Sign<'_>> {
    if let Some(sign) = asa(text) {
        return Some(sign);
    }
    let head = text.get(..text.len().min(160))?;
    memchr::memchr_iter(b'%', head).find_map(|at| {
        let sign = at_sign(text.get(at + 1..)?)?;
        // `%$ VDC-1 %$ %ETHPORT-5-IF_UP: …`: only NX-OS has virtual device contexts.
        let of_vdc = sign.vendor == "cisco_ios" && head.get(..at)?.ends_with(b"%$ ");
        Some(if of_vdc { Sign { vendor: "cisco_nxos", ..sign } } else { sign })
    })
}

/// `%ASA-4-419002: …` at the very beginning, as most have it.
#[inline]
fn asa(text: &[u8]) -> Option<Sign<'_>> {
    let rest = text.strip_prefix(b"%ASA-")?;
    let [severity @ b'0'..=b'7', b'-', rest @ ..] = rest else { return None };
    let (code, rest) = rest.split_at_checked(6)?;
    let message = rest.strip_prefix(b":").filter(|_| code.iter().all(u8::is_ascii_digit))?;
    let message = crate::text::skip_spaces(message);
    Some(Sign { vendor: "cisco_asa", code, severity: severity - b'0', message })
}

/// `ASA-4-419002: …`, `FTD-session-5-302013: …`, `SYS-5-CONFIG_I: …`, `PKT_INFRA-LINK-3-UPDOWN : …`
fn at_sign(text: &[u8]) -> Option<Sign<'_>> {
    let end = text.get(..text.len().min(96))?.iter().position(|byte| matches!(byte, b':' | b' '))?;
    let name = text.get(..end)?;
    let (facility, _) = split(name, b'-')?;
    if facility.is_empty()
        || !facility.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
    {
        return None;
    }
    // The severity is the last digit that stands alone before the mnemonic.
    let place = (facility.len()..name.len())
        .rev()
        .find(|&at| matches!(name.get(at..), Some([b'-', b'0'..=b'7', b'-', _, ..])))?;
    let severity = name.get(place + 1)? - b'0';
    let mnemonic = name.get(place + 3..)?;
    let rest = text.get(end..)?;
    let rest = crate::text::skip_spaces(rest);
    let message = crate::text::skip_spaces(rest.strip_prefix(b":").unwrap_or(rest));
    let vendor = match facility {
        b"ASA" | b"PIX" | b"FWSM" => "cisco_asa",
        b"FTD" => "cisco_ftd",
        _ => "cisco_ios",
    };
    let code = if vendor == "cisco_ios" { name } else { mnemonic };
    Some(Sign { vendor, code, severity, message })
}

/// IOS, unless the header is that of IOS-XR or NX-OS.
pub fn vendor(sign: &Sign<'_>, header: &Header<'_>) -> &'static str {
    match sign.vendor {
        "cisco_ios" if header.is_xr => "cisco_xr",
        "cisco_ios" if header.is_nxos => "cisco_nxos",
        vendor => vendor,
    }
}
