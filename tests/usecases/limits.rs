use std::{sync::Arc, time::Duration};

use chatconnect::{
    adapters::gateways::rate_limits::RateLimits,
    cli::Cli,
    domain::{
        entities::ids::UserId,
        error::DomainError,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::auth::login::{Credentials, Login},
    },
};
use clap::Parser;
use uuid::Uuid;

use super::stage::{PASSWORD, Stage};

fn limits(settings: &[&str]) -> RateLimits {
    let flags = ["chatconnect"].iter().chain(settings).copied();
    RateLimits::new(&Cli::try_parse_from(flags).unwrap().into_config().limits)
}

fn person(number: u128) -> Subject {
    Subject::User(UserId::from_uuid(Uuid::from_u128(number)))
}

const ACTIONS: [(Action, &str); 8] = [
    (Action::Register, "--rate-limit-register"),
    (Action::LogIn, "--rate-limit-login"),
    (Action::Connect, "--rate-limit-connect"),
    (Action::SendMessage, "--rate-limit-send"),
    (Action::Write, "--rate-limit-write"),
    (Action::Read, "--rate-limit-read"),
    (Action::Search, "--rate-limit-search"),
    (Action::Signal, "--rate-limit-signal"),
];

/// Each kind of action has the budget that its setting says, each subject its own.
#[test]
fn every_action_has_its_budget() {
    for (action, flag) in ACTIONS {
        let limits = limits(&[flag, "3/0.01"]);
        let address = |last| Subject::Address([10, 0, 0, last].into());
        for _ in 0..3 {
            limits.check(action, &address(1)).unwrap();
        }
        let error = limits.check(action, &address(1)).unwrap_err();
        let DomainError::RateLimited { retry_after } = error else { panic!("{action:?}: {error:?}") };
        // One unit comes back in 100 seconds.
        assert!(
            (Duration::from_secs(90)..=Duration::from_secs(100)).contains(&retry_after),
            "{retry_after:?}"
        );
        limits.check(action, &address(2)).unwrap();
        for (other, _) in ACTIONS.iter().filter(|(other, _)| *other != action) {
            limits.check(*other, &address(1)).unwrap();
        }
    }
}

#[test]
fn what_is_idle_is_forgotten_and_what_is_used_up_is_not() {
    let limits = limits(&["--rate-limit-send", "1/0.01"]);
    limits.check(Action::SendMessage, &person(1)).unwrap();
    limits.forget_idle();
    assert_eq!(limits.check(Action::SendMessage, &person(1)).unwrap_err().code(), "rate_limited");
    limits.check(Action::SendMessage, &person(2)).unwrap();
}

#[test]
fn off_is_off() {
    let limits = limits(&["--rate-limits", "off", "--rate-limit-send", "1/0.01"]);
    for _ in 0..1_000 {
        limits.check(Action::SendMessage, &person(1)).unwrap();
    }
}

/// The account's budget at one address is used up by wrong passwords; from elsewhere its owner still gets in, and from
/// there others do.
#[tokio::test]
async fn guessing_one_account_locks_nobody_else_out() {
    let stage = Stage::new();
    stage.person("ana").await;
    stage.person("bia").await;
    let login = Login {
        users: stage.users(),
        accounts: stage.accounts(),
        hasher: Arc::clone(&stage.hasher) as _,
        limiter: Arc::new(limits(&["--rate-limit-login-account", "5/0.01"])),
        ids: Arc::clone(&stage.ids) as _,
        clock: Arc::clone(&stage.clock) as _,
    };
    let attempt = async |name: &str, password: &str, last: u8| {
        let (username, password) = (name.to_owned(), password.to_owned());
        login.execute(Credentials { username, password, address: [10, 0, 0, last].into() }).await
    };
    for _ in 0..5 {
        assert_eq!(attempt("ana", "guess", 1).await.unwrap_err().code(), "auth.bad_credentials");
    }
    let verified = stage.hasher.0.lock().unwrap().len();
    for name in ["ana", "ANA", " ana "] {
        let error = attempt(name, PASSWORD, 1).await.unwrap_err();
        assert_eq!(error.code(), "rate_limited");
        assert!(error.retry_after().is_some_and(|wait| !wait.is_zero()));
    }
    assert_eq!(stage.hasher.0.lock().unwrap().len(), verified, "a refusal costs no hash");
    attempt("bia", PASSWORD, 1).await.unwrap();
    attempt("ana", PASSWORD, 2).await.unwrap();
}
