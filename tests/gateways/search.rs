use chatconnect::domain::{
    entities::{
        ids::{ConversationId, MessageId},
        message::Message,
        search_text::{SearchQuery, tokens},
    },
    error::DomainError,
    interfaces::message_repository::{NewMessage, SearchFilter},
};
use uuid::Uuid;

use super::fixture::*;

const ANYTHING: SearchFilter =
    SearchFilter { conversation: None, sender: None, since: None, until: None, has: None };

fn within(conversation: Option<ConversationId>) -> SearchFilter {
    SearchFilter { conversation, ..ANYTHING }
}

contract!(
    every_language_is_found,
    hits_come_newest_first_in_pages,
    hits_of_one_millisecond_are_paged_by_id,
    people_find_their_own_conversations_only,
    one_conversation_is_searched,
    hits_are_of_one_person_and_of_a_time,
    whoever_is_in_many_conversations_finds_all,
    what_lies_beneath_many_messages_is_found,
    what_is_common_elsewhere_is_found_where_it_is_rare,
    no_text_looks_like_another_conversation,
    nothing_is_a_command_to_the_index,
);

async fn every_language_is_found(db: Backend) {
    let ana = db.user("ana").await;
    let group = db.group(ana, &[]).await;
    for (text, query) in [
        ("Reunião amanhã às 10h", "REUNIAO aman"),
        ("The quick brown fox", "fox quick"),
        ("Die Straße ist groß", "strasse gross"),
        ("我在北京大学学习", "北京大学"),
        ("東京タワーに行く", "タワー"),
        ("สวัสดีครับ ยินดีต้อนรับ", "ต้อนรับ"),
        ("مُحَمَّد يكتب رسالة", "محمد"),
        ("Зелёная ёлка", "елка"),
        ("deployed 🎉", "🎉"),
        ("don't use foo_bar-baz v1.2.3", "foo_bar v1.2"),
    ] {
        let sent = db.send(group, ana, text).await;
        assert_eq!(db.find(query, ana).await, [sent.id], "{query} in {text}");
    }
    assert_eq!(db.find("quick strasse", ana).await, []);
    assert_eq!(db.find("qui brown", ana).await, []);
}

async fn hits_come_newest_first_in_pages(db: Backend) {
    let ana = db.user("ana").await;
    let (group, general) = (db.group(ana, &[]).await, db.general().await);
    let mut sent = Vec::new();
    for number in 0..25 {
        let conversation = if number % 2 == 0 { group } else { general };
        sent.push(db.send(conversation, ana, &format!("common word {number}")).await.id);
        db.send(group, ana, "another").await;
    }
    sent.reverse();
    let query = SearchQuery::parse("common").unwrap();
    for size in [1, 4, 5, 24, 25, 26] {
        let (mut all, mut before) = (Vec::new(), None::<String>);
        loop {
            let page = db.messages.search(ana, &query, &ANYTHING, before.as_deref(), size).await.unwrap();
            assert!(page.messages.len() <= size as usize);
            all.extend(page.messages.iter().map(|message| message.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(all, sent, "{size} a page");
    }
    let page = db.messages.search(ana, &query, &ANYTHING, None, 1).await.unwrap();
    assert_eq!(page.messages, [db.messages.find(sent[0]).await.unwrap().unwrap()]);
    let wrong = db.messages.search(ana, &query, &ANYTHING, Some("no cursor"), 1);
    let error = refused!(wrong, DomainError::Invalid(_));
    assert_eq!(error.fields()[0].field, "cursor");
}

async fn hits_of_one_millisecond_are_paged_by_id(db: Backend) {
    let ana = db.user("ana").await;
    let group = db.group(ana, &[]).await;
    let mut expected = Vec::new();
    // Three milliseconds, whose ids come in another order than the messages.
    for millis in 0..3_u128 {
        for number in [5_u128, 1, 4, 2, 3] {
            let id = MessageId::from_uuid(Uuid::from_u128((0x0199 << 112) | millis << 80 | 7 << 76 | number));
            let new = NewMessage { id, ..a_message(group, ana, "same moment") };
            db.messages.append(&new).await.unwrap();
            assert_eq!(db.messages.find(id).await.unwrap().unwrap().id, id);
            expected.push(id);
        }
    }
    expected.sort_unstable();
    expected.reverse();
    let query = SearchQuery::parse("same moment").unwrap();
    for size in 1..=16 {
        let (mut all, mut before) = (Vec::new(), None::<String>);
        loop {
            let page = db.messages.search(ana, &query, &ANYTHING, before.as_deref(), size).await.unwrap();
            all.extend(page.messages.iter().map(|message| message.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(all, expected, "{size} a page");
    }
}

async fn people_find_their_own_conversations_only(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &[people[1]]).await;
    let sent = db.send(group, people[0], "secret plan").await;
    assert_eq!(db.find("secret", people[1]).await, [sent.id]);
    assert_eq!(db.find("secret", people[2]).await, []);
    assert_eq!(db.find("secret", user_id()).await, []);
    db.conversations.remove_member(group, people[1]).await.unwrap();
    assert_eq!(db.find("secret", people[1]).await, []);
    db.conversations.add_members(group, &people[1..], at(9)).await.unwrap();
    assert_eq!(db.find("secret", people[2]).await, [sent.id]);
}

async fn one_conversation_is_searched(db: Backend) {
    let people = db.crowd(2).await;
    let (one, two) = (db.group(people[0], &[]).await, db.group(people[0], &[people[1]]).await);
    let (first, second) = (db.send(one, people[0], "tea").await, db.send(two, people[0], "tea").await);
    assert_eq!(db.find("tea", people[0]).await, [second.id, first.id]);
    let query = SearchQuery::parse("tea").unwrap();
    for (user, conversation, found) in [
        (people[0], one, vec![first.clone()]),
        (people[0], two, vec![second]),
        (people[1], one, vec![]),
        (people[0], conversation_id(), vec![]),
    ] {
        let page = db.messages.search(user, &query, &within(Some(conversation)), None, 9).await.unwrap();
        assert_eq!((page.messages, page.next), (found, None));
    }
}

async fn whoever_is_in_many_conversations_finds_all(db: Backend) {
    let people = db.crowd(2).await;
    let mut sent = Vec::new();
    for number in 0..60 {
        let group = db.group(people[number % 2], &[]).await;
        sent.push(db.send(group, people[number % 2], "needle").await.id);
        let mine = db.group(people[0], &[]).await;
        db.send(mine, people[0], "hay").await;
    }
    let mine: Vec<_> = sent.iter().step_by(2).rev().copied().collect();
    assert_eq!(db.find("needle", people[0]).await, mine);
    assert_eq!(db.find("needle", people[1]).await.len(), 30);
}

async fn what_lies_beneath_many_messages_is_found(db: Backend) {
    let people = db.crowd(2).await;
    let (ana, bob) = (people[0], people[1]);
    let (loud, quiet, others) =
        (db.group(ana, &[bob]).await, db.group(ana, &[]).await, db.group(bob, &[]).await);
    let mut texts: Vec<(ConversationId, String)> = Vec::new();
    for number in 0..30 {
        let room = [loud, quiet, others][number % 3];
        texts.push((room, format!("needle{} common rarely said", number % 4)));
    }
    for number in 0..800 {
        let room = if number % 5 == 0 { others } else { loud };
        let seldom = if number % 150 == 7 { "seldom" } else { "straw" };
        texts.push((room, format!("common hay {seldom} heard {number}")));
    }
    texts.push((quiet, "the newest hay".to_owned()));
    let mut sent = Vec::new();
    for some in texts.chunks(100) {
        let sends =
            some.iter().map(|(room, text)| db.send(*room, if *room == others { bob } else { ana }, text));
        sent.extend(futures_util::future::join_all(sends).await);
    }
    sent.sort_unstable_by_key(|message| std::cmp::Reverse(message.id));
    for text in [
        "heard",
        "hear",
        "needle",
        "needle2",
        "needle2 common",
        "common needle",
        "comm",
        "common hay",
        "hay common",
        "hay seld",
        "seldom",
        "seldom co",
        "rarely",
        "said ra",
        "s",
        "hay needle",
        "nothing",
        "common nothing",
        "newest",
    ] {
        let query = SearchQuery::parse(text).unwrap();
        for only in [None, Some(quiet), Some(loud)] {
            let is_hit = |message: &&Message| {
                let mine = [loud, quiet].contains(&message.conversation);
                let wanted = only.is_none_or(|only| only == message.conversation);
                mine && wanted && query.matches(&tokens(message.body.as_ref().unwrap().as_str()))
            };
            let expected: Vec<MessageId> = sent.iter().filter(is_hit).map(|message| message.id).collect();
            let (mut all, mut before) = (Vec::new(), None::<String>);
            loop {
                let page =
                    db.messages.search(ana, &query, &within(only), before.as_deref(), 60).await.unwrap();
                all.extend(page.messages.iter().map(|message| message.id));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(all, expected, "{text} in {only:?}");
        }
    }
}

async fn hits_are_of_one_person_and_of_a_time(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &people[1..]).await;
    let mut sent = Vec::new();
    for number in 0..20 {
        let new = NewMessage {
            created_at: at(1_000 + number / 2),
            ..a_message(group, people[usize::from(number % 3 == 0)], &format!("tea {number}"))
        };
        sent.push(db.messages.append(&new).await.unwrap().0);
    }
    sent.reverse();
    for text in ["tea", "te", "tea 1", "nothing"] {
        let query = SearchQuery::parse(text).unwrap();
        for sender in [None, Some(people[0]), Some(people[1]), Some(user_id())] {
            for (since, until) in
                [(None, None), (Some(1_003), None), (None, Some(1_007)), (Some(1_003), Some(1_007))]
            {
                let filter = SearchFilter {
                    sender,
                    since: since.map(at),
                    until: until.map(at),
                    ..within(Some(group))
                };
                let is_hit = |message: &&Message| {
                    let time = message.created_at;
                    sender.is_none_or(|sender| sender == message.sender)
                        && since.is_none_or(|since| time >= at(since))
                        && until.is_none_or(|until| time < at(until))
                        && query.matches(&tokens(message.body.as_ref().unwrap().as_str()))
                };
                let expected: Vec<MessageId> = sent.iter().filter(is_hit).map(|message| message.id).collect();
                let (mut all, mut before) = (Vec::new(), None::<String>);
                loop {
                    let page =
                        db.messages.search(people[1], &query, &filter, before.as_deref(), 3).await.unwrap();
                    all.extend(page.messages.iter().map(|message| message.id));
                    before = page.next;
                    if before.is_none() {
                        break;
                    }
                }
                assert_eq!(all, expected, "{text} {filter:?}");
            }
        }
    }
}

async fn what_is_common_elsewhere_is_found_where_it_is_rare(db: Backend) {
    let people = db.crowd(2).await;
    let (mine, others) = (db.group(people[0], &[]).await, db.group(people[1], &[]).await);
    let mut expected = Vec::new();
    for number in 0..3 {
        expected.push(db.send(mine, people[0], &format!("incident {number}")).await.id);
    }
    for _ in 0..11 {
        futures_util::future::join_all((0..500).map(|_| db.send(mine, people[0], "ordinary"))).await;
    }
    for _ in 0..10 {
        db.send(others, people[1], "incident").await;
    }
    expected.reverse();
    for text in ["incid", "incident", "ordinary incid"] {
        let expected = if text.starts_with("incid") { expected.as_slice() } else { &[] };
        assert_eq!(db.find(text, people[0]).await, expected, "{text}");
    }
}

async fn no_text_looks_like_another_conversation(db: Backend) {
    let people = db.crowd(2).await;
    let (mine, other) = (db.group(people[0], &[]).await, db.group(people[1], &[]).await);
    let token = mine.as_uuid().simple();
    db.send(other, people[1], &format!("bait {token} c{token} \u{e000}{token}")).await;
    assert_eq!(db.find("bait", people[0]).await, []);
    let sent = db.send(mine, people[0], "fish").await;
    for forged in [format!("\u{e000}{token}"), format!("c{token}"), token.to_string()] {
        assert_eq!(db.find(&forged, people[0]).await, [], "{forged}");
    }
    assert_eq!(db.find("fish", people[0]).await, [sent.id]);
}

async fn nothing_is_a_command_to_the_index(db: Backend) {
    let ana = db.user("ana").await;
    let group = db.group(ana, &[]).await;
    let sent = db.send(group, ana, "and or not near tokens").await;
    for query in [
        "AND",
        "or OR",
        "NOT and",
        "\"near\"",
        "near(or",
        "tokens:and",
        "(or)",
        "or*",
        "-not",
        "^and",
        "and'--",
    ] {
        assert_eq!(db.find(query, ana).await, [sent.id], "{query}");
    }
    for query in ["x\" OR \"and", "tokens:x", "NEAR(x, 1)"] {
        assert_eq!(db.find(query, ana).await, [], "{query}");
    }
}
