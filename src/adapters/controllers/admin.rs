//! The server, and what its administrators do.

use std::{net::IpAddr, sync::Arc};

use crate::{
    adapters::dto::admin::Server,
    domain::{
        entities::actor::Actor,
        error::Result,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::admin,
    },
};

pub struct AdminController {
    pub server: admin::server::LookAtServer,
    pub limiter: Arc<dyn RateLimiter>,
}

impl AdminController {
    /// Also for who is not signed in, who is counted by address.
    pub async fn server(&self, actor: Option<Actor>, address: IpAddr) -> Result<Server> {
        let subject = actor.map_or(Subject::Address(address), |actor| Subject::User(actor.user));
        self.limiter.check(Action::Read, &subject)?;
        Ok(Server::from(self.server.execute(actor).await?))
    }
}
