//! Arguments into JSON: `[event, …arguments]`.

use std::{collections::VecDeque, io};

use bytes::Bytes;
use serde::{Serialize, ser::Error as _};
use serde_json::ser::{Formatter, Serializer};
use socketioxide_core::{Value, parser::is_ser_tuple};

/// Enough for most events, so that the text is written without moving it.
const USUAL: usize = 512;

/// Each element of a tuple is an argument; anything else is one argument.
pub fn arguments<T: ?Sized + Serialize>(data: &T, event: Option<&str>) -> serde_json::Result<Value> {
    if is_ser_tuple(data) {
        let (text, attachments) = array(data, event)?;
        // A struct around one value counts as a tuple, and stands in JSON as that value.
        if text.starts_with('[') {
            return Ok(Value::Str(text.into(), attachments));
        }
    }
    let (text, attachments) = array(&(data,), event)?;
    Ok(Value::Str(text.into(), attachments))
}

fn array<T: ?Sized + Serialize>(
    data: &T,
    event: Option<&str>,
) -> serde_json::Result<(String, Option<VecDeque<Bytes>>)> {
    let mut attachments = VecDeque::new();
    let formatter = Arguments { event, is_event_last: false, attachments: &mut attachments };
    let mut json = Serializer::with_formatter(Vec::with_capacity(USUAL), formatter);
    data.serialize(&mut json)?;
    let text = String::from_utf8(json.into_inner()).map_err(serde_json::Error::custom)?;
    Ok((text, (!attachments.is_empty()).then_some(attachments)))
}

/// Puts the event's name in front of the outermost array's elements, and placeholders in the place of bytes.
struct Arguments<'a> {
    /// What the next array begins with.
    event: Option<&'a str>,
    is_event_last: bool,
    attachments: &'a mut VecDeque<Bytes>,
}

impl Formatter for Arguments<'_> {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"[")?;
        if let Some(event) = self.event.take() {
            serde_json::to_writer(writer, event)?;
            self.is_event_last = true;
        }
        Ok(())
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first && !std::mem::take(&mut self.is_event_last) {
            return Ok(());
        }
        writer.write_all(b",")
    }

    fn write_byte_array<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: &[u8]) -> io::Result<()> {
        write!(writer, r#"{{"_placeholder":true,"num":{}}}"#, self.attachments.len())?;
        self.attachments.push_back(Bytes::copy_from_slice(value));
        Ok(())
    }
}
