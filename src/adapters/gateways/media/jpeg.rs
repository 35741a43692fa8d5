//! JPEG (ITU-T T.81), segment by segment.

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

/// The picture without what others wrote into it or behind its end; `exif` is put in. `None` where the segments make no
/// sense.
pub(super) fn strip(bytes: &[u8], exif: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&[0xff, SOI])?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend([0xff, SOI]);
    let mut exif = exif;
    loop {
        let [0xff, marker, after @ ..] = rest else {
            // Something cut it off; what is there can be shown.
            out.extend([0xff, EOI]);
            return rest.len().lt(&2).then_some(out);
        };
        match *marker {
            // Filling.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            EOI => {
                out.extend([0xff, EOI]);
                return Some(out);
            }
            // Without a length.
            0x01 | 0xd0..=0xd7 => {
                rest = after;
                continue;
            }
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let (body, behind) = (after.get(2..length)?, after.get(length..)?);
        if *marker != APP0
            && let Some(exif) = exif.take()
        {
            let length = u16::try_from(exif.len() + 8).ok()?;
            out.extend([0xff, APP1]);
            out.extend(length.to_be_bytes());
            out.extend(b"Exif\0\0");
            out.extend(exif);
        }
        if is_picture(*marker, body) {
            out.extend([0xff, *marker]);
            out.extend(&after[..length]);
        }
        rest = behind;
        if *marker == SOS {
            let end = end_of_scan(rest);
            out.extend(&rest[..end]);
            rest = &rest[end..];
        }
    }
}

/// Where the next segment begins behind the coded data of a scan.
fn end_of_scan(bytes: &[u8]) -> usize {
    let is_data = |pair: &[u8]| pair[0] != 0xff || matches!(pair[1], 0x00 | 0xd0..=0xd7);
    bytes.windows(2).position(|pair| !is_data(pair)).unwrap_or(bytes.len())
}

/// What is needed to show it: of the application's own segments the density, the colours and how they are coded.
fn is_picture(marker: u8, body: &[u8]) -> bool {
    match marker {
        APP0 => body.starts_with(b"JFIF\0"),
        APP2 => body.starts_with(b"ICC_PROFILE\0"),
        APP14 => body.starts_with(b"Adobe"),
        APP1..=APP15 | COM => false,
        _ => true,
    }
}
