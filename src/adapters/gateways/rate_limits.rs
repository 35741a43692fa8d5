//! Token buckets by subject and kind of action (governor's GCRA), in memory.

use std::{collections::HashMap, time::Duration};

use governor::{
    Quota, RateLimiter as Bucket,
    clock::{Clock as _, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

use crate::{
    config::limits::{LimitConfig, Rate, Switch},
    domain::{
        error::{DomainError, Result},
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
    },
};

type Buckets = Bucket<Subject, DefaultKeyedStateStore<Subject>, DefaultClock>;

pub struct RateLimits {
    /// Empty when limits are off.
    buckets: HashMap<Action, Buckets>,
    login_account: Option<Buckets>,
    clock: DefaultClock,
}

impl RateLimits {
    pub fn new(config: &LimitConfig) -> Self {
        if config.rate_limits == Switch::Off {
            return Self { buckets: HashMap::new(), login_account: None, clock: DefaultClock::default() };
        }
        let buckets = [
            (Action::Register, config.rate_limit_register),
            (Action::LogIn, config.rate_limit_login),
            (Action::Connect, config.rate_limit_connect),
            (Action::SendMessage, config.rate_limit_send),
            (Action::Upload, config.rate_limit_upload),
            (Action::Write, config.rate_limit_write),
            (Action::Read, config.rate_limit_read),
            (Action::Search, config.rate_limit_search),
            (Action::Signal, config.rate_limit_signal),
        ];
        Self {
            buckets: buckets.into_iter().map(|(action, rate)| (action, bucket(rate))).collect(),
            login_account: Some(bucket(config.rate_limit_login_account)),
            clock: DefaultClock::default(),
        }
    }

    /// Forgets whoever has a full budget again. Called now and then, so that memory does not grow for ever.
    pub fn forget_idle(&self) {
        for bucket in self.buckets.values().chain(&self.login_account) {
            bucket.retain_recent();
            bucket.shrink_to_fit();
        }
    }
}

fn bucket(rate: Rate) -> Buckets {
    let period = Duration::from_secs_f64(1.0 / rate.per_second).max(Duration::from_nanos(1));
    // Only a period of zero has no quota, and it is not zero.
    let quota = Quota::with_period(period).unwrap_or(Quota::per_second(rate.burst)).allow_burst(rate.burst);
    Bucket::keyed(quota)
}

impl RateLimiter for RateLimits {
    fn check(&self, action: Action, subject: &Subject) -> Result<()> {
        let bucket = match (action, subject) {
            (Action::LogIn, Subject::Account(_) | Subject::User(_)) => self.login_account.as_ref(),
            _ => self.buckets.get(&action),
        };
        let Some(bucket) = bucket else { return Ok(()) };
        bucket
            .check_key(subject)
            .map_err(|wait| DomainError::RateLimited { retry_after: wait.wait_time_from(self.clock.now()) })
    }
}
