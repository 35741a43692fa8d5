//! Where is kept what is known of uploaded files; their bytes are in the [`BlobStore`](super::blob_store::BlobStore).

use async_trait::async_trait;

use crate::domain::{
    entities::{
        attachment::{Attachment, Claim, Upload},
        ids::{AttachmentId, ClientId, ConversationId, UserId},
        timestamp::Timestamp,
    },
    error::Result,
};

/// An upload is *unsettled* until it was looked after: from the beginning, and again when its message is about to go.
/// What stays unsettled is swept, so that whatever is interrupted leaves nothing behind.
#[async_trait]
pub trait AttachmentRepository: Send + Sync {
    /// Stores an upload that no message has yet.
    ///
    /// # Errors
    /// `NotFound` when the owner does not exist.
    async fn insert(&self, upload: &Upload) -> Result<()>;

    async fn find(&self, id: AttachmentId) -> Result<Option<Upload>>;

    /// How many uploads of a person no message has.
    async fn count_unclaimed(&self, owner: UserId) -> Result<u64>;

    /// Gives uploads to a message that is about to be sent, all of them or none: `None` when one of them does not
    /// exist, is somebody else's or belongs to another send. A repeat of the same `(owner, client_id)` succeeds again.
    /// Answers them in the order of `ids`, which are distinct.
    async fn claim(
        &self,
        ids: &[AttachmentId],
        owner: UserId,
        claim: &Claim,
    ) -> Result<Option<Vec<Attachment>>>;

    /// Takes uploads back from a send that was refused; those of other sends stay as they are.
    async fn release(&self, ids: &[AttachmentId], owner: UserId, client_id: &ClientId) -> Result<()>;

    /// Takes an upload away from everybody, unless a message has it (`false`) or it is not there. From then on
    /// nothing can claim it, and [`AttachmentRepository::find`] does not find it; it stays until it is deleted.
    async fn discard(&self, id: AttachmentId) -> Result<bool>;

    /// Their message is there, or going.
    async fn set_settled(&self, ids: &[AttachmentId], settled: bool) -> Result<()>;

    /// The same for all of a conversation, which is about to be deleted.
    async fn unsettle_conversation(&self, id: ConversationId) -> Result<()>;

    /// Forgets uploads. Unknown ones are ignored.
    async fn delete(&self, ids: &[AttachmentId]) -> Result<()>;

    /// Up to `limit` unsettled uploads that were made before this time, discarded ones too, the oldest first, after
    /// this one.
    async fn unsettled(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, AttachmentId)>,
        limit: u32,
    ) -> Result<Vec<Upload>>;

    /// Up to `limit` of those that messages of a conversation have, in any order.
    async fn of_conversation(&self, id: ConversationId, limit: u32) -> Result<Vec<AttachmentId>>;
}
