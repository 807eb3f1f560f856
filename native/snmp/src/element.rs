//! An element of BER: a tag, a length, and what is in it.

use crate::Malformed;

pub struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element of some bytes, and what comes after it.
    pub fn first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let [tag, length, rest @ ..] = bytes else {
            return Err(Malformed("an element is cut off"));
        };
        let (length, rest) = match length {
            0..=0x7f => (usize::from(*length), rest),
            0x81..=0x84 => long(rest, usize::from(length & 0x7f))?,
            _ => return Err(Malformed("a length is cut off, or of a form that SNMP has not")),
        };
        match rest.split_at_checked(length) {
            Some((content, rest)) => Ok((Element { tag: *tag, content }, rest)),
            None => Err(Malformed("an element reaches beyond what is around it")),
        }
    }
}

fn long(bytes: &[u8], size: usize) -> Result<(usize, &[u8]), Malformed> {
    let (octets, rest) =
        bytes.split_at_checked(size).ok_or(Malformed("a length is cut off, or of a form that SNMP has not"))?;
    let length = octets.iter().fold(0_u32, |length, octet| length << 8 | u32::from(*octet));
    Ok((usize::try_from(length).unwrap_or(usize::MAX), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_forms() {
        for bytes in [&b"\x04\x01x\x05"[..], b"\x04\x81\x01x\x05", b"\x04\x84\0\0\0\x01x\x05"] {
            let (element, rest) = Element::first(bytes).unwrap();
            assert_eq!((element.tag, element.content, rest), (4, &b"x"[..], &b"\x05"[..]));
        }
        for bytes in [&b""[..], b"\x04", b"\x04\x02x", b"\x04\x80x", b"\x04\x81", b"\x04\x85\0\0\0\0\x01x"] {
            assert!(Element::first(bytes).is_err());
        }
        assert!(Element::first(b"\x04\x84\xff\xff\xff\xffx").is_err());
    }
}
