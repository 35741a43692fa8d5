use std::collections::HashMap;

use chatconnect::domain::{
    entities::{
        conversation::ConversationView,
        ids::{ConversationId, UserId},
        message::Message,
    },
    interfaces::message_repository::{SyncLimits, SyncPage},
};

use super::fixture::*;

contract!(
    a_new_client_gets_the_newest_of_everything,
    a_client_that_is_up_to_date_gets_the_reads_alone,
    what_changed_comes_by_rev,
    who_left_is_told_so,
    who_is_far_behind_or_ahead_starts_again,
    large_answers_come_in_parts,
    a_new_conversation_comes_whole,
    a_client_that_syncs_ends_as_one_that_never_left,
    many_at_once_get_what_each_would_get_alone,
);

const LIMITS: SyncLimits = SyncLimits { messages: 100, recent: 5, reset_after: 20 };

async fn sync(db: &Backend, user: UserId, cursors: &[(ConversationId, u64)], limits: SyncLimits) -> SyncPage {
    db.messages.sync(user, &cursors.iter().copied().collect(), limits).await.unwrap()
}

fn seqs(page: &SyncPage) -> Vec<u64> {
    page.messages.iter().map(|message| message.seq).collect()
}

/// Two people in a group; general stays empty.
async fn pair(db: &Backend) -> (UserId, UserId, ConversationId, ConversationId) {
    let (ana, bob) = (db.user("ana").await, db.user("bob").await);
    (ana, bob, db.group(ana, &[bob]).await, db.general().await)
}

async fn a_new_client_gets_the_newest_of_everything(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    let mut sent = Vec::new();
    for number in 0..8 {
        sent.push(db.send(group, ana, &format!("n{number}")).await);
    }
    // A change to one of the newest moves it to its rev; one to an older message does not bring it along.
    sent[5] = db.messages.edit(sent[5].id, &body("edited"), at(9)).await.unwrap();
    db.messages.delete(sent[0].id, at(9)).await.unwrap();
    let page = sync(&db, bob, &[], LIMITS).await;
    assert_eq!(ids(&page.conversations), [group, general]);
    for view in &page.conversations {
        assert_eq!(*view, db.view(view.conversation.id, bob).await);
    }
    assert_eq!(seqs(&page), [4, 5, 7, 8, 6]);
    assert_eq!(page.messages[4], sent[5]);
    assert_eq!(page.reads, HashMap::from([(group, 0), (general, 0)]));
    assert!(page.complete && page.removed.is_empty() && page.reset.is_empty());
    assert_eq!(sync(&db, user_id(), &[], LIMITS).await, SyncPage { complete: true, ..SyncPage::default() });
}

async fn a_client_that_is_up_to_date_gets_the_reads_alone(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    db.send(group, ana, "hello").await;
    db.conversations.mark_read(group, bob, 1).await.unwrap();
    let page = sync(&db, bob, &[(group, 1), (general, 1)], LIMITS).await;
    let reads = HashMap::from([(group, 1), (general, 0)]);
    assert_eq!(page, SyncPage { reads, complete: true, ..SyncPage::default() });
}

async fn what_changed_comes_by_rev(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    let mut sent = Vec::new();
    for number in 0..4 {
        sent.push(db.send(group, ana, &format!("n{number}")).await);
    }
    let edited = db.messages.edit(sent[0].id, &body("edited"), at(9)).await.unwrap();
    let deleted = db.messages.delete(sent[2].id, at(9)).await.unwrap();
    let page = sync(&db, bob, &[(group, 3), (general, 1)], LIMITS).await;
    assert_eq!(page.messages, [sent[3].clone(), edited, deleted.clone()]);
    assert_eq!(page.conversations, [db.view(group, bob).await]);
    assert!(page.complete && page.reset.is_empty());
    let page = sync(&db, bob, &[(group, 5), (general, 1)], LIMITS).await;
    assert_eq!(page.messages, [deleted]);
    // A change of the conversation alone brings the object alone.
    db.conversations.rename(group, Some(&title("New"))).await.unwrap();
    let page = sync(&db, bob, &[(group, 6), (general, 1)], LIMITS).await;
    assert_eq!((page.messages.len(), page.conversations), (0, vec![db.view(group, bob).await]));
}

async fn who_left_is_told_so(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    let (other, gone) = (db.group(ana, &[bob]).await, conversation_id());
    db.send(group, ana, "hello").await;
    db.conversations.remove_member(group, bob).await.unwrap();
    db.conversations.delete(other).await.unwrap();
    let page = sync(&db, bob, &[(gone, 0), (other, 0), (group, 0), (general, 1)], LIMITS).await;
    let mut expected = vec![group, other, gone];
    expected.sort_unstable();
    assert_eq!(page.removed, expected);
    assert_eq!((page.messages.len(), page.conversations.len()), (0, 0));
    assert_eq!(page.reads.keys().collect::<Vec<_>>(), [&general]);
    // Who comes back gets what was missed, like everybody.
    db.conversations.add_members(group, &[bob], at(9)).await.unwrap();
    let page = sync(&db, bob, &[(group, 0), (general, 1)], LIMITS).await;
    assert_eq!((seqs(&page), page.reads[&group]), (vec![1], 1));
}

async fn who_is_far_behind_or_ahead_starts_again(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    for number in 0..25 {
        db.send(group, ana, &format!("n{number}")).await;
    }
    for (cursor, seqs_expected, reset) in [
        (5, (6..=25).collect::<Vec<_>>(), vec![]),
        (4, (21..=25).collect(), vec![group]),
        (0, (21..=25).collect(), vec![group]),
        (26, (21..=25).collect(), vec![group]),
        (u64::MAX, (21..=25).collect(), vec![group]),
    ] {
        let page = sync(&db, bob, &[(group, cursor), (general, 1)], LIMITS).await;
        assert_eq!((seqs(&page), &page.reset), (seqs_expected, &reset), "{cursor}");
        assert_eq!((ids(&page.conversations), page.complete), (vec![group], true));
    }
}

async fn large_answers_come_in_parts(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    let other = db.direct(ana, bob).await;
    for number in 0..7 {
        db.send(group, ana, &format!("n{number}")).await;
    }
    db.send(other, ana, "other").await;
    db.conversations.rename(group, Some(&title("New"))).await.unwrap();
    let limits = SyncLimits { messages: 3, ..LIMITS };
    // The same moment: the greater id comes first.
    let page = sync(&db, bob, &[(group, 0), (other, 0), (general, 1)], limits).await;
    let places: Vec<_> = page.messages.iter().map(|m| (m.conversation, m.seq)).collect();
    assert_eq!(places, [(other, 1), (group, 1), (group, 2)]);
    assert_eq!((ids(&page.conversations), page.complete), (vec![other], false));
    let page = sync(&db, bob, &[(group, 2), (other, 1), (general, 1)], limits).await;
    assert_eq!((seqs(&page), page.conversations.len(), page.complete), (vec![3, 4, 5], 0, false));
    let page = sync(&db, bob, &[(group, 5), (other, 1), (general, 1)], limits).await;
    assert_eq!((seqs(&page), ids(&page.conversations), page.complete), (vec![6, 7], vec![group], true));
    assert_eq!(page.conversations[0].conversation.rev, 8);
}

async fn a_new_conversation_comes_whole(db: Backend) {
    let (ana, bob, group, general) = pair(&db).await;
    for number in 0..4 {
        db.send(general, ana, &format!("g{number}")).await;
    }
    for number in 0..4 {
        db.send(group, ana, &format!("n{number}")).await;
    }
    let limits = SyncLimits { messages: 5, ..LIMITS };
    let page = sync(&db, bob, &[], limits).await;
    assert_eq!((ids(&page.conversations), page.messages.len(), page.complete), (vec![group], 4, false));
    let page = sync(&db, bob, &[(group, 4)], limits).await;
    assert_eq!((ids(&page.conversations), page.messages.len(), page.complete), (vec![general], 4, true));
    // One that fits on no page comes cut.
    let page = sync(&db, bob, &[(group, 4)], SyncLimits { messages: 2, ..LIMITS }).await;
    assert_eq!((ids(&page.conversations), seqs(&page), page.complete), (vec![general], vec![3, 4], true));
}

/// A client as the contract describes it.
#[derive(Default)]
struct Client {
    views: HashMap<ConversationId, ConversationView>,
    revs: HashMap<ConversationId, u64>,
    messages: HashMap<ConversationId, HashMap<u64, Message>>,
}

impl Client {
    async fn sync(&mut self, db: &Backend, user: UserId, limits: SyncLimits) {
        for _ in 0..1_000 {
            let page = db.messages.sync(user, &self.revs, limits).await.unwrap();
            assert!(page.messages.len() <= limits.messages);
            for id in page.removed.iter().chain(&page.reset) {
                self.views.remove(id);
                self.revs.remove(id);
                self.messages.remove(id);
            }
            for message in page.messages {
                let rev = self.revs.entry(message.conversation).or_default();
                *rev = message.rev.max(*rev);
                self.messages.entry(message.conversation).or_default().insert(message.seq, message);
            }
            for view in page.conversations {
                self.revs.insert(view.conversation.id, view.conversation.rev);
                self.views.insert(view.conversation.id, view);
            }
            for (id, read) in page.reads {
                if let Some(view) = self.views.get_mut(&id) {
                    view.read_seq = read;
                }
            }
            if page.complete {
                return;
            }
        }
        panic!("sync never ends");
    }
}

async fn a_client_that_syncs_ends_as_one_that_never_left(db: Backend) {
    let people = db.crowd(4).await;
    let (one, two) = (db.group(people[0], &people[1..]).await, db.direct(people[0], people[1]).await);
    let limits = SyncLimits { messages: 7, recent: 7, reset_after: 1_000 };
    let (mut client, me) = (Client::default(), people[1]);
    let mut sent: Vec<Message> = Vec::new();
    for round in 0..120_usize {
        let conversation = if round % 3 == 0 { two } else { one };
        sent.push(db.send(conversation, people[0], &format!("message {round}")).await);
        let earlier = sent[round * 7 % sent.len()].id;
        match round % 5 {
            0 => drop(db.messages.edit(earlier, &body(&format!("edit {round}")), at(round as i64)).await),
            1 => drop(db.messages.react(earlier, people[2], &emoji("👍"), true).await),
            2 => drop(db.messages.delete(earlier, at(round as i64)).await),
            3 => drop(db.conversations.mark_read(conversation, me, round as u64 / 3).await),
            _ => drop(db.conversations.rename(one, Some(&title(&format!("t{round}")))).await),
        }
        if round % 11 == 0 {
            client.sync(&db, me, limits).await;
        }
    }
    client.sync(&db, me, limits).await;
    for view in db.conversations.list(me).await.unwrap() {
        let id = view.conversation.id;
        assert_eq!(client.views[&id], view);
        let Some(mine) = client.messages.get(&id) else { continue };
        let first = *mine.keys().min().unwrap();
        for message in sent.iter().filter(|m| m.conversation == id && m.seq >= first) {
            assert_eq!(Some(&mine[&message.seq]), db.messages.find(message.id).await.unwrap().as_ref());
        }
        assert_eq!(mine.len() as u64, view.conversation.last_seq + 1 - first);
    }
}

async fn many_at_once_get_what_each_would_get_alone(db: Backend) {
    let people = db.crowd(6).await;
    let groups = [
        db.group(people[0], &people[1..]).await,
        db.group(people[0], &people[1..3]).await,
        db.group(people[3], &people[4..5]).await,
    ];
    for number in 0..30 {
        let sender = people[number % 3];
        let sent = db.send(groups[0], sender, &format!("first {number}")).await;
        db.send(groups[number % 2], people[number % 2], "second").await;
        db.send(groups[2], people[3], "third").await;
        if number % 7 == 0 {
            db.messages.edit(sent.id, &body("edited"), at(9)).await.unwrap();
        }
    }
    db.conversations.mark_read(groups[0], people[1], 7).await.unwrap();
    db.conversations.remove_member(groups[0], people[5]).await.unwrap();
    let revs = |user: UserId| {
        let conversations = &db.conversations;
        async move {
            let views = conversations.list(user).await.unwrap();
            views.into_iter().map(|view| (view.conversation.id, view.conversation.rev)).collect::<Vec<_>>()
        }
    };
    let mut asks: Vec<(UserId, HashMap<ConversationId, u64>, SyncLimits)> = Vec::new();
    for (place, person) in people.iter().chain([&user_id()]).enumerate() {
        let known = revs(*person).await;
        for behind in [0, 1, 5, 12, 25, 200] {
            // Some know nothing of some, and some of what they were never in.
            let mut cursors: HashMap<ConversationId, u64> = known
                .iter()
                .enumerate()
                .filter(|(number, _)| !(number + place + behind as usize).is_multiple_of(4))
                .map(|(_, (id, rev))| (*id, if behind == 200 { rev + 1 } else { rev.saturating_sub(behind) }))
                .collect();
            cursors.insert(groups[(place + 1) % 3], behind);
            for messages in [3, 10, 100] {
                asks.push((*person, cursors.clone(), SyncLimits { messages, recent: 5, reset_after: 20 }));
            }
        }
    }
    let mut alone = Vec::new();
    for (user, cursors, limits) in &asks {
        alone.push(db.messages.sync(*user, cursors, *limits).await.unwrap());
    }
    let at_once = asks.iter().map(|(user, cursors, limits)| db.messages.sync(*user, cursors, *limits));
    let together = futures_util::future::join_all(at_once).await;
    assert!(alone.iter().any(|page| !page.complete) && alone.iter().any(|page| !page.reset.is_empty()));
    for ((ask, alone), together) in asks.iter().zip(alone).zip(together) {
        let together = together.unwrap();
        // `reads` names what the person is in.
        assert!(together.messages.iter().all(|message| together.reads.contains_key(&message.conversation)));
        assert_eq!(together, alone, "{ask:?}");
    }
}
