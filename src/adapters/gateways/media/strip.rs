//! Takes out of images what is no picture, without encoding them anew.

use bytes::Bytes;
use image::{ImageFormat, metadata::Orientation};
use img_parts::{
    png::{Png, PngChunk},
    riff::{RiffChunk, RiffContent},
    webp::WebP,
};

use super::{gif, jpeg};

/// Chunks of a PNG that are needed to show it (PNG, third edition, and APNG).
const PNG_CHUNKS: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"sBIT", b"bKGD",
    b"pHYs", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"cLLI",
];

/// The same of a WebP (RFC 9649).
const WEBP_CHUNKS: [&[u8; 4]; 8] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF"];

/// Flags of the chunk `VP8X`.
const WEBP_EXIF: u8 = 0b1000;
const WEBP_XMP: u8 = 0b0100;

/// The image with nothing but the picture, its colours and how it is to be turned. `None` when it makes no sense.
pub(super) fn strip(bytes: Vec<u8>, format: ImageFormat, orientation: Orientation) -> Option<Vec<u8>> {
    let exif = (orientation != Orientation::NoTransforms).then(|| exif(orientation));
    match format {
        ImageFormat::Jpeg => jpeg::strip(&bytes, exif.as_deref()),
        ImageFormat::Gif => gif::strip(&bytes),
        ImageFormat::Png => png(bytes, exif),
        ImageFormat::WebP => webp(bytes, exif),
        _ => None,
    }
}

/// Exif 2.32 with one field: the orientation.
fn exif(orientation: Orientation) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.push(orientation.to_exif());
    exif.extend([0; 6]);
    exif
}

fn png(bytes: Vec<u8>, exif: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut png = Png::from_bytes(Bytes::from(bytes)).ok()?;
    let chunks = png.chunks_mut();
    chunks.retain(|chunk| PNG_CHUNKS.contains(&&chunk.kind()));
    if let Some(exif) = exif {
        let data = chunks.iter().position(|chunk| chunk.kind() == *b"IDAT")?;
        chunks.insert(data, PngChunk::new(*b"eXIf", exif.into()));
    }
    Some(png.encoder().bytes().to_vec())
}

fn webp(bytes: Vec<u8>, exif: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut webp = WebP::from_bytes(Bytes::from(bytes)).ok()?;
    let chunks = webp.chunks_mut();
    let turned = exif.is_some();
    chunks.retain(|chunk| WEBP_CHUNKS.contains(&&chunk.id()) && chunk.id() != *b"EXIF");
    if let Some(exif) = exif {
        // Only the extended form can say so, and so it has the flags below.
        chunks.push(RiffChunk::new(*b"EXIF", RiffContent::Data(exif.into())));
    }
    for chunk in chunks.iter_mut().filter(|chunk| chunk.id() == *b"VP8X") {
        let mut content = chunk.content().data()?.to_vec();
        let flags = content.first_mut()?;
        *flags &= !(WEBP_EXIF | WEBP_XMP);
        if turned {
            *flags |= WEBP_EXIF;
        }
        *chunk = RiffChunk::new(*b"VP8X", RiffContent::Data(content.into()));
    }
    Some(webp.encoder().bytes().to_vec())
}
