//! One file a resource.

pub mod admin;
pub mod attachments;
pub mod auth;
pub mod conversations;
pub mod invites;
pub mod messages;
pub mod operations;
pub mod search;
pub mod users;

use crate::{
    adapters::controllers::SharedControllers,
    domain::error::{DomainError, Result},
    infrastructure::webserver::problem::HttpResult,
};

/// Works to the last step, also when the client that asked for it hangs up: a cookie that is gone from the database
/// must not live on in memory.
async fn to_the_end<T, W, F>(controllers: &SharedControllers, work: W) -> HttpResult<T>
where
    T: Send + 'static,
    W: FnOnce(SharedControllers) -> F,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let done = tokio::spawn(work(SharedControllers::clone(controllers))).await;
    Ok(done.unwrap_or_else(|error| Err(DomainError::internal(error)))?)
}
