//! GIF (version 89a), block by block.

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const END: u8 = 0x3b;
const COMMENT: u8 = 0xfe;
const APPLICATION: u8 = 0xff;

/// The picture without comments and without what applications wrote into it, but for how often it is repeated. `None`
/// where the blocks make no sense.
pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 13 + table(*bytes.get(10)?);
    out.extend(bytes.get(..at)?);
    loop {
        let start = at;
        let mut keep = true;
        match bytes.get(at) {
            Some(&EXTENSION) => {
                let label = *bytes.get(at + 1)?;
                let loops = [b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0"];
                let body = bytes.get(at + 2..)?;
                keep = match label {
                    COMMENT => false,
                    APPLICATION => loops.iter().any(|name| body.starts_with(*name)),
                    _ => true,
                };
                at = behind_parts(bytes, at + 2)?;
            }
            Some(&IMAGE) => {
                let colours = table(*bytes.get(at + 9)?);
                at = behind_parts(bytes, at + 10 + colours + 1)?;
            }
            // The end, or cut off before it.
            Some(&END) | None => {
                out.push(END);
                return Some(out);
            }
            Some(_) => return None,
        }
        if keep {
            out.extend(bytes.get(start..at)?);
        }
    }
}

/// Bytes of the table of colours that these flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Parts of up to 255 bytes end with an empty one.
fn behind_parts(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            0 => return Some(at + 1),
            length => at += 1 + usize::from(*length),
        }
    }
}
