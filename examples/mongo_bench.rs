use chatconnect::{
    adapters::gateways::{mongo::Mongo, system::RandomIds},
    domain::{
        entities::{
            conversation::{ConversationKind, Title},
            ids::*,
            message::Body,
            timestamp::Timestamp,
            user::*,
        },
        interfaces::{
            change_feed::*, conversation_repository::*, id_generator::IdGenerator, message_repository::*,
            user_repository::UserRepository,
        },
    },
};
use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
fn u() -> uuid::Uuid {
    RandomIds.next()
}
fn at() -> Timestamp {
    Timestamp::from_millis(1_760_000_000_000)
}
#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    let args: Vec<String> = std::env::args().collect();
    let mode = args[1].as_str();
    let senders: usize = args[2].parse().unwrap();
    let secs: u64 = args[3].parse().unwrap();
    let name = format!("bench-{}", u()); let port = std::env::var("PORT").unwrap();
    let url = format!("mongodb://127.0.0.1:{port}/{name}?replicaSet=rs0");
    let (mongo, mut feed) = Mongo::open(&url).unwrap();
    mongo.prepare().await.unwrap();
    let told = Arc::new(AtomicU64::new(0));
    let t2 = told.clone();
    tokio::spawn(async move {
        while let Some(event) = feed.next().await {
            if let FeedEvent::Change(_) = event {
                t2.fetch_add(1, Ordering::Relaxed);
            } else {
                println!("{event:?}");
            }
        }
    });
    let users = mongo.users();
    let mut people = vec![];
    for n in 0..senders.min(200) {
        let user = User {
            id: UserId::from_uuid(u()),
            username: Username::parse(&format!("user{n:05}")).unwrap(),
            display_name: DisplayName::parse("x").unwrap(),
            locale: None,
            created_at: at(),
            last_seen_at: None,
        };
        users.create(&user, &PasswordHash::new("x"), ConversationId::from_uuid(u())).await.unwrap();
        people.push(user.id);
    }
    let conv = mongo.conversations();
    let general = conv.general().await.unwrap().unwrap();
    let mut places = vec![];
    for n in 0..senders {
        let me = people[n % people.len()];
        if mode == "room" {
            places.push((general, me));
        } else {
            let new = NewConversation {
                id: ConversationId::from_uuid(u()),
                kind: ConversationKind::Group,
                title: Some(Title::parse("x").unwrap()),
                creator: me,
                others: vec![people[(n + 1) % people.len()]],
                created_at: at(),
            };
            places.push((conv.create(&new).await.unwrap().0.conversation.id, me));
        }
    }
    let mongod: u32 = std::env::var("MONGOD_PID").unwrap().parse().unwrap();
    let cpu = |pid: String| { let usage = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap(); let f: Vec<&str> = usage.rsplit(')').next().unwrap().split(' ').collect(); (f[12].parse::<f64>().unwrap() + f[13].parse::<f64>().unwrap()) * 10_000.0 };
    let before = (cpu("self".into()), cpu(mongod.to_string()));
    told.store(0, Ordering::Relaxed);
    let messages = Arc::new(mongo.messages());
    let done = Arc::new(AtomicU64::new(0));
    let lat = Arc::new(std::sync::Mutex::new(Vec::<u32>::new()));
    let start = Instant::now();
    let mut tasks = vec![];
    for (conversation, me) in places {
        let (messages, done, lat) = (messages.clone(), done.clone(), lat.clone());
        tasks.push(tokio::spawn(async move {
            let mut mine = vec![];
            let mut n = 0u64;
            while start.elapsed() < Duration::from_secs(secs) {
                n += 1;
                let new = NewMessage { id: MessageId::from_uuid(u()), conversation, sender: me, client_id: ClientId::parse(&u().to_string()).unwrap(),
                    body: Body::parse(&format!("message number {n} with some ordinary words about nothing in particular, as people write them every day")).unwrap(), reply_to: None, created_at: at() };
                let t = Instant::now();
                messages.append(&new).await.unwrap();
                mine.push(t.elapsed().as_micros() as u32);
                done.fetch_add(1, Ordering::Relaxed);
            }
            lat.lock().unwrap().extend(mine);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let elapsed = start.elapsed().as_secs_f64();
    let n = done.load(Ordering::Relaxed);
    let mut lat = lat.lock().unwrap().clone();
    lat.sort_unstable();
    println!(
        "{mode} {senders}: {:.0}/s p50 {} us p99 {} us; told so far {}",
        n as f64 / elapsed,
        lat[lat.len() / 2],
        lat[lat.len() * 99 / 100],
        told.load(Ordering::Relaxed)
    );
    let t = Instant::now();
    while told.load(Ordering::Relaxed) < n && t.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("feed lag at the end {:?}, told {}", t.elapsed(), told.load(Ordering::Relaxed));
    println!("cpu us/message: this process {:.1}, mongod {:.1}", (cpu("self".into()) - before.0) / n as f64, (cpu(mongod.to_string()) - before.1) / n as f64);
    let client = mongodb::Client::with_uri_str(&url).await.unwrap();
    client.database(&name).drop().await.unwrap();
    mongo.close().await;
}
