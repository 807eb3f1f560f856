//! Names that whoever wrote a capture file noted in it: the name resolution block of pcapng,
//! <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html> section 4.5.

use std::net::IpAddr;

use crate::found::{relation, Findings, Name, Subject};

const END: u16 = 0;
const IPV4: u16 = 1;
const IPV6: u16 = 2;
const EUI48: u16 = 3;

/// One record of a name resolution block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    kind: u16,
    value: &'a [u8],
}

/// The records in the body of a name resolution block, up to where one is cut off.
pub fn resolution_records(body: &[u8], big_endian: bool) -> impl Iterator<Item = Record<'_>> {
    let number = move |bytes: [u8; 2]| if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let ([k0, k1, l0, l1], after) = rest?.split_first_chunk()?;
        let (kind, length) = (number([*k0, *k1]), usize::from(number([*l0, *l1])));
        let value = after.get(..length)?;
        rest = after.get(length.next_multiple_of(4)..);
        // What follows the last are options, whose numbers mean other things.
        (kind != END).then_some(Record { kind, value })
    })
}

impl Record<'_> {
    /// The names in it: of an IPv4, IPv6 or MAC address, other kinds have none. `place` says which block it is.
    pub fn names(&self, place: &str, found: &mut Vec<Name>) {
        match self.kind {
            IPV4 => self.say::<4>(|address| Subject::Ip(IpAddr::from(address)), place, found),
            IPV6 => self.say::<16>(|address| Subject::Ip(IpAddr::from(address)), place, found),
            EUI48 => self.say(Subject::Mac, place, found),
            _ => {}
        }
    }

    /// An address, and its names, each with a zero behind it.
    fn say<const SIZE: usize>(&self, subject: fn([u8; SIZE]) -> Subject, place: &str, found: &mut Vec<Name>) {
        let Some((address, names)) = self.value.split_first_chunk::<SIZE>() else { return };
        let mut findings = Findings::new(found, "nrb");
        for name in names.split(|byte| *byte == 0) {
            if findings.is_full() {
                return;
            }
            findings.say(subject(*address), relation::NOTED_AS, name, place);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
