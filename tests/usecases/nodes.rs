//! Presence and typing on several nodes, over a bus in memory whose frames the tests take out themselves.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use chatconnect::{
    adapters::gateways::signals::memory::{MemoryFeed, MemoryNodes, MemorySignals},
    domain::{
        entities::{
            conversation::ConversationKind,
            ids::{NodeId, UserId},
            presence::Presence,
            signal::{Frame, Signal},
            timestamp::Timestamp,
        },
        interfaces::{
            clock::Clock,
            id_generator::IdGenerator,
            signal_bus::{SignalBus, SignalEvent, SignalFeed},
            user_repository::UserRepository,
        },
        usecases::presence::{
            hear_signals::HearSignals, track_presence::TrackPresence, typing::Typing, voice::Voice,
            watch_nodes::WatchNodes,
        },
    },
};
use futures_util::FutureExt;

use super::stage::{Heard, Stage, Told};

/// Nodes that share a database.
struct Cluster {
    stage: Stage,
    signals: MemorySignals,
    registry: Arc<MemoryNodes>,
}

struct Node {
    id: NodeId,
    track: Arc<TrackPresence>,
    typing: Arc<Typing>,
    hear: HearSignals,
    watch: WatchNodes,
    feed: MemoryFeed,
    /// What its own people were told.
    heard: Arc<Heard>,
    said: Arc<Spoken>,
}

/// Writes down what a node says.
struct Spoken {
    bus: MemorySignals,
    signals: Mutex<Vec<Signal>>,
}

#[async_trait]
impl SignalBus for Spoken {
    fn publish(&self, frame: Frame) {
        self.signals.lock().unwrap().push(frame.signal.clone());
        self.bus.publish(frame);
    }

    async fn close(&self) {}
}

impl Spoken {
    fn take(&self) -> Vec<Signal> {
        std::mem::take(&mut self.signals.lock().unwrap())
    }

    /// How many snapshots were said since the last time.
    fn snapshots(&self) -> usize {
        self.take().iter().filter(|signal| matches!(signal, Signal::Snapshot { part: 0, .. })).count()
    }
}

impl Cluster {
    fn new() -> Self {
        let stage = Stage::new();
        let registry = Arc::new(MemoryNodes::new(Arc::clone(&stage.clock) as _));
        Self { stage, signals: MemorySignals::default(), registry }
    }

    /// Another node, which hears the others from now on.
    async fn node(&self) -> Node {
        let id = NodeId::from_uuid(self.stage.ids.next());
        let said = Arc::new(Spoken { bus: self.signals.clone(), signals: Mutex::default() });
        let voice = Arc::new(Voice::new(id, Arc::clone(&said) as _));
        let (heard, clock) = (Arc::<Heard>::default(), Arc::clone(&self.stage.clock) as Arc<dyn Clock>);
        let track = Arc::new(TrackPresence::new(
            self.stage.users(),
            Arc::clone(&heard) as _,
            Arc::clone(&clock),
            Arc::clone(&voice),
        ));
        let typing = Arc::new(Typing::new(self.stage.conversations(), Arc::clone(&heard) as _, clock, voice));
        let watch =
            WatchNodes::new(id, Arc::clone(&self.registry) as _, self.stage.users(), Arc::clone(&track));
        let node = Node {
            id,
            hear: HearSignals { track: Arc::clone(&track), typing: Arc::clone(&typing) },
            track,
            typing,
            watch,
            feed: self.signals.join(id),
            heard,
            said,
        };
        node.watch.execute().await.unwrap();
        node
    }

    async fn person(&self, name: &str) -> UserId {
        self.stage.person(name).await.user
    }

    async fn last_seen(&self, user: UserId) -> Option<Timestamp> {
        self.stage.memory.find(user).await.unwrap().unwrap().last_seen_at
    }
}

impl Node {
    fn take(&mut self) -> Option<SignalEvent> {
        tokio::task::unconstrained(self.feed.next()).now_or_never().flatten()
    }

    /// Takes in what was said to it; answers whether there was anything.
    async fn listen(&mut self) -> bool {
        let mut anything = false;
        while let Some(event) = self.take() {
            self.hear.hear(event).await;
            anything = true;
        }
        anything
    }

    /// Loses what was said to it.
    fn lose(&mut self) -> usize {
        std::iter::from_fn(|| self.take()).count()
    }
}

/// Until nobody has anything more to say.
async fn settle(nodes: &mut [&mut Node]) {
    loop {
        let mut anything = false;
        for node in &mut *nodes {
            anything |= node.listen().await;
        }
        if !anything {
            return;
        }
    }
}

/// What happens once a second.
async fn second(nodes: &mut [&mut Node]) {
    nodes.iter().for_each(|node| node.track.share());
    settle(nodes).await;
    for node in nodes {
        node.track.tell().await.unwrap();
        node.typing.expire().await;
    }
}

fn online(user: UserId) -> Told {
    Told::Presence(Presence { user, online: true, last_seen_at: None }, Vec::new())
}

fn offline(user: UserId, at: Timestamp) -> Told {
    Told::Presence(Presence { user, online: false, last_seen_at: Some(at) }, Vec::new())
}

#[tokio::test]
async fn who_comes_and_goes_on_one_node_is_told_on_the_other() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.stage.person("ana").await, cluster.stage.person("bia").await);
    cluster.stage.converse(ConversationKind::Direct, &[ana, bia]).await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    two.track.connected(bia.user);
    second(&mut [&mut one, &mut two]).await;
    two.heard.take();

    one.track.connected(ana.user);
    second(&mut [&mut one, &mut two]).await;
    let told = Told::Presence(Presence { user: ana.user, online: true, last_seen_at: None }, vec![bia.user]);
    assert_eq!(two.heard.take(), [told], "her contact on the other node");
    assert!(two.track.is_online(ana.user));
    assert!(two.track.watch(&[ana.user]).await.unwrap()[0].online);
    assert_eq!((one.track.online(), two.track.online()), (1, 1), "each counts its own");

    cluster.stage.clock.forward(500);
    one.track.disconnected(ana.user);
    let left = cluster.stage.clock.now();
    cluster.stage.clock.forward(900);
    second(&mut [&mut one, &mut two]).await;
    let told =
        Told::Presence(Presence { user: ana.user, online: false, last_seen_at: Some(left) }, vec![bia.user]);
    assert_eq!(two.heard.take(), [told]);
    assert_eq!(cluster.last_seen(ana.user).await, Some(left));
    assert!(!two.track.is_online(ana.user));
}

#[tokio::test]
async fn who_is_on_two_nodes_is_there_until_the_last_one() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.person("ana").await, cluster.person("bia").await);
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    for node in [&one, &two] {
        node.track.connected(bia);
        node.track.connected(ana);
    }
    second(&mut [&mut one, &mut two]).await;
    one.heard.take();
    two.heard.take();

    one.track.disconnected(ana);
    second(&mut [&mut one, &mut two]).await;
    assert!(one.track.is_online(ana) && two.track.is_online(ana));
    assert_eq!((one.heard.take(), two.heard.take()), (vec![], vec![]));
    assert_eq!(cluster.last_seen(ana).await, None);

    cluster.stage.clock.forward(5_000);
    two.track.disconnected(ana);
    let left = cluster.stage.clock.now();
    second(&mut [&mut one, &mut two]).await;
    assert_eq!((one.heard.take(), two.heard.take()), (vec![offline(ana, left)], vec![offline(ana, left)]));
    assert_eq!(cluster.last_seen(ana).await, Some(left));
}

#[tokio::test]
async fn who_leaves_two_nodes_in_the_same_second_was_last_seen_on_the_later_one() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.person("ana").await, cluster.person("bia").await);
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    for node in [&one, &two] {
        node.track.connected(ana);
        node.track.connected(bia);
    }
    second(&mut [&mut one, &mut two]).await;
    one.track.disconnected(ana);
    cluster.stage.clock.forward(10);
    two.track.disconnected(ana);
    let left = cluster.stage.clock.now();
    // Each of them thinks that she is still on the other one.
    one.track.tell().await.unwrap();
    two.track.tell().await.unwrap();
    assert_eq!(cluster.last_seen(ana).await, None);
    second(&mut [&mut one, &mut two]).await;
    assert_eq!(cluster.last_seen(ana).await, Some(left));
    assert!(one.heard.take().contains(&offline(ana, left)) && two.heard.take().contains(&offline(ana, left)));
}

#[tokio::test]
async fn a_node_that_starts_learns_who_is_there() {
    let cluster = Cluster::new();
    let mut one = cluster.node().await;
    let mut people = Vec::new();
    for number in 0..20_u128 {
        people.push(UserId::from_uuid(uuid::Uuid::from_u128(1_000 + number)));
        one.track.connected(people[number as usize]);
    }
    second(&mut [&mut one]).await;
    let mut two = cluster.node().await;
    settle(&mut [&mut one, &mut two]).await;
    assert!(people.iter().all(|user| two.track.is_online(*user)));
    two.track.connected(people[0]);
    two.track.tell().await.unwrap();
    let told = two.heard.take();
    assert_eq!(told, [], "there was nobody to tell of those who were there before, and she is there already");
}

#[tokio::test]
async fn tens_of_thousands_of_people_come_in_parts() {
    let cluster = Cluster::new();
    let mut one = cluster.node().await;
    let people: Vec<UserId> =
        (0..30_000).map(|number| UserId::from_uuid(uuid::Uuid::from_u128(number))).collect();
    people.iter().for_each(|user| one.track.connected(*user));
    one.track.share();
    let deltas = one.said.take();
    assert_eq!(deltas.len(), 30_000_usize.div_ceil(4096), "one frame for many people");
    let mut two = cluster.node().await;
    settle(&mut [&mut one, &mut two]).await;
    assert_eq!(people.iter().filter(|user| two.track.is_online(**user)).count(), people.len());
    assert_eq!(one.said.snapshots(), 1);
}

#[tokio::test]
async fn lost_frames_are_noticed_by_the_next_one_and_healed() {
    let cluster = Cluster::new();
    let (ana, bia, caio) =
        (cluster.person("ana").await, cluster.person("bia").await, cluster.person("caio").await);
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    one.track.connected(bia);
    second(&mut [&mut one, &mut two]).await;
    one.track.connected(ana);
    one.track.disconnected(bia);
    one.track.share();
    let lost = two.lose();
    assert!(lost > 0);
    one.track.connected(caio);
    for _ in 0..2 {
        second(&mut [&mut one, &mut two]).await;
    }
    let seen = [ana, bia, caio].map(|user| two.track.is_online(user));
    assert_eq!((seen, two.track.lost()), ([true, false, true], lost as u64));
}

#[tokio::test]
async fn a_loss_before_a_silence_is_noticed_too() {
    let cluster = Cluster::new();
    let ana = cluster.person("ana").await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    second(&mut [&mut one, &mut two]).await;
    one.track.connected(ana);
    one.track.share();
    assert!(two.lose() > 0);
    // She is all that happens.
    for _ in 0..3 {
        second(&mut [&mut one, &mut two]).await;
    }
    assert!(two.track.is_online(ana));
}

#[tokio::test]
async fn a_snapshot_that_was_lost_in_part_is_asked_for_again() {
    let cluster = Cluster::new();
    let mut one = cluster.node().await;
    let people: Vec<UserId> =
        (0..10_000).map(|number| UserId::from_uuid(uuid::Uuid::from_u128(number))).collect();
    people.iter().for_each(|user| one.track.connected(*user));
    second(&mut [&mut one]).await;
    let mut two = cluster.node().await;
    two.listen().await;
    one.listen().await;
    // Three parts of a snapshot.
    let parts: Vec<SignalEvent> = std::iter::from_fn(|| two.take()).collect();
    assert_eq!(parts.len(), 3);
    for part in [&parts[0], &parts[2]] {
        two.hear.hear(part.clone()).await;
    }
    assert!(!two.track.is_online(people[0]), "half of it is not taken for all of it");
    for _ in 0..3 {
        second(&mut [&mut one, &mut two]).await;
    }
    assert!(people.iter().all(|user| two.track.is_online(*user)));
}

#[tokio::test]
async fn frames_that_come_twice_or_late_change_nothing() {
    let cluster = Cluster::new();
    let ana = cluster.person("ana").await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    second(&mut [&mut one, &mut two]).await;
    one.track.connected(ana);
    one.track.share();
    let came = two.take().unwrap();
    two.hear.hear(came.clone()).await;
    one.track.disconnected(ana);
    second(&mut [&mut one, &mut two]).await;
    two.hear.hear(came).await;
    assert!(!two.track.is_online(ana));
    assert_eq!(two.track.lost(), 0);
}

#[tokio::test]
async fn the_people_of_a_dead_node_are_gone_within_fifteen_seconds() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.person("ana").await, cluster.person("bia").await);
    let (mut one, mut two, mut three) = (cluster.node().await, cluster.node().await, cluster.node().await);
    for node in [&one, &two, &three] {
        node.track.connected(bia);
    }
    three.track.connected(ana);
    second(&mut [&mut one, &mut two, &mut three]).await;
    let died = cluster.stage.clock.now();
    let dead = three.id;
    drop(three);
    for node in [&one, &two] {
        node.heard.take();
    }

    let mut seconds = 0;
    while two.track.is_online(ana) {
        seconds += 1;
        cluster.stage.clock.forward(1_000);
        second(&mut [&mut one, &mut two]).await;
        if seconds % 2 == 0 {
            for node in [&two, &one] {
                node.watch.execute().await.unwrap();
            }
        }
        assert!(seconds < 12, "it takes too long");
    }
    assert!(seconds >= 8, "a short silence is no death: {seconds}");
    second(&mut [&mut one, &mut two]).await;
    assert_eq!((one.heard.take(), two.heard.take()), (vec![offline(ana, died)], vec![offline(ana, died)]));
    assert_eq!(cluster.last_seen(ana).await, Some(died), "when the node was last heard");
    assert_eq!(cluster.last_seen(bia).await, None, "she is elsewhere");
    let alive = chatconnect::domain::interfaces::node_registry::NodeRegistry::alive(&*cluster.registry);
    assert!(!alive.await.unwrap().contains(&dead));
}

#[tokio::test]
async fn a_node_that_is_heard_is_not_dead_whatever_the_registry_says() {
    let cluster = Cluster::new();
    let ana = cluster.person("ana").await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    one.track.connected(ana);
    for _ in 0..10 {
        second(&mut [&mut one, &mut two]).await;
        second(&mut [&mut one, &mut two]).await;
        cluster.stage.clock.forward(2_000);
        two.watch.execute().await.unwrap();
    }
    assert!(two.track.is_online(ana));
}

#[tokio::test]
async fn a_node_that_was_taken_for_dead_is_believed_when_it_speaks_again() {
    let cluster = Cluster::new();
    let ana = cluster.person("ana").await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    one.track.connected(ana);
    second(&mut [&mut one, &mut two]).await;
    for _ in 0..6 {
        cluster.stage.clock.forward(2_000);
        two.watch.execute().await.unwrap();
    }
    assert!(!two.track.is_online(ana));
    one.watch.execute().await.unwrap();
    for _ in 0..3 {
        second(&mut [&mut one, &mut two]).await;
    }
    assert!(two.track.is_online(ana));
}

#[tokio::test]
async fn a_good_bye_counts_at_once_and_is_told_of_those_who_do_not_turn_up() {
    let cluster = Cluster::new();
    let (ana, bia, caio) =
        (cluster.person("ana").await, cluster.person("bia").await, cluster.person("caio").await);
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    two.track.connected(caio);
    one.track.connected(ana);
    one.track.connected(bia);
    second(&mut [&mut one, &mut two]).await;
    two.heard.take();

    one.track.leave_all().await.unwrap();
    one.watch.leave().await.unwrap();
    let left = cluster.stage.clock.now();
    assert_eq!(cluster.last_seen(ana).await, Some(left));
    two.listen().await;
    assert!(!two.track.is_online(ana) && !two.track.is_online(bia));
    drop(one);
    // Ana finds the other node; Bia does not.
    second(&mut [&mut two]).await;
    two.track.connected(ana);
    for _ in 0..3 {
        assert_eq!(two.heard.take(), []);
        cluster.stage.clock.forward(1_000);
        second(&mut [&mut two]).await;
    }
    assert_eq!(two.heard.take(), [offline(bia, left)]);
    assert!(two.track.is_online(ana));
}

#[tokio::test]
async fn a_restarted_node_is_another_one_and_its_former_self_is_not_heard() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.person("ana").await, cluster.person("bia").await);
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    one.track.connected(ana);
    second(&mut [&mut one, &mut two]).await;
    one.track.connected(bia);
    one.track.share();
    let late = two.take().unwrap();
    one.track.leave_all().await.unwrap();
    two.listen().await;
    drop(one);
    let mut again = cluster.node().await;
    again.track.connected(ana);
    second(&mut [&mut again, &mut two]).await;
    two.hear.hear(late).await;
    assert!(two.track.is_online(ana) && !two.track.is_online(bia));
}

#[tokio::test]
async fn however_many_ask_few_snapshots_are_sent() {
    let cluster = Cluster::new();
    let ana = cluster.person("ana").await;
    let mut one = cluster.node().await;
    one.track.connected(ana);
    one.track.share();
    one.said.take();
    let mut others = Vec::new();
    for _ in 0..50 {
        others.push(cluster.node().await);
    }
    let mut all: Vec<&mut Node> = others.iter_mut().chain([&mut one]).collect();
    settle(&mut all).await;
    for _ in 0..4 {
        second(&mut all).await;
    }
    assert!(others.iter().all(|node| node.track.is_online(ana)));
    let sent = one.said.snapshots();
    assert!((1..=2).contains(&sent), "{sent}");
}

#[tokio::test]
async fn typing_is_told_on_every_node_and_ends_everywhere() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.stage.person("ana").await, cluster.stage.person("bia").await);
    let group = cluster.stage.converse(ConversationKind::Group, &[ana, bia]).await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    settle(&mut [&mut one, &mut two]).await;
    for typing in [true, false] {
        one.typing.execute(ana, group, typing).await.unwrap();
        settle(&mut [&mut one, &mut two]).await;
        let told = vec![Told::Typing(group, ana.user, typing)];
        assert_eq!((one.heard.take(), two.heard.take()), (told.clone(), told));
    }
    // Her node dies while she types.
    one.typing.execute(ana, group, true).await.unwrap();
    two.listen().await;
    drop(one);
    two.heard.take();
    cluster.stage.clock.forward(5_999);
    two.typing.expire().await;
    assert_eq!(two.heard.take(), []);
    cluster.stage.clock.forward(1);
    two.typing.expire().await;
    assert_eq!(two.heard.take(), [Told::Typing(group, ana.user, false)]);
}

#[tokio::test]
async fn whose_last_socket_goes_types_on_no_node_any_more() {
    let cluster = Cluster::new();
    let (ana, bia) = (cluster.stage.person("ana").await, cluster.stage.person("bia").await);
    let group = cluster.stage.converse(ConversationKind::Group, &[ana, bia]).await;
    let (mut one, mut two) = (cluster.node().await, cluster.node().await);
    one.track.connected(ana.user);
    two.track.connected(ana.user);
    second(&mut [&mut one, &mut two]).await;
    one.typing.execute(ana, group, true).await.unwrap();
    two.listen().await;
    one.heard.take();
    two.heard.take();

    // She goes from the node on which she types first, as the handshake does it.
    let goes = async |node: &Node| {
        node.track.disconnected(ana.user);
        if !node.track.is_online(ana.user) {
            node.typing.stop(ana.user).await;
        }
    };
    goes(&one).await;
    second(&mut [&mut one, &mut two]).await;
    let stopped = Told::Typing(group, ana.user, false);
    assert!(!two.heard.take().contains(&stopped), "she may type on at the other one");
    goes(&two).await;
    second(&mut [&mut one, &mut two]).await;
    assert!(one.heard.take().contains(&stopped) && two.heard.take().contains(&stopped));
}

/// Counts what is published.
#[derive(Default)]
struct Counting(AtomicUsize);

#[async_trait]
impl SignalBus for Counting {
    fn publish(&self, _: Frame) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    async fn close(&self) {}
}

#[tokio::test]
async fn what_is_said_grows_with_what_happens_and_not_with_who_is_there() {
    let stage = Stage::new();
    let bus = Arc::new(Counting::default());
    let voice = Arc::new(Voice::new(NodeId::from_uuid(stage.ids.next()), Arc::clone(&bus) as _));
    let track = TrackPresence::new(stage.users(), stage.publisher(), Arc::clone(&stage.clock) as _, voice);
    for number in 0..4_000_u128 {
        track.connected(UserId::from_uuid(uuid::Uuid::from_u128(number)));
    }
    track.share();
    assert_eq!(bus.0.swap(0, Ordering::Relaxed), 1);
    for _ in 0..1_000 {
        let user = UserId::from_uuid(uuid::Uuid::from_u128(1));
        track.disconnected(user);
        track.connected(user);
    }
    track.share();
    assert_eq!(bus.0.load(Ordering::Relaxed), 0, "who came back in between was never away");
}

#[tokio::test]
async fn a_single_node_tells_no_one_anything_else() {
    let stage = Stage::new();
    let ana = stage.person("ana").await.user;
    let voice = Arc::new(Voice::alone());
    let track = TrackPresence::new(stage.users(), stage.publisher(), Arc::clone(&stage.clock) as _, voice);
    track.connected(ana);
    track.share();
    track.hello();
    track.tell().await.unwrap();
    assert_eq!(stage.heard.take(), [online(ana)]);
    assert_eq!(track.lost(), 0);
}
