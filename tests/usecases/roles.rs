//! Who may do what, as a table.

use std::sync::Arc;

use chatconnect::domain::{
    entities::{
        actor::Actor,
        conversation::{ConversationKind, Role},
        ids::{ClientId, ConversationId, MessageId, UserId},
        message::Body,
    },
    error::{DomainError, Result},
    interfaces::{
        clock::Clock,
        conversation_repository::ConversationRepository,
        id_generator::IdGenerator,
        message_repository::{MessageRepository, NewMessage},
    },
    usecases::{
        conversations::{
            add_members::AddMembers, delete::DeleteConversation, remove_member::RemoveMember,
            rename::RenameConversation, set_role::SetRole,
        },
        messages::{delete::DeleteMessage, edit::EditMessage},
    },
};

use super::stage::Stage;

#[derive(Debug, Clone, Copy)]
enum Deed {
    Rename,
    Add,
    RemoveOwner,
    RemoveAdmin,
    RemoveMember,
    RemoveStranger,
    Leave,
    MakeAdmin,
    MakeOwner,
    MakeStrangerAdmin,
    StepDown,
    DeleteConversation,
    DeleteAnothersMessage,
    EditAnothersMessage,
}

/// One conversation with everybody in it, for one deed: deeds change things.
struct Scene {
    stage: Stage,
    id: ConversationId,
    owner: Actor,
    admin: Actor,
    other_admin: Actor,
    member: Actor,
    sender: Actor,
    outsider: Actor,
    message: MessageId,
}

async fn scene(kind: ConversationKind) -> Scene {
    let stage = Stage::new();
    let mut people = Vec::new();
    for name in ["owner", "admin", "other-admin", "member", "sender", "outsider"] {
        people.push(stage.person(name).await);
    }
    let [owner, admin, other_admin, member, sender, outsider] = people[..] else { unreachable!() };
    let members = match kind {
        ConversationKind::Direct => vec![member, sender],
        ConversationKind::Group | ConversationKind::Channel => {
            vec![owner, admin, other_admin, member, sender]
        }
    };
    let id = stage.converse(kind, &members).await;
    let message = MessageId::from_uuid(stage.ids.next());
    let new = NewMessage {
        id: message,
        conversation: id,
        sender: sender.user,
        client_id: ClientId::parse(&message.to_string()).unwrap(),
        body: Body::parse("first").unwrap(),
        attachments: Vec::new(),
        reply_to: None,
        created_at: stage.clock.now(),
    };
    stage.memory.append(&new).await.unwrap();
    if kind != ConversationKind::Direct {
        for admin in [admin, other_admin] {
            stage.memory.set_role(id, admin.user, Role::Admin).await.unwrap();
        }
    }
    Scene { stage, id, owner, admin, other_admin, member, sender, outsider, message }
}

impl Scene {
    async fn attempt(&self, actor: Actor, deed: Deed) -> Result<()> {
        let conversations = || self.conversations();
        let messages = || -> Arc<dyn MessageRepository> { Arc::new(self.stage.memory.clone()) };
        let tidy = || self.stage.tidy();
        let clock = || -> Arc<dyn Clock> { Arc::clone(&self.stage.clock) as _ };
        let remove = async |user: UserId| {
            RemoveMember { conversations: conversations(), tidy: tidy(), invites: self.stage.invites() }
                .execute(actor, self.id, user)
                .await
        };
        let set_role = async |user: UserId, role: &str| {
            let set_role = SetRole { conversations: conversations() };
            set_role.execute(actor, self.id, user, role).await.map(drop)
        };
        match deed {
            Deed::Rename => {
                let rename = RenameConversation { conversations: conversations() };
                rename.execute(actor, self.id, Some("another")).await.map(drop)
            }
            Deed::Add => {
                let (marks, clock) = (self.stage.marks(), clock());
                let add = AddMembers { conversations: conversations(), marks, clock, max_group_members: 100 };
                add.execute(actor, self.id, &[self.outsider.user]).await.map(drop)
            }
            Deed::RemoveOwner => remove(self.owner.user).await,
            Deed::RemoveAdmin => remove(self.other_admin.user).await,
            Deed::RemoveMember => remove(self.sender.user).await,
            Deed::RemoveStranger => remove(self.outsider.user).await,
            Deed::Leave => remove(actor.user).await,
            Deed::MakeAdmin => set_role(self.sender.user, "admin").await,
            Deed::MakeOwner => set_role(self.sender.user, "owner").await,
            Deed::MakeStrangerAdmin => set_role(self.outsider.user, "admin").await,
            Deed::StepDown => set_role(actor.user, "member").await,
            Deed::DeleteConversation => {
                DeleteConversation {
                    conversations: conversations(),
                    tidy: tidy(),
                    invites: self.stage.invites(),
                }
                .execute(actor, self.id)
                .await
            }
            Deed::DeleteAnothersMessage => {
                let delete = DeleteMessage {
                    messages: messages(),
                    conversations: conversations(),
                    clock: clock(),
                    tidy: tidy(),
                };
                delete.execute(actor, self.message).await.map(drop)
            }
            Deed::EditAnothersMessage => {
                let edit =
                    EditMessage { messages: messages(), conversations: conversations(), clock: clock() };
                edit.execute(actor, self.message, "not mine").await.map(drop)
            }
        }
    }

    fn conversations(&self) -> Arc<dyn ConversationRepository> {
        Arc::new(self.stage.memory.clone())
    }

    /// What of the conversation a refused deed must leave alone.
    async fn state(&self) -> String {
        let view = self.stage.memory.view(self.id, self.sender.user).await;
        let message = MessageRepository::find(&self.stage.memory, self.message).await;
        format!("{view:?} {message:?}")
    }
}

fn code(outcome: &Result<()>) -> &'static str {
    outcome.as_ref().err().map_or("ok", DomainError::code)
}

const OK: &str = "ok";
const NO: &str = "forbidden";
const OUT: &str = "conversation.not_member";
const GONE: &str = "not_found";

/// The deed, and what the owner, an admin, a member and somebody else are answered.
const TABLE: &[(Deed, [&str; 4])] = &[
    (Deed::Rename, [OK, OK, NO, OUT]),
    (Deed::Add, [OK, OK, NO, OUT]),
    (Deed::RemoveOwner, [OK, NO, NO, OUT]),
    (Deed::RemoveAdmin, [OK, NO, NO, OUT]),
    (Deed::RemoveMember, [OK, OK, NO, OUT]),
    (Deed::RemoveStranger, [GONE, GONE, GONE, OUT]),
    (Deed::Leave, [OK, OK, OK, OUT]),
    (Deed::MakeAdmin, [OK, NO, NO, OUT]),
    (Deed::MakeOwner, [OK, NO, NO, OUT]),
    (Deed::MakeStrangerAdmin, [GONE, NO, NO, OUT]),
    (Deed::StepDown, ["invalid", NO, NO, OUT]),
    (Deed::DeleteConversation, [OK, NO, NO, OUT]),
    (Deed::DeleteAnothersMessage, [OK, OK, NO, OUT]),
    (Deed::EditAnothersMessage, [NO, NO, NO, OUT]),
];

#[tokio::test]
async fn everybody_may_do_what_the_table_says() {
    for (deed, expected) in TABLE {
        for (place, expected) in expected.iter().enumerate() {
            if matches!((deed, place), (Deed::RemoveStranger, 3)) {
                // Themselves, which is `Leave`.
                continue;
            }
            let scene = scene(ConversationKind::Group).await;
            let actor = [scene.owner, scene.admin, scene.member, scene.outsider][place];
            let before = scene.state().await;
            let outcome = scene.attempt(actor, *deed).await;
            assert_eq!(code(&outcome), *expected, "{deed:?} by {place}");
            let changed = before != scene.state().await;
            assert_eq!(changed, *expected == OK, "{deed:?} by {place}");
        }
    }
}

#[tokio::test]
async fn direct_conversations_are_fixed() {
    for deed in
        [Deed::Rename, Deed::Add, Deed::RemoveMember, Deed::Leave, Deed::MakeAdmin, Deed::DeleteConversation]
    {
        let scene = scene(ConversationKind::Direct).await;
        let before = scene.state().await;
        let outcome = scene.attempt(scene.member, deed).await;
        assert_eq!(code(&outcome), "conversation.direct_fixed", "{deed:?}");
        assert_eq!(scene.state().await, before);
        assert_eq!(code(&scene.attempt(scene.owner, deed).await), OUT, "{deed:?}");
    }
}

/// `general` has no owner: it keeps its name and stays, and everybody may leave it.
#[tokio::test]
async fn general_stays_as_it_is() {
    let scene = scene(ConversationKind::Group).await;
    let general = scene.conversations().general().await.unwrap().unwrap();
    let scene = Scene { id: general, ..scene };
    for actor in [scene.owner, scene.admin, scene.member] {
        assert_eq!(code(&scene.attempt(actor, Deed::Rename).await), NO);
        assert_eq!(code(&scene.attempt(actor, Deed::DeleteConversation).await), NO);
    }
    assert_eq!(code(&scene.attempt(scene.member, Deed::Leave).await), OK);
}
