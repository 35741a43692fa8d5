//! Administrators, people who may not sign in, people who are gone, and who may come.

use std::sync::Arc;

use chatconnect::domain::{
    entities::{
        account::{Account, AccountFilter, AccountPatch},
        ids::UserId,
        registration::Registration,
        session::{Session, SessionKey},
        timestamp::Timestamp,
        user::{PasswordHash, ProfilePatch},
    },
    error::DomainError,
};
use futures_util::future::join_all;

use super::fixture::*;

contract!(
    the_first_person_is_the_administrator,
    of_many_who_come_first_one_is_the_administrator,
    who_may_come_is_remembered,
    administrators_are_made_and_unmade,
    the_last_administrator_stays_one,
    of_two_who_unmake_each_other_one_stays,
    who_is_banned_gets_no_session,
    accounts_are_listed,
    an_account_that_is_closed_is_found_no_more,
    the_only_person_may_go,
    there_are_figures,
);

const MAKE: AccountPatch = AccountPatch { admin: Some(true), banned_at: None };
const UNMAKE: AccountPatch = AccountPatch { admin: Some(false), banned_at: None };
const LIFT: AccountPatch = AccountPatch { admin: None, banned_at: Some(None) };

fn ban(at: Timestamp) -> AccountPatch {
    AccountPatch { admin: None, banned_at: Some(Some(at)) }
}

/// The field that a call was refused for.
macro_rules! field {
    ($call:expr) => {{
        let error = refused!($call, DomainError::Invalid(_));
        error.fields()[0].field.clone()
    }};
}

impl Backend {
    async fn account(&self, id: UserId) -> Account {
        self.accounts.account(id).await.unwrap().unwrap()
    }
}

async fn admins_among(db: &Backend, people: &[UserId]) -> Vec<UserId> {
    let mut admins = Vec::new();
    for person in people {
        if db.users.is_admin(*person).await.unwrap() {
            admins.push(*person);
        }
    }
    admins
}

async fn the_first_person_is_the_administrator(db: Backend) {
    assert!(db.accounts.is_empty().await.unwrap());
    let people = db.crowd(3).await;
    assert!(!db.accounts.is_empty().await.unwrap());
    assert_eq!(admins_among(&db, &people).await, people[..1]);
    assert!(!db.users.is_admin(user_id()).await.unwrap());
}

async fn of_many_who_come_first_one_is_the_administrator(db: Backend) {
    let db = Arc::new(db);
    let people =
        join_all(
            (0..16).map(|number| {
                let db = Arc::clone(&db);
                async move {
                    tokio::spawn(async move { db.user(&format!("user{number:05}")).await }).await.unwrap()
                }
            }),
        )
        .await;
    assert_eq!(admins_among(&db, &people).await.len(), 1);
}

async fn who_may_come_is_remembered(db: Backend) {
    assert_eq!(db.accounts.registration().await.unwrap(), Registration::Open);
    for mode in Registration::ALL {
        db.accounts.set_registration(mode).await.unwrap();
        assert_eq!(db.accounts.registration().await.unwrap(), mode);
    }
}

async fn administrators_are_made_and_unmade(db: Backend) {
    let people = db.crowd(2).await;
    let made = db.accounts.patch_account(people[1], MAKE).await.unwrap();
    assert_eq!((made.user.id, made.admin, made.banned_at), (people[1], true, None));
    assert_eq!(db.account(people[1]).await, made);
    assert_eq!(admins_among(&db, &people).await, people);
    assert_eq!(field!(db.accounts.patch_account(people[1], ban(at(1)))), "banned");
    let both = AccountPatch { admin: Some(false), ..ban(at(1)) };
    let banned = db.accounts.patch_account(people[1], both).await.unwrap();
    assert_eq!((banned.admin, banned.banned_at), (false, Some(at(1))));
    assert_eq!(field!(db.accounts.patch_account(people[1], MAKE)), "admin");
    // Since the first time.
    let again = db.accounts.patch_account(people[1], ban(at(2))).await.unwrap();
    assert_eq!(again, banned);
    assert_eq!(db.accounts.patch_account(people[1], AccountPatch::default()).await.unwrap(), banned);
    let lifted = db.accounts.patch_account(people[1], LIFT).await.unwrap();
    assert_eq!((lifted.admin, lifted.banned_at), (false, None));
    refused!(db.accounts.patch_account(user_id(), MAKE), DomainError::NotFound(_));
}

async fn the_last_administrator_stays_one(db: Backend) {
    let people = db.crowd(2).await;
    assert_eq!(field!(db.accounts.patch_account(people[0], UNMAKE)), "admin");
    assert_eq!(field!(db.accounts.ensure_may_close(people[0])), "admin");
    assert_eq!(field!(db.accounts.close_account(people[0], at(1))), "admin");
    db.accounts.ensure_may_close(people[1]).await.unwrap();
    db.accounts.patch_account(people[1], MAKE).await.unwrap();
    db.accounts.ensure_may_close(people[0]).await.unwrap();
    db.accounts.patch_account(people[0], UNMAKE).await.unwrap();
    assert_eq!(admins_among(&db, &people).await, people[1..]);
}

async fn of_two_who_unmake_each_other_one_stays(db: Backend) {
    let people = db.crowd(3).await;
    for person in &people {
        db.accounts.patch_account(*person, MAKE).await.unwrap();
    }
    let unmade = join_all(people.iter().map(|person| db.accounts.patch_account(*person, UNMAKE))).await;
    assert_eq!(unmade.iter().filter(|unmade| unmade.is_ok()).count(), 2, "{unmade:?}");
    assert_eq!(admins_among(&db, &people).await.len(), 1);
}

fn a_session(user: UserId, number: u8) -> Session {
    Session {
        key: SessionKey::from_bytes([number; 16]),
        id: session_id(),
        user,
        device: String::new(),
        created_at: at(1),
        last_seen_at: at(1),
        expires_at: at(1_000_000),
    }
}

async fn who_is_banned_gets_no_session(db: Backend) {
    let people = db.crowd(2).await;
    assert!(db.sessions.create(&a_session(people[1], 1)).await.unwrap());
    db.accounts.patch_account(people[1], ban(at(5))).await.unwrap();
    let late = a_session(people[1], 2);
    refused!(db.sessions.create(&late), DomainError::NotFound(_));
    assert_eq!(db.sessions.find(&late.key, at(9)).await.unwrap(), None);
    assert_eq!(db.sessions.delete_others(people[1], None).await.unwrap().len(), 1);
    db.accounts.patch_account(people[1], LIFT).await.unwrap();
    assert!(db.sessions.create(&late).await.unwrap());
    // They are found like everybody.
    db.accounts.patch_account(people[1], ban(at(5))).await.unwrap();
    assert!(db.users.find(people[1]).await.unwrap().is_some());
}

async fn accounts_are_listed(db: Backend) {
    let people = db.crowd(5).await;
    db.accounts.patch_account(people[3], MAKE).await.unwrap();
    db.accounts.patch_account(people[1], ban(at(5))).await.unwrap();
    db.accounts.patch_account(people[2], ban(at(6))).await.unwrap();
    db.accounts.close_account(people[4], at(7)).await.unwrap();
    for (prefix, filter, found) in [
        ("", AccountFilter::All, &people[..4]),
        ("USER0000", AccountFilter::All, &people[..4]),
        ("user00002", AccountFilter::Banned, &people[2..3]),
        ("user00002", AccountFilter::Admins, &[]),
        ("", AccountFilter::Admins, &[people[0], people[3]]),
        ("", AccountFilter::Banned, &people[1..3]),
        ("nobody", AccountFilter::All, &[]),
    ] {
        let page = db.accounts.accounts(prefix, filter, None, 9).await.unwrap();
        let ids: Vec<_> = page.accounts.iter().map(|account| account.user.id).collect();
        assert_eq!((ids.as_slice(), page.next), (found, None), "{prefix:?} {filter:?}");
    }
    let first = db.accounts.accounts("", AccountFilter::Banned, None, 1).await.unwrap();
    assert_eq!((first.accounts.len(), &first.accounts[0]), (1, &db.account(people[1]).await));
    let next = db.accounts.accounts("", AccountFilter::Banned, first.next.as_ref(), 1).await.unwrap();
    assert_eq!((next.accounts[0].user.id, next.next), (people[2], None));
}

async fn an_account_that_is_closed_is_found_no_more(db: Backend) {
    let people = db.crowd(3).await;
    let (me, other) = (people[1], people[2]);
    let patch = ProfilePatch { avatar: Some(Some(an_upload(me).attachment.id)), ..ProfilePatch::default() };
    let user = db.users.update_profile(me, &patch).await.unwrap();
    let (general, direct) = (db.general().await, db.direct(me, other).await);
    let message = db.send(direct, me, "stays").await;
    db.messages.react(message.id, me, &emoji("👍"), true).await.unwrap();
    let closed = db.accounts.close_account(me, at(9)).await.unwrap();
    assert_eq!(closed.user, user);
    refused!(db.accounts.close_account(me, at(9)), DomainError::NotFound(_));

    assert_eq!(db.accounts.account(me).await.unwrap(), None);
    assert_eq!(db.users.find(me).await.unwrap(), None);
    assert_eq!(db.users.find_many(&[me, other]).await.unwrap().len(), 1);
    assert!(db.users.find_with_hash(&user.username).await.unwrap().is_none());
    assert_eq!(db.users.search("user00001", None, 9).await.unwrap().users, []);
    assert_eq!(db.users.search("", None, 9).await.unwrap().users.len(), 2);
    refused!(db.users.password_hash(me), DomainError::NotFound(_));
    refused!(db.users.set_password_hash(me, &PasswordHash::new("$2b$04$new")), DomainError::NotFound(_));
    refused!(db.users.update_profile(me, &ProfilePatch::default()), DomainError::NotFound(_));
    refused!(db.accounts.patch_account(me, MAKE), DomainError::NotFound(_));
    refused!(db.sessions.create(&a_session(me, 1)), DomainError::NotFound(_));
    db.users.set_last_seen(me, at(10)).await.unwrap();
    refused!(db.conversations.add_members(general, &[me], at(10)), DomainError::Invalid(_));

    let list =
        db.messages.list(direct, chatconnect::domain::interfaces::message_repository::Window::Newest, 9);
    let list = list.await.unwrap().messages;
    assert_eq!((list[0].sender, list[0].reactions.len()), (me, 1));
    db.send(direct, other, "into the void").await;
    assert_eq!(db.view(direct, other).await.conversation.members.len(), 2);
    db.conversations.remove_member(general, me).await.unwrap();
    assert_eq!(db.conversations.ids_of(me).await.unwrap(), [direct]);
    // The name is free.
    assert_ne!(db.user("user00001").await, me);
}

async fn the_only_person_may_go(db: Backend) {
    let me = db.user("ana").await;
    db.accounts.ensure_may_close(me).await.unwrap();
    db.accounts.close_account(me, at(9)).await.unwrap();
    assert!(db.accounts.is_empty().await.unwrap());
    let next = db.user("ana").await;
    assert!(db.users.is_admin(next).await.unwrap());
    assert!(!db.users.is_admin(me).await.unwrap());
}

async fn there_are_figures(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &[people[1]]).await;
    for _ in 0..3 {
        db.send(group, people[0], "counts").await;
    }
    let upload = an_upload(people[0]);
    db.attachments.insert(&upload).await.unwrap();
    db.accounts.patch_account(people[1], ban(at(5))).await.unwrap();
    db.accounts.close_account(people[2], at(7)).await.unwrap();
    let figures = db.accounts.figures().await.unwrap();
    assert_eq!((figures.users, figures.banned_users, figures.conversations), (2, 1, 2));
    assert_eq!((figures.messages, figures.files, figures.file_bytes), (3, 1, upload.attachment.size));
}
