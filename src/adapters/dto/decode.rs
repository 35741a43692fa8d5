//! From bytes to a wire type, with an error that names the field.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::domain::error::FieldError;

/// Why a payload could not be read.
#[derive(Debug)]
pub enum DecodeError {
    /// Not JSON, cut off, or nested deeper than 128 levels.
    Syntax,
    /// JSON of another shape: a missing field, a wrong type.
    Shape(Vec<FieldError>),
}

/// Reads JSON.
///
/// # Errors
/// See [`DecodeError`].
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        match inner.classify() {
            Category::Data => DecodeError::Shape(vec![field_error(&path, &inner.to_string())]),
            Category::Io | Category::Syntax | Category::Eof => DecodeError::Syntax,
        }
    })?;
    deserializer.end().map_err(|_| DecodeError::Syntax)?;
    Ok(value)
}

/// Reads `application/x-www-form-urlencoded` (a form's body, a query string).
///
/// # Errors
/// Always [`DecodeError::Shape`]: any bytes are some form.
pub fn form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let deserializer = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(bytes));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        DecodeError::Shape(vec![field_error(&path, &error.inner().to_string())])
    })
}

/// serde says "missing field `x`" without a path, and positions that help nobody.
fn field_error(path: &str, message: &str) -> FieldError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match missing {
        Some(field) if path == "." => FieldError::new(field, "is required"),
        Some(field) => FieldError::new(format!("{path}.{field}"), "is required"),
        None if path == "." => FieldError::new("payload", message),
        None => FieldError::new(path, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::dto::commands::SendMessage;

    fn shape(text: &str) -> (String, String) {
        match json::<SendMessage>(text.as_bytes()) {
            Err(DecodeError::Shape(fields)) => (fields[0].field.clone(), fields[0].reason.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn errors_name_the_field() {
        assert_eq!(shape("{}"), ("conversationId".into(), "is required".into()));
        assert_eq!(shape(r#"{"conversationId":7}"#).0, "conversationId");
        assert_eq!(shape("[1]").0, "payload");
        assert_eq!(shape("null").0, "payload");
    }

    #[test]
    fn what_is_no_json_is_syntax() {
        let deep = "[".repeat(1_000_000);
        for text in ["", "{", "{\"a\":\"\\ud800\"}", deep.as_str()] {
            let error = json::<SendMessage>(text.as_bytes());
            assert!(error.is_err(), "{}", &text[..text.len().min(20)]);
        }
    }
}
