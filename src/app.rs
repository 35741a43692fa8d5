//! The composition root: the one file that names every layer.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{oneshot, watch};

use crate::{
    adapters::gateways::{
        bcrypt_hasher::BcryptHasher,
        blobs::{BlobsError, ObjectBlobs},
        cached_sessions::CachedSessions,
        common_passwords::CommonPasswords,
        media::MediaTools,
        rate_limits::RateLimits,
        rooms::Rooms,
        socket_publisher::SocketPublisher,
        system::{RandomIds, SystemClock},
    },
    config::{Config, server::ServerConfig},
    domain::{
        entities::ids::NodeId,
        interfaces::{
            account_repository::AccountRepository, attachment_repository::AttachmentRepository,
            blob_store::BlobStore, change_feed::ChangeFeed, clock::Clock,
            conversation_repository::ConversationRepository, event_publisher::EventPublisher, health::Health,
            id_generator::IdGenerator, invite_repository::InviteRepository, media::Media,
            message_repository::MessageRepository, password_hasher::PasswordHasher,
            password_screen::PasswordScreen, rate_limiter::RateLimiter,
            session_repository::SessionRepository, user_repository::UserRepository,
        },
        usecases::{attachments::tidy::Tidy, deliver::DeliverChanges},
    },
    infrastructure::{
        cluster::{self, Cluster, ClusterError, Membership, Presence},
        database::{Connection, Preparation, Storage, StorageError},
        socket::{
            commands::Shared,
            handshake::{self, Handshake},
            server::{self as socket_server, SocketServer},
        },
        webserver::{
            connection::{Listener, Peer},
            router::{self, Parts},
        },
        worker::{self, Jobs},
    },
};

mod usecases;

pub use crate::infrastructure::commands::run;

/// Why the server did not start: one sentence with the cause and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Database(#[from] StorageError),
    #[error("{address} cannot be listened on ({cause}): choose another HOST or PORT, or stop what uses it")]
    Listen { address: String, cause: io::Error },
    #[error("passwords cannot be hashed: {0}")]
    Passwords(String),
    #[error(transparent)]
    Files(#[from] BlobsError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

/// Why the server stopped without being told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the port failed: {0}")]
    Port(#[from] io::Error),
    /// It was reached at last, and cannot be used.
    #[error(transparent)]
    Database(StorageError),
}

/// Everything the use cases need from the world.
struct Gateways {
    users: Arc<dyn UserRepository>,
    accounts: Arc<dyn AccountRepository>,
    sessions: Arc<dyn SessionRepository>,
    conversations: Arc<dyn ConversationRepository>,
    messages: Arc<dyn MessageRepository>,
    attachments: Arc<dyn AttachmentRepository>,
    invites: Arc<dyn InviteRepository>,
    blobs: Arc<dyn BlobStore>,
    media: Arc<dyn Media>,
    tidy: Arc<Tidy>,
    health: Arc<dyn Health>,
    publisher: Arc<dyn EventPublisher>,
    hasher: Arc<dyn PasswordHasher>,
    screen: Arc<dyn PasswordScreen>,
    limits: Arc<RateLimits>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

/// A server that is ready to serve, though its database may not be yet.
pub struct App {
    listener: Listener,
    address: SocketAddr,
    router: axum::Router,
    socket: SocketServer,
    database: Connection,
    preparation: Preparation,
    feed: Box<dyn ChangeFeed>,
    deliver: DeliverChanges,
    /// Among other nodes, where there may be some.
    membership: Option<Membership>,
    jobs: Jobs,
}

impl App {
    /// Opens the database and the port. A database that cannot be reached yet is waited for while serving.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running.
    pub async fn start(config: &Config, metrics: PrometheusHandle) -> Result<Self, StartError> {
        let (storage, feed) = Storage::open(&config.database).await?;
        let database = storage.connection.clone();
        let node = NodeId::from_uuid(RandomIds.next());
        let joined = Cluster::join(&config.cluster, &database, node)?;
        let preparation = Preparation::start(database.clone()).await?;
        let limits = Arc::new(RateLimits::new(&config.limits));
        let socket = SocketServer::new(&config.socket, Arc::clone(&limits) as Arc<dyn RateLimiter>);
        let rooms = Arc::new(Rooms::default());
        let (gateways, deliver) = gateways(config, storage, limits, &rooms).await?;
        let Gateways { users, conversations, publisher, clock, .. } = &gateways;
        let Presence { track, typing, membership } =
            cluster::presence(joined, users, conversations, publisher, clock);
        let controllers = Arc::new(usecases::controllers(config, &gateways, &track, &typing));
        let shared = Shared {
            controllers: Arc::clone(&controllers),
            rooms,
            crowd: Arc::clone(socket.crowd()),
            ids: Arc::clone(&gateways.ids),
        };
        handshake::serve(
            socket.io(),
            Handshake {
                shared: Arc::new(shared),
                sessions: Arc::clone(&gateways.sessions),
                clock: Arc::clone(&gateways.clock),
                config: config.socket.clone(),
            },
        );
        let jobs = Jobs {
            track,
            typing,
            nodes: membership.as_ref().map(|membership| Arc::clone(&membership.watch)),
            sessions: Arc::clone(&gateways.sessions),
            cache: Arc::clone(&deliver.cache),
            limits: Arc::clone(&gateways.limits),
            sweep: Arc::new(usecases::sweep(config, &gateways)),
            clock: Arc::clone(&gateways.clock),
            metrics: metrics.clone(),
        };
        let parts = Parts {
            controllers,
            sessions: gateways.sessions,
            clock: gateways.clock,
            ids: gateways.ids,
            health: gateways.health,
            metrics,
        };
        let router = router::router(config, parts, &socket);
        let (listener, address) = listen(config).await?;
        tracing::info!(%address, "serving");
        Ok(Self { listener, address, router, socket, database, preparation, feed, deliver, membership, jobs })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` ends, and then ends what is under way: at most about ten seconds later it returns.
    ///
    /// # Errors
    /// When the port fails, or the database turns out to be one that cannot be used.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        let (stopping, mut stopped) = watch::channel(false);
        let mut jobs = worker::start(&self.jobs, &stopped);
        let delivery = tokio::spawn(self.deliver.execute(self.feed));
        let io = self.socket.io().clone();
        let (track, membership) = (Arc::clone(&self.jobs.track), self.membership);
        let (preparation, (fail, failure)) = (self.preparation, oneshot::channel());
        let shutdown = async move {
            tokio::select! {
                () = stop => {}
                error = preparation.failure() => drop(fail.send(error)),
            }
            tracing::info!("stopping");
            stopping.send_replace(true);
            // The library does not tell us of the sockets that it closes itself.
            worker::kept("when people were last seen", track.leave_all()).await;
            if let Some(membership) = membership {
                membership.leave().await;
            }
            socket_server::close(&io, FAREWELL).await;
        };
        let service = self.router.into_make_service_with_connect_info::<Peer>();
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(shutdown);
        let outcome = tokio::select! {
            outcome = serving.into_future() => outcome,
            () = too_long(&mut stopped) => {
                tracing::warn!("some requests were not finished in time");
                Ok(())
            }
        };
        let ended = async { while jobs.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("a job was not finished in time");
        }
        worker::kept("when sessions were last used", self.jobs.cache.write_back()).await;
        // The queue is drained, and then the feed ends.
        self.database.close().await;
        match tokio::time::timeout(FAREWELL, delivery).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "delivery failed"),
            Err(_) => tracing::warn!("not everything was delivered in time"),
        }
        outcome?;
        failure.await.map_or(Ok(()), |error| Err(ServeError::Database(error)))
    }
}

/// How long sockets get to take their farewell, and requests to finish.
const FAREWELL: Duration = Duration::from_secs(2);
const GRACE: Duration = Duration::from_secs(5);

async fn too_long(stopped: &mut watch::Receiver<bool>) {
    // The sender lives as long as the server, so this ends only when the server is told to stop.
    if stopped.wait_for(|stopped| *stopped).await.is_ok() {
        tokio::time::sleep(GRACE).await;
    }
}

async fn listen(config: &Config) -> Result<(Listener, SocketAddr), StartError> {
    let ServerConfig { host, port, stall_seconds, .. } = &config.server;
    let stall = Duration::from_secs(u64::from(*stall_seconds));
    let listener = Listener::bind(host, *port, stall, config.socket.socket_buffer).await;
    listener.map_err(|cause| StartError::Listen { address: format!("{host}:{port}"), cause })
}

async fn gateways(
    config: &Config,
    storage: Storage,
    limits: Arc<RateLimits>,
    rooms: &Arc<Rooms>,
) -> Result<(Gateways, DeliverChanges), StartError> {
    let password = &config.password;
    let hasher = BcryptHasher::new(password.bcrypt_cost, password.concurrency(), password.bcrypt_queue)
        .map_err(|error| StartError::Passwords(error.to_string()))?;
    let sessions = Arc::new(CachedSessions::new(storage.sessions, config.session.session_cache));
    let blobs: Arc<dyn BlobStore> = Arc::new(ObjectBlobs::open(&config.uploads.place(&config.database))?);
    let tidy = Tidy { attachments: Arc::clone(&storage.attachments), blobs: Arc::clone(&blobs) };
    let publisher = SocketPublisher::new(Arc::clone(rooms), Arc::clone(&storage.conversations));
    let gateways = Gateways {
        users: storage.users,
        accounts: storage.accounts,
        sessions: Arc::clone(&sessions) as _,
        publisher: Arc::new(publisher),
        conversations: storage.conversations,
        messages: storage.messages,
        attachments: storage.attachments,
        invites: storage.invites,
        blobs,
        media: Arc::new(MediaTools::new(usize::from(config.uploads.upload_images_at_once))),
        tidy: Arc::new(tidy),
        health: storage.health,
        hasher: Arc::new(hasher),
        screen: Arc::new(CommonPasswords),
        limits,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
    };
    let deliver = DeliverChanges {
        publisher: Arc::clone(&gateways.publisher),
        sessions: Arc::clone(&gateways.sessions),
        cache: sessions,
        clock: Arc::clone(&gateways.clock),
    };
    Ok((gateways, deliver))
}
