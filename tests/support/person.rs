//! Somebody with a session, over HTTP.

use std::net::SocketAddr;

use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{uuid, within};

pub const PASSWORD: &str = "goiabada com queijo";

#[derive(Clone)]
pub struct Person {
    client: Client,
    address: SocketAddr,
    pub username: String,
    pub id: String,
    /// As it stands in the `Cookie` header.
    pub cookie: String,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// # Panics
    /// When the body is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// # Panics
    /// When it is a refusal.
    pub fn good(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        self.json()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// The session cookie that it sets.
    fn cookie(&self) -> String {
        let set = self.header("set-cookie");
        set.split(';').next().unwrap_or_default().to_owned()
    }
}

impl Person {
    /// Somebody without an account.
    pub fn stranger(address: SocketAddr) -> Self {
        // A connection for each request: the server may close one that carried a body which nobody read.
        let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { client, address, username: String::new(), id: String::new(), cookie: String::new() }
    }

    pub async fn register(address: SocketAddr, username: &str) -> Self {
        let mut person = Self { username: username.to_owned(), ..Self::stranger(address) };
        let account = json!({ "username": person.username, "password": PASSWORD });
        let answer = person.post("/api/v1/auth/register", &account).await;
        person.id = answer.good()["user"]["id"].as_str().unwrap().to_owned();
        person.cookie = answer.cookie();
        person
    }

    /// The same person with another session.
    pub async fn log_in(&self) -> Self {
        let mut again = self.with_cookie("");
        let answer = again
            .post("/api/v1/auth/login", &json!({ "username": self.username, "password": PASSWORD }))
            .await;
        answer.good();
        again.cookie = answer.cookie();
        again
    }

    /// The same person as the server takes them for with this `Cookie` header.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { cookie: cookie.to_owned(), ..self.clone() }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request that is not sent yet, with the session's cookie.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        if self.cookie.is_empty() { request } else { request.header(header::COOKIE, &self.cookie) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// The id of a new conversation.
    pub async fn converse(&self, kind: &str, members: &[&Self]) -> String {
        let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
        let title = (kind != "direct").then(|| format!("about {}", uuid()));
        let order = json!({ "kind": kind, "title": title, "memberIds": ids });
        let conversation = self.post("/api/v1/conversations", &order).await.good();
        conversation["conversation"]["id"].as_str().unwrap().to_owned()
    }

    /// The message that was said.
    pub async fn say(&self, conversation: &str, body: &str) -> Value {
        let order = json!({ "clientId": uuid(), "body": body });
        self.post(&format!("/api/v1/conversations/{conversation}/messages"), &order).await.good()["message"]
            .clone()
    }

    /// The whole history of a short conversation.
    pub async fn history(&self, conversation: &str) -> Vec<Value> {
        let page = self.get(&format!("/api/v1/conversations/{conversation}/messages?limit=200")).await.good();
        page["messages"].as_array().unwrap().clone()
    }
}

/// # Panics
/// When there is no answer.
pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = within("an answer", request.send()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = within("its body", response.bytes()).await.unwrap().to_vec();
    Answer { status, headers, body }
}
