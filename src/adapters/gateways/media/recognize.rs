//! Media types by content. What a browser might run (HTML, SVG, scripts) is none of them.

use crate::domain::{entities::attachment::AttachmentKind, interfaces::media::MediaType};

const UNKNOWN: MediaType = MediaType { kind: AttachmentKind::File, content_type: "application/octet-stream" };

/// What the `infer` crate calls it, and what it is here. Types that are only downloaded keep theirs where they are
/// harmless.
const KNOWN: &[(&str, AttachmentKind, &str)] = &[
    ("image/png", AttachmentKind::Image, "image/png"),
    ("image/jpeg", AttachmentKind::Image, "image/jpeg"),
    ("image/gif", AttachmentKind::Image, "image/gif"),
    ("image/webp", AttachmentKind::Image, "image/webp"),
    ("video/mp4", AttachmentKind::Video, "video/mp4"),
    ("video/x-m4v", AttachmentKind::Video, "video/mp4"),
    ("video/webm", AttachmentKind::Video, "video/webm"),
    ("video/quicktime", AttachmentKind::Video, "video/quicktime"),
    ("audio/mpeg", AttachmentKind::Audio, "audio/mpeg"),
    ("audio/ogg", AttachmentKind::Audio, "audio/ogg"),
    ("audio/opus", AttachmentKind::Audio, "audio/ogg"),
    ("audio/x-wav", AttachmentKind::Audio, "audio/wav"),
    ("audio/m4a", AttachmentKind::Audio, "audio/mp4"),
    ("audio/aac", AttachmentKind::Audio, "audio/aac"),
    ("audio/x-flac", AttachmentKind::Audio, "audio/flac"),
    ("application/pdf", AttachmentKind::File, "application/pdf"),
    ("application/zip", AttachmentKind::File, "application/zip"),
    ("application/gzip", AttachmentKind::File, "application/gzip"),
    ("application/x-7z-compressed", AttachmentKind::File, "application/x-7z-compressed"),
];

/// How the codecs of video tracks are called in WebM (<https://www.matroska.org/technical/codec_specs.html>).
const PICTURES: [&[u8]; 2] = [b"V_VP", b"V_AV1"];

pub(super) fn recognize(head: &[u8]) -> MediaType {
    let Some(found) = infer::get(head) else { return UNKNOWN };
    let known = KNOWN.iter().find(|(theirs, ..)| *theirs == found.mime_type());
    let Some(&(_, kind, content_type)) = known else { return UNKNOWN };
    let audio = |content_type| MediaType { kind: AttachmentKind::Audio, content_type };
    match content_type {
        // Browsers record voices as WebM without a picture; a track with one names a codec that begins so.
        "video/webm" if !PICTURES.iter().any(|codec| contains(head, codec)) => audio("audio/webm"),
        "video/mp4" if is_mp4_without_picture(head) => audio("audio/mp4"),
        _ => MediaType { kind, content_type },
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Whether the whole `moov` box (ISO/IEC 14496-12) is there and has a handler for sound and none for pictures.
fn is_mp4_without_picture(head: &[u8]) -> bool {
    let mut rest = head;
    while let Some((&[a, b, c, d, ref kind @ ..], _)) = rest.split_first_chunk::<8>() {
        let size = u32::from_be_bytes([a, b, c, d]) as usize;
        let (true, Some(body)) = (size >= 8, rest.get(8..size)) else { return false };
        if kind == b"moov" {
            return contains(body, b"soun") && !contains(body, b"vide");
        }
        rest = &rest[size..];
    }
    false
}
