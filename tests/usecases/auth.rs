use std::{net::IpAddr, sync::Arc};

use chatconnect::domain::{
    entities::session::SessionKey,
    error::DomainError,
    interfaces::{
        clock::Clock,
        rate_limiter::{Action, Subject},
        session_repository::SessionRepository,
        user_repository::UserRepository,
    },
    usecases::auth::{
        change_password::{ChangePassword, PasswordChange},
        login::{Credentials, Login},
        logout::Logout,
        revoke_session::RevokeSession,
    },
};

use super::stage::{NothingIsCommon, PASSWORD, Stage, Told};

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn login(stage: &Stage) -> Login {
    Login {
        users: stage.users(),
        accounts: stage.accounts(),
        hasher: Arc::clone(&stage.hasher) as _,
        limiter: Arc::clone(&stage.limits) as _,
        ids: Arc::clone(&stage.ids) as _,
        clock: Arc::clone(&stage.clock) as _,
    }
}

fn credentials(username: &str, password: &str) -> Credentials {
    Credentials { username: username.to_owned(), password: password.to_owned(), address: ADDRESS }
}

/// Whoever measures the time learns nothing: each try costs one verification, of a decoy where there is no account.
#[tokio::test]
async fn every_try_to_log_in_costs_one_verification() {
    let stage = Stage::new();
    let ana = stage.person("ana").await;
    let login = login(&stage);
    for (username, hash) in [
        ("ana", Some(PASSWORD.to_owned())),
        (" ANA ", Some(PASSWORD.to_owned())),
        ("nobody", None),
        ("no name at all!", None),
        ("", None),
    ] {
        let error = login.execute(credentials(username, "wrong")).await.unwrap_err();
        assert!(matches!(error, DomainError::BadCredentials), "{username}: {error:?}");
        assert_eq!(
            std::mem::take(&mut *stage.hasher.0.lock().unwrap()),
            [("wrong".to_owned(), hash)],
            "{username}"
        );
    }
    assert_eq!(login.execute(credentials("Ana", PASSWORD)).await.unwrap().id, ana.user);
}

/// Somebody far away cannot use up the tries of the account's owner.
#[tokio::test]
async fn tries_are_counted_by_address_and_by_account_at_an_address() {
    let stage = Stage::new();
    stage.person("ana").await;
    drop(login(&stage).execute(credentials(" Ana", "wrong")).await);
    let expected = [
        (Action::LogIn, Subject::Address(ADDRESS)),
        (Action::LogIn, Subject::Account("127.0.0.1 ana".to_owned())),
    ];
    assert_eq!(*stage.limits.0.lock().unwrap(), expected);
}

fn change_password(stage: &Stage) -> ChangePassword {
    ChangePassword {
        users: stage.users(),
        sessions: Arc::new(stage.memory.clone()),
        hasher: Arc::clone(&stage.hasher) as _,
        screen: Arc::new(NothingIsCommon),
        limiter: Arc::clone(&stage.limits) as _,
        publisher: stage.publisher(),
    }
}

fn change(current: &str, new: &str) -> PasswordChange {
    PasswordChange { current: current.to_owned(), new: new.to_owned() }
}

#[tokio::test]
async fn a_new_password_ends_the_persons_other_sessions_only() {
    let stage = Stage::new();
    let (ana, bia) = (stage.person("ana").await, stage.person("bia").await);
    let (phone, tablet) = (stage.session(ana.user).await, stage.session(ana.user).await);
    change_password(&stage).execute(phone, change(PASSWORD, "pamonha de milho")).await.unwrap();

    let now = stage.clock.now();
    let left = async |user| -> Vec<_> {
        let sessions = SessionRepository::list(&stage.memory, user, now).await.unwrap();
        sessions.into_iter().map(|session| session.id).collect()
    };
    assert_eq!(left(ana.user).await, [phone.session]);
    assert_eq!(left(bia.user).await, [bia.session]);
    let [Told::Ended(mut ended)] = <[Told; 1]>::try_from(stage.heard.take()).unwrap() else {
        panic!("sockets are closed");
    };
    ended.sort_unstable();
    assert_eq!(ended, [ana.session, tablet.session]);
    assert_eq!(stage.memory.password_hash(ana.user).await.unwrap().as_str(), "pamonha de milho");
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let stage = Stage::new();
    let ana = stage.person("ana").await;
    stage.session(ana.user).await;
    for (order, code) in [
        (change("wrong", "pamonha de milho"), "auth.bad_credentials"),
        (change(PASSWORD, "short"), "invalid"),
        (change(PASSWORD, "ana loves pamonha"), "invalid"),
    ] {
        let error = change_password(&stage).execute(ana, order).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.fields().iter().all(|field| field.field == "newPassword"));
    }
    assert_eq!(SessionRepository::list(&stage.memory, ana.user, stage.clock.now()).await.unwrap().len(), 2);
    assert_eq!(stage.memory.password_hash(ana.user).await.unwrap().as_str(), PASSWORD);
    assert_eq!(stage.heard.take(), []);
}

#[tokio::test]
async fn sessions_end_with_their_sockets_and_nobody_ends_anothers() {
    let stage = Stage::new();
    let (ana, bia) = (stage.person("ana").await, stage.person("bia").await);
    let phone = stage.session(ana.user).await;
    let revoke = RevokeSession { sessions: Arc::new(stage.memory.clone()), publisher: stage.publisher() };
    let stolen = revoke.execute(bia, phone.session).await;
    assert!(matches!(stolen, Err(DomainError::NotFound("session"))), "{stolen:?}");
    assert_eq!(stage.heard.take(), []);
    revoke.execute(ana, phone.session).await.unwrap();
    assert_eq!(stage.heard.take(), [Told::Ended(vec![phone.session])]);
    Logout { sessions: Arc::new(stage.memory.clone()), publisher: stage.publisher() }
        .execute(ana)
        .await
        .unwrap();
    assert_eq!(stage.heard.take(), [Told::Ended(vec![ana.session])]);
    for gone in [phone, ana] {
        let key = SessionKey::from_bytes(*gone.session.as_bytes());
        let found = SessionRepository::find(&stage.memory, &key, stage.clock.now()).await.unwrap();
        assert_eq!(found, None);
    }
}
