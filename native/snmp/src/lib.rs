//! The variables in an answer of an SNMP agent: BER (ITU-T X.690) as SNMP uses it (RFC 3417 section 8). Bytes in,
//! names and values out.
//!
//! Every byte comes from a stranger: a length never reaches beyond its surroundings, a number or an identifier is never
//! longer than SNMP allows, and nothing is kept that was not sent. `world/snmp_messages.py` does the same, slower, and
//! tests hold the two together.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod element;
#[cfg(test)]
mod hostile;
mod identifier;

use std::net::Ipv4Addr;

use element::Element;

/// Tags of RFC 2578 section 7.1, and of RFC 3416 section 3 for what an agent has not.
mod tag {
    pub const INTEGER: u8 = 0x02;
    pub const OCTETS: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OBJECT: u8 = 0x06;
    pub const SEQUENCE: u8 = 0x30;
    pub const ADDRESS: u8 = 0x40;
    pub const COUNTER: u8 = 0x41;
    pub const UNSIGNED: u8 = 0x42;
    pub const TICKS: u8 = 0x43;
    pub const COUNTER64: u8 = 0x46;
    pub const NO_SUCH_OBJECT: u8 = 0x80;
    pub const END_OF_VIEW: u8 = 0x82;
}

/// Octets of a number: an unsigned one of 64 bits with a leading zero.
const LONGEST_NUMBER: usize = 9;

/// What an agent sent that is not what BER, or SNMP, would have there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// What a variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// The agent has none.
    Nothing,
    Integer(i128),
    Counter(i128),
    Unsigned(i128),
    Ticks(i128),
    Counter64(i128),
    Octets(&'a [u8]),
    /// Octets of a type that says nothing of what is in them.
    Opaque(&'a [u8]),
    Object(Vec<u32>),
    Address(Ipv4Addr),
}

/// Variables one after the other, until the end or the first that is malformed.
pub struct Variables<'a> {
    rest: &'a [u8],
    /// Kept from one variable to the next, so that none needs memory of its own.
    name: Vec<u32>,
}

impl<'a> Variables<'a> {
    /// Read the content of a variable-bindings list, RFC 3416 section 3.
    pub fn of(content: &'a [u8]) -> Self {
        Variables { rest: content, name: Vec::new() }
    }

    /// The next variable: its name and its value.
    #[allow(clippy::should_implement_trait)] // what is lent out ends with the next call
    pub fn next(&mut self) -> Option<Result<(&[u32], Value<'a>), Malformed>> {
        if self.rest.is_empty() {
            return None;
        }
        Some(self.read())
    }

    fn read(&mut self) -> Result<(&[u32], Value<'a>), Malformed> {
        let (outer, rest) = Element::first(self.rest)?;
        self.rest = rest;
        let (name, after) = Element::first(outer.content)?;
        let (value, nothing) = Element::first(after)?;
        if outer.tag != tag::SEQUENCE || name.tag != tag::OBJECT || !nothing.is_empty() {
            return Err(Malformed("a variable is not a name and a value"));
        }
        identifier::read(name.content, &mut self.name)?;
        Ok((&self.name, value_of(&value)?))
    }
}

fn value_of<'a>(element: &Element<'a>) -> Result<Value<'a>, Malformed> {
    let content = element.content;
    Ok(match element.tag {
        tag::INTEGER => Value::Integer(signed(content)?),
        tag::OCTETS => Value::Octets(content),
        tag::COUNTER => Value::Counter(unsigned(content)?),
        tag::UNSIGNED => Value::Unsigned(unsigned(content)?),
        tag::TICKS => Value::Ticks(unsigned(content)?),
        tag::COUNTER64 => Value::Counter64(unsigned(content)?),
        tag::NULL | tag::NO_SUCH_OBJECT..=tag::END_OF_VIEW => Value::Nothing,
        tag::OBJECT => {
            let mut found = vec![0, 0];
            if !content.is_empty() {
                identifier::read(content, &mut found)?; // some agents send no octets for 0.0
            }
            Value::Object(found)
        }
        tag::ADDRESS => match <[u8; 4]>::try_from(content) {
            Ok(octets) => Value::Address(Ipv4Addr::from(octets)),
            Err(_) => return Err(Malformed("an IP address is not of four octets")),
        },
        _ => Value::Opaque(content),
    })
}

fn unsigned(content: &[u8]) -> Result<i128, Malformed> {
    if content.is_empty() || content.len() > LONGEST_NUMBER {
        return Err(Malformed("a number has no octets, or too many"));
    }
    Ok(content.iter().fold(0, |number, octet| number << 8 | i128::from(*octet)))
}

fn signed(content: &[u8]) -> Result<i128, Malformed> {
    let number = unsigned(content)?;
    let negative = content.first().is_some_and(|octet| octet & 0x80 != 0);
    let bits = u32::try_from(content.len()).unwrap_or_default().saturating_mul(8);
    let above = 1_i128.checked_shl(bits).unwrap_or_default();
    Ok(if negative { number.saturating_sub(above) } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> Result<Vec<(Vec<u32>, Value<'_>)>, Malformed> {
        let mut variables = Variables::of(content);
        let mut found = Vec::new();
        while let Some(variable) = variables.next() {
            let (name, value) = variable?;
            found.push((name.to_vec(), value));
        }
        Ok(found)
    }

    fn value(tag: u8, content: &[u8]) -> Result<Value<'_>, Malformed> {
        value_of(&Element { tag, content })
    }

    #[test]
    fn a_variable_is_a_name_and_a_value() {
        let row = [0x30, 0x08, 0x06, 0x03, 0x2b, 0x81, 0x01, 0x02, 0x01, 0xff];
        let expected = (vec![1, 3, 129], Value::Integer(-1));
        assert_eq!(read(&row), Ok(vec![expected.clone()]));
        assert_eq!(read(&[row, row].concat()), Ok(vec![expected.clone(), expected]));
        assert_eq!(read(&[]), Ok(Vec::new()));
        for length in 1..row.len() {
            assert!(read(&row[..length]).is_err());
        }
    }

    #[test]
    fn each_type_has_its_value() {
        assert_eq!(value(0x02, &[0x80]), Ok(Value::Integer(-128)));
        assert_eq!(value(0x02, &[0x00, 0x80]), Ok(Value::Integer(128)));
        assert_eq!(value(0x46, &[0, 255, 255, 255, 255, 255, 255, 255, 255]), Ok(Value::Counter64(u64::MAX.into())));
        assert_eq!(value(0x43, &[0xee]), Ok(Value::Ticks(238)));
        assert_eq!(value(0x06, &[]), Ok(Value::Object(vec![0, 0])));
        assert_eq!(value(0x06, &[0x88, 0x37]), Ok(Value::Object(vec![2, 999])));
        assert_eq!(value(0x40, &[192, 0, 2, 1]), Ok(Value::Address(Ipv4Addr::new(192, 0, 2, 1))));
        assert_eq!(value(0x81, &[]), Ok(Value::Nothing));
        assert_eq!(value(0x44, b"x"), Ok(Value::Opaque(b"x")));
        assert!(value(0x40, &[192, 0, 2]).is_err());
        assert!(value(0x02, &[]).is_err());
        assert!(value(0x02, &[0; 10]).is_err());
    }
}
