//! The sets in a NetFlow v9 (RFC 3954) or IPFIX (RFC 7011) message.

use crate::plan::{Field, Plan, MOST_FIELDS};
use crate::reader::Reader;

/// What differs between the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    NetFlow9,
    Ipfix,
}

pub enum Set<'a> {
    Templates(&'a [u8]),
    OptionsTemplates(&'a [u8]),
    Data(u16, &'a [u8]),
    /// A set id that is reserved.
    Other,
}

/// One template of a template set.
pub enum Announced {
    Template(u16, Plan),
    Withdrawn(u16),
    AllWithdrawn,
    /// It has no fields that make a record, or too many.
    Refused,
}

/// The next set; `None` at the end, or where the rest is no set.
pub fn next<'a>(reader: &mut Reader<'a>, dialect: Dialect) -> Option<Set<'a>> {
    let id = reader.u16()?;
    let length = usize::from(reader.u16()?).checked_sub(4)?;
    let content = reader.take(length)?;
    let (templates, options) = match dialect {
        Dialect::NetFlow9 => (0, 1),
        Dialect::Ipfix => (2, 3),
    };
    Some(match id {
        256.. => Set::Data(id, content),
        id if id == templates => Set::Templates(content),
        id if id == options => Set::OptionsTemplates(content),
        _ => Set::Other,
    })
}

/// The next template of a template set; `None` at the end or at its padding.
pub fn template(reader: &mut Reader, dialect: Dialect) -> Option<Announced> {
    let id = reader.u16()?;
    let count = reader.u16()?;
    if let Some(withdrawn) = withdrawal(id, count, 2) {
        return withdrawn;
    }
    announce(reader, dialect, id, usize::from(count), false)
}

/// The next template of an options template set. The scope's fields come first and name what the
/// options are about; none of them has a meaning here.
pub fn options_template(reader: &mut Reader, dialect: Dialect) -> Option<Announced> {
    let id = reader.u16()?;
    match dialect {
        Dialect::NetFlow9 => {
            let scope = usize::from(reader.u16()?) / 4;
            let options = usize::from(reader.u16()?) / 4;
            if id < 256 {
                return None;
            }
            options_announce(reader, dialect, id, scope, scope + options)
        }
        Dialect::Ipfix => {
            let count = reader.u16()?;
            if let Some(withdrawn) = withdrawal(id, count, 3) {
                return withdrawn;
            }
            let scope = usize::from(reader.u16()?);
            options_announce(reader, dialect, id, scope, usize::from(count))
        }
    }
}

/// Outer `None`: no withdrawal. Inner `None`: neither that nor a template, so padding.
fn withdrawal(id: u16, count: u16, all: u16) -> Option<Option<Announced>> {
    match (id, count) {
        (256.., 0) => Some(Some(Announced::Withdrawn(id))),
        (256.., _) => None,
        (_, 0) if id == all => Some(Some(Announced::AllWithdrawn)),
        _ => Some(None),
    }
}

fn announce(reader: &mut Reader, dialect: Dialect, id: u16, count: usize, options: bool) -> Option<Announced> {
    let fields = fields(reader, dialect, count)?;
    Some(match Plan::of(&fields, options) {
        Some(plan) => Announced::Template(id, plan),
        None => Announced::Refused,
    })
}

fn options_announce(reader: &mut Reader, dialect: Dialect, id: u16, scope: usize, count: usize) -> Option<Announced> {
    let mut fields = fields(reader, dialect, count)?;
    if dialect == Dialect::NetFlow9 {
        // v9 scopes have numbers of their own (1 system, 2 interface …): no elements.
        for field in fields.iter_mut().take(scope) {
            field.id = 0;
        }
    }
    Some(match Plan::of(&fields, true) {
        Some(plan) => Announced::Template(id, plan),
        None => Announced::Refused,
    })
}

fn fields(reader: &mut Reader, dialect: Dialect, count: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::with_capacity(count.min(MOST_FIELDS));
    for _ in 0..count {
        let id = reader.u16()?;
        let length = reader.u16()?;
        let enterprise = match dialect {
            Dialect::Ipfix if id & 0x8000 != 0 => reader.u32()?,
            _ => 0,
        };
        let id = match dialect {
            Dialect::Ipfix => id & 0x7fff,
            Dialect::NetFlow9 => id,
        };
        fields.push(Field { enterprise, id, length });
    }
    Some(fields)
}
