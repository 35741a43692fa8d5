//! Background work: small things done again and again, until the server stops.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    adapters::gateways::rate_limits::RateLimits,
    domain::{
        error::Result,
        interfaces::{clock::Clock, session_cache::SessionCache, session_repository::SessionRepository},
        usecases::{
            attachments::sweep::SweepUploads,
            presence::{
                track_presence::TrackPresence,
                typing::Typing,
                watch_nodes::{Census, WatchNodes},
            },
        },
    },
};

/// What the jobs work on.
#[derive(Clone)]
pub struct Jobs {
    pub track: Arc<TrackPresence>,
    pub typing: Arc<Typing>,
    /// Where there may be other nodes.
    pub nodes: Option<Arc<WatchNodes>>,
    pub sessions: Arc<dyn SessionRepository>,
    pub cache: Arc<dyn SessionCache>,
    pub limits: Arc<RateLimits>,
    pub sweep: Arc<SweepUploads>,
    pub clock: Arc<dyn Clock>,
    pub metrics: PrometheusHandle,
}

/// Starts all jobs. They end when `stop` turns true.
pub fn start(jobs: &Jobs, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut set = JoinSet::new();
    let every = |set: &mut JoinSet<()>, name, period, job: Job| {
        set.spawn(repeat(name, period, stop.clone(), job));
    };
    let Jobs { track, typing, nodes, sessions, cache, limits, sweep, clock, metrics } = jobs.clone();
    if let Some(nodes) = nodes {
        cluster(nodes, &track, |name, period, job| every(&mut set, name, period, job));
    }
    every(
        &mut set,
        "presence",
        Duration::from_secs(1),
        job(move || {
            let track = Arc::clone(&track);
            async move {
                metrics::gauge!("chatconnect_users_online").set(track.online() as f64);
                track.tell().await
            }
        }),
    );
    every(
        &mut set,
        "typing",
        Duration::from_millis(250),
        job(move || {
            let typing = Arc::clone(&typing);
            async move {
                typing.expire().await;
                Ok(())
            }
        }),
    );
    every(
        &mut set,
        "sessions",
        Duration::from_secs(3600),
        job(move || {
            let (sessions, now) = (Arc::clone(&sessions), clock.now());
            async move {
                let ended = sessions.delete_expired(now).await?;
                tracing::debug!(ended, "expired sessions are gone");
                Ok(())
            }
        }),
    );
    every(
        &mut set,
        "uploads",
        Duration::from_secs(600),
        job(move || {
            let sweep = Arc::clone(&sweep);
            async move {
                let swept = sweep.execute().await?;
                tracing::debug!(swept, "files that no message has are gone");
                Ok(())
            }
        }),
    );
    every(
        &mut set,
        "seen",
        Duration::from_secs(1),
        job(move || {
            let cache = Arc::clone(&cache);
            async move { cache.write_back().await }
        }),
    );
    every(
        &mut set,
        "limits",
        Duration::from_secs(60),
        job(move || {
            limits.forget_idle();
            std::future::ready(Ok(()))
        }),
    );
    every(
        &mut set,
        "metrics",
        Duration::from_secs(5),
        job(move || {
            // Or histograms grow until somebody reads them.
            metrics.run_upkeep();
            std::future::ready(Ok(()))
        }),
    );
    set
}

/// What there is to do because of other nodes.
fn cluster(
    nodes: Arc<WatchNodes>,
    track: &Arc<TrackPresence>,
    mut every: impl FnMut(&'static str, Duration, Job),
) {
    let (track, deaf) = (Arc::clone(track), Arc::new(AtomicBool::new(false)));
    every(
        "signals",
        Duration::from_secs(1),
        job(move || {
            track.share();
            metrics::counter!("chatconnect_signals_lost_total", "direction" => "in").absolute(track.lost());
            std::future::ready(Ok(()))
        }),
    );
    every(
        "nodes",
        Duration::from_secs(2),
        job(move || {
            let (nodes, deaf) = (Arc::clone(&nodes), Arc::clone(&deaf));
            async move {
                let Census { alive, unheard } = nodes.execute().await?;
                metrics::gauge!("chatconnect_nodes_alive").set(alive as f64);
                if deaf.swap(unheard > 0, Ordering::Relaxed) != (unheard > 0) {
                    match unheard {
                        0 => tracing::info!(alive, "all other nodes are heard"),
                        _ => tracing::warn!(
                            alive,
                            unheard,
                            "nothing is heard from some of the other nodes: is REDIS_URL the same everywhere?"
                        ),
                    }
                }
                Ok(())
            }
        }),
    );
}

type Job = Box<dyn Fn() -> futures_util::future::BoxFuture<'static, Result<()>> + Send + Sync>;

fn job<F: Future<Output = Result<()>> + Send + 'static>(work: impl Fn() -> F + Send + Sync + 'static) -> Job {
    Box::new(move || Box::pin(work()))
}

async fn repeat(name: &'static str, period: Duration, mut stop: watch::Receiver<bool>, job: Job) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            _ = ticks.tick() => {}
        }
        match job().await {
            Ok(()) => failing = false,
            // Said once: it is tried again and again.
            Err(error) if failing => {
                tracing::debug!(job = name, %error, cause = ?error.cause(), "a job failed again")
            }
            Err(error) => {
                failing = true;
                tracing::warn!(job = name, %error, cause = ?error.cause(), "a job failed; it is tried again");
            }
        }
    }
}

/// What the database gets to keep something at the end.
const LAST: Duration = Duration::from_secs(1);

/// Lets the database keep something before it is closed, if it is quick.
pub async fn kept(what: &str, work: impl Future<Output = Result<()>>) {
    match tokio::time::timeout(LAST, work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, what, "not kept"),
        Err(_) => tracing::warn!(what, "not all was kept in time"),
    }
}
