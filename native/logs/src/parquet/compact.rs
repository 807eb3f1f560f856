//! The compact protocol of Apache Thrift, as much of it as the headers and the footer of a Parquet file are made of
//! (thrift/doc/specs/thrift-compact-protocol.md).

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// What the elements of a list are.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Of {
    Numbers = I32,
    Texts = BINARY,
    Structs = STRUCT,
}

/// A number in groups of seven bits, the lowest first.
pub fn varint(mut number: u64, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Numbers of small size, whatever their sign, as small ones.
pub fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// A struct that is being written; its fields are to come in the order of their numbers.
#[derive(Debug, Default)]
pub struct Compact {
    pub bytes: Vec<u8>,
    last: i16,
    outer: Vec<i16>,
}

impl Compact {
    fn field(&mut self, id: i16, kind: u8) {
        match id - self.last {
            delta @ 1..=15 => self.bytes.push((delta as u8) << 4 | kind),
            _ => {
                self.bytes.push(kind);
                varint(zigzag(id.into()), &mut self.bytes);
            }
        }
        self.last = id;
    }

    pub fn bool(&mut self, id: i16, value: bool) {
        self.field(id, if value { TRUE } else { FALSE });
    }

    pub fn i32(&mut self, id: i16, value: i32) {
        self.field(id, I32);
        varint(zigzag(value.into()), &mut self.bytes);
    }

    pub fn i64(&mut self, id: i16, value: i64) {
        self.field(id, I64);
        varint(zigzag(value), &mut self.bytes);
    }

    pub fn binary(&mut self, id: i16, value: &[u8]) {
        self.field(id, BINARY);
        self.text(value);
    }

    /// A struct as a field; what comes until `end` is in it.
    pub fn begin(&mut self, id: i16) {
        self.field(id, STRUCT);
        self.element();
    }

    /// A struct as the next element of a list.
    pub fn element(&mut self) {
        self.outer.push(self.last);
        self.last = 0;
    }

    pub fn end(&mut self) {
        self.bytes.push(0);
        self.last = self.outer.pop().unwrap_or(0);
    }

    /// A list, whose elements are to come.
    pub fn list(&mut self, id: i16, of: Of, length: usize) {
        self.field(id, LIST);
        if length < 15 {
            self.bytes.push((length as u8) << 4 | of as u8);
        } else {
            self.bytes.push(0xf0 | of as u8);
            varint(length as u64, &mut self.bytes);
        }
    }

    /// A number as the next element of a list.
    pub fn number(&mut self, value: i32) {
        varint(zigzag(value.into()), &mut self.bytes);
    }

    /// A text as the next element of a list.
    pub fn text(&mut self, value: &[u8]) {
        varint(value.len() as u64, &mut self.bytes);
        self.bytes.extend_from_slice(value);
    }
}
