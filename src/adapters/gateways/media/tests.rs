use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::{picture, recognize::recognize};
use crate::domain::{entities::attachment::AttachmentKind, error::DomainError};

/// Red above, blue below.
fn picture_of(width: u32, height: u32) -> DynamicImage {
    let colour = |y| if y < height / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |_, y| colour(y)))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Exif with an orientation and a place as text.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0]);
    exif.extend(b"\x01\x0e\0\x02\0\0\0\x0b\0\0\0\x26\0\0\0\0SECRETGPS0\0");
    exif
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, body].concat()
}

fn jpeg_with(orientation: u8) -> Vec<u8> {
    let plain = encoded(&picture_of(40, 20), ImageFormat::Jpeg);
    let exif = segment(0xe1, &[b"Exif\0\0".to_vec(), exif(orientation)].concat());
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<SECRET/>");
    let comment = segment(0xfe, b"SECRET comment");
    [&plain[..2], &exif, &xmp, &comment, &plain[2..], b"SECRET behind"].concat()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn reason(error: DomainError) -> String {
    match error {
        DomainError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_jpeg_loses_everything_but_its_picture() {
    let given = jpeg_with(1);
    assert!(contains(&given, b"SECRET"));
    let clean = picture::clean(given).unwrap();
    assert!(!contains(&clean.bytes, b"SECRET") && !contains(&clean.bytes, b"Exif"));
    let plain = encoded(&picture_of(40, 20), ImageFormat::Jpeg);
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
    assert_eq!(pixels(&clean.bytes), pixels(&plain), "it was not encoded anew");
    assert_eq!((clean.width, clean.height, clean.thumbnail), (40, 20, None));
}

#[test]
fn a_turned_picture_stays_turned() {
    let clean = picture::clean(jpeg_with(6)).unwrap();
    assert_eq!((clean.width, clean.height), (20, 40), "as it is displayed");
    assert!(!contains(&clean.bytes, b"SECRET") && contains(&clean.bytes, b"Exif"));
    let again = picture::clean(clean.bytes.clone()).unwrap();
    assert_eq!(again, clean, "nothing is left to be removed");
    // Turned to the right: what was above is at the right.
    let avatar = image::load_from_memory(&picture::avatar(&clean.bytes).unwrap()).unwrap().to_rgb8();
    assert_eq!(avatar.dimensions(), (256, 256));
    let (left, right) = (avatar.get_pixel(20, 128), avatar.get_pixel(236, 128));
    assert!(left.0[2] > 200 && right.0[0] > 200, "{left:?} {right:?}");
}

#[test]
fn other_formats_lose_it_too() {
    let image = picture_of(30, 10);
    let png = encoded(&image, ImageFormat::Png);
    let text = {
        let mut bytes = img_parts::png::Png::from_bytes(png.clone().into()).unwrap();
        for (place, kind) in [(1, *b"tEXt"), (2, *b"eXIf")] {
            let contents = if kind == *b"eXIf" { exif(8) } else { b"Comment\0SECRET".to_vec() };
            bytes.chunks_mut().insert(place, img_parts::png::PngChunk::new(kind, contents.into()));
        }
        [&bytes.encoder().bytes()[..], b"SECRET behind"].concat()
    };
    let clean = picture::clean(text).unwrap();
    assert!(!contains(&clean.bytes, b"SECRET"));
    assert_eq!((clean.width, clean.height), (10, 30));

    let gif = encoded(&image, ImageFormat::Gif);
    let (head, tail) = gif.split_at(gif.len() - 1);
    let noted = [head, b"\x21\xfe\x06SECRET\0\x21\xff\x0bXMP DataXMP\x06SECRET\0", tail, b"SECRET"].concat();
    let clean = picture::clean(noted).unwrap();
    assert!(!contains(&clean.bytes, b"SECRET"));
    assert_eq!(image::load_from_memory(&clean.bytes).unwrap().width(), 30);

    let webp = encoded(&image, ImageFormat::WebP);
    let mut noted = img_parts::webp::WebP::from_bytes(webp.into()).unwrap();
    let content = img_parts::riff::RiffContent::Data(b"SECRET".to_vec().into());
    noted.chunks_mut().push(img_parts::riff::RiffChunk::new(*b"XMP ", content));
    let clean = picture::clean(noted.encoder().bytes().to_vec()).unwrap();
    assert!(!contains(&clean.bytes, b"SECRET"));
    assert_eq!(image::load_from_memory(&clean.bytes).unwrap().width(), 30);
}

#[test]
fn large_ones_get_a_thumbnail() {
    let clean = picture::clean(encoded(&picture_of(1300, 650), ImageFormat::Png)).unwrap();
    let thumbnail = clean.thumbnail.unwrap();
    assert_eq!(image::guess_format(&thumbnail).unwrap(), ImageFormat::Jpeg);
    let small = image::load_from_memory(&thumbnail).unwrap();
    assert_eq!((small.width(), small.height()), (640, 320));
    let glass = DynamicImage::ImageRgba8(RgbaImage::from_pixel(700, 700, Rgba([9, 9, 9, 100])));
    let thumbnail = picture::clean(encoded(&glass, ImageFormat::Png)).unwrap().thumbnail.unwrap();
    assert_eq!(image::guess_format(&thumbnail).unwrap(), ImageFormat::Png);
    assert_eq!(picture::clean(encoded(&picture_of(640, 640), ImageFormat::Png)).unwrap().thumbnail, None);
}

/// A PNG that announces this size.
fn announcing(width: u32, height: u32) -> Vec<u8> {
    let mut png =
        img_parts::png::Png::from_bytes(encoded(&picture_of(1, 1), ImageFormat::Png).into()).unwrap();
    let mut header = png.chunks()[0].contents().to_vec();
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    png.chunks_mut()[0] = img_parts::png::PngChunk::new(*b"IHDR", header.into());
    png.encoder().bytes().to_vec()
}

#[test]
fn bombs_and_ruins_are_refused_with_a_sentence() {
    for (width, height) in [(60_000, 60_000), (16_385, 1), (8_000, 5_001), (u32::MAX >> 1, u32::MAX >> 1)] {
        let refused = reason(picture::clean(announcing(width, height)).unwrap_err());
        assert!(refused.contains("40 megapixels") || refused.contains("cannot be decoded"), "{refused}");
    }
    let whole = encoded(&picture_of(200, 200), ImageFormat::Png);
    for ruin in [whole[..whole.len() / 2].to_vec(), b"\x89PNG\r\n\x1a\n and more".to_vec(), announcing(9, 9)]
    {
        assert!(reason(picture::clean(ruin).unwrap_err()).starts_with("file is an image that cannot"));
    }
}

#[test]
fn what_is_told_comes_from_the_content() {
    let of = |bytes: &[u8]| {
        let found = recognize(bytes);
        (found.kind.as_str(), found.content_type)
    };
    let padded = |bytes: &[u8]| [bytes, &[0; 300]].concat();
    let webm = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm";
    assert_eq!(of(&padded(webm)), ("audio", "audio/webm"));
    assert_eq!(of(&padded(&[&webm[..], b"\x86\x85V_VP8"].concat())), ("video", "video/webm"));
    let mp4 = |handler: &[u8]| {
        let moov = [b"\0\0\0\x18moov\0\0\0\x10hdlr", handler, b"...."].concat();
        [b"\0\0\0\x14ftypisom\0\0\0\0isom".as_slice(), &moov].concat()
    };
    assert_eq!(of(&mp4(b"vide")), ("video", "video/mp4"));
    assert_eq!(of(&mp4(b"soun")), ("audio", "audio/mp4"));
    assert_eq!(of(&mp4(b"soun")[..30]), ("video", "video/mp4"), "what is not there says nothing");
    assert_eq!(of(b"OggS\0\x02...................."), ("audio", "audio/ogg"));
    assert_eq!(of(b"%PDF-1.7"), ("file", "application/pdf"));
    for page in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<?xml version='1.0'?><x/>",
        b"#!/bin/sh",
        b"MZ\x90",
        b"hello",
        b"",
    ] {
        assert_eq!(of(page), ("file", "application/octet-stream"));
    }
    assert_eq!(recognize(&announcing(1, 1)).kind, AttachmentKind::Image);
}
