//! What is in a file.

use async_trait::async_trait;

use crate::domain::{entities::attachment::AttachmentKind, error::Result};

/// Told from the content, never from a name or from what a client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    pub kind: AttachmentKind,
    pub content_type: &'static str,
}

/// An image without what it says of its maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanImage {
    /// The same picture, not encoded anew.
    pub bytes: Vec<u8>,
    /// Pixels, as it is displayed.
    pub width: u32,
    pub height: u32,
    /// JPEG or PNG that fits into 640×640; `None` where the image itself does.
    pub thumbnail: Option<Vec<u8>>,
}

/// How many of a file's first bytes [`Media::recognize`] wants.
pub const HEAD: usize = 8 * 1024;

#[async_trait]
pub trait Media: Send + Sync {
    /// By the first bytes of a file.
    fn recognize(&self, head: &[u8]) -> MediaType;

    /// Takes places, names and everything else that is no picture out of an image that was recognized. Waits while
    /// others are being worked on.
    ///
    /// # Errors
    /// `Invalid` naming `file` when it cannot be decoded or is too large.
    async fn clean_image(&self, bytes: Vec<u8>) -> Result<CleanImage>;

    /// The middle of an image, 256×256 pixels, as JPEG or PNG.
    ///
    /// # Errors
    /// As above.
    async fn avatar(&self, image: Vec<u8>) -> Result<Vec<u8>>;
}
