//! Search for files and links, and without words.

use chatconnect::domain::{
    entities::{
        attachment::AttachmentKind,
        ids::{ConversationId, MessageId, UserId},
        message::Message,
        search_text::SearchQuery,
    },
    interfaces::message_repository::{Has, SearchFilter},
};

use super::fixture::*;

contract!(
    files_are_found_by_their_kind,
    links_are_found,
    without_words_come_the_newest_that_fit,
    words_and_the_rest_go_together,
    pages_of_files_follow_each_other,
);

async fn found(db: &Backend, user: UserId, words: &str, filter: SearchFilter) -> Vec<MessageId> {
    let query = match words {
        "" => SearchQuery::anything(),
        words => SearchQuery::parse(words).unwrap(),
    };
    let page = db.messages.search(user, &query, &filter, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.messages.iter().map(|message| message.id).collect()
}

fn has(has: Has) -> SearchFilter {
    SearchFilter { has: Some(has), ..SearchFilter::default() }
}

async fn with_file(
    db: &Backend,
    id: ConversationId,
    who: UserId,
    kind: AttachmentKind,
    text: &str,
) -> Message {
    let mut new = a_message(id, who, text);
    let mut file = an_upload(who).attachment;
    file.kind = kind;
    new.attachments.push(file);
    db.messages.append(&new).await.unwrap().0
}

async fn files_are_found_by_their_kind(db: Backend) {
    let people = db.crowd(3).await;
    let (group, other) = (db.group(people[0], &people[1..2]).await, db.group(people[0], &[]).await);
    let foreign = db.group(people[2], &[]).await;
    let image = with_file(&db, group, people[1], AttachmentKind::Image, "look").await;
    db.send(group, people[0], "nothing").await;
    let audio = with_file(&db, other, people[0], AttachmentKind::Audio, "listen").await;
    with_file(&db, foreign, people[2], AttachmentKind::Image, "a secret").await;
    let gone = with_file(&db, group, people[0], AttachmentKind::Image, "gone").await;
    db.messages.delete(gone.id, at(9)).await.unwrap();
    let ana = people[0];
    assert_eq!(found(&db, ana, "", has(Has::File)).await, [audio.id, image.id]);
    assert_eq!(found(&db, ana, "", has(Has::Kind(AttachmentKind::Image))).await, [image.id]);
    assert_eq!(found(&db, ana, "", has(Has::Kind(AttachmentKind::Audio))).await, [audio.id]);
    assert_eq!(found(&db, ana, "", has(Has::Kind(AttachmentKind::Video))).await, []);
    let here = SearchFilter { conversation: Some(group), ..has(Has::File) };
    assert_eq!(found(&db, ana, "", here).await, [image.id]);
    assert_eq!(found(&db, people[2], "", here).await, []);
    let by = |sender| SearchFilter { sender: Some(sender), ..has(Has::File) };
    assert_eq!(found(&db, ana, "", by(people[1])).await, [image.id]);
    assert_eq!(found(&db, ana, "", by(people[2])).await, []);
}

async fn links_are_found(db: Backend) {
    let ana = db.user("ana").await;
    let group = db.group(ana, &[]).await;
    let mut wanted = Vec::new();
    for (text, is_link) in [
        ("see https://example.org/a?b=c", true),
        ("HTTP://EXAMPLE.ORG", true),
        ("(http://localhost)", true),
        ("both http://a.example and https://b.example", true),
        ("http is a protocol", false),
        ("https: and // apart", false),
        ("xhttps://example.org", false),
        ("mailto:ana@example.org", false),
    ] {
        let message = db.send(group, ana, text).await;
        if is_link {
            wanted.insert(0, message.id);
        }
    }
    assert_eq!(found(&db, ana, "", has(Has::Link)).await, wanted);
    assert_eq!(found(&db, ana, "both", has(Has::Link)).await, wanted[..1]);
    assert_eq!(found(&db, ana, "protocol", has(Has::Link)).await, []);
    db.messages.delete(wanted[0], at(9)).await.unwrap();
    assert_eq!(found(&db, ana, "", has(Has::Link)).await, wanted[1..]);
}

async fn without_words_come_the_newest_that_fit(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &[people[1]]).await;
    let foreign = db.group(people[2], &[]).await;
    let mut by_bruno = Vec::new();
    for _ in 0..5 {
        db.send(group, people[0], "mine").await;
        by_bruno.insert(0, db.send(group, people[1], "his").await.id);
        db.send(foreign, people[2], "hers").await;
    }
    let by = |sender| SearchFilter { sender: Some(sender), ..SearchFilter::default() };
    assert_eq!(found(&db, people[0], "", by(people[1])).await, by_bruno);
    assert_eq!(found(&db, people[0], "", by(people[2])).await, []);
    let mut first =
        db.messages.search(people[0], &SearchQuery::anything(), &by(people[1]), None, 2).await.unwrap();
    let mut pages: Vec<MessageId> = Vec::new();
    loop {
        pages.extend(first.messages.iter().map(|message| message.id));
        let Some(next) = first.next else { break };
        let query = SearchQuery::anything();
        first = db.messages.search(people[0], &query, &by(people[1]), Some(&next), 2).await.unwrap();
    }
    assert_eq!(pages, by_bruno);
    let late = SearchFilter { since: Some(at(1_000_000_000)), ..SearchFilter::default() };
    assert_eq!(found(&db, people[0], "", late).await, []);
}

async fn words_and_the_rest_go_together(db: Backend) {
    let ana = db.user("ana").await;
    let group = db.group(ana, &[]).await;
    let image = with_file(&db, group, ana, AttachmentKind::Image, "a picture of goiabada").await;
    with_file(&db, group, ana, AttachmentKind::Image, "a picture of cheese").await;
    db.send(group, ana, "goiabada").await;
    assert_eq!(found(&db, ana, "goiab", has(Has::Kind(AttachmentKind::Image))).await, [image.id]);
    assert_eq!(found(&db, ana, "goiab", has(Has::Kind(AttachmentKind::Audio))).await, []);
}

async fn pages_of_files_follow_each_other(db: Backend) {
    let ana = db.user("ana").await;
    let groups = [db.group(ana, &[]).await, db.group(ana, &[]).await, db.group(ana, &[]).await];
    let mut wanted = Vec::new();
    for place in 0..20 {
        let message = with_file(&db, groups[place * place % 3], ana, AttachmentKind::File, "here").await;
        wanted.insert(0, message.id);
    }
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let (query, filter) = (SearchQuery::anything(), has(Has::File));
        let page = db.messages.search(ana, &query, &filter, cursor.as_deref(), 3).await.unwrap();
        assert!(page.messages.len() <= 3);
        pages.extend(page.messages.iter().map(|message| message.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, wanted);
}
