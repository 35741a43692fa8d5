//! No query of MongoDB may cost more when there is more: none reads a whole collection, and none much more than it answers.

use std::{collections::HashMap, sync::Arc};

use chatconnect::domain::{
    entities::{
        account::{AccountFilter, AccountPatch},
        attachment::{Claim, Upload},
        conversation::{ConversationKind, Role},
        ids::{ConversationId, UserId},
        search_text::SearchQuery,
        session::{Session, SessionKey},
        user::{ProfilePatch, Username},
    },
    interfaces::message_repository::{NewMessage, SearchFilter, SyncLimits, Window},
};
use futures_util::{TryStreamExt, future::join_all};
use mongodb::{
    Database,
    bson::{Document, doc},
};

use super::fixture::*;
use crate::support::mongod::{self, Mongod};

/// Far fewer documents than there are messages and people, and more than any query here answers.
const FEW: i64 = 700;

/// So many messages search goes through, or counts in the index for each of two words, before it calls a word common.
const UNCOMMON: i64 = 2_500;

/// A chat in which whatever reads too much reads very much.
struct Town {
    db: Arc<Backend>,
    people: Vec<UserId>,
    general: ConversationId,
    groups: Vec<ConversationId>,
    /// All of the first person, and no message has one.
    uploads: Vec<Upload>,
}

async fn town(db: Backend) -> Town {
    let (db, mut people) = (Arc::new(db), Vec::new());
    // One after the other: all of them at once would wait for each other, and on a busy machine too long.
    for name in db_people() {
        people.push(db.user(&name).await);
    }
    let general = db.general().await;
    let mut groups = Vec::new();
    for number in 0..40 {
        groups.push(db.group(people[0], &[people[number % 60 + 1]]).await);
        db.channel(people[1], &format!("channel {number}")).await;
    }
    let sends = (0..9_000).map(|number| {
        let conversation = if number % 3 == 0 { groups[number % 40] } else { general };
        a_message(conversation, people[0], &format!("common word{} rare{number}", number % 7))
    });
    let sends: Vec<NewMessage> = sends.collect();
    for result in join_all(sends.iter().map(|new| db.messages.append(new))).await {
        result.unwrap();
    }
    let uploads: Vec<Upload> = (0..1_500).map(|_| an_upload(people[0])).collect();
    for part in uploads.chunks(100) {
        for result in join_all(part.iter().map(|upload| db.attachments.insert(upload))).await {
            result.unwrap();
        }
    }
    Town { db, people, general, groups, uploads }
}

fn db_people() -> Vec<String> {
    (0..150).map(|number| format!("person{number:04}")).collect()
}

impl Town {
    async fn messages(&self) {
        let messages = &self.db.messages;
        let sent = self.db.send(self.groups[0], self.people[0], "common hello").await;
        let reply = NewMessage { reply_to: Some(sent.id), ..a_message(self.groups[0], self.people[0], "x") };
        messages.append(&reply).await.unwrap();
        messages.append(&reply).await.unwrap();
        let stranger = a_message(self.groups[0], self.people[90], "let me in");
        messages.append(&stranger).await.unwrap_err();
        messages.find(sent.id).await.unwrap().unwrap();
        messages.find_sent(self.people[0], &sent.client_id).await.unwrap().unwrap();
        messages.edit(sent.id, &body("common edited"), at(9)).await.unwrap();
        messages.react(sent.id, self.people[1], &emoji("👍"), true).await.unwrap();
        messages.delete(sent.id, at(9)).await.unwrap();
        for window in [
            Window::Newest,
            Window::Before(900),
            Window::After(900),
            Window::Between { after: 3, before: 1_500 },
        ] {
            assert_eq!(messages.list(self.general, window, 50).await.unwrap().messages.len(), 50);
        }
        for (text, user) in [
            ("common", 0),
            ("c", 0),
            ("rare29", 0),
            ("common rare29", 0),
            ("common word3", 0),
            ("rare2999 common", 0),
            ("common word3", 5),
            ("absent", 5),
        ] {
            let query = SearchQuery::parse(text).unwrap();
            let page =
                messages.search(self.people[user], &query, &SearchFilter::default(), None, 20).await.unwrap();
            assert_eq!(page.messages.is_empty(), text == "absent", "{text}");
            if let Some(next) = page.next {
                messages
                    .search(self.people[user], &query, &SearchFilter::default(), Some(&next), 20)
                    .await
                    .unwrap();
            }
        }
        let limits = SyncLimits { messages: 200, recent: 50, reset_after: 500 };
        let mut cursors = HashMap::new();
        messages.sync(self.people[0], &cursors, limits).await.unwrap();
        for group in &self.groups {
            cursors.insert(*group, 10);
        }
        cursors.insert(self.general, 1_900);
        messages.sync(self.people[0], &cursors, limits).await.unwrap();
    }

    async fn conversations(&self) {
        let conversations = &self.db.conversations;
        let (group, me) = (self.groups[0], self.people[0]);
        assert_eq!(conversations.list(me).await.unwrap().len(), 41);
        assert_eq!(conversations.ids_of(me).await.unwrap().len(), 41);
        conversations.general().await.unwrap().unwrap();
        conversations.kind_of(group).await.unwrap().unwrap();
        conversations.membership(group, me).await.unwrap();
        conversations.role_of(group, me).await.unwrap().unwrap();
        conversations.view(group, me).await.unwrap();
        conversations.mark_read(group, self.people[1], 20).await.unwrap();
        assert_eq!(conversations.channels(me, "nel 1", None, 10).await.unwrap().channels.len(), 10);
        assert_eq!(conversations.channels(me, "", Some("channel 2"), 10).await.unwrap().channels.len(), 10);
        let page = conversations.members(self.general, None, 50).await.unwrap();
        conversations.members(self.general, page.next, 50).await.unwrap();
        conversations.reads(group).await.unwrap();
        conversations.rename(group, Some(&title("Other"))).await.unwrap();
        let channel = self.db.channel(me, "A channel").await;
        conversations.rename(channel, Some(&title("Another channel"))).await.unwrap();
        conversations.add_members(channel, &self.people[..120], at(9)).await.unwrap();
        conversations.set_role(channel, self.people[4], Role::Owner).await.unwrap();
        conversations.set_role(channel, me, Role::Owner).await.unwrap();
        conversations.remove_member(channel, self.people[3]).await.unwrap();
        conversations.remove_member(channel, me).await.unwrap();
        let direct = a_conversation(ConversationKind::Direct, None, me, &[self.people[9]]);
        conversations.create(&direct).await.unwrap();
        conversations.create(&direct).await.unwrap();
        conversations.delete(self.groups[1]).await.unwrap();
    }

    async fn people(&self) {
        let users = &self.db.users;
        let me = self.people[0];
        users.create(&a_user("newcomer", "New Comer"), &hash(), conversation_id()).await.unwrap();
        users.find(me).await.unwrap().unwrap();
        users.find_many(&self.people[..9]).await.unwrap();
        users.find_with_hash(&username("person0003")).await.unwrap().unwrap();
        assert!(users.find_with_hash(&username("nobody")).await.unwrap().is_none());
        users.password_hash(me).await.unwrap();
        users.set_password_hash(me, &hash()).await.unwrap();
        users.update_profile(me, &ProfilePatch::default()).await.unwrap();
        users.set_last_seen(me, at(9)).await.unwrap();
        let after: Username = username("person0050");
        assert_eq!(users.search("", Some(&after), 10).await.unwrap().users.len(), 10);
        assert_eq!(users.search("person00", None, 10).await.unwrap().users.len(), 10);
        assert_eq!(users.contacts(me).await.unwrap().len(), 39);
    }

    async fn accounts(&self) {
        let (accounts, them) = (&self.db.accounts, &self.people[140..143]);
        assert!(self.db.users.is_admin(self.people[0]).await.unwrap());
        assert!(!accounts.is_empty().await.unwrap());
        let ban = AccountPatch { admin: None, banned_at: Some(Some(at(9))) };
        accounts.patch_account(them[0], ban).await.unwrap();
        let make = AccountPatch { admin: Some(true), banned_at: None };
        accounts.patch_account(them[1], make).await.unwrap();
        for (filter, found) in
            [(AccountFilter::All, 20), (AccountFilter::Banned, 1), (AccountFilter::Admins, 2)]
        {
            assert_eq!(accounts.accounts("", filter, None, 20).await.unwrap().accounts.len(), found);
            accounts.accounts("person014", filter, None, 20).await.unwrap();
        }
        accounts.ensure_may_close(self.people[0]).await.unwrap();
        accounts.close_account(them[2], at(9)).await.unwrap();
        accounts.registration().await.unwrap();
    }

    async fn files(&self) {
        let (files, me) = (&self.db.attachments, self.people[0]);
        let ids = |uploads: &[Upload]| uploads.iter().map(|upload| upload.attachment.id).collect::<Vec<_>>();
        let claim = |group: usize| Claim { conversation: self.groups[group], client_id: client_id() };
        let first = claim(0);
        files.claim(&ids(&self.uploads[..9]), me, &first).await.unwrap().unwrap();
        files.claim(&ids(&self.uploads[..9]), me, &first).await.unwrap().unwrap();
        assert!(files.claim(&ids(&self.uploads[8..12]), me, &claim(1)).await.unwrap().is_none());
        files.claim(&ids(&self.uploads[20..25]), me, &claim(2)).await.unwrap().unwrap();
        files.release(&ids(&self.uploads[..3]), me, &first.client_id).await.unwrap();
        files.find(self.uploads[4].attachment.id).await.unwrap().unwrap();
        assert_eq!(files.count_unclaimed(self.people[1]).await.unwrap(), 0);
        assert!(files.discard(self.uploads[50].attachment.id).await.unwrap());
        files.set_settled(&ids(&self.uploads[..5]), true).await.unwrap();
        files.unsettle_conversation(self.groups[0]).await.unwrap();
        assert_eq!(files.of_conversation(self.groups[0], 9).await.unwrap().len(), 6);
        let part = files.unsettled(at(9_000), None, 100).await.unwrap();
        let last = part.last().map(|last| (last.created_at, last.attachment.id));
        assert_eq!(files.unsettled(at(9_000), last, 100).await.unwrap().len(), 100);
        files.delete(&ids(&self.uploads[..9])).await.unwrap();
    }

    async fn sessions(&self) {
        let sessions = &self.db.sessions;
        let me = self.people[0];
        let session = |number: u8| Session {
            key: SessionKey::from_bytes([number; 16]),
            id: session_id(),
            user: me,
            device: "here".to_owned(),
            created_at: at(1),
            last_seen_at: at(1),
            expires_at: at(4_000_000_000_000),
        };
        let three = [session(1), session(2), session(3)];
        for session in &three {
            assert!(sessions.create(session).await.unwrap());
        }
        sessions.find(&three[0].key, at(2)).await.unwrap().unwrap();
        sessions.touch(&three[0].key, at(3), at(4_000_000_000_000)).await.unwrap();
        sessions.list(me, at(2)).await.unwrap();
        sessions.delete(&three[0].key).await.unwrap().unwrap();
        sessions.delete_by_id(me, three[1].id).await.unwrap().unwrap();
        sessions.delete_others(me, None).await.unwrap();
        sessions.delete_expired(at(1)).await.unwrap();
    }
}

/// What the server noted about its work, but for the change stream, which reads the server's own log.
async fn noted(database: &Database) -> Vec<Document> {
    let notes = database.collection::<Document>("system.profile");
    let all: Vec<Document> = notes.find(doc! {}).await.unwrap().try_collect().await.unwrap();
    let is_stream = |note: &Document| format!("{note}").contains("$changeStream");
    all.into_iter().filter(|note| !is_stream(note)).collect()
}

fn number(note: &Document, field: &str) -> i64 {
    note.get_i32(field).map(i64::from).or_else(|_| note.get_i64(field)).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_has_its_index() {
    let mongod = Mongod::replica_set().await;
    let url = mongod.url("indexed");
    let client = mongod::client(&url).await;
    // From here on the server refuses to read a whole collection.
    let refuse = doc! { "setParameter": 1, "notablescan": true };
    client.database("admin").run_command(refuse).await.unwrap();
    let (mongo, feed) = opened(&url).await;
    let town = town(of_mongo(&mongo, feed, None, ())).await;
    let database = client.default_database().unwrap();
    let room = doc! { "create": "system.profile", "capped": true, "size": 64 * 1024 * 1024 };
    database.run_command(room).await.unwrap();
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    town.messages().await;
    town.conversations().await;
    town.people().await;
    town.accounts().await;
    town.sessions().await;
    town.files().await;
    database.run_command(doc! { "profile": 0 }).await.unwrap();

    let notes = noted(&database).await;
    assert!(notes.len() > 100, "the server notes its work");
    for note in notes {
        let plan = note.get_str("planSummary").unwrap_or_default();
        assert!(!plan.contains("COLLSCAN"), "{note}");
        let is_search =
            note.get_document("command").is_ok_and(|command| format!("{command}").contains("tokens"));
        let few = if is_search { UNCOMMON } else { FEW };
        assert!(number(&note, "docsExamined") <= few, "reads too much: {note}");
        assert!(number(&note, "keysExamined") <= 2 * UNCOMMON + FEW, "looks up too much: {note}");
    }
}
