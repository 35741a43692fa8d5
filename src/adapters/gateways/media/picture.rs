//! Decoding, and smaller pictures.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops::FilterType,
    metadata::Orientation,
};

use super::{recognize::recognize, strip::strip};
use crate::domain::{
    error::{DomainError, Result},
    interfaces::media::CleanImage,
};

const MOST_PIXELS: u64 = 40_000_000;
const LONGEST_SIDE: u32 = 16_384;
/// Bytes of the decoded picture, and what a decoder may take beside it.
const MOST_BYTES: u64 = 200 << 20;
const MOST_ALLOCATED: u64 = 256 << 20;

/// Pixels of the longer side.
const THUMBNAIL: u32 = 640;
/// Pixels of both sides.
const AVATAR: u32 = 256;
/// 1–100.
const QUALITY: u8 = 80;
/// Bytes of a colour profile; those of cameras and screens have a few thousand.
const LARGEST_PROFILE: usize = 64 << 10;

pub(super) fn broken() -> DomainError {
    DomainError::invalid("file", "is an image that cannot be decoded; it may be damaged")
}

fn too_large() -> DomainError {
    DomainError::invalid("file", "is an image of more than 40 megapixels or 16,384 pixels on a side")
}

struct Decoded {
    image: DynamicImage,
    format: ImageFormat,
    /// Not applied yet.
    orientation: Orientation,
    /// The colours of the picture, when they are none of paper or grey.
    profile: Option<Vec<u8>>,
}

fn decode(bytes: &[u8]) -> Result<Decoded> {
    let format = match recognize(bytes).content_type {
        "image/png" => ImageFormat::Png,
        "image/jpeg" => ImageFormat::Jpeg,
        "image/gif" => ImageFormat::Gif,
        "image/webp" => ImageFormat::WebP,
        _ => return Err(broken()),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_ALLOCATED);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let refused = |error| match error {
        image::ImageError::Limits(_) => too_large(),
        _ => broken(),
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    // All of it is known before anything is decoded.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS
        || width.max(height) > LONGEST_SIDE
        || decoder.total_bytes() > MOST_BYTES
    {
        return Err(too_large());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let profile = profile.filter(|profile| {
        profile.len() <= LARGEST_PROFILE && profile.get(16..20) == Some(b"RGB ".as_slice())
    });
    let image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    Ok(Decoded { image, format, orientation, profile })
}

pub(super) fn clean(bytes: Vec<u8>) -> Result<CleanImage> {
    let Decoded { image, format, orientation, profile } = decode(&bytes)?;
    let (mut width, mut height) = (image.width(), image.height());
    if is_on_its_side(orientation) {
        (width, height) = (height, width);
    }
    let thumbnail = (width.max(height) > THUMBNAIL)
        .then(|| {
            let mut small = image.thumbnail(THUMBNAIL, THUMBNAIL);
            drop(image);
            small.apply_orientation(orientation);
            encode(&small, profile)
        })
        .transpose()?;
    let bytes = strip(bytes, format, orientation).ok_or_else(broken)?;
    Ok(CleanImage { bytes, width, height, thumbnail })
}

const fn is_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

pub(super) fn avatar(bytes: &[u8]) -> Result<Vec<u8>> {
    let Decoded { image, orientation, profile, .. } = decode(bytes)?;
    // Quickly at first, so that the careful filter has little to do.
    let most = 4 * AVATAR;
    let shorter = image.width().min(image.height());
    let mut picture = if shorter > most {
        let longest = u64::from(image.width().max(image.height())) * u64::from(most) / u64::from(shorter);
        let longest = u32::try_from(longest).unwrap_or(LONGEST_SIDE);
        image.thumbnail(longest, longest)
    } else {
        image
    };
    picture.apply_orientation(orientation);
    encode(&picture.resize_to_fill(AVATAR, AVATAR, FilterType::CatmullRom), profile)
}

/// JPEG, or PNG where something shines through.
fn encode(image: &DynamicImage, profile: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = (image.width(), image.height());
    let failed = |error: image::ImageError| DomainError::internal(error);
    let unfit = |error: image::error::UnsupportedError| DomainError::internal(error);
    let pixels = image.to_rgba8();
    if pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX) {
        let mut encoder = PngEncoder::new(&mut bytes);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).map_err(unfit)?;
        }
        encoder.write_image(&pixels, width, height, ExtendedColorType::Rgba8).map_err(failed)?;
    } else {
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).map_err(unfit)?;
        }
        encoder.write_image(&image.to_rgb8(), width, height, ExtendedColorType::Rgb8).map_err(failed)?;
    }
    Ok(bytes)
}
