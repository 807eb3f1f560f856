//! Object identifiers.

use crate::Malformed;

/// Sub-identifiers of one, RFC 2578 section 3.5.
const LONGEST: usize = 128;

/// Read the content of an object identifier in place of what `found` had.
pub fn read(content: &[u8], found: &mut Vec<u32>) -> Result<(), Malformed> {
    if content.is_empty() || content.len() > LONGEST.saturating_mul(5) {
        return Err(Malformed("an object identifier is empty, or too long"));
    }
    found.clear();
    let mut arc = 0_u32;
    let mut cut = false;
    for octet in content {
        if arc >> 25 != 0 {
            return Err(Malformed("a sub-identifier is too large"));
        }
        arc = arc << 7 | u32::from(octet & 0x7f);
        cut = octet & 0x80 != 0;
        if !cut {
            push(found, arc);
            arc = 0;
        }
    }
    if cut {
        return Err(Malformed("an object identifier is cut off"));
    }
    if found.len() > LONGEST {
        return Err(Malformed("an object identifier is too long"));
    }
    Ok(())
}

/// The first number stands for two: 40 times the first, and the second.
fn push(found: &mut Vec<u32>, arc: u32) {
    if !found.is_empty() {
        return found.push(arc);
    }
    let first = (arc / 40).min(2);
    found.extend([first, arc.saturating_sub(first.saturating_mul(40))]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> Result<Vec<u32>, Malformed> {
        let mut found = vec![7];
        read(content, &mut found).map(|()| found)
    }

    #[test]
    fn arcs_are_read() {
        assert_eq!(of(&[0x2b, 6, 1]), Ok(vec![1, 3, 6, 1]));
        assert_eq!(of(&[0]), Ok(vec![0, 0]));
        assert_eq!(of(&[79]), Ok(vec![1, 39]));
        assert_eq!(of(&[80]), Ok(vec![2, 0]));
        assert_eq!(of(&[0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f]), Ok(vec![1, 3, u32::MAX]));
        assert_eq!(of(&[0x2b, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), Ok(vec![1, 3, 1]));
        assert_eq!(of(&[0x2b, 0x80, 0x80]), Err(Malformed("an object identifier is cut off")));
        assert!(of(&[0x2b, 0x90, 0x80, 0x80, 0x80, 0x00]).is_err());
        assert!(of(&[]).is_err());
        assert!(of(&[1; 127]).is_ok());
        assert!(of(&[1; 128]).is_err());
        assert!(of(&[0x80; 641]).is_err());
    }
}
