use std::sync::Arc;

use chatconnect::domain::{
    entities::{
        change::Change,
        conversation::{ConversationKind::*, Role},
    },
    error::DomainError,
};

use super::fixture::*;

contract!(
    a_group_has_an_owner_and_its_members,
    a_direct_conversation_is_never_doubled,
    a_direct_conversation_is_not_doubled_under_a_race,
    nobody_is_invited_who_does_not_exist,
    channel_titles_are_unique,
    strangers_see_nothing,
    lists_begin_with_the_newest_activity,
    renaming_takes_a_rev,
    reading_moves_forward_only,
    large_conversations_do_not_tell_reads,
    deleting_takes_everything_along,
    channels_are_browsed,
);

async fn a_group_has_an_owner_and_its_members(db: Backend) {
    let people = db.crowd(3).await;
    db.changes().await;
    // Given against the order of ids: who joined at one moment stands in the order of ids.
    let new = a_conversation(Group, None, people[1], &[people[2], people[0]]);
    let (view, created) = db.conversations.create(&new).await.unwrap();
    assert!(created && !view.muted && view.read_seq == 0);
    assert_eq!(db.conversations.kind_of(new.id).await.unwrap(), Some(Group));
    assert_eq!(db.conversations.kind_of(conversation_id()).await.unwrap(), None);
    let group = &view.conversation;
    assert_eq!((group.id, group.kind, &group.title), (new.id, Group, &None));
    assert_eq!((group.rev, group.last_seq, &group.last_message), (0, 0, &None));
    assert_eq!((group.member_count, group.created_at), (3, new.created_at));
    let roles: Vec<_> = group.members.iter().map(|member| (member.user, member.role)).collect();
    assert_eq!(roles, [(people[0], Role::Member), (people[1], Role::Owner), (people[2], Role::Member)]);
    for user in &people {
        assert_eq!(db.view(new.id, *user).await.conversation, *group);
    }
    let [Change::ConversationCreated { conversation, members }] = &db.changes().await[..] else { panic!() };
    let mut members = members.clone();
    members.sort_unstable();
    assert_eq!((&**conversation, members), (group, people));
}

async fn a_direct_conversation_is_never_doubled(db: Backend) {
    let people = db.crowd(3).await;
    let id = db.direct(people[0], people[1]).await;
    db.send(id, people[0], "hi").await;
    db.changes().await;
    for (from, to) in [(0, 1), (1, 0)] {
        let again = a_conversation(Direct, None, people[from], &[people[to]]);
        let (view, created) = db.conversations.create(&again).await.unwrap();
        assert!(!created);
        assert_eq!(view, db.view(id, people[from]).await);
        assert_eq!(view.unread_count(), from as u64);
    }
    assert_eq!(db.changes().await, []);
    assert_ne!(db.direct(people[0], people[2]).await, id);
    // A group of the same two is another conversation.
    assert_ne!(db.group(people[0], &[people[1]]).await, id);
    let roles: Vec<_> = db.view(id, people[0]).await.conversation.members.iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::Member, Role::Member]);
}

async fn a_direct_conversation_is_not_doubled_under_a_race(db: Backend) {
    let people = db.crowd(2).await;
    db.changes().await;
    let db = Arc::new(db);
    let tries = (0..40).map(|turn| {
        let (db, from, to) = (db.clone(), people[turn % 2], people[(turn + 1) % 2]);
        tokio::spawn(async move {
            db.conversations.create(&a_conversation(Direct, None, from, &[to])).await.unwrap()
        })
    });
    let answers: Vec<_> =
        futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|(_, created)| *created).count(), 1);
    assert!(answers.iter().all(|(view, _)| view.conversation == answers[0].0.conversation));
    assert_eq!(db.changes().await.len(), 1);
}

async fn nobody_is_invited_who_does_not_exist(db: Backend) {
    let ana = db.user("ana").await;
    db.changes().await;
    let new = a_conversation(Group, None, ana, &[user_id()]);
    let error = refused!(db.conversations.create(&new), DomainError::Invalid(_));
    assert_eq!(error.fields()[0].field, "memberIds");
    refused!(db.conversations.view(new.id, ana), DomainError::NotFound(_));
    assert_eq!(db.changes().await, []);
}

async fn channel_titles_are_unique(db: Backend) {
    let ana = db.user("ana").await;
    let news = db.channel(ana, "News").await;
    let plans = db.channel(ana, "Plans").await;
    refused!(
        db.conversations.create(&a_conversation(Channel, Some("nEWS"), ana, &[])),
        DomainError::TitleTaken
    );
    refused!(
        db.conversations.create(&a_conversation(Channel, Some("General"), ana, &[])),
        DomainError::TitleTaken
    );
    refused!(db.conversations.create(&a_conversation(Channel, None, ana, &[])), DomainError::Invalid(_));
    refused!(db.conversations.rename(plans, Some(&title("news"))), DomainError::TitleTaken);
    refused!(db.conversations.rename(plans, None), DomainError::Invalid(_));
    assert_eq!(db.conversations.rename(news, Some(&title("NEWS"))).await.unwrap().rev, 1);
    // Groups may be called like anything.
    db.create(a_conversation(Group, Some("news"), ana, &[])).await;
    db.conversations.delete(news).await.unwrap();
    db.conversations.rename(plans, Some(&title("news"))).await.unwrap();
}

async fn strangers_see_nothing(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[]).await;
    refused!(db.conversations.view(group, people[1]), DomainError::NotMember);
    refused!(db.conversations.membership(group, people[1]), DomainError::NotMember);
    refused!(db.conversations.mark_read(group, people[1], 1), DomainError::NotMember);
    let nowhere = conversation_id();
    refused!(db.conversations.view(nowhere, people[0]), DomainError::NotFound(_));
    refused!(db.conversations.membership(nowhere, people[0]), DomainError::NotFound(_));
    refused!(db.conversations.mark_read(nowhere, people[0], 1), DomainError::NotFound(_));
    refused!(db.conversations.rename(nowhere, None), DomainError::NotFound(_));
    refused!(db.conversations.members(nowhere, None, 1), DomainError::NotFound(_));
    refused!(db.conversations.add_members(nowhere, &[people[0]], at(0)), DomainError::NotFound(_));
    refused!(db.conversations.remove_member(nowhere, people[0]), DomainError::NotFound(_));
    assert_eq!(db.conversations.role_of(nowhere, people[0]).await.unwrap(), None);
    assert_eq!(db.conversations.role_of(group, people[1]).await.unwrap(), None);
    assert_eq!(db.conversations.role_of(group, people[0]).await.unwrap(), Some(Role::Owner));
    let membership = db.conversations.membership(group, people[0]).await.unwrap();
    assert_eq!((membership.kind, membership.is_general, membership.member_count), (Group, false, 1));
}

async fn lists_begin_with_the_newest_activity(db: Backend) {
    let people = db.crowd(2).await;
    let general = db.general().await;
    let (one, two, three) =
        (db.group(people[0], &[]).await, db.group(people[0], &[]).await, db.group(people[0], &[]).await);
    assert_eq!(ids(&db.conversations.list(people[0]).await.unwrap()), [three, two, one, general]);
    db.send(one, people[0], "news").await;
    let list = db.conversations.list(people[0]).await.unwrap();
    assert_eq!(ids(&list), [one, three, two, general]);
    for view in list {
        assert_eq!(view, db.view(view.conversation.id, people[0]).await);
    }
    // A clock that stepped back does not make a conversation older than its newest message says.
    let mut late = a_message(three, people[0], "from the past");
    late.created_at = at(500);
    db.messages.append(&late).await.unwrap();
    assert_eq!(ids(&db.conversations.list(people[0]).await.unwrap()), [one, two, three, general]);
    let mut mine = db.conversations.ids_of(people[0]).await.unwrap();
    mine.sort_unstable();
    assert_eq!(mine, [general, one, two, three]);
    assert_eq!(db.conversations.ids_of(people[1]).await.unwrap(), [general]);
    assert_eq!(db.conversations.list(user_id()).await.unwrap(), []);
}

async fn renaming_takes_a_rev(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[]).await;
    db.send(group, people[0], "x").await;
    db.changes().await;
    let renamed = db.conversations.rename(group, Some(&title("New"))).await.unwrap();
    assert_eq!((renamed.rev, &renamed.title), (2, &Some(title("New"))));
    assert_eq!(renamed, db.view(group, people[0]).await.conversation);
    assert_eq!(db.changes().await, [Change::ConversationUpdated(Arc::new(renamed.clone()))]);
    assert_eq!(db.conversations.rename(group, Some(&title("New"))).await.unwrap(), renamed);
    assert_eq!(db.changes().await, []);
    let bare = db.conversations.rename(group, None).await.unwrap();
    assert_eq!((bare.rev, bare.title), (3, None));
    let direct = db.direct(people[0], people[1]).await;
    refused!(db.conversations.rename(direct, Some(&title("We"))), DomainError::DirectFixed);
}

async fn reading_moves_forward_only(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    for text in ["one", "two", "three"] {
        db.send(group, people[0], text).await;
    }
    db.changes().await;
    assert_eq!(db.view(group, people[0]).await.unread_count(), 0);
    assert_eq!(db.view(group, people[1]).await.unread_count(), 3);
    let read = |seq| Change::Read { conversation: group, user: people[1], seq, told: true };
    for (asked, kept, change) in
        [(2, 2, Some(read(2))), (1, 2, None), (2, 2, None), (u64::MAX, 3, Some(read(3)))]
    {
        let view = db.conversations.mark_read(group, people[1], asked).await.unwrap();
        assert_eq!((view.read_seq, view.conversation.rev), (kept, 3));
        assert_eq!(view, db.view(group, people[1]).await);
        assert_eq!(db.changes().await, change.into_iter().collect::<Vec<_>>());
    }
    let sent = db.send(group, people[1], "four").await;
    assert_eq!(db.view(group, people[1]).await.read_seq, sent.seq);
    assert_eq!(db.changes().await, [Change::MessageCreated(Arc::new(sent))]);
    assert_eq!(db.view(group, people[0]).await.unread_count(), 1);
}

async fn large_conversations_do_not_tell_reads(db: Backend) {
    let people = db.crowd(101).await;
    let general = db.general().await;
    db.send(general, people[0], "hello").await;
    db.changes().await;
    db.conversations.mark_read(general, people[1], 1).await.unwrap();
    let untold = Change::Read { conversation: general, user: people[1], seq: 1, told: false };
    assert_eq!(db.changes().await, [untold]);
}

async fn deleting_takes_everything_along(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    let message = db.send(group, people[0], "treasure").await;
    db.messages.react(message.id, people[1], &emoji("👍"), true).await.unwrap();
    db.changes().await;
    db.conversations.delete(group).await.unwrap();
    assert_eq!(db.changes().await, [Change::ConversationDeleted(group)]);
    refused!(db.conversations.view(group, people[0]), DomainError::NotFound(_));
    assert_eq!(db.messages.find(message.id).await.unwrap(), None);
    assert_eq!(db.find("treasure", people[0]).await, []);
    assert_eq!(db.conversations.ids_of(people[0]).await.unwrap(), [db.general().await]);
    refused!(db.messages.append(&a_message(group, people[0], "x")), DomainError::NotFound("conversation"));
    db.conversations.delete(group).await.unwrap();
    assert_eq!(db.changes().await, []);
}

async fn channels_are_browsed(db: Backend) {
    let people = db.crowd(2).await;
    for name in ["São Paulo", "sports", "Zoo"] {
        let channel = db.channel(people[0], name).await;
        db.send(channel, people[0], "hello").await;
    }
    db.create(a_conversation(Group, Some("São group"), people[0], &[])).await;
    let titles = |query: &'static str| {
        let (channels, reader) = (db.conversations.clone(), people[1]);
        async move {
            let page = channels.channels(reader, query, None, 9).await.unwrap();
            page.channels
                .iter()
                .map(|view| view.conversation.title.as_ref().unwrap().as_str().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(titles("").await, ["general", "sports", "São Paulo", "Zoo"]);
    assert_eq!(titles("PAU").await, ["São Paulo"]);
    assert_eq!(titles("sao").await, ["São Paulo"]);
    assert_eq!(titles("o").await, ["sports", "São Paulo", "Zoo"]);
    assert_eq!(titles("%").await, Vec::<String>::new());

    let page = db.conversations.channels(people[1], "zo", None, 9).await.unwrap();
    let seen = &page.channels[0];
    assert_eq!((seen.conversation.last_seq, &seen.conversation.last_message), (1, &None));
    assert_eq!((seen.unread_count(), seen.muted), (0, false));
    let page = db.conversations.channels(people[0], "zo", None, 9).await.unwrap();
    assert_eq!(page.channels, [db.view(page.channels[0].conversation.id, people[0]).await]);

    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = db.conversations.channels(people[1], "", after.as_deref(), 1).await.unwrap();
        all.extend(ids(&page.channels));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let whole = db.conversations.channels(people[1], "", None, 9).await.unwrap();
    assert_eq!((all, whole.next), (ids(&whole.channels), None));
}
