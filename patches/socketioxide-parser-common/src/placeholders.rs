//! JSON that comes with attachments.

use std::cell::Cell;

use bytes::Bytes;
use serde::{
    Deserializer,
    de::{
        Error as _, IntoDeserializer, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Result, Value};

/// JSON whose placeholders are read as the attachments that they stand for.
pub struct Node<'a> {
    pub value: Value,
    /// Each is taken once, so that a short text cannot ask for many copies of a large one.
    pub attachments: &'a [Cell<Option<Bytes>>],
}

impl<'a> Node<'a> {
    fn list(&self, list: Vec<Value>) -> impl Iterator<Item = Self> + use<'a> {
        let attachments = self.attachments;
        list.into_iter().map(move |value| Self { value, attachments })
    }

    fn map(&self, map: Map<String, Value>) -> impl Iterator<Item = (String, Self)> + use<'a> {
        let attachments = self.attachments;
        map.into_iter().map(move |(key, value)| (key, Self { value, attachments }))
    }

    /// The bytes that this stands for, if it is a placeholder.
    fn attachment(&self) -> Result<Option<Bytes>> {
        if self.value.get("_placeholder") != Some(&Value::Bool(true)) {
            return Ok(None);
        }
        let place = self.value.get("num").and_then(Value::as_u64).and_then(|num| usize::try_from(num).ok());
        let bytes = place.and_then(|place| self.attachments.get(place)?.take());
        bytes.map(Some).ok_or_else(|| Error::custom("a placeholder without an attachment"))
    }
}

impl<'de> IntoDeserializer<'de, Error> for Node<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        if let Some(bytes) = self.attachment()? {
            return visitor.visit_byte_buf(bytes.into());
        }
        match self.value.take() {
            Value::Array(list) => {
                let mut list = SeqDeserializer::new(self.list(list));
                let seen = visitor.visit_seq(&mut list)?;
                list.end()?;
                Ok(seen)
            }
            Value::Object(map) => visitor.visit_map(MapDeserializer::new(self.map(map))),
            plain => plain.deserialize_any(visitor),
        }
    }

    /// An attachment is bytes and never text.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.value.take() {
            Value::Object(map) => {
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(self.map(map))))
            }
            plain => plain.deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier
    }
}
