//! People whom a Node application with Mongoose left in the database: they get in with their old passwords, and what is
//! theirs stays as it is until they do.

use std::{net::IpAddr, sync::Arc};

use chatconnect::{
    adapters::gateways::{bcrypt_hasher::BcryptHasher, mongo::Mongo, system::RandomIds},
    domain::{
        entities::{
            session::{Session, SessionKey},
            timestamp::Timestamp,
            user::{DisplayName, NewPassword, PasswordHash, ProfilePatch, User},
        },
        error::{DomainError, Result},
        interfaces::{
            clock::Clock,
            password_hasher::PasswordHasher,
            rate_limiter::{Action, RateLimiter, Subject},
        },
        usecases::auth::login::{Credentials, Login},
    },
};
use mongodb::{
    Collection, Database, IndexModel,
    bson::{self, Bson, Document, RawDocumentBuf, doc, oid::ObjectId},
    options::IndexOptions,
};

use super::fixture::*;
use crate::support::{
    logs::Logs,
    mongod::{Mongod, TestDatabase, client},
    within,
};

const PASSWORD: &str = "goiabada com queijo";

/// Of [`PASSWORD`], made by versions of the npm packages `bcrypt` and `bcryptjs`; the cost is low, as nobody's time
/// depends on it.
const HASH_2B: &str = "$2b$04$CM9rra1q4avUJMFE07wExOVKbQqRhEVDqF2cdeDveDQ3ggviSBAD.";
const HASH_2A: &str = "$2a$04$zwEALIqXucOQ8VW0Fmm7Lu71cKnVWTWSL6m5V1zuBjAocsG9X.Hhi";

struct AtSeven;

impl Clock for AtSeven {
    fn now(&self) -> Timestamp {
        at(7)
    }
}

struct NoLimits;

impl RateLimiter for NoLimits {
    fn check(&self, _: Action, _: &Subject) -> Result<()> {
        Ok(())
    }
}

/// The database of another application, as raw as it is.
struct Old {
    database: TestDatabase,
    raw: Database,
}

impl Old {
    /// With these people, and the index that `unique: true` in a Mongoose schema makes.
    async fn with(people: &[Document]) -> Self {
        let database = TestDatabase::new();
        let raw = client(database.url()).await.default_database().unwrap();
        let old = Self { database, raw };
        let unique = IndexOptions::builder().unique(true).build();
        let index = IndexModel::builder().keys(doc! { "username": 1 }).options(unique).build();
        old.users().create_index(index).await.unwrap();
        if !people.is_empty() {
            old.raw.collection::<Document>("users").insert_many(people).await.unwrap();
        }
        old
    }

    async fn adopt(&self) -> Backend {
        let (mongo, feed) = Mongo::open(self.database.url()).unwrap();
        mongo.prepare().await.unwrap();
        of_mongo(&mongo, feed, None, ())
    }

    fn users(&self) -> Collection<RawDocumentBuf> {
        self.raw.collection("users")
    }

    /// A person's document, byte for byte.
    async fn document(&self, id: ObjectId) -> RawDocumentBuf {
        self.users().find_one(doc! { "_id": id }).await.unwrap().unwrap()
    }
}

/// As Mongoose writes somebody of `{ username, email, password, roles, timestamps: true }`.
fn somebody(username: impl Into<Bson>, hash_field: &str, hash: &str) -> (ObjectId, Document) {
    let id = ObjectId::new();
    let at = bson::DateTime::from_millis(1_600_000_000_123);
    let document = doc! {
        "_id": id,
        "roles": ["user", { "name": "editor", "since": 2019_i32 }],
        "username": username.into(),
        "email": format!("{id}@example.org"),
        hash_field: hash,
        "createdAt": at,
        "updatedAt": at,
        "__v": 0_i32,
    };
    (id, document)
}

async fn log_in(db: &Backend, username: &str, password: &str) -> Result<User> {
    let login = Login {
        users: Arc::clone(&db.users),
        accounts: Arc::clone(&db.accounts),
        hasher: Arc::new(BcryptHasher::new(4, 1, 10).unwrap()),
        limiter: Arc::new(NoLimits),
        ids: Arc::new(RandomIds),
        clock: Arc::new(AtSeven),
    };
    let address = IpAddr::from([127, 0, 0, 1]);
    login.execute(Credentials { username: username.to_owned(), password: password.to_owned(), address }).await
}

/// What stands in `after` behind all that stands in `before`, sorted.
fn added(before: &RawDocumentBuf, after: &RawDocumentBuf) -> Vec<String> {
    let (before, after) = (before.as_bytes(), after.as_bytes());
    // A document is its length, its fields, and a zero.
    let fields = &before[4..before.len() - 1];
    assert!(after[4..].starts_with(fields), "something that was there has changed");
    let document: Document = bson::deserialize_from_slice(after).unwrap();
    let old: Document = bson::deserialize_from_slice(before).unwrap();
    let mut added: Vec<String> = document.keys().skip(old.len()).cloned().collect();
    added.sort();
    added
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_get_in_with_their_old_passwords_and_not_before_is_anything_written() {
    let (ana, ana_document) = somebody("Ana.Maria", "password", HASH_2A);
    let (bia, bia_document) = somebody("bia", "hash", HASH_2B);
    let old = Old::with(&[ana_document, bia_document]).await;
    let (ana_before, bia_before) = (old.document(ana).await, old.document(bia).await);
    let db = old.adopt().await;
    for (name, password) in [("ana.maria", "wrong"), ("ana.mariA", ""), ("ana", PASSWORD), ("bia", HASH_2B)] {
        refused!(log_in(&db, name, password), DomainError::BadCredentials);
    }
    assert_eq!(old.document(ana).await, ana_before);
    assert_eq!(db.conversations.general().await.unwrap(), None);

    let user = log_in(&db, " ANA.maria ", PASSWORD).await.unwrap();
    assert_eq!((user.username.as_str(), user.display_name.as_str()), ("ana.maria", "Ana.Maria"));
    assert_eq!(user.created_at.as_millis(), 1_600_000_000_123);
    assert_eq!(user.id.as_uuid().get_version_num(), 8);
    let ana_after = old.document(ana).await;
    assert_eq!(added(&ana_before, &ana_after), ["displayName", "nameKeys", "usernameKey"]);
    assert_eq!(old.document(bia).await, bia_before, "it was not she who signed in");

    let general = db.view(db.general().await, user.id).await;
    assert_eq!((general.conversation.member_count, general.conversation.created_at), (1, at(7)));
    assert_eq!(db.users.find(user.id).await.unwrap(), Some(user.clone()));
    let page = db.users.search("ana", None, 9).await.unwrap();
    assert_eq!(page.users, std::slice::from_ref(&user));

    // From then on they are like everybody else; and signing in again writes nothing.
    assert_eq!(log_in(&db, "Ana.Maria", PASSWORD).await.unwrap(), user);
    assert_eq!(old.document(ana).await, ana_after);
    let second = log_in(&db, "bia", PASSWORD).await.unwrap();
    assert_eq!(db.view(general.conversation.id, second.id).await.conversation.member_count, 2);
    assert_eq!(db.users.search("", None, 9).await.unwrap().users, [user, second]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_do_what_everybody_does() {
    let (ana, document) = somebody("Ana", "password", HASH_2B);
    let old = Old::with(&[document]).await;
    let db = old.adopt().await;
    let bob = db.user("bob").await;
    let ana_id = db.users.find_with_hash(&username("ana")).await.unwrap().unwrap().0.id;
    // Before they sign in there is nobody to talk to.
    assert_eq!(db.users.find(ana_id).await.unwrap(), None);
    assert!(db.users.find_many(&[ana_id]).await.unwrap().is_empty());
    assert!(db.users.search("ana", None, 9).await.unwrap().users.is_empty());
    refused!(db.users.password_hash(ana_id), DomainError::NotFound(_));
    let session = Session {
        key: SessionKey::from_bytes([7; 16]),
        id: session_id(),
        user: ana_id,
        device: String::new(),
        created_at: at(1),
        last_seen_at: at(1),
        expires_at: at(9),
    };
    refused!(db.sessions.create(&session), DomainError::NotFound("user"));

    assert_eq!(log_in(&db, "ana", PASSWORD).await.unwrap().id, ana_id);
    assert!(db.sessions.create(&session).await.unwrap());
    assert_eq!(db.sessions.list(ana_id, at(2)).await.unwrap(), [session]);
    let direct = db.direct(bob, ana_id).await;
    let message = db.send(direct, ana_id, "hello").await;
    assert_eq!(message.sender, ana_id);
    assert_eq!(db.users.contacts(ana_id).await.unwrap(), [bob]);
    assert_eq!(db.users.contacts(bob).await.unwrap(), [ana_id]);
    db.users.set_last_seen(ana_id, at(3)).await.unwrap();
    let patch =
        ProfilePatch { display_name: Some(DisplayName::parse("Zoë").unwrap()), ..ProfilePatch::default() };
    let renamed = db.users.update_profile(ana_id, &patch).await.unwrap();
    assert_eq!((renamed.last_seen_at, renamed.username), (Some(at(3)), username("ana")));
    assert_eq!(db.users.search("zoe", None, 9).await.unwrap().users.len(), 1);
    let raw: Document = bson::deserialize_from_slice(old.document(ana).await.as_bytes()).unwrap();
    assert_eq!((raw.get_str("username").unwrap(), raw.get_i32("__v").unwrap()), ("Ana", 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_takes_the_old_one_away() {
    for field in ["password", "hash", "passwordHash"] {
        let (id, document) = somebody("Ana", field, HASH_2B);
        let old = Old::with(&[document]).await;
        let db = old.adopt().await;
        let ana = log_in(&db, "ana", PASSWORD).await.unwrap();
        assert_eq!(db.users.password_hash(ana.id).await.unwrap(), PasswordHash::new(HASH_2B));
        let new = NewPassword::parse("doce de leite", None, "password").unwrap();
        let new = BcryptHasher::new(4, 1, 10).unwrap().hash(new).await.unwrap();
        db.users.set_password_hash(ana.id, &new).await.unwrap();
        refused!(log_in(&db, "ana", PASSWORD), DomainError::BadCredentials);
        log_in(&db, "ana", "doce de leite").await.unwrap();
        let raw: Document = bson::deserialize_from_slice(old.document(id).await.as_bytes()).unwrap();
        assert_ne!(raw.get_str(field).ok(), Some(HASH_2B));
        assert!(raw.contains_key("email") && raw.contains_key("roles"));
    }
}

/// The other application goes on, and is where they change their password, to one kind of hash or another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_changed_in_the_other_application() {
    let (id, document) = somebody("Ana", "password", HASH_2B);
    let old = Old::with(&[document]).await;
    let db = old.adopt().await;
    log_in(&db, "ana", PASSWORD).await.unwrap();
    for (hash, password) in [
        ("$2b$04$thatofsomebodyelsewhosepasswordisnotthisoneatall00000", None),
        (&HASH_2A.replace("$2a$", "$2y$"), Some(PASSWORD)),
        ("8843d7f92416211de9ebb963ff4ce28125932878", None),
    ] {
        let change = doc! { "$set": { "password": hash } };
        old.users().update_one(doc! { "_id": id }, change).await.unwrap();
        match password {
            Some(password) => drop(log_in(&db, "ana", password).await.unwrap()),
            None => drop(refused!(log_in(&db, "ana", PASSWORD), DomainError::BadCredentials)),
        }
    }
    refused!(db.users.create(&a_user("ana", "Ana"), &hash(), conversation_id()), DomainError::UsernameTaken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn their_names_are_taken() {
    let (_, ana) = somebody("Ana", "password", HASH_2B);
    let (_, pbkdf2) = somebody("Carlos", "hash", "c0ffee");
    let old = Old::with(&[ana, pbkdf2]).await;
    let db = old.adopt().await;
    for name in ["ana", "ANA", "carlos"] {
        refused!(
            db.users.create(&a_user(name, name), &hash(), conversation_id()),
            DomainError::UsernameTaken
        );
    }
    log_in(&db, "ana", PASSWORD).await.unwrap();
    refused!(db.users.create(&a_user("ana", "Ana"), &hash(), conversation_id()), DomainError::UsernameTaken);
    // Similar ones are not; the order by which names are found overlooks more than case.
    for name in ["anna", "an.a", "carlo"] {
        db.user(name).await;
    }
}

/// Whoever was there first has the name, and somebody who registered here is asked before all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_differ_in_case_only() {
    let (first, one) = somebody("Ana", "password", HASH_2B);
    let (second, other) =
        somebody("ana", "password", "$2b$04$thatofsomebodyelsewhosepasswordisnotthisoneatall00000");
    assert!(first < second);
    let old = Old::with(&[other, one]).await;
    let db = old.adopt().await;
    let before = old.document(second).await;
    let ana = log_in(&db, "ana", PASSWORD).await.unwrap();
    assert_eq!(ana.display_name.as_str(), "Ana");
    assert_eq!(log_in(&db, "ana", PASSWORD).await.unwrap(), ana);
    assert_eq!(old.document(second).await, before);

    // The other application goes on and gives away a name that is somebody's here.
    let bob = db.user("bob").await;
    let (_, late) = somebody("Bob", "password", HASH_2B);
    old.raw.collection::<Document>("users").insert_one(late).await.unwrap();
    refused!(log_in(&db, "bob", PASSWORD), DomainError::BadCredentials);
    assert_eq!(db.users.find_with_hash(&username("bob")).await.unwrap().unwrap().0.id, bob);
}

/// Two first log-ins at once are one account, once in `general`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_first_log_ins_at_once() {
    let people: Vec<_> =
        (0..4).map(|number| somebody(format!("Ana{number}"), "password", HASH_2B).1).collect();
    let old = Old::with(&people).await;
    let db = Arc::new(old.adopt().await);
    let log_ins = (0..16).map(|number| {
        let db = Arc::clone(&db);
        tokio::spawn(async move { log_in(&db, &format!("ana{}", number % 4), PASSWORD).await.unwrap().id })
    });
    let mut ids: Vec<_> =
        futures_util::future::join_all(log_ins).await.into_iter().map(|id| id.unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let general = db.view(db.general().await, ids[0]).await.conversation;
    assert_eq!((general.member_count, general.members.len()), (4, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_get_in_is_counted_in_the_log() {
    let logs = Logs::capture();
    let people = [
        somebody("Ana Maria", "password", HASH_2B),
        somebody("al", "password", HASH_2B),
        somebody(" bia", "password", HASH_2B),
        somebody("Ágata", "password", HASH_2B),
        somebody(7, "password", HASH_2B),
        somebody("carlos", "password", "goiabada com queijo"),
        somebody("dora", "hash", "8843d7f92416211de9ebb963ff4ce28125932878"),
        somebody("eva", "password", HASH_2B),
        somebody("EVA", "password", HASH_2B),
    ];
    let documents: Vec<Document> = people.iter().map(|(_, document)| document.clone()).collect();
    let old = Old::with(&documents).await;
    let db = old.adopt().await;
    for name in ["ana maria", "al", "bia", " bia", "ágata", "agata", "7", "carlos", "dora"] {
        refused!(log_in(&db, name, PASSWORD), DomainError::BadCredentials);
    }
    for (id, document) in &people {
        assert_eq!(old.document(*id).await, RawDocumentBuf::try_from(document).unwrap());
    }
    within("the count", async {
        while !logs.text().contains("unfit_names=5 doubled_names=1 other_passwords=2") {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(logs.text().contains("waiting=9"));
    assert!(!logs.text().contains(HASH_2B));
}

/// What they have in fields that we have too, and in forms that we do not know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_of_theirs_that_are_called_like_ours_stay() {
    let (id, mut odd) = somebody("Ana", "password", HASH_2B);
    odd.insert("displayName", doc! { "first": "Ana" });
    odd.insert("createdAt", "last week");
    odd.insert("locale", 7);
    odd.insert("names", "theirs");
    let (other, mut fine) = somebody("Bia", "password", HASH_2B);
    fine.insert("displayName", "Bia María");
    fine.insert("locale", "pt-BR");
    fine.remove("createdAt");
    let old = Old::with(&[odd, fine]).await;
    let (before, other_before) = (old.document(id).await, old.document(other).await);
    let db = old.adopt().await;
    let ana = log_in(&db, "ana", PASSWORD).await.unwrap();
    assert_eq!((ana.display_name.as_str(), ana.locale.clone()), ("Ana", None));
    assert_eq!(ana.created_at.as_millis(), id.timestamp().timestamp_millis());
    assert_eq!(added(&before, &old.document(id).await), ["nameKeys", "usernameKey"]);
    let bia = log_in(&db, "bia", PASSWORD).await.unwrap();
    assert_eq!(bia.display_name.as_str(), "Bia María");
    assert_eq!(bia.locale.as_ref().map(|locale| locale.as_str()), Some("pt-BR"));
    assert_eq!(added(&other_before, &old.document(other).await), ["createdAt", "nameKeys", "usernameKey"]);
    assert_eq!(db.users.search("maria", None, 9).await.unwrap().users, [bia]);
}

/// `connect-mongo` keeps sessions where ours are, and an index may ask of everybody what nobody here has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_else_another_application_left() {
    let logs = Logs::capture();
    let old = Old::with(&[somebody("Ana", "password", HASH_2B).1]).await;
    let sessions = old.raw.collection::<Document>("sessions");
    let theirs = ["one", "two"].map(|id| {
        doc! { "_id": id, "expires": bson::DateTime::MAX, "session": "{\"cookie\":{}}" }
    });
    sessions.insert_many(&theirs).await.unwrap();
    let unique = IndexOptions::builder().unique(true).build();
    let index = IndexModel::builder().keys(doc! { "email": 1 }).options(unique).build();
    old.users().create_index(index).await.unwrap();
    let db = old.adopt().await;
    let ana = log_in(&db, "ana", PASSWORD).await.unwrap();
    assert!(db.sessions.list(ana.id, at(0)).await.unwrap().is_empty());
    assert_eq!(db.sessions.delete_expired(at(0)).await.unwrap(), 0);
    for each in theirs {
        assert_eq!(
            sessions.find_one(doc! { "_id": each.get_str("_id").unwrap() }).await.unwrap(),
            Some(each)
        );
    }
    // The one without an e-mail address that it lets in, and the next one, who is not told that the name was taken.
    db.user("bob").await;
    refused!(db.users.create(&a_user("bia", "Bia"), &hash(), conversation_id()), DomainError::Internal(_));
    within("the warning", async {
        while !logs.text().contains("email_1") {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// However many there are, with or without an account here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn their_names_are_found_through_an_index() {
    let people: Vec<_> =
        (0..2_000).map(|number| somebody(format!("Person{number}"), "password", HASH_2B).1).collect();
    let mongod = Mongod::replica_set().await;
    let raw = client(&mongod.url("chat")).await.database("chat");
    raw.collection::<Document>("users").insert_many(people).await.unwrap();
    let (mongo, feed) = opened(&mongod.url("chat")).await;
    let db = of_mongo(&mongo, feed, None, ());
    raw.run_command(doc! { "profile": 2 }).await.unwrap();
    log_in(&db, "person7", PASSWORD).await.unwrap();
    log_in(&db, "person7", PASSWORD).await.unwrap();
    refused!(log_in(&db, "nobody", PASSWORD), DomainError::BadCredentials);
    refused!(
        db.users.create(&a_user("person9", "Nine"), &hash(), conversation_id()),
        DomainError::UsernameTaken
    );
    db.user("bob").await;
    raw.run_command(doc! { "profile": 0 }).await.unwrap();
    let much = doc! {
        "ns": "chat.users",
        "$or": [{ "docsExamined": { "$gt": 5 } }, { "keysExamined": { "$gt": 10 } }],
        // All of them are counted once, for the log.
        "planSummary": { "$ne": "IXSCAN { _id: 1 }" },
    };
    let found = raw.collection::<Document>("system.profile").find_one(much).await.unwrap();
    assert_eq!(found, None);
}
