//! A template, turned once into a plan by which its records are read.

use crate::elements::{stands_in, target, Draft, Target, REVERSE_ENTERPRISE};
use crate::reader::Reader;

/// In a template: the field's length stands before each value (RFC 7011, section 7).
pub const VARIABLE: u16 = 0xffff;

/// More fields than any template of a real exporter; what has more is refused.
pub const MOST_FIELDS: usize = 512;

/// One field of a template as the exporter announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub enterprise: u32,
    pub id: u16,
    pub length: u16,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    target: Target,
    reverse: bool,
    /// From the begin of the record; only where no field is variable.
    offset: u16,
    length: u16,
}

/// How to read the records of one template.
#[derive(Debug)]
pub struct Plan {
    steps: Box<[Step]>,
    /// Bytes of a record; `None` where a field is variable.
    fixed: Option<usize>,
    pub options: bool,
}

impl Plan {
    /// `None` for a template whose records would have no bytes, or too many fields or bytes.
    pub fn of(fields: &[Field], options: bool) -> Option<Self> {
        if fields.is_empty() || fields.len() > MOST_FIELDS {
            return None;
        }
        let mut offset = Some(0u16);
        let mut steps = Vec::with_capacity(fields.len());
        for field in fields {
            steps.push(step(field, offset.unwrap_or(0)));
            offset = match field.length {
                VARIABLE => None,
                length => offset.and_then(|offset| offset.checked_add(length)),
            };
        }
        let variable = fields.iter().any(|field| field.length == VARIABLE);
        if !variable && offset.unwrap_or(0) == 0 {
            return None;
        }
        drop_stand_ins(&mut steps, fields);
        // What has no bytes says nothing, and would let a small set cost much time.
        steps.retain(|step| step.length > 0 && (variable || step.target != Target::Nothing));
        Some(Self { steps: steps.into_boxed_slice(), fixed: offset.map(usize::from).filter(|_| !variable), options })
    }

    /// What the plan costs in memory, in steps.
    pub fn size(&self) -> usize {
        self.steps.len()
    }

    /// Read all records of a set and say how many there were. Bytes that are left and too few for
    /// a record are padding.
    pub fn read(&self, set: &[u8], mut each: impl FnMut(&Draft)) -> u32 {
        match self.fixed {
            Some(length) => {
                let records = set.chunks_exact(length);
                let count = records.len();
                for record in records {
                    each(&self.fixed_record(record));
                }
                count as u32
            }
            None => {
                let mut reader = Reader::new(set);
                let mut count = 0;
                while let Some(draft) = self.variable_record(&mut reader) {
                    each(&draft);
                    count += 1;
                }
                count
            }
        }
    }

    #[inline]
    fn fixed_record(&self, record: &[u8]) -> Draft {
        let mut draft = Draft::default();
        for step in &self.steps {
            let begin = usize::from(step.offset);
            if let Some(field) = record.get(begin..begin + usize::from(step.length)) {
                draft.set(step.target, step.reverse, field);
            }
        }
        draft
    }

    fn variable_record(&self, reader: &mut Reader) -> Option<Draft> {
        let mut draft = Draft::default();
        for step in &self.steps {
            let length = match step.length {
                VARIABLE => variable_length(reader)?,
                length => usize::from(length),
            };
            draft.set(step.target, step.reverse, reader.take(length)?);
        }
        Some(draft)
    }
}

fn step(field: &Field, offset: u16) -> Step {
    let (target, reverse) = match field.enterprise {
        0 => (target(field.id), false),
        REVERSE_ENTERPRISE => (target(field.id), true),
        _ => (Target::Nothing, false),
    };
    Step { target, reverse, offset, length: field.length }
}

/// A stand-in says nothing where what it stands in for is exported too.
fn drop_stand_ins(steps: &mut [Step], fields: &[Field]) {
    let proper: Vec<(Target, bool)> = steps
        .iter()
        .zip(fields)
        .filter(|(_, field)| !stands_in(field.id))
        .map(|(step, _)| (step.target, step.reverse))
        .collect();
    for (step, field) in steps.iter_mut().zip(fields) {
        if stands_in(field.id) && proper.contains(&(step.target, step.reverse)) {
            step.target = Target::Nothing;
            step.reverse = false;
        }
    }
}

fn variable_length(reader: &mut Reader) -> Option<usize> {
    match reader.u8()? {
        255 => reader.u16().map(usize::from),
        length => Some(usize::from(length)),
    }
}
