//! Files that people uploaded, on their way out: nothing of them is ever run or shown as a page.

use std::ops::Range;

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::domain::{
    entities::attachment::{Attachment, AttachmentKind},
    error::{DomainError, Result},
    interfaces::blob_store::BlobReader,
};

/// A blob never changes, and who may see it once may keep it.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// What is said of a file.
pub struct File {
    tag: String,
    content_type: HeaderValue,
    disposition: String,
    size: u64,
}

impl File {
    pub fn of(attachment: &Attachment) -> Self {
        let shown = attachment.kind != AttachmentKind::File;
        let octets = HeaderValue::from_static("application/octet-stream");
        Self {
            tag: format!("\"{}\"", attachment.id),
            content_type: HeaderValue::from_str(&attachment.content_type).unwrap_or(octets),
            disposition: disposition(shown, attachment.name.as_str()),
            size: attachment.size,
        }
    }
}

/// RFC 6266, with the name in RFC 8187's form, and without what is not ASCII for old programs.
fn disposition(shown: bool, name: &str) -> String {
    let plain =
        |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' };
    let mut text = if shown { "inline" } else { "attachment" }.to_owned();
    text.push_str("; filename=\"");
    text.extend(name.chars().map(plain));
    text.push_str("\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A file, a part of it, or nothing when the client has it; `read` gets at its bytes.
pub async fn serve(
    file: &File,
    asked: &HeaderMap,
    read: impl AsyncFnOnce(Range<u64>) -> Result<Box<dyn BlobReader>>,
) -> Result<Response> {
    let has_it = text(asked, header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == file.tag)
    });
    if has_it {
        return Ok(answer(file, StatusCode::NOT_MODIFIED, Body::empty()));
    }
    let same = text(asked, header::IF_RANGE).is_none_or(|tag| tag == file.tag);
    let wanted =
        text(asked, header::RANGE).filter(|_| same).map_or(Wanted::All, |range| wanted(range, file.size));
    let (status, range) = match wanted {
        Wanted::All => (StatusCode::OK, 0..file.size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let mut response = answer(file, StatusCode::RANGE_NOT_SATISFIABLE, Body::empty());
            set(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", file.size));
            response.headers_mut().remove(header::CONTENT_TYPE);
            response.headers_mut().remove(header::CACHE_CONTROL);
            return Ok(response);
        }
    };
    let reader = read(range.clone()).await?;
    let len = reader.len();
    let parts = stream::try_unfold(reader, async |mut reader| {
        let part = reader.next().await.inspect_err(|error| {
            tracing::warn!(%error, cause = ?error.cause(), "a file breaks off");
        })?;
        Ok::<_, DomainError>(part.map(|part| (part, reader)))
    });
    let mut response = answer(file, status, Body::from_stream(parts));
    set(&mut response, header::CONTENT_LENGTH, &len.to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last) = (range.start, range.end - 1);
        set(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{}", file.size));
    }
    Ok(response)
}

/// The same for a small picture that the server made: JPEG or PNG.
pub async fn serve_picture(tag: &str, bytes: Vec<u8>, asked: &HeaderMap) -> Result<Response> {
    let is_png = bytes.starts_with(b"\x89PNG");
    let file = File {
        tag: format!("\"{tag}\""),
        content_type: HeaderValue::from_static(if is_png { "image/png" } else { "image/jpeg" }),
        disposition: disposition(true, if is_png { "picture.png" } else { "picture.jpg" }),
        size: bytes.len() as u64,
    };
    serve(&file, asked, async move |range: Range<u64>| {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let part = bytes.get(place(range.start)..place(range.end)).map(<[u8]>::to_vec);
        Ok(Box::new(Whole(part)) as Box<dyn BlobReader>)
    })
    .await
}

/// Bytes that are there.
struct Whole(Option<Vec<u8>>);

#[async_trait]
impl BlobReader for Whole {
    fn len(&self) -> u64 {
        self.0.as_ref().map_or(0, |bytes| bytes.len() as u64)
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.0.take())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// No byte of the file.
    Nothing,
}

/// RFC 9110, section 14.2: one range of bytes. What is several or none is passed over.
fn wanted(range: &str, size: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'))
    else {
        return Wanted::All;
    };
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| !text.starts_with('+'));
    match (first, last) {
        ("", last) => match number(last) {
            Some(0) => Wanted::Nothing,
            Some(count) if size > 0 => Wanted::Part(size.saturating_sub(count)..size),
            Some(_) => Wanted::Nothing,
            None => Wanted::All,
        },
        (first, last) => {
            let last = if last.is_empty() { Some(u64::MAX) } else { number(last) };
            match (number(first), last) {
                (Some(first), Some(last)) if first > last => Wanted::All,
                (Some(first), Some(_)) if first >= size => Wanted::Nothing,
                (Some(first), Some(last)) => Wanted::Part(first..last.saturating_add(1).min(size)),
                _ => Wanted::All,
            }
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn answer(file: &File, status: StatusCode, body: Body) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_TYPE, file.content_type.clone());
    set(&mut response, header::ETAG, &file.tag);
    set(&mut response, header::CONTENT_DISPOSITION, &file.disposition);
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood() {
        for (range, expected) in [
            ("bytes=0-", Wanted::Part(0..10)),
            ("bytes=2-4", Wanted::Part(2..5)),
            ("bytes=9-100", Wanted::Part(9..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=4-2", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("lines=0-1", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=+1-2", Wanted::All),
        ] {
            assert_eq!(wanted(range, 10), expected, "{range}");
        }
    }

    #[test]
    fn names_stay_in_their_place() {
        assert_eq!(
            disposition(true, "olá \"x\".png"),
            "inline; filename=\"ol_ _x_.png\"; filename*=UTF-8''ol%C3%A1%20%22x%22.png"
        );
        assert!(disposition(false, "a;b.pdf").starts_with("attachment; filename=\"a;b.pdf\""));
    }
}
