//! What people pinned, muted and marked as unread, and whom they blocked.

use chatconnect::domain::{
    entities::{
        change::Change,
        ids::UserId,
        marks::{MarkPatch, Marks},
        user::{DisplayName, ProfilePatch},
    },
    error::DomainError,
};

use super::fixture::*;

contract!(
    marks_are_told_and_kept,
    reading_takes_the_mark_away,
    leaving_takes_the_marks_along,
    pins_have_a_limit,
    who_blocks_is_not_written_to,
    blocks_have_a_limit,
    no_direct_conversation_begins_where_somebody_is_blocked,
    who_is_blocked_is_no_contact_by_their_direct_conversation,
    a_new_name_is_told,
    who_is_gone_leaves_no_marks,
);

const NOTHING: MarkPatch = MarkPatch { muted: None, pinned: None, unread: None };

async fn marks_are_told_and_kept(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &[people[1]]).await;
    db.changes().await;
    let mute = |muted| MarkPatch { muted: Some(muted), ..NOTHING };
    let pin = |pinned| MarkPatch { pinned: Some(pinned), ..NOTHING };
    let unread = |unread| MarkPatch { unread: Some(unread), ..NOTHING };
    let both = MarkPatch { muted: Some(true), pinned: Some(false), unread: Some(true) };
    // What is set, whether that is news, and what is marked then.
    for (patch, news, marked) in [
        (mute(false), false, [false, false, false]),
        (NOTHING, false, [false, false, false]),
        (mute(true), true, [true, false, false]),
        (mute(true), false, [true, false, false]),
        (pin(true), true, [true, true, false]),
        (unread(true), true, [true, true, true]),
        (mute(false), true, [false, true, true]),
        (unread(false), true, [false, true, false]),
        (both, true, [true, false, true]),
        (both, false, [true, false, true]),
    ] {
        let view = db.marks.set(group, people[1], patch).await.unwrap();
        assert_eq!(view.muted, marked[0]);
        assert_eq!(view, db.view(group, people[1]).await);
        let told = news.then_some(Change::Marked(people[1]));
        assert_eq!(db.changes().await, told.into_iter().collect::<Vec<_>>(), "{patch:?}");
        let list = |is_marked: bool| is_marked.then_some(group).into_iter().collect::<Vec<_>>();
        let [muted, pinned, unread] = marked.map(list);
        let marks = Marks { pinned, unread, muted, blocked: Vec::new() };
        assert_eq!(db.marks.of(people[1]).await.unwrap(), marks, "{patch:?}");
    }
    assert_eq!(db.marks.of(people[0]).await.unwrap(), Marks::default());
    assert!(!db.view(group, people[0]).await.muted);
    let refused = db.marks.set(group, people[2], mute(true)).await;
    assert!(matches!(refused, Err(DomainError::NotMember)));
    let refused = db.marks.set(conversation_id(), people[2], mute(true)).await;
    assert!(matches!(refused, Err(DomainError::NotFound(_))));
}

async fn reading_takes_the_mark_away(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    db.send(group, people[0], "hello").await;
    let unread = MarkPatch { unread: Some(true), pinned: Some(true), ..NOTHING };
    let read = Change::Read { conversation: group, user: people[1], seq: 1, told: true };
    for (seq, changes) in [
        (1, vec![read, Change::Marked(people[1])]),
        (1, vec![Change::Marked(people[1])]),
        (0, vec![Change::Marked(people[1])]),
    ] {
        db.marks.set(group, people[1], unread).await.unwrap();
        db.changes().await;
        assert_eq!(db.conversations.mark_read(group, people[1], seq).await.unwrap().read_seq, 1);
        assert_eq!(db.changes().await, changes);
        let marks = db.marks.of(people[1]).await.unwrap();
        assert_eq!((marks.unread, marks.pinned), (Vec::new(), vec![group]));
    }
    db.conversations.mark_read(group, people[1], 1).await.unwrap();
    assert_eq!(db.changes().await, []);
}

async fn leaving_takes_the_marks_along(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    let all = MarkPatch { muted: Some(true), pinned: Some(true), unread: Some(true) };
    db.marks.set(group, people[1], all).await.unwrap();
    db.conversations.remove_member(group, people[1]).await.unwrap();
    assert_eq!(db.marks.of(people[1]).await.unwrap(), Marks::default());
    db.conversations.add_members(group, &[people[1]], at(0)).await.unwrap();
    assert_eq!(db.marks.of(people[1]).await.unwrap(), Marks::default());
}

async fn pins_have_a_limit(db: Backend) {
    let ana = db.user("ana").await;
    let pin = MarkPatch { pinned: Some(true), ..NOTHING };
    let mut groups = Vec::new();
    for _ in 0..=Marks::MAX_PINNED {
        groups.push(db.group(ana, &[]).await);
    }
    for group in &groups[1..] {
        db.marks.set(*group, ana, pin).await.unwrap();
    }
    let refused = db.marks.set(groups[0], ana, pin).await.unwrap_err();
    assert_eq!(refused.fields()[0].field, "pinned");
    // Which is pinned already is no further one.
    db.marks.set(groups[1], ana, pin).await.unwrap();
    db.marks.set(groups[1], ana, MarkPatch { pinned: Some(false), ..NOTHING }).await.unwrap();
    db.marks.set(groups[0], ana, pin).await.unwrap();
    assert_eq!(db.marks.of(ana).await.unwrap().pinned.len(), Marks::MAX_PINNED);
}

async fn who_blocks_is_not_written_to(db: Backend) {
    let people = db.crowd(3).await;
    let [ana, bruno, clara] = people[..] else { panic!() };
    let (direct, other) = (db.direct(ana, bruno).await, db.direct(clara, bruno).await);
    let group = db.group(ana, &[bruno]).await;
    let original = a_message(direct, bruno, "hello");
    db.messages.append(&original).await.unwrap();
    db.changes().await;
    let silenced = async |is: bool| {
        for user in [ana, bruno] {
            let sent = db.messages.append(&a_message(direct, user, "psst")).await;
            assert_eq!(matches!(sent, Err(DomainError::Blocked)), is, "{sent:?}");
            assert_eq!(sent.is_err(), is);
            assert_eq!(db.conversations.membership(direct, user).await.unwrap().silenced, is);
        }
    };
    silenced(false).await;
    db.changes().await;
    db.marks.block(ana, bruno).await.unwrap();
    assert_eq!(db.changes().await, [Change::Marked(ana)]);
    db.marks.block(ana, bruno).await.unwrap();
    assert_eq!(db.changes().await, []);
    silenced(true).await;
    // A repeat of what was sent before is a repeat.
    assert!(!db.messages.append(&original).await.unwrap().1);
    assert!(matches!(
        db.messages.append(&a_message(direct, clara, "psst")).await,
        Err(DomainError::NotMember)
    ));
    db.send(group, bruno, "in a group all is as before").await;
    db.send(other, bruno, "and with others").await;
    assert_eq!(db.marks.of(ana).await.unwrap().blocked, [bruno]);
    assert_eq!(db.marks.of(bruno).await.unwrap(), Marks::default(), "who is blocked is not told");
    assert!(db.marks.is_blocked_by_any(bruno, &[clara, ana]).await.unwrap());
    assert!(!db.marks.is_blocked_by_any(bruno, &[clara]).await.unwrap());
    assert!(!db.marks.is_blocked_by_any(ana, &[clara, bruno]).await.unwrap());
    assert!(!db.marks.is_blocked_by_any(bruno, &[]).await.unwrap());

    db.changes().await;
    db.marks.block(bruno, ana).await.unwrap();
    db.marks.unblock(ana, bruno).await.unwrap();
    assert_eq!(db.changes().await, [Change::Marked(bruno), Change::Marked(ana)]);
    silenced(true).await;
    db.marks.unblock(bruno, ana).await.unwrap();
    db.marks.unblock(bruno, ana).await.unwrap();
    assert_eq!(db.changes().await, [Change::Marked(bruno)]);
    silenced(false).await;
    assert!(matches!(db.marks.block(ana, user_id()).await, Err(DomainError::NotFound("user"))));
}

async fn blocks_have_a_limit(db: Backend) {
    let (ana, last) = (db.user("ana").await, db.user("last").await);
    let mut people = Vec::new();
    for number in 0..Marks::MAX_BLOCKED {
        people.push(db.user(&format!("somebody{number}")).await);
    }
    for chunk in people.chunks(50) {
        let block = |user: &UserId| db.marks.block(ana, *user);
        for blocked in futures_util::future::join_all(chunk.iter().map(block)).await {
            blocked.unwrap();
        }
    }
    assert_eq!(db.marks.block(ana, last).await.unwrap_err().fields()[0].field, "userId");
    db.marks.block(ana, people[7]).await.unwrap();
    db.marks.unblock(ana, people[7]).await.unwrap();
    db.marks.block(ana, last).await.unwrap();
    assert_eq!(db.marks.of(ana).await.unwrap().blocked.len(), Marks::MAX_BLOCKED);
}

async fn no_direct_conversation_begins_where_somebody_is_blocked(db: Backend) {
    let people = db.crowd(3).await;
    let existing = db.direct(people[0], people[1]).await;
    db.marks.block(people[0], people[1]).await.unwrap();
    db.marks.block(people[0], people[2]).await.unwrap();
    assert_eq!(db.direct(people[1], people[0]).await, existing);
    for (one, other) in [(0, 2), (2, 0)] {
        let new = a_conversation(
            chatconnect::domain::entities::conversation::ConversationKind::Direct,
            None,
            people[one],
            &[people[other]],
        );
        let refused = db.conversations.create(&new).await;
        assert!(matches!(refused, Err(DomainError::Blocked)), "{refused:?}");
    }
    db.marks.unblock(people[0], people[2]).await.unwrap();
    let new = db.direct(people[2], people[0]).await;
    db.send(new, people[2], "hello").await;
}

async fn who_is_blocked_is_no_contact_by_their_direct_conversation(db: Backend) {
    let people = db.crowd(3).await;
    db.direct(people[0], people[1]).await;
    db.direct(people[0], people[2]).await;
    db.marks.block(people[1], people[0]).await.unwrap();
    assert_eq!(db.users.contacts(people[0]).await.unwrap(), [people[2]]);
    assert_eq!(db.users.contacts(people[1]).await.unwrap(), []);
    db.group(people[0], &[people[1]]).await;
    assert_eq!(db.users.contacts(people[1]).await.unwrap(), [people[0]]);
}

async fn a_new_name_is_told(db: Backend) {
    let ana = db.user("ana").await;
    db.changes().await;
    let patch = |name: &str| ProfilePatch {
        display_name: Some(DisplayName::parse(name).unwrap()),
        locale: None,
        avatar: None,
    };
    db.users.update_profile(ana, &patch("Ana Another")).await.unwrap();
    assert_eq!(db.changes().await, [Change::Profile(ana)]);
    db.users.update_profile(ana, &patch("Ana Another")).await.unwrap();
    db.users.set_last_seen(ana, at(1)).await.unwrap();
    assert_eq!(db.changes().await, []);
    let avatar = an_upload(ana).attachment.id;
    for avatar in [Some(avatar), None] {
        let patch = ProfilePatch { display_name: None, locale: None, avatar: Some(avatar) };
        db.users.update_profile(ana, &patch).await.unwrap();
        assert_eq!(db.changes().await, [Change::Profile(ana)]);
    }
}

async fn who_is_gone_leaves_no_marks(db: Backend) {
    let people = db.crowd(3).await;
    let [ana, bruno, clara] = people[..] else { panic!() };
    let directs = [db.direct(ana, bruno).await, db.direct(ana, clara).await, db.direct(bruno, clara).await];
    for id in &directs[..2] {
        let all = MarkPatch { muted: Some(true), pinned: Some(true), unread: Some(true) };
        db.marks.set(*id, ana, all).await.unwrap();
    }
    db.marks.block(ana, bruno).await.unwrap();
    db.marks.block(clara, ana).await.unwrap();
    db.marks.block(clara, bruno).await.unwrap();
    db.changes().await;
    db.marks.forget(ana).await.unwrap();
    assert!(db.changes().await.contains(&Change::Marked(clara)));
    assert_eq!(db.marks.of(ana).await.unwrap(), Marks::default());
    assert_eq!(db.marks.of(clara).await.unwrap().blocked, [bruno]);
    for (id, user, silenced) in
        [(directs[0], bruno, false), (directs[1], clara, false), (directs[2], clara, true)]
    {
        assert_eq!(db.conversations.membership(id, user).await.unwrap().silenced, silenced);
    }
}
