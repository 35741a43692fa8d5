//! The server, and what its administrators do.

use std::{net::IpAddr, sync::Arc};

use super::{known, page_limit};
use crate::{
    adapters::dto::{
        admin::{
            AccountQuery, AdminAccount, AdminAccountPage, AdminAccountResponse, AdminChannel,
            AdminChannelPage, AdminChannelResponse, Figures, NewPassword, RenameChannel, Server, Settings,
            UpdateAccount,
        },
        requests::ChannelQuery,
    },
    domain::{
        entities::actor::Actor,
        error::Result,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::admin::{
            accounts::{AccountChange, AccountsWanted, AdministrateAccounts},
            channels::AdministrateChannels,
            server::AdministrateServer,
        },
    },
};

pub struct AdminController {
    pub server: AdministrateServer,
    pub accounts: AdministrateAccounts,
    pub channels: AdministrateChannels,
    pub limiter: Arc<dyn RateLimiter>,
}

impl AdminController {
    /// Also for who is not signed in, who is counted by address.
    pub async fn server(&self, actor: Option<Actor>, address: IpAddr) -> Result<Server> {
        let subject = actor.map_or(Subject::Address(address), |actor| Subject::User(actor.user));
        self.limiter.check(Action::Read, &subject)?;
        Ok(Server::from(self.server.look(actor).await?))
    }

    pub async fn settings(&self, actor: Actor, input: Settings) -> Result<Settings> {
        self.may(Action::Write, actor)?;
        self.server.set_registration(actor, input.registration.into()).await?;
        Ok(input)
    }

    pub async fn figures(&self, actor: Actor) -> Result<Figures> {
        self.may(Action::Search, actor)?;
        Ok(Figures::from(self.server.figures(actor).await?))
    }

    pub async fn users(&self, actor: Actor, input: AccountQuery) -> Result<AdminAccountPage> {
        self.may(Action::Read, actor)?;
        let AccountQuery { query, filter, limit, cursor } = input;
        let wanted = AccountsWanted {
            query: &query,
            filter: filter.into(),
            cursor: cursor.as_deref(),
            limit: page_limit(limit)?,
        };
        let page = self.accounts.list(actor, wanted).await?;
        Ok(AdminAccountPage {
            accounts: page.accounts.iter().map(AdminAccount::from).collect(),
            next_cursor: page.next.map(|username| username.as_str().to_owned()),
        })
    }

    pub async fn update_user(
        &self,
        actor: Actor,
        id: &str,
        input: UpdateAccount,
    ) -> Result<AdminAccountResponse> {
        self.may(Action::Write, actor)?;
        let UpdateAccount { admin, banned } = input;
        let account =
            self.accounts.change(actor, known(id, "user")?, AccountChange { admin, banned }).await?;
        Ok(AdminAccountResponse { account: AdminAccount::from(&account) })
    }

    pub async fn reset_password(&self, actor: Actor, id: &str) -> Result<NewPassword> {
        self.may(Action::Write, actor)?;
        Ok(NewPassword { password: self.accounts.reset_password(actor, known(id, "user")?).await? })
    }

    pub async fn delete_user(&self, actor: Actor, id: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.accounts.delete(actor, known(id, "user")?).await
    }

    pub async fn channels(&self, actor: Actor, input: ChannelQuery) -> Result<AdminChannelPage> {
        self.may(Action::Read, actor)?;
        let ChannelQuery { query, limit, cursor } = input;
        let limit = page_limit(limit)?;
        let page = self.channels.list(actor, &query, cursor.as_deref(), limit).await?;
        let shown = |channel| AdminChannel::new(channel, page.general == Some(channel.id));
        Ok(AdminChannelPage {
            channels: page.channels.iter().map(shown).collect(),
            next_cursor: page.next.clone(),
        })
    }

    pub async fn rename_channel(
        &self,
        actor: Actor,
        id: &str,
        input: RenameChannel,
    ) -> Result<AdminChannelResponse> {
        self.may(Action::Write, actor)?;
        let channel = self.channels.rename(actor, known(id, "channel")?, &input.title).await?;
        Ok(AdminChannelResponse { channel: AdminChannel::new(&channel, false) })
    }

    pub async fn delete_channel(&self, actor: Actor, id: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.channels.delete(actor, known(id, "channel")?).await
    }

    fn may(&self, action: Action, actor: Actor) -> Result<()> {
        self.limiter.check(action, &Subject::User(actor.user))
    }
}
