use std::{collections::HashMap, sync::Arc};

use chatconnect::domain::{
    entities::{
        change::Change,
        conversation::{ConversationKind::*, Role},
        ids::{ConversationId, UserId},
    },
    error::DomainError,
};

use super::fixture::*;

contract!(
    who_joins_has_read_everything,
    who_is_in_it_stays_as_they_are,
    who_leaves_is_gone,
    the_longest_standing_member_inherits,
    an_empty_group_is_deleted_and_an_empty_channel_is_not,
    direct_conversations_are_fixed,
    roles_change_and_there_is_one_owner,
    everybodys_read_position_is_known,
    large_conversations_do_not_tell_who_comes_and_goes,
    members_are_paged_in_the_order_in_which_they_joined,
);

async fn roles(db: &Backend, id: ConversationId, user: UserId) -> Vec<(UserId, Role)> {
    let members = db.view(id, user).await.conversation.members;
    members.iter().map(|member| (member.user, member.role)).collect()
}

async fn who_joins_has_read_everything(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &[]).await;
    db.send(group, people[0], "before").await;
    db.changes().await;
    let joined = db.conversations.add_members(group, &people[1..], at(2_000)).await.unwrap();
    assert_eq!((joined.rev, joined.member_count), (2, 3));
    let view = db.view(group, people[2]).await;
    assert_eq!((&view.conversation, view.read_seq, view.unread_count()), (&joined, 1, 0));
    let change =
        Change::MembersJoined { conversation: Arc::new(joined), users: people[1..].to_vec(), told: true };
    assert_eq!(db.changes().await, [change]);
}

async fn who_is_in_it_stays_as_they_are(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &[people[1]]).await;
    db.send(group, people[0], "x").await;
    let before = db.view(group, people[1]).await;
    db.changes().await;
    let same = db.conversations.add_members(group, &people[..2], at(9_000)).await.unwrap();
    assert_eq!(same, before.conversation);
    assert_eq!(db.view(group, people[1]).await, before);
    assert_eq!(db.changes().await, []);
    let twice = [people[2], people[1], people[2]];
    let more = db.conversations.add_members(group, &twice, at(9_000)).await.unwrap();
    assert_eq!((more.member_count, more.rev), (3, 2));
    let [Change::MembersJoined { users, .. }] = &db.changes().await[..] else { panic!() };
    assert_eq!(users, &[people[2]]);
    assert_eq!(roles(&db, group, people[0]).await[0], (people[0], Role::Owner));
    let error =
        refused!(db.conversations.add_members(group, &[user_id()], at(9_000)), DomainError::Invalid(_));
    assert_eq!(error.fields()[0].field, "memberIds");
}

async fn who_leaves_is_gone(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &people[1..]).await;
    db.changes().await;
    db.conversations.remove_member(group, people[1]).await.unwrap();
    refused!(db.conversations.view(group, people[1]), DomainError::NotMember);
    refused!(db.messages.append(&a_message(group, people[1], "x")), DomainError::NotMember);
    let after = db.view(group, people[0]).await.conversation;
    assert_eq!((after.rev, after.member_count, after.members.len()), (1, 2, 2));
    let change = Change::MemberLeft { conversation: Arc::new(after), user: people[1], told: true };
    assert_eq!(db.changes().await, [change]);
    db.conversations.remove_member(group, people[1]).await.unwrap();
    assert_eq!(db.changes().await, []);
    // Who comes back is a new member.
    db.conversations.add_members(group, &[people[1]], at(5_000)).await.unwrap();
    assert_eq!(roles(&db, group, people[0]).await[2], (people[1], Role::Member));
}

async fn the_longest_standing_member_inherits(db: Backend) {
    let people = db.crowd(4).await;
    let group = db.group(people[0], &[people[3]]).await;
    db.conversations.add_members(group, &[people[2]], at(1_001)).await.unwrap();
    db.conversations.add_members(group, &[people[1]], at(1_002)).await.unwrap();
    let rev = db.view(group, people[1]).await.conversation.rev;
    db.changes().await;
    db.conversations.remove_member(group, people[0]).await.unwrap();
    assert_eq!(
        roles(&db, group, people[1]).await,
        [(people[3], Role::Owner), (people[2], Role::Member), (people[1], Role::Member)]
    );
    let after = db.view(group, people[1]).await.conversation;
    assert_eq!(after.rev, rev + 1);
    let change = Change::MemberLeft { conversation: Arc::new(after), user: people[0], told: true };
    assert_eq!(db.changes().await, [change]);
    // A plain member who leaves changes nobody's role.
    db.conversations.remove_member(group, people[2]).await.unwrap();
    assert_eq!(roles(&db, group, people[1]).await, [(people[3], Role::Owner), (people[1], Role::Member)]);
}

async fn an_empty_group_is_deleted_and_an_empty_channel_is_not(db: Backend) {
    let people = db.crowd(2).await;
    let (group, channel) = (db.group(people[0], &[]).await, db.channel(people[0], "news").await);
    db.changes().await;
    db.conversations.remove_member(group, people[0]).await.unwrap();
    assert_eq!(db.changes().await, [Change::ConversationDeleted(group)]);
    refused!(db.conversations.view(group, people[0]), DomainError::NotFound(_));
    db.conversations.remove_member(channel, people[0]).await.unwrap();
    refused!(db.conversations.view(channel, people[0]), DomainError::NotMember);
    let [Change::MemberLeft { conversation, told: true, .. }] = &db.changes().await[..] else { panic!() };
    assert_eq!((conversation.member_count, conversation.rev), (0, 1));
    let joined = db.conversations.add_members(channel, &[people[1]], at(9)).await.unwrap();
    assert_eq!((joined.member_count, joined.members[0].role), (1, Role::Member));
}

async fn direct_conversations_are_fixed(db: Backend) {
    let people = db.crowd(3).await;
    let direct = db.direct(people[0], people[1]).await;
    db.changes().await;
    refused!(db.conversations.add_members(direct, &[people[2]], at(0)), DomainError::DirectFixed);
    refused!(db.conversations.remove_member(direct, people[0]), DomainError::DirectFixed);
    refused!(db.conversations.set_role(direct, people[0], Role::Admin), DomainError::DirectFixed);
    assert_eq!(db.changes().await, []);
}

async fn roles_change_and_there_is_one_owner(db: Backend) {
    let people = db.crowd(4).await;
    let group = db.group(people[0], &people[1..3]).await;
    db.changes().await;
    let after = db.conversations.set_role(group, people[2], Role::Admin).await.unwrap();
    assert_eq!(after, db.view(group, people[0]).await.conversation);
    assert_eq!(after.rev, 1);
    assert_eq!(db.changes().await, [Change::ConversationUpdated(Arc::new(after.clone()))]);
    let expected = [(people[0], Role::Owner), (people[1], Role::Member), (people[2], Role::Admin)];
    assert_eq!(sorted(roles(&db, group, people[0]).await), sorted(expected.to_vec()));

    assert_eq!(db.conversations.set_role(group, people[2], Role::Admin).await.unwrap(), after);
    let error = refused!(db.conversations.set_role(group, people[0], Role::Member), DomainError::Invalid(_));
    assert_eq!(error.fields()[0].field, "role");
    refused!(db.conversations.set_role(group, people[3], Role::Admin), DomainError::NotFound(_));
    refused!(db.conversations.set_role(conversation_id(), people[0], Role::Admin), DomainError::NotFound(_));
    assert_eq!(db.changes().await, []);

    let after = db.conversations.set_role(group, people[1], Role::Owner).await.unwrap();
    assert_eq!(after.rev, 2);
    assert_eq!(db.changes().await, [Change::ConversationUpdated(Arc::new(after))]);
    let expected = [(people[0], Role::Admin), (people[1], Role::Owner), (people[2], Role::Admin)];
    assert_eq!(sorted(roles(&db, group, people[0]).await), sorted(expected.to_vec()));
    let back = db.conversations.set_role(group, people[0], Role::Member).await.unwrap();
    assert_eq!(back.rev, 3);
    db.conversations.remove_member(group, people[1]).await.unwrap();
    let expected = [(people[0], Role::Member), (people[2], Role::Owner)];
    assert_eq!(sorted(roles(&db, group, people[0]).await), sorted(expected.to_vec()));
}

async fn everybodys_read_position_is_known(db: Backend) {
    let people = db.crowd(4).await;
    let group = db.group(people[0], &people[1..3]).await;
    let reads = async || {
        let reads: HashMap<_, _> = db.conversations.reads(group).await.unwrap().into_iter().collect();
        people.iter().map(|user| reads.get(user).copied()).collect::<Vec<_>>()
    };
    assert_eq!(reads().await, [Some(0), Some(0), Some(0), None]);
    for sender in [0, 1, 0, 1, 0] {
        db.send(group, people[sender], "x").await;
    }
    db.conversations.mark_read(group, people[2], 3).await.unwrap();
    assert_eq!(reads().await, [Some(5), Some(4), Some(3), None]);
    db.conversations.mark_read(group, people[1], 99).await.unwrap();
    db.conversations.remove_member(group, people[2]).await.unwrap();
    assert_eq!(reads().await, [Some(5), Some(5), None, None]);
    refused!(db.conversations.reads(conversation_id()), DomainError::NotFound(_));
}

fn sorted(mut roles: Vec<(UserId, Role)>) -> Vec<(UserId, Role)> {
    roles.sort_by_key(|(user, _)| *user);
    roles
}

async fn large_conversations_do_not_tell_who_comes_and_goes(db: Backend) {
    let people = db.crowd(102).await;
    let new = a_conversation(Channel, Some("crowd"), people[101], &people[..99]);
    let channel = db.create(new).await.conversation;
    assert_eq!((channel.member_count, channel.members.len(), channel.rev), (100, 100, 0));
    db.changes().await;
    // The 101st is not told any more …
    let large = db.conversations.add_members(channel.id, &[people[99]], at(5_000)).await.unwrap();
    assert_eq!((large.member_count, large.members.len(), large.rev), (101, 100, 0));
    assert_eq!(large.members, channel.members);
    let [Change::MembersJoined { told: false, .. }] = &db.changes().await[..] else { panic!() };
    // … and when somebody leaves and it is small again, that is.
    db.conversations.remove_member(channel.id, people[0]).await.unwrap();
    let [Change::MemberLeft { told: true, conversation, .. }] = &db.changes().await[..] else { panic!() };
    assert_eq!((conversation.member_count, conversation.rev), (100, 1));
    // The owner's going makes another one owner, which is told and takes a rev.
    db.conversations.add_members(channel.id, &[people[0], people[100]], at(6_000)).await.unwrap();
    db.changes().await;
    db.conversations.remove_member(channel.id, people[101]).await.unwrap();
    db.conversations.add_members(channel.id, &[people[101]], at(7_000)).await.unwrap();
    let before = db.view(channel.id, people[5]).await.conversation;
    assert_eq!(before.member_count, 102);
    db.changes().await;
    db.conversations.remove_member(channel.id, people[1]).await.unwrap();
    let after = db.view(channel.id, people[5]).await.conversation;
    assert_eq!((after.member_count, after.rev), (101, before.rev + 1));
    assert_eq!(after.members[0].role, Role::Owner);
    let after = Arc::new(after);
    assert_eq!(
        db.changes().await,
        [
            Change::MemberLeft { conversation: after.clone(), user: people[1], told: false },
            Change::ConversationUpdated(after),
        ]
    );
}

async fn members_are_paged_in_the_order_in_which_they_joined(db: Backend) {
    let people = db.crowd(5).await;
    let group = db.group(people[4], &[people[2]]).await;
    for (time, user) in [(3_000, people[0]), (2_000, people[3]), (2_000, people[1])] {
        db.conversations.add_members(group, &[user], at(time)).await.unwrap();
    }
    let expected = [people[2], people[4], people[1], people[3], people[0]];
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = db.conversations.members(group, after, 2).await.unwrap();
        all.extend(page.members.iter().map(|member| member.user));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(all, expected);
    let page = db.conversations.members(group, Some(expected[2]), 2).await.unwrap();
    assert_eq!((page.members.len(), page.next), (2, None));
    // A cursor that is no member (any more) begins again.
    let page = db.conversations.members(group, Some(user_id()), 1).await.unwrap();
    assert_eq!((page.members[0].user, page.next), (expected[0], Some(expected[0])));
}
