//! What is known of uploaded files, and the files of messages.

use chatconnect::domain::{
    entities::{
        archive::Record,
        attachment::{Attachment, Claim, Upload},
        ids::{AttachmentId, UserId},
        message::Body,
    },
    error::DomainError,
    interfaces::message_repository::{NewMessage, Window},
};

use super::fixture::*;

contract!(
    what_is_stored_is_found,
    a_claim_is_all_or_nothing,
    a_claim_can_be_repeated_and_released,
    of_many_claims_one_wins,
    what_is_discarded_is_nobodys,
    what_is_unsettled_is_listed,
    a_conversations_files_are_listed,
    messages_have_files,
    an_empty_text_is_a_text,
    people_have_pictures,
);

async fn stored(db: &Backend, owner: UserId) -> Upload {
    let upload = an_upload(owner);
    db.attachments.insert(&upload).await.unwrap();
    upload
}

fn a_claim() -> Claim {
    Claim { conversation: conversation_id(), client_id: client_id() }
}

fn id(upload: &Upload) -> AttachmentId {
    upload.attachment.id
}

async fn what_is_stored_is_found(db: Backend) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let upload = stored(&db, ana).await;
    assert_eq!(db.attachments.find(id(&upload)).await.unwrap(), Some(upload.clone()));
    let sound = Attachment {
        width: None,
        height: None,
        duration_ms: Some(7),
        has_thumbnail: false,
        ..an_upload(ana).attachment
    };
    let sound = Upload { attachment: sound, ..upload.clone() };
    db.attachments.insert(&sound).await.unwrap();
    assert_eq!(db.attachments.find(id(&sound)).await.unwrap(), Some(sound.clone()));
    assert_eq!(db.attachments.find(id(&an_upload(ana))).await.unwrap(), None);
    assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 2);
    assert_eq!(db.attachments.count_unclaimed(bob).await.unwrap(), 0);
    refused!(db.attachments.insert(&an_upload(user_id())), DomainError::NotFound(_));
    db.attachments.delete(&[id(&sound), id(&an_upload(ana))]).await.unwrap();
    assert_eq!(db.attachments.find(id(&sound)).await.unwrap(), None);
    assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 1);
}

async fn a_claim_is_all_or_nothing(db: Backend) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let (one, two, foreign) = (stored(&db, ana).await, stored(&db, ana).await, stored(&db, bob).await);
    let claim = a_claim();
    for others in [id(&foreign), id(&an_upload(ana))] {
        let claimed = db.attachments.claim(&[id(&one), others], ana, &claim).await.unwrap();
        assert_eq!(claimed, None);
        assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 2, "nothing was taken");
    }
    let claimed = db.attachments.claim(&[id(&two), id(&one)], ana, &claim).await.unwrap();
    assert_eq!(claimed, Some(vec![two.attachment.clone(), one.attachment.clone()]), "in their order");
    let found = db.attachments.find(id(&one)).await.unwrap().unwrap();
    assert_eq!(found, Upload { claim: Some(claim), ..one.clone() });
    assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 0);
    let third = stored(&db, ana).await;
    assert_eq!(db.attachments.claim(&[id(&third), id(&one)], ana, &a_claim()).await.unwrap(), None);
    assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 1);
}

async fn a_claim_can_be_repeated_and_released(db: Backend) {
    let ana = db.user("ana").await;
    let upload = stored(&db, ana).await;
    let claim = a_claim();
    for _ in 0..2 {
        let claimed = db.attachments.claim(&[id(&upload)], ana, &claim).await.unwrap();
        assert_eq!(claimed, Some(vec![upload.attachment.clone()]));
    }
    db.attachments.release(&[id(&upload)], ana, &client_id()).await.unwrap();
    assert!(db.attachments.find(id(&upload)).await.unwrap().unwrap().claim.is_some(), "another's send");
    db.attachments.release(&[id(&upload)], ana, &claim.client_id).await.unwrap();
    assert_eq!(db.attachments.find(id(&upload)).await.unwrap(), Some(upload.clone()));
    assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 1);
    assert!(db.attachments.claim(&[id(&upload)], ana, &a_claim()).await.unwrap().is_some());
}

async fn of_many_claims_one_wins(db: Backend) {
    let ana = db.user("ana").await;
    let (one, two) = (stored(&db, ana).await, stored(&db, ana).await);
    let mut claims = Vec::new();
    for place in 0..8 {
        let attachments = db.attachments.clone();
        let mut ids = [id(&one), id(&two)];
        ids.rotate_left(place % 2);
        claims.push(tokio::spawn(async move { attachments.claim(&ids, ana, &a_claim()).await.unwrap() }));
    }
    let mut won = 0;
    for claim in claims {
        won += usize::from(claim.await.unwrap().is_some());
    }
    assert_eq!(won, 1);
}

async fn what_is_discarded_is_nobodys(db: Backend) {
    let ana = db.user("ana").await;
    let (free, taken) = (stored(&db, ana).await, stored(&db, ana).await);
    db.attachments.claim(&[id(&taken)], ana, &a_claim()).await.unwrap().unwrap();
    assert!(!db.attachments.discard(id(&taken)).await.unwrap());
    for _ in 0..2 {
        assert!(db.attachments.discard(id(&free)).await.unwrap());
    }
    assert!(db.attachments.discard(id(&an_upload(ana))).await.unwrap(), "there is none");
    assert_eq!(db.attachments.find(id(&free)).await.unwrap(), None);
    assert_eq!(db.attachments.count_unclaimed(ana).await.unwrap(), 0);
    assert_eq!(db.attachments.claim(&[id(&free)], ana, &a_claim()).await.unwrap(), None);
    let unsettled = db.attachments.unsettled(at(501), None, 10).await.unwrap();
    assert_eq!(unsettled.len(), 2, "it is still to be swept");
}

async fn what_is_unsettled_is_listed(db: Backend) {
    let ana = db.user("ana").await;
    let mut uploads = Vec::new();
    for millis in [3, 1, 2, 2, 2] {
        let upload = Upload { created_at: at(millis), ..an_upload(ana) };
        db.attachments.insert(&upload).await.unwrap();
        uploads.push(upload);
    }
    uploads.sort_by_key(|upload| (upload.created_at, id(upload)));
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let part = db.attachments.unsettled(at(3), after, 2).await.unwrap();
        let Some(last) = part.last() else { break };
        after = Some((last.created_at, id(last)));
        listed.extend(part);
    }
    assert_eq!(listed, uploads[..4], "the oldest first, and none that is too young");
    db.attachments.set_settled(&[id(&uploads[0]), id(&uploads[1])], true).await.unwrap();
    assert_eq!(db.attachments.unsettled(at(9), None, 10).await.unwrap(), uploads[2..]);
    db.attachments.set_settled(&[id(&uploads[0])], false).await.unwrap();
    assert_eq!(db.attachments.unsettled(at(9), None, 1).await.unwrap(), uploads[..1]);
    db.attachments.set_settled(&[], true).await.unwrap();
}

async fn a_conversations_files_are_listed(db: Backend) {
    let ana = db.user("ana").await;
    let claim = a_claim();
    let (one, two, other) = (stored(&db, ana).await, stored(&db, ana).await, stored(&db, ana).await);
    db.attachments.claim(&[id(&one), id(&two)], ana, &claim).await.unwrap().unwrap();
    db.attachments.claim(&[id(&other)], ana, &a_claim()).await.unwrap().unwrap();
    let all = [id(&one), id(&two), id(&other)];
    db.attachments.set_settled(&all, true).await.unwrap();
    let mut listed = db.attachments.of_conversation(claim.conversation, 10).await.unwrap();
    listed.sort_unstable();
    assert_eq!(listed, all[..2]);
    assert_eq!(db.attachments.of_conversation(claim.conversation, 1).await.unwrap().len(), 1);
    assert!(db.attachments.unsettled(at(9_999), None, 10).await.unwrap().is_empty());
    db.attachments.unsettle_conversation(claim.conversation).await.unwrap();
    let unsettled = db.attachments.unsettled(at(9_999), None, 10).await.unwrap();
    assert_eq!(unsettled.iter().map(id).collect::<Vec<_>>(), all[..2]);
}

/// A message with two files is the same wherever it is read, and has none once it was deleted.
async fn messages_have_files(db: Backend) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    let room = db.group(ana, &[bob]).await;
    let files = vec![an_upload(ana).attachment, an_upload(ana).attachment];
    let new = NewMessage { attachments: files.clone(), ..a_message(room, ana, "two") };
    let (sent, _) = db.messages.append(&new).await.unwrap();
    assert_eq!(sent.attachments, files);
    let (again, is_new) = db.messages.append(&new).await.unwrap();
    assert_eq!((&again, is_new), (&sent, false));
    assert_eq!(db.messages.find(sent.id).await.unwrap().unwrap(), sent);
    assert_eq!(db.messages.list(room, Window::Newest, 9).await.unwrap().messages, vec![sent.clone()]);
    assert_eq!(db.view(room, bob).await.conversation.last_message, Some(sent.clone()));
    assert_eq!(db.find("two", bob).await, [sent.id]);
    let reacted = db.messages.react(sent.id, bob, &emoji("👍"), true).await.unwrap();
    let edited = db.messages.edit(sent.id, &body("both"), at(9)).await.unwrap();
    assert_eq!((&reacted.attachments, &edited.attachments), (&files, &files));
    let told = format!("{:?}", db.changes().await);
    assert_eq!(told.matches("olá.png").count(), 6, "each change carries both: {told}");
    let deleted = db.messages.delete(sent.id, at(10)).await.unwrap();
    assert!(deleted.attachments.is_empty());
    assert!(db.messages.find(sent.id).await.unwrap().unwrap().attachments.is_empty());
}

async fn an_empty_text_is_a_text(db: Backend) {
    let ana = db.user("ana").await;
    let room = db.group(ana, &[]).await;
    let empty = Body::caption(" ").unwrap();
    let attachments = vec![an_upload(ana).attachment];
    let new = NewMessage { body: empty.clone(), attachments, ..a_message(room, ana, "x") };
    let (sent, _) = db.messages.append(&new).await.unwrap();
    assert_eq!((&sent.body, sent.is_deleted()), (&Some(empty.clone()), false));
    assert_eq!(db.messages.find(sent.id).await.unwrap().unwrap(), sent);
    let edited = db.messages.edit(sent.id, &body("text"), at(9)).await.unwrap();
    assert_eq!(edited.rev, 2);
    assert_eq!(db.find("text", ana).await, [sent.id]);
    let edited = db.messages.edit(sent.id, &empty, at(10)).await.unwrap();
    assert_eq!((edited.rev, edited.body), (3, Some(empty)));
    assert!(db.find("text", ana).await.is_empty());
}

async fn people_have_pictures(db: Backend) {
    use chatconnect::domain::entities::user::ProfilePatch;
    let ana = db.user("ana").await;
    assert_eq!(db.users.find(ana).await.unwrap().unwrap().avatar, None);
    let picture = an_upload(ana).attachment.id;
    let patch = |avatar| ProfilePatch { avatar, ..ProfilePatch::default() };
    let changed = db.users.update_profile(ana, &patch(Some(Some(picture)))).await.unwrap();
    assert_eq!(changed.avatar, Some(picture));
    let kept = db.users.update_profile(ana, &patch(None)).await.unwrap();
    assert_eq!(kept.avatar, Some(picture));
    assert_eq!(db.users.search("ana", None, 1).await.unwrap().users[0].avatar, Some(picture));
    db.users.update_profile(ana, &patch(Some(None))).await.unwrap();
    assert_eq!(db.users.find(ana).await.unwrap().unwrap().avatar, None);
    // What an archive holds of it.
    let archived = chatconnect::domain::entities::archive::ArchivedUser {
        user: changed,
        hash: hash(),
        admin: true,
        banned_at: None,
    };
    let archived = Record::User(archived);
    let line = chatconnect::adapters::dto::archive::line(&archived);
    assert!(line.contains(&format!("\"avatarId\":\"{picture}\"")), "{line}");
}
