//! From bytes to a wire type, with an error that names the field.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::domain::error::FieldError;

/// Why a payload could not be read.
#[derive(Debug)]
pub enum DecodeError {
    /// Not JSON, cut off, nested deeper than 128 levels, or not an object.
    Syntax,
    /// An object of another shape: a missing field, a wrong type.
    Shape(Vec<FieldError>),
}

/// Reads a JSON object. `null` is left to types that take it.
///
/// # Errors
/// See [`DecodeError`].
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    // serde would read a list as an object without names.
    let start = bytes.trim_ascii_start();
    if !start.starts_with(b"{") && start.trim_ascii_end() != b"null" {
        return Err(DecodeError::Syntax);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        // What is wrong first may be a field, although the whole is no JSON at all.
        let whole = || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
        match inner.classify() {
            Category::Data if whole() => shape(&path, &inner.to_string()),
            Category::Data | Category::Io | Category::Syntax | Category::Eof => DecodeError::Syntax,
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
        shape(&path, &error.inner().to_string())
    })
}

/// serde says "missing field `x`" without a path, and positions that help nobody.
fn shape(path: &str, message: &str) -> DecodeError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    DecodeError::Shape(vec![match missing {
        Some(field) if path == "." => FieldError::new(field, "is required"),
        Some(field) => FieldError::new(format!("{path}.{field}"), "is required"),
        None if path == "." => return DecodeError::Syntax,
        None => FieldError::new(path, message),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::dto::commands::SendMessage;

    fn refused(text: &str) -> (String, String) {
        match json::<SendMessage>(text.as_bytes()) {
            Err(DecodeError::Shape(fields)) => (fields[0].field.clone(), fields[0].reason.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn errors_name_the_field() {
        assert_eq!(refused("{}"), ("conversationId".into(), "is required".into()));
        assert_eq!(refused(r#"{"conversationId":7}"#).0, "conversationId");
    }

    #[test]
    fn what_is_no_json_is_syntax() {
        let deep = "[".repeat(1_000_000);
        for text in [
            "",
            "{",
            "{}{}",
            "{\"body\":\"\\ud800\"}",
            "[1]",
            "[\"a\",\"b\",\"c\"]",
            "null",
            "7",
            deep.as_str(),
        ] {
            let error = json::<SendMessage>(text.as_bytes());
            assert!(matches!(error, Err(DecodeError::Syntax)), "{}", &text[..text.len().min(20)]);
        }
    }
}
