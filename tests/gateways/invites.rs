//! Links that lead into a conversation.

use chatconnect::{
    adapters::gateways::system::RandomIds,
    domain::{
        entities::{
            ids::{ConversationId, InviteId, UserId},
            invite::Invite,
            timestamp::Timestamp,
        },
        interfaces::id_generator::IdGenerator,
    },
};

use super::fixture::*;

contract!(
    what_is_made_is_found,
    uses_are_counted_up_to_the_last,
    of_many_who_take_the_last_use_one_gets_it,
    what_is_over_is_forgotten,
    what_is_taken_back_is_gone,
);

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

fn an_invite(conversation: ConversationId, creator: UserId) -> Invite {
    Invite {
        id: InviteId::from_uuid(RandomIds.secret()),
        conversation,
        creator,
        created_at: NOW,
        expires_at: None,
        uses: 0,
        max_uses: None,
    }
}

async fn what_is_made_is_found(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    let endless = an_invite(group, people[0]);
    let bounded = Invite {
        created_at: later(1),
        expires_at: Some(later(3_600_000)),
        max_uses: Some(3),
        ..an_invite(group, people[1])
    };
    for invite in [&endless, &bounded] {
        db.invites.insert(invite).await.unwrap();
        assert_eq!(db.invites.find(invite.id).await.unwrap().as_ref(), Some(invite));
    }
    assert_eq!(db.invites.of_conversation(group).await.unwrap(), [bounded, endless]);
    let unknown = an_invite(group, people[0]);
    assert_eq!(db.invites.find(unknown.id).await.unwrap(), None);
    assert!(!db.invites.take(unknown.id, NOW).await.unwrap());
}

async fn uses_are_counted_up_to_the_last(db: Backend) {
    let people = db.crowd(1).await;
    let invite =
        Invite { max_uses: Some(2), expires_at: Some(later(10)), ..an_invite(conversation_id(), people[0]) };
    db.invites.insert(&invite).await.unwrap();
    assert!(!db.invites.take(invite.id, later(10)).await.unwrap());
    for is_taken in [true, true, false] {
        assert_eq!(db.invites.take(invite.id, later(9)).await.unwrap(), is_taken);
    }
    assert_eq!(db.invites.find(invite.id).await.unwrap().unwrap().uses, 2);
    db.invites.give_back(invite.id).await.unwrap();
    assert!(db.invites.take(invite.id, NOW).await.unwrap());
    let endless = an_invite(invite.conversation, people[0]);
    db.invites.insert(&endless).await.unwrap();
    db.invites.give_back(endless.id).await.unwrap();
    assert!(db.invites.take(endless.id, later(i64::from(u32::MAX))).await.unwrap());
    assert_eq!(db.invites.find(endless.id).await.unwrap().unwrap().uses, 1);
}

async fn of_many_who_take_the_last_use_one_gets_it(db: Backend) {
    let people = db.crowd(1).await;
    let invite = Invite { max_uses: Some(1), ..an_invite(conversation_id(), people[0]) };
    db.invites.insert(&invite).await.unwrap();
    let takes = (0..16).map(|_| db.invites.take(invite.id, NOW));
    let taken: Vec<bool> =
        futures_util::future::join_all(takes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

async fn what_is_over_is_forgotten(db: Backend) {
    let people = db.crowd(1).await;
    let (here, elsewhere) = (conversation_id(), conversation_id());
    let over = |conversation| Invite { expires_at: Some(later(5)), ..an_invite(conversation, people[0]) };
    let used = Invite { max_uses: Some(1), ..an_invite(here, people[0]) };
    let (mine, others) = (over(here), over(elsewhere));
    for invite in [&used, &mine, &others] {
        db.invites.insert(invite).await.unwrap();
    }
    assert!(db.invites.take(used.id, NOW).await.unwrap());
    let next = Invite { created_at: later(5), ..an_invite(here, people[0]) };
    db.invites.insert(&next).await.unwrap();
    assert_eq!(db.invites.of_conversation(here).await.unwrap(), [next]);
    assert_eq!(db.invites.of_conversation(elsewhere).await.unwrap(), [others]);
}

async fn what_is_taken_back_is_gone(db: Backend) {
    let people = db.crowd(1).await;
    let (here, elsewhere) = (conversation_id(), conversation_id());
    let [one, two, three] =
        [an_invite(here, people[0]), an_invite(here, people[0]), an_invite(elsewhere, people[0])];
    for invite in [&one, &two, &three] {
        db.invites.insert(invite).await.unwrap();
    }
    assert!(!db.invites.delete(elsewhere, one.id).await.unwrap());
    assert!(db.invites.delete(here, one.id).await.unwrap());
    assert!(!db.invites.delete(here, one.id).await.unwrap());
    assert_eq!(db.invites.of_conversation(here).await.unwrap(), [two]);
    db.invites.delete_all(here).await.unwrap();
    assert_eq!(db.invites.of_conversation(here).await.unwrap(), []);
    assert_eq!(db.invites.find(three.id).await.unwrap(), Some(three));
}
