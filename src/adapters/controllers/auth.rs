//! Accounts and sessions.

use std::{net::IpAddr, sync::Arc};

use super::known;
use crate::{
    adapters::dto::{
        objects::Session,
        requests::{ChangePassword, Login, Register},
        responses::SessionList,
    },
    domain::{
        entities::{actor::Actor, user::User},
        error::Result,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::auth,
    },
};

pub struct AuthController {
    pub register: auth::register::Register,
    pub login: auth::login::Login,
    pub logout: auth::logout::Logout,
    pub change_password: auth::change_password::ChangePassword,
    pub list_sessions: auth::list_sessions::ListSessions,
    pub revoke_session: auth::revoke_session::RevokeSession,
    pub limiter: Arc<dyn RateLimiter>,
}

impl AuthController {
    pub async fn register(&self, address: IpAddr, input: Register) -> Result<User> {
        self.limiter.check(Action::Register, &Subject::Address(address))?;
        let Register { username, password, display_name, invite_id: invite } = input;
        self.register.execute(auth::register::NewAccount { username, password, display_name, invite }).await
    }

    pub async fn login(&self, address: IpAddr, input: Login) -> Result<User> {
        let Login { username, password } = input;
        self.login.execute(auth::login::Credentials { username, password, address }).await
    }

    pub async fn logout(&self, actor: Actor) -> Result<()> {
        self.logout.execute(actor).await
    }

    pub async fn change_password(&self, actor: Actor, input: ChangePassword) -> Result<()> {
        let ChangePassword { current_password: current, new_password: new } = input;
        self.change_password.execute(actor, auth::change_password::PasswordChange { current, new }).await
    }

    pub async fn sessions(&self, actor: Actor) -> Result<SessionList> {
        self.limiter.check(Action::Read, &Subject::User(actor.user))?;
        let sessions = self.list_sessions.execute(actor).await?;
        let sessions =
            sessions.iter().map(|session| Session::new(session, session.id == actor.session)).collect();
        Ok(SessionList { sessions })
    }

    pub async fn revoke_session(&self, actor: Actor, id: &str) -> Result<()> {
        self.limiter.check(Action::Write, &Subject::User(actor.user))?;
        self.revoke_session.execute(actor, known(id, "session")?).await
    }
}
