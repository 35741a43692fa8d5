//! Administrators, people who may not sign in, people who are gone, and who may come.

use std::sync::Arc;

use chatconnect::domain::entities::{ids::UserId, registration::Registration};
use futures_util::future::join_all;

use super::fixture::*;

contract!(
    the_first_person_is_the_administrator,
    of_many_who_come_first_one_is_the_administrator,
    who_may_come_is_remembered,
);

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
