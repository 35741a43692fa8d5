//! People and profiles.

use std::sync::Arc;

use super::{export::OwnExport, known, page_limit};
use crate::{
    adapters::dto::{
        objects::User,
        requests::{CloseAccount, UpdateProfile, UserQuery},
        responses::{UserPage, UserResponse},
    },
    domain::{
        entities::{actor::Actor, ids::UserId},
        error::Result,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::users,
    },
};

pub struct UserController {
    pub find: users::find_users::FindUsers,
    pub search: users::search_users::SearchUsers,
    pub update: users::update_profile::UpdateProfile,
    pub close: users::close_account::CloseOwnAccount,
    pub export: Arc<users::export_own::ExportOwn>,
    pub limiter: Arc<dyn RateLimiter>,
}

impl UserController {
    pub async fn me(&self, actor: Actor) -> Result<UserResponse> {
        let user = self.find.one(actor.user).await?;
        Ok(UserResponse { user: User::from(&user) })
    }

    pub async fn one(&self, actor: Actor, id: &str) -> Result<UserResponse> {
        self.limiter.check(Action::Read, &Subject::User(actor.user))?;
        let user = self.find.one(known(id, "user")?).await?;
        Ok(UserResponse { user: User::from(&user) })
    }

    pub async fn search(&self, actor: Actor, input: UserQuery) -> Result<UserPage> {
        self.limiter.check(Action::Read, &Subject::User(actor.user))?;
        if let Some(ids) = input.ids {
            let ids: Vec<UserId> = ids.split(',').filter_map(|id| id.trim().parse().ok()).collect();
            let users = self.find.many(&ids).await?.iter().map(User::from).collect();
            return Ok(UserPage { users, next_cursor: None });
        }
        let limit = page_limit(input.limit)?;
        let page = self.search.execute(&input.query, input.cursor.as_deref(), limit).await?;
        Ok(UserPage {
            users: page.users.iter().map(User::from).collect(),
            next_cursor: page.next.map(|username| username.as_str().to_owned()),
        })
    }

    /// Closes one's own account.
    pub async fn close(&self, actor: Actor, input: CloseAccount) -> Result<()> {
        self.limiter.check(Action::Write, &Subject::User(actor.user))?;
        self.close.execute(actor, input.password).await
    }

    /// All that somebody is and wrote here, part by part.
    pub async fn export(&self, actor: Actor) -> Result<OwnExport> {
        self.limiter.check(Action::Upload, &Subject::User(actor.user))?;
        OwnExport::new(Arc::clone(&self.export), actor, self.export.begin(actor).await?)
    }

    pub async fn update(&self, actor: Actor, input: UpdateProfile) -> Result<UserResponse> {
        self.limiter.check(Action::Write, &Subject::User(actor.user))?;
        let UpdateProfile { display_name, avatar_id, locale } = input;
        let input = users::update_profile::ProfileInput { display_name, avatar_id: avatar_id.0, locale };
        let user = self.update.execute(actor, input).await?;
        Ok(UserResponse { user: User::from(&user) })
    }
}
