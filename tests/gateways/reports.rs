//! What somebody finds wrong with a message.

use chatconnect::domain::{
    entities::{
        ids::{MessageId, ReportId, UserId},
        message::Message,
        report::{Closing, Outcome, Reason, Report},
    },
    interfaces::report_repository::ReportPage,
};

use super::fixture::*;

contract!(
    a_report_is_found_until_it_is_closed,
    a_second_report_of_the_same_message_replaces_the_first,
    pages_follow_each_other,
    reports_go_with_the_conversation,
    messages_are_found_together,
    who_is_gone_is_named_by_no_report,
);

fn a_report(message: &Message, reporter: UserId, reason: &str) -> Report {
    Report {
        id: ReportId::from_uuid(uuid()),
        message: message.id,
        conversation: message.conversation,
        reporter: Some(reporter),
        reason: Reason::parse(reason).unwrap(),
        created_at: at(0),
        closing: None,
    }
}

async fn all(db: &Backend, open: bool) -> Vec<Report> {
    let ReportPage { reports, next } = db.reports.list(open, None, 100).await.unwrap();
    assert_eq!(next, None);
    reports
}

async fn a_report_is_found_until_it_is_closed(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &people[1..]).await;
    let (one, other) = (db.send(group, people[0], "one").await, db.send(group, people[0], "other").await);
    let reports = [
        a_report(&one, people[1], "rude"),
        a_report(&one, people[2], "so rude"),
        a_report(&other, people[1], "spam"),
    ];
    for report in &reports {
        db.reports.put(report).await.unwrap();
    }
    let [first, second, third] = reports;
    assert_eq!(all(&db, true).await, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(db.reports.find(second.id).await.unwrap(), Some(second.clone()));
    assert_eq!(db.reports.find(ReportId::from_uuid(uuid())).await.unwrap(), None);

    let dismissed = Closing { at: at(5), by: people[0], outcome: Outcome::Dismissed };
    let deleted = Closing { at: at(6), by: people[0], outcome: Outcome::Deleted };
    db.reports.close(first.id, dismissed).await.unwrap();
    let first = Report { closing: Some(dismissed), ..first };
    assert_eq!(all(&db, true).await, [third.clone(), second.clone()]);
    assert_eq!(all(&db, false).await, std::slice::from_ref(&first));
    // What is closed stays as it is.
    db.reports.close(first.id, deleted).await.unwrap();
    db.reports.close_all(one.id, deleted).await.unwrap();
    let second = Report { closing: Some(deleted), ..second };
    assert_eq!(all(&db, true).await, [third]);
    assert_eq!(all(&db, false).await, [second, first]);
}

async fn a_second_report_of_the_same_message_replaces_the_first(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    let message = db.send(group, people[0], "hello").await;
    let first = a_report(&message, people[1], "rude");
    db.reports.put(&first).await.unwrap();
    db.reports.put(&a_report(&message, people[1], "no, spam")).await.unwrap();
    let again = Report { reason: Reason::parse("no, spam").unwrap(), ..first };
    assert_eq!(all(&db, true).await, std::slice::from_ref(&again));
    let closing = Closing { at: at(5), by: people[0], outcome: Outcome::Dismissed };
    db.reports.close(again.id, closing).await.unwrap();
    db.reports.put(&a_report(&message, people[1], "no, spam")).await.unwrap();
    assert_eq!(all(&db, true).await, [again], "it is open again");
    assert_eq!(all(&db, false).await, []);
}

async fn pages_follow_each_other(db: Backend) {
    let people = db.crowd(2).await;
    let group = db.group(people[0], &[people[1]]).await;
    let mut wanted = Vec::new();
    for _ in 0..5 {
        let message = db.send(group, people[0], "hello").await;
        let report = a_report(&message, people[1], "rude");
        db.reports.put(&report).await.unwrap();
        wanted.insert(0, report.id);
    }
    let (mut found, mut before) = (Vec::new(), None);
    for size in [2, 2, 1] {
        let page = db.reports.list(true, before, 2).await.unwrap();
        assert_eq!(page.reports.len(), size);
        found.extend(page.reports.iter().map(|report| report.id));
        before = page.next;
    }
    assert_eq!((found, before), (wanted, None));
}

async fn reports_go_with_the_conversation(db: Backend) {
    let people = db.crowd(2).await;
    let (group, other) = (db.group(people[0], &[people[1]]).await, db.group(people[0], &[people[1]]).await);
    let (gone, kept) = (db.send(group, people[0], "hello").await, db.send(other, people[0], "hello").await);
    for message in [&gone, &kept] {
        db.reports.put(&a_report(message, people[1], "rude")).await.unwrap();
    }
    db.conversations.delete(group).await.unwrap();
    let left: Vec<MessageId> = all(&db, true).await.iter().map(|report| report.message).collect();
    assert_eq!(left, [kept.id]);
}

async fn messages_are_found_together(db: Backend) {
    let ana = db.user("ana").await;
    let group = db.group(ana, &[]).await;
    let (one, two) = (db.send(group, ana, "one").await, db.send(group, ana, "two").await);
    let mut found = db.messages.find_many(&[two.id, message_id(), one.id]).await.unwrap();
    found.sort_by_key(|message| message.seq);
    assert_eq!(found, [one, two]);
    assert_eq!(db.messages.find_many(&[]).await.unwrap(), []);
}

async fn who_is_gone_is_named_by_no_report(db: Backend) {
    let people = db.crowd(3).await;
    let group = db.group(people[0], &people[1..]).await;
    let message = db.send(group, people[0], "hello").await;
    for reporter in &people[1..] {
        db.reports.put(&a_report(&message, *reporter, "rude")).await.unwrap();
    }
    for gone in &people[1..] {
        db.reports.forget(*gone).await.unwrap();
    }
    let reporters: Vec<_> = all(&db, true).await.iter().map(|report| report.reporter).collect();
    assert_eq!(reporters, [None, None]);
}
