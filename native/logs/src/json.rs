//! A line that is one JSON object: the values of the fields that are known here.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fields::{field, Field};

/// Objects inside each other that have fields of interest: `observer.ingress.interface.name`.
const DEEPEST: usize = 4;
/// The longest name of a field, with those around it.
const LONGEST: usize = 64;

/// Read an object, and hand on its fields with how well each is known; whether it was one, whole and undamaged.
pub fn read(line: &[u8], take: impl FnMut(Field, u8, &str)) -> bool {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let mut fields = Fields { take, name: Vec::new() };
    let object = Value { fields: &mut fields, depth: 0, wanted: None };
    object.deserialize(&mut deserializer).is_ok() && deserializer.end().is_ok()
}

struct Fields<T> {
    take: T,
    /// Of the field that is read, with those around it.
    name: Vec<u8>,
}

/// A value, and what is wanted of it.
struct Value<'a, T> {
    fields: &'a mut Fields<T>,
    depth: usize,
    wanted: Option<(Field, u8)>,
}

impl<T: FnMut(Field, u8, &str)> Value<'_, T> {
    fn hand_on(self, text: &str) {
        if let Some((field, rank)) = self.wanted {
            (self.fields.take)(field, rank, text);
        }
    }
}

impl<'de, T: FnMut(Field, u8, &str)> DeserializeSeed<'de> for Value<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEEPEST {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: FnMut(Field, u8, &str)> Visitor<'de> for Value<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        if self.wanted.is_some() {
            self.hand_on(&value.to_string());
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if self.wanted.is_some() {
            self.hand_on(&value.to_string());
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.hand_on(value);
        Ok(())
    }

    /// The journal writes what is no text as its bytes, and a field that is there several times as a list.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.wanted.is_none() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        let (mut bytes, mut first) = (Vec::new(), None);
        while let Some(item) = list.next_element_seed(OfList)? {
            match item {
                Item::Byte(byte) => bytes.push(byte),
                Item::Text(text) => first = first.or(Some(text)),
                Item::Other => {}
            }
        }
        match first {
            Some(text) => self.hand_on(&text),
            None => self.hand_on(&String::from_utf8_lossy(&bytes)),
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outer = self.fields.name.len();
        while map.next_key_seed(Name(&mut self.fields.name))?.is_some() {
            let is_short = self.fields.name.len() <= LONGEST;
            let wanted = if is_short { field(&self.fields.name) } else { None };
            let depth = if is_short { self.depth + 1 } else { DEEPEST + 1 };
            map.next_value_seed(Value { fields: &mut *self.fields, depth, wanted })?;
            self.fields.name.truncate(outer);
        }
        Ok(())
    }
}

/// The name of a field, put behind the names of those around it.
struct Name<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        if !self.0.is_empty() {
            self.0.push(b'.');
        }
        self.0.extend_from_slice(name.as_bytes());
        Ok(())
    }
}

/// One of a list.
enum Item {
    Byte(u8),
    Text(String),
    Other,
}

struct OfList;

impl<'de> DeserializeSeed<'de> for OfList {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OfList {
    type Value = Item;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Item, E> {
        Ok(u8::try_from(value).map_or(Item::Other, Item::Byte))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Item, E> {
        Ok(Item::Text(value.to_string()))
    }

    /// A field of the journal may be there several times, with bytes each time.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Item, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Item::Other)
    }
}
