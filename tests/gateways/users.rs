use chatconnect::domain::{
    entities::{
        change::Change,
        conversation::{ConversationKind, Role},
        user::{DisplayName, Locale, ProfilePatch, User},
    },
    error::DomainError,
};

use super::fixture::*;

contract!(
    a_person_is_found_as_stored,
    a_username_is_given_once,
    the_first_person_founds_general_and_the_others_join_it,
    one_general_under_a_race,
    passwords_change,
    profiles_change,
    last_seen_never_moves_backwards,
    people_are_found_by_the_beginnings_of_their_names,
    people_are_paged_by_username,
    contacts_share_a_direct_conversation_or_a_group,
    the_database_is_ready,
);

async fn a_person_is_found_as_stored(db: Backend) {
    let mut user = a_user("ana", "Ana María");
    user.locale = Some(Locale::parse("pt-BR").unwrap());
    user.last_seen_at = Some(at(5));
    db.users.create(&user, &hash(), conversation_id()).await.unwrap();
    let other = db.user("bob").await;
    assert_eq!(db.users.find(user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(db.users.find(user_id()).await.unwrap(), None);
    let (found, stored) = db.users.find_with_hash(&username("ANA")).await.unwrap().unwrap();
    assert_eq!((found, stored), (user.clone(), hash()));
    assert!(db.users.find_with_hash(&username("nobody")).await.unwrap().is_none());
    let mut many: Vec<_> = db.users.find_many(&[other, user_id(), user.id, other]).await.unwrap();
    many.sort_by_key(|user| user.id);
    assert_eq!(many.iter().map(|user| user.id).collect::<Vec<_>>(), [user.id, other]);
    assert!(db.users.find_many(&[]).await.unwrap().is_empty());
}

async fn a_username_is_given_once(db: Backend) {
    db.user("ana").await;
    let before = db.view(db.general().await, db.user("bob").await).await.conversation;
    db.changes().await;
    let again = a_user("Ana", "Another");
    refused!(db.users.create(&again, &hash(), conversation_id()), DomainError::UsernameTaken);
    assert_eq!(db.users.find(again.id).await.unwrap(), None);
    assert_eq!(db.view(before.id, before.members[1].user).await.conversation, before);
    assert_eq!(db.changes().await, []);
}

async fn the_first_person_founds_general_and_the_others_join_it(db: Backend) {
    assert_eq!(db.conversations.general().await.unwrap(), None);
    let (ana, id) = (a_user("ana", "Ana"), conversation_id());
    db.users.create(&ana, &hash(), id).await.unwrap();
    assert_eq!(db.conversations.general().await.unwrap(), Some(id));
    let general = db.view(id, ana.id).await;
    assert_eq!(general.conversation.kind, ConversationKind::Channel);
    assert_eq!(general.conversation.title, Some(title("general")));
    assert_eq!(general.conversation.created_at, ana.created_at);
    assert_eq!((general.conversation.rev, general.conversation.last_seq, general.read_seq), (0, 0, 0));
    let membership = db.conversations.membership(id, ana.id).await.unwrap();
    assert!(membership.is_general && membership.member_count == 1 && membership.role == Role::Member);
    let Change::ConversationCreated { conversation, members } = db.changes().await.remove(0) else {
        panic!()
    };
    assert_eq!((&*conversation, members), (&general.conversation, vec![ana.id]));

    db.send(id, ana.id, "hello").await;
    db.changes().await;
    let bob = a_user("bob", "Bob");
    db.users.create(&bob, &hash(), conversation_id()).await.unwrap();
    let joined = db.view(id, bob.id).await;
    assert_eq!((joined.conversation.member_count, joined.conversation.rev), (2, 2));
    assert_eq!((joined.read_seq, joined.unread_count()), (1, 0));
    let Change::MembersJoined { conversation, users, told } = db.changes().await.remove(0) else { panic!() };
    assert_eq!((&*conversation, users, told), (&joined.conversation, vec![bob.id], true));
}

async fn one_general_under_a_race(db: Backend) {
    let db = std::sync::Arc::new(db);
    let people = (0..20).map(|number| {
        let db = db.clone();
        tokio::spawn(async move { db.user(&format!("user{number}")).await })
    });
    let people = futures_util::future::join_all(people).await;
    let general = db.general().await;
    for user in people {
        assert_eq!(db.conversations.ids_of(user.unwrap()).await.unwrap(), [general]);
    }
}

async fn passwords_change(db: Backend) {
    let ana = db.user("ana").await;
    let new = chatconnect::domain::entities::user::PasswordHash::new("$2b$04$other");
    assert_eq!(db.users.password_hash(ana).await.unwrap(), hash());
    db.users.set_password_hash(ana, &new).await.unwrap();
    assert_eq!(db.users.password_hash(ana).await.unwrap(), new);
    refused!(db.users.password_hash(user_id()), DomainError::NotFound(_));
    refused!(db.users.set_password_hash(user_id(), &new), DomainError::NotFound(_));
}

async fn profiles_change(db: Backend) {
    let ana = db.user("ana").await;
    let stored = db.users.find(ana).await.unwrap().unwrap();
    let nothing = db.users.update_profile(ana, &ProfilePatch::default()).await.unwrap();
    assert_eq!(nothing, stored);
    let patch =
        ProfilePatch { display_name: Some(DisplayName::parse("Zoë").unwrap()), ..ProfilePatch::default() };
    let renamed = db.users.update_profile(ana, &patch).await.unwrap();
    assert_eq!(renamed, User { display_name: DisplayName::parse("Zoë").unwrap(), ..stored });
    let patch = ProfilePatch { locale: Some(Locale::parse("en").unwrap()), ..ProfilePatch::default() };
    let moved = db.users.update_profile(ana, &patch).await.unwrap();
    assert_eq!(moved, User { locale: Some(Locale::parse("en").unwrap()), ..renamed });
    assert_eq!(db.users.find(ana).await.unwrap(), Some(moved));
    assert_eq!(db.users.search("zoe", None, 9).await.unwrap().users.len(), 1);
    refused!(db.users.update_profile(user_id(), &patch), DomainError::NotFound(_));
}

async fn last_seen_never_moves_backwards(db: Backend) {
    let ana = db.user("ana").await;
    for (seen, kept) in [(20, 20), (10, 20), (30, 30)] {
        db.users.set_last_seen(ana, at(seen)).await.unwrap();
        assert_eq!(db.users.find(ana).await.unwrap().unwrap().last_seen_at, Some(at(kept)));
    }
    db.users.set_last_seen(user_id(), at(1)).await.unwrap();
}

async fn people_are_found_by_the_beginnings_of_their_names(db: Backend) {
    for (name, display) in
        [("ana", "Ána Silva"), ("joana", "Joana d'Arc"), ("x.li", "李小龙"), ("per_cent", "100% a_b")]
    {
        db.users.create(&a_user(name, display), &hash(), conversation_id()).await.unwrap();
    }
    for (prefix, found) in [
        ("", &["ana", "joana", "per_cent", "x.li"][..]),
        ("an", &["ana"]),
        ("  ÂNA sil", &["ana"]),
        ("silva", &["ana"]),
        ("ilva", &[]),
        ("arc", &["joana"]),
        ("李", &["x.li"]),
        ("小龙", &["x.li"]),
        ("x.", &["x.li"]),
        ("%", &[]),
        ("_", &[]),
        ("100%", &["per_cent"]),
        ("'", &[]),
    ] {
        let page = db.users.search(prefix, None, 9).await.unwrap();
        let names: Vec<_> = page.users.iter().map(|user| user.username.as_str()).collect();
        assert_eq!((names.as_slice(), page.next), (found, None), "{prefix}");
    }
}

async fn people_are_paged_by_username(db: Backend) {
    for name in ["dora", "ana", "carl", "bob", "a-first"] {
        db.user(name).await;
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = db.users.search("", after.as_ref(), 2).await.unwrap();
        assert!(page.users.len() <= 2);
        all.extend(page.users.iter().map(|user| user.username.as_str().to_owned()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(all, ["a-first", "ana", "bob", "carl", "dora"]);
    let page = db.users.search("a", Some(&username("a-first")), 1).await.unwrap();
    assert_eq!((page.users[0].username.as_str(), page.next), ("ana", None));
}

async fn contacts_share_a_direct_conversation_or_a_group(db: Backend) {
    let people = db.crowd(5).await;
    db.direct(people[0], people[1]).await;
    db.group(people[0], &[people[1], people[2]]).await;
    db.channel(people[0], "news").await;
    let mut contacts = db.users.contacts(people[0]).await.unwrap();
    contacts.sort_unstable();
    assert_eq!(contacts, people[1..3]);
    assert_eq!(db.users.contacts(people[4]).await.unwrap(), []);
}

async fn the_database_is_ready(db: Backend) {
    db.health.ready().await.unwrap();
    assert_eq!(db.changes().await, []);
}
