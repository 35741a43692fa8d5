//! Files between their upload, their message and their end.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chatconnect::{
    adapters::gateways::media::MediaTools,
    domain::{
        entities::{
            actor::Actor,
            attachment::Attachment,
            conversation::ConversationKind,
            ids::{ConversationId, MessageId},
            message::Message,
        },
        error::{DomainError, Result},
        interfaces::{
            attachment_repository::AttachmentRepository, blob_store::BlobKey,
            conversation_repository::ConversationRepository, message_repository::MessageRepository,
            upload_source::UploadSource,
        },
        usecases::{
            attachments::{
                open::OpenAttachment,
                read_all,
                sweep::SweepUploads,
                upload::{UploadAttachment, UploadInput, UploadLimits},
            },
            conversations::{delete::DeleteConversation, remove_member::RemoveMember},
            messages::{
                delete::DeleteMessage,
                edit::EditMessage,
                send::{MessageInput, SendMessage},
            },
        },
    },
};

use super::stage::Stage;

const HOUR: i64 = 3_600_000;

/// Parts of a file, and then its end or an error.
struct Parts(Vec<Vec<u8>>, bool);

#[async_trait]
impl UploadSource for Parts {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.0.is_empty() {
            return if self.1 { Ok(None) } else { Err(DomainError::InvalidPayload(Vec::new())) };
        }
        Ok(Some(self.0.remove(0)))
    }
}

impl Stage {
    fn messages(&self) -> Arc<dyn MessageRepository> {
        Arc::new(self.memory.clone())
    }

    async fn upload_of(&self, actor: Actor, mut parts: Parts) -> Result<Attachment> {
        let upload = UploadAttachment {
            attachments: self.attachments(),
            blobs: Arc::clone(&self.blobs),
            media: Arc::new(MediaTools::new(1)),
            ids: Arc::clone(&self.ids) as _,
            clock: Arc::clone(&self.clock) as _,
            tidy: self.tidy(),
            limits: UploadLimits { bytes: 1_000, unclaimed: 3 },
        };
        let input = UploadInput { name: "notes.txt".into(), ..UploadInput::default() };
        upload.execute(actor, &input, &mut parts).await
    }

    async fn upload(&self, actor: Actor) -> Attachment {
        self.upload_of(actor, Parts(vec![b"some ".to_vec(), b"text".to_vec()], true)).await.unwrap()
    }

    fn input(&self, conversation: ConversationId, files: &[&Attachment]) -> MessageInput {
        MessageInput {
            conversation,
            client_id: chatconnect::domain::interfaces::id_generator::IdGenerator::next(&*self.ids)
                .to_string(),
            body: String::new(),
            reply_to: None,
            attachments: files.iter().map(|file| file.id.to_string()).collect(),
        }
    }

    async fn send(&self, actor: Actor, input: MessageInput) -> Result<(Message, bool)> {
        let send = SendMessage {
            messages: self.messages(),
            attachments: self.attachments(),
            ids: Arc::clone(&self.ids) as _,
            clock: Arc::clone(&self.clock) as _,
        };
        send.execute(actor, input).await
    }

    async fn may_open(&self, actor: Actor, file: &Attachment) -> bool {
        let open = OpenAttachment {
            attachments: self.attachments(),
            messages: self.messages(),
            conversations: self.conversations(),
            blobs: Arc::clone(&self.blobs),
        };
        match open.execute(actor, file.id).await {
            Ok(found) => found == *file,
            Err(DomainError::NotFound("attachment")) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn is_stored(&self, file: &Attachment) -> bool {
        read_all(self.blobs.as_ref(), BlobKey::Attachment(file.id)).await.is_ok()
    }

    async fn is_known(&self, file: &Attachment) -> bool {
        AttachmentRepository::find(&self.memory, file.id).await.unwrap().is_some()
    }

    async fn sweep(&self) -> u64 {
        let sweep = SweepUploads {
            attachments: self.attachments(),
            messages: self.messages(),
            users: self.users(),
            blobs: Arc::clone(&self.blobs),
            tidy: self.tidy(),
            clock: Arc::clone(&self.clock) as _,
            patience: Duration::from_secs(24 * 3600),
        };
        sweep.execute().await.unwrap()
    }

    async fn delete(&self, actor: Actor, id: MessageId) -> Message {
        let delete = DeleteMessage {
            messages: self.messages(),
            conversations: self.conversations(),
            clock: Arc::clone(&self.clock) as _,
            tidy: self.tidy(),
        };
        delete.execute(actor, id).await.unwrap()
    }
}

fn fields(error: &DomainError) -> Vec<&str> {
    error.fields().iter().map(|field| field.field.as_str()).collect()
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let stage = Stage::new();
    let ana = stage.person("ana").await;
    let large = stage.upload_of(ana, Parts(vec![vec![7; 600], vec![7; 401]], true)).await.unwrap_err();
    assert!(matches!(large, DomainError::AttachmentTooLarge { limit: 1_000 }), "{large:?}");
    let broken = stage.upload_of(ana, Parts(vec![vec![7; 600]], false)).await.unwrap_err();
    assert!(matches!(broken, DomainError::InvalidPayload(_)), "{broken:?}");
    let empty = stage.upload_of(ana, Parts(Vec::new(), true)).await.unwrap_err();
    assert_eq!(fields(&empty), ["file"]);
    assert_eq!(stage.attachments().count_unclaimed(ana.user).await.unwrap(), 0);
    for _ in 0..3 {
        stage.upload(ana).await;
    }
    let many = stage.upload_of(ana, Parts(vec![vec![7]], true)).await.unwrap_err();
    assert!(matches!(many, DomainError::RateLimited { .. }), "{many:?}");
}

#[tokio::test]
async fn a_file_belongs_to_one_message() {
    let stage = Stage::new();
    let (ana, bob, eve) = (stage.person("ana").await, stage.person("bob").await, stage.person("eve").await);
    let room = stage.converse(ConversationKind::Group, &[ana, bob]).await;
    let file = stage.upload(ana).await;
    assert!(stage.may_open(ana, &file).await && !stage.may_open(bob, &file).await);
    let foreign = stage.send(bob, stage.input(room, &[&file])).await.unwrap_err();
    assert_eq!(fields(&foreign), ["attachmentIds"]);
    let input = stage.input(room, &[&file]);
    let repeat = MessageInput { client_id: input.client_id.clone(), ..stage.input(room, &[&file]) };
    let (message, is_new) = stage.send(ana, input).await.unwrap();
    assert_eq!((&message.attachments[..], is_new), (&[file.clone()][..], true));
    let (again, is_new) = stage.send(ana, repeat).await.unwrap();
    assert_eq!((again, is_new), (message, false));
    assert!(stage.may_open(bob, &file).await && !stage.may_open(eve, &file).await);
    let second = stage.send(ana, stage.input(room, &[&file])).await.unwrap_err();
    assert_eq!(fields(&second), ["attachmentIds"]);
    let nothing = stage.send(ana, stage.input(room, &[])).await.unwrap_err();
    assert_eq!(fields(&nothing), ["body"], "without a file there must be a text");
}

#[tokio::test]
async fn a_refused_message_gives_its_files_back() {
    let stage = Stage::new();
    let (ana, bob) = (stage.person("ana").await, stage.person("bob").await);
    let (mine, theirs) = (
        stage.converse(ConversationKind::Group, &[ana]).await,
        stage.converse(ConversationKind::Group, &[bob]).await,
    );
    let file = stage.upload(ana).await;
    let refused = stage.send(ana, stage.input(theirs, &[&file])).await.unwrap_err();
    assert!(matches!(refused, DomainError::NotMember), "{refused:?}");
    let input = stage.input(mine, &[]);
    let plain = MessageInput { body: "plain".into(), client_id: input.client_id.clone(), ..input };
    let repeat = MessageInput { client_id: plain.client_id.clone(), ..stage.input(mine, &[&file]) };
    stage.send(ana, plain).await.unwrap();
    // The message is there, and has no files.
    let (message, is_new) = stage.send(ana, repeat).await.unwrap();
    assert!(!is_new && message.attachments.is_empty());
    assert_eq!(stage.attachments().count_unclaimed(ana.user).await.unwrap(), 1);
    stage.send(ana, stage.input(mine, &[&file])).await.unwrap();
    assert!(stage.may_open(ana, &file).await);
}

#[tokio::test]
async fn files_end_with_their_message_and_their_conversation() {
    let stage = Stage::new();
    let (ana, bob) = (stage.person("ana").await, stage.person("bob").await);
    let room = stage.converse(ConversationKind::Group, &[ana, bob]).await;
    let files = [stage.upload(ana).await, stage.upload(ana).await, stage.upload(ana).await];
    let (first, _) = stage.send(ana, stage.input(room, &[&files[0]])).await.unwrap();
    stage.send(ana, stage.input(room, &[&files[1], &files[2]])).await.unwrap();
    assert!(stage.delete(ana, first.id).await.attachments.is_empty());
    assert!(!stage.may_open(ana, &files[0]).await && !stage.is_stored(&files[0]).await);
    assert!(!stage.is_known(&files[0]).await && stage.is_stored(&files[1]).await);
    let delete = DeleteConversation {
        conversations: stage.conversations(),
        tidy: stage.tidy(),
        invites: stage.invites(),
    };
    delete.execute(ana, room).await.unwrap();
    for file in &files {
        assert!(!stage.is_stored(file).await && !stage.is_known(file).await);
    }
    // The last one to leave a group.
    let room = stage.converse(ConversationKind::Group, &[bob]).await;
    let file = stage.upload(bob).await;
    stage.send(bob, stage.input(room, &[&file])).await.unwrap();
    let leave =
        RemoveMember { conversations: stage.conversations(), tidy: stage.tidy(), invites: stage.invites() };
    leave.execute(bob, room, bob.user).await.unwrap();
    assert!(!stage.is_stored(&file).await && !stage.is_known(&file).await);
}

#[tokio::test]
async fn a_text_beside_files_may_be_emptied() {
    let stage = Stage::new();
    let ana = stage.person("ana").await;
    let room = stage.converse(ConversationKind::Group, &[ana]).await;
    let file = stage.upload(ana).await;
    let with = MessageInput { body: "look".into(), ..stage.input(room, &[&file]) };
    let without = MessageInput { body: "look".into(), ..stage.input(room, &[]) };
    let edit = EditMessage {
        messages: stage.messages(),
        conversations: stage.conversations(),
        clock: Arc::clone(&stage.clock) as _,
    };
    let id = stage.send(ana, with).await.unwrap().0.id;
    let edited = edit.execute(ana, id, "  ").await.unwrap();
    assert_eq!((edited.body.unwrap().as_str(), edited.attachments.len()), ("", 1));
    let id = stage.send(ana, without).await.unwrap().0.id;
    assert_eq!(fields(&edit.execute(ana, id, "  ").await.unwrap_err()), ["body"]);
}

#[tokio::test]
async fn the_sweep_takes_what_has_no_message() {
    let stage = Stage::new();
    let ana = stage.person("ana").await;
    let room = stage.converse(ConversationKind::Group, &[ana]).await;
    let (sent, lost, free) = (stage.upload(ana).await, stage.upload(ana).await, stage.upload(ana).await);
    let (message, _) = stage.send(ana, stage.input(room, &[&sent])).await.unwrap();
    // Claimed by a message that never came.
    let claim = chatconnect::domain::entities::attachment::Claim {
        conversation: room,
        client_id: chatconnect::domain::entities::ids::ClientId::parse(&lost.id.to_string()).unwrap(),
    };
    stage.attachments().claim(&[lost.id], ana.user, &claim).await.unwrap().unwrap();
    assert!(!stage.may_open(ana, &lost).await);
    stage.clock.forward(24 * HOUR);
    let young = stage.upload(ana).await;
    assert_eq!(stage.sweep().await, 0, "they are not older than a day");
    stage.clock.forward(1);
    assert_eq!(stage.sweep().await, 2);
    for file in [&lost, &free] {
        assert!(!stage.is_stored(file).await && !stage.is_known(file).await);
    }
    for file in [&sent, &young] {
        assert!(stage.is_stored(file).await && stage.may_open(ana, file).await);
    }
    // A deletion that was interrupted between the message and its file.
    stage.attachments().set_settled(&[sent.id], false).await.unwrap();
    MessageRepository::delete(&stage.memory, message.id, message.created_at).await.unwrap();
    assert!(!stage.may_open(ana, &sent).await && stage.is_stored(&sent).await);
    assert_eq!(stage.sweep().await, 1);
    assert!(!stage.is_stored(&sent).await);
    // The same of a conversation.
    stage.send(ana, stage.input(room, &[&young])).await.unwrap();
    ConversationRepository::delete(&stage.memory, room).await.unwrap();
    stage.clock.forward(25 * HOUR);
    assert_eq!((stage.sweep().await, stage.is_stored(&young).await), (1, false));
}
