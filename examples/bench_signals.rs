use chatconnect::{
    adapters::gateways::{
        mongo::Mongo,
        signals::{inbox::Inbox, redis},
    },
    domain::{
        entities::{ids::*, signal::*},
        interfaces::signal_bus::*,
        usecases::presence::voice::Voice,
    },
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

fn typing(n: u128) -> Signal {
    Signal::Typing {
        conversation: ConversationId::from_uuid(Uuid::from_u128(n)),
        user: UserId::from_uuid(Uuid::from_u128(n)),
        typing: true,
    }
}
fn number(f: &Frame) -> Option<u128> {
    match &f.signal {
        Signal::Typing { conversation, .. } => Some(conversation.as_uuid().as_u128()),
        _ => None,
    }
}

async fn mongo(url: &str, node: NodeId) -> (Arc<dyn SignalBus>, Inbox) {
    let (mongo, feed) = Mongo::open(url).unwrap();
    let (bus, inbox) = mongo.join(node);
    mongo.prepare().await.unwrap();
    std::mem::forget((mongo, feed));
    (Arc::new(bus), inbox)
}

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let node = |n| NodeId::from_uuid(Uuid::from_u128(n));
    let (a, _fa, b, mut fb): (Arc<dyn SignalBus>, Inbox, Arc<dyn SignalBus>, Inbox);
    if url.starts_with("redis") {
        let (x, fx) = redis::start(&url, node(1), std::future::ready("bench".into())).unwrap();
        let (y, fy) = redis::start(&url, node(2), std::future::ready("bench".into())).unwrap();
        a = Arc::new(x);
        _fa = fx;
        b = Arc::new(y);
        fb = fy;
    } else {
        let (x, fx) = mongo(&url, node(1)).await;
        let (y, fy) = mongo(&url, node(2)).await;
        a = x;
        _fa = fx;
        b = y;
        fb = fy;
    }
    let _b = b;
    let voice = Arc::new(Voice::new(node(1), a));
    while fb.next().await.unwrap() != SignalEvent::Joined {}
    tokio::time::sleep(Duration::from_secs(1)).await;
    // latency
    for pause in [20u64, 2] {
        let total = 1500usize;
        let sent: Arc<Vec<std::sync::OnceLock<Instant>>> =
            Arc::new((0..total).map(|_| std::sync::OnceLock::new()).collect());
        let (v, s) = (voice.clone(), sent.clone());
        tokio::spawn(async move {
            for n in 0..total {
                s[n].set(Instant::now()).unwrap();
                v.say([typing(n as u128)]);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        });
        let mut lat = Vec::new();
        while lat.len() < total {
            match tokio::time::timeout(Duration::from_secs(5), fb.next()).await {
                Ok(Some(SignalEvent::Frame(f))) => {
                    if let Some(n) = number(&f) {
                        lat.push(sent[n as usize].get().unwrap().elapsed())
                    }
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        lat.sort();
        println!(
            "every {pause} ms: {} of {total}, p50 {:?} p90 {:?} p99 {:?} max {:?}",
            lat.len(),
            lat[lat.len() / 2],
            lat[lat.len() * 9 / 10],
            lat[lat.len() * 99 / 100],
            lat[lat.len() - 1]
        );
    }
    // throughput with a window
    let window = 1500u64;
    let total = 200_000u64;
    let got = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let (v, g) = (voice.clone(), got.clone());
    let start = Instant::now();
    tokio::spawn(async move {
        let mut said = 0;
        while said < total {
            let room =
                window.saturating_sub(said - g.load(std::sync::atomic::Ordering::Relaxed)).min(total - said);
            v.say((0..room).map(|n| typing(n as u128)));
            said += room;
            if room < 50 {
                tokio::time::sleep(Duration::from_micros(300)).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
    });
    while got.load(std::sync::atomic::Ordering::Relaxed) < total {
        match tokio::time::timeout(Duration::from_secs(5), fb.next()).await {
            Ok(Some(SignalEvent::Frame(f))) if number(&f).is_some() => {
                got.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let n = got.load(std::sync::atomic::Ordering::Relaxed);
    println!("{n} frames in {:?}: {:.0}/s", start.elapsed(), n as f64 / start.elapsed().as_secs_f64());
}
