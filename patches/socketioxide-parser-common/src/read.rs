//! JSON, `[event, …arguments]`, into arguments.

use std::{cell::Cell, collections::VecDeque, fmt};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Error, value::RawValue};
use socketioxide_core::parser::{FirstElement, is_de_tuple};

use crate::placeholders::Node;

/// The event's name as it stands between its quotes, escapes and all.
pub fn event(text: &str) -> serde_json::Result<&str> {
    let mut json = serde_json::Deserializer::from_str(text);
    let first: &RawValue = FirstElement::default().deserialize(&mut json)?;
    json.end()?;
    let name = first.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    name.ok_or_else(|| Error::custom("an event's name is text"))
}

/// A tuple takes all arguments, anything else the first one.
pub fn arguments<'de, T: Deserialize<'de>>(
    text: &'de str,
    attachments: &VecDeque<Bytes>,
    with_event: bool,
) -> serde_json::Result<T> {
    if attachments.is_empty() {
        let mut json = serde_json::Deserializer::from_str(text);
        let arguments = spread(&mut json, with_event)?;
        json.end()?;
        return Ok(arguments);
    }
    let attachments: Vec<_> = attachments.iter().cloned().map(|bytes| Cell::new(Some(bytes))).collect();
    spread(Node { value: serde_json::from_str(text)?, attachments: &attachments }, with_event)
}

fn spread<'de, T: Deserialize<'de>, D: Deserializer<'de>>(array: D, with_event: bool) -> Result<T, D::Error> {
    let arguments = Arguments { array, with_event };
    if is_de_tuple::<T>() {
        T::deserialize(arguments)
    } else {
        FirstElement::default().deserialize(arguments)
    }
}

/// An array without its first element when that is the event's name.
struct Arguments<D> {
    array: D,
    with_event: bool,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Arguments<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.array.deserialize_seq(Rest { visitor, with_event: self.with_event })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Rest<V> {
    visitor: V,
    with_event: bool,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Rest<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<V::Value, A::Error> {
        if self.with_event {
            array.next_element::<IgnoredAny>()?;
        }
        self.visitor.visit_seq(array)
    }
}
