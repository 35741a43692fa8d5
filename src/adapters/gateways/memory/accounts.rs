use async_trait::async_trait;

use super::{Memory, State, users::is_called};
use crate::domain::{
    entities::{
        account::{Account, AccountFilter, AccountPatch, last_admin},
        change::Change,
        ids::UserId,
        registration::Registration,
        search_text::fold,
        timestamp::Timestamp,
        user::Username,
    },
    error::{DomainError, Result},
    interfaces::account_repository::{AccountPage, AccountRepository, Figures},
};

const NOT_FOUND: DomainError = DomainError::NotFound("user");

impl State {
    fn account(&self, id: UserId) -> Option<Account> {
        let (user, _) = self.users.get(&id)?;
        Some(Account {
            user: user.clone(),
            admin: self.admins.contains(&id),
            banned_at: self.banned.get(&id).copied(),
        })
    }

    fn is_last_admin(&self, id: UserId) -> bool {
        self.admins.len() == 1 && self.admins.contains(&id)
    }

    fn ensure_may_close(&self, id: UserId) -> Result<()> {
        if self.is_last_admin(id) && self.users.len() > 1 {
            return Err(DomainError::Invalid(vec![last_admin()]));
        }
        Ok(())
    }
}

#[async_trait]
impl AccountRepository for Memory {
    async fn account(&self, id: UserId) -> Result<Option<Account>> {
        Ok(self.state()?.account(id))
    }

    async fn accounts(
        &self,
        prefix: &str,
        filter: AccountFilter,
        after: Option<&Username>,
        limit: u32,
    ) -> Result<AccountPage> {
        let (state, prefix) = (self.state()?, fold(prefix));
        let fits = |account: &Account| {
            after.is_none_or(|after| account.user.username > *after)
                && is_called(&account.user, &prefix)
                && match filter {
                    AccountFilter::All => true,
                    AccountFilter::Admins => account.admin,
                    AccountFilter::Banned => account.banned_at.is_some(),
                }
        };
        let mut accounts: Vec<Account> =
            state.users.keys().filter_map(|id| state.account(*id)).filter(fits).collect();
        accounts.sort_by(|a, b| a.user.username.cmp(&b.user.username));
        let limit = limit.max(1) as usize;
        let next = (accounts.len() > limit).then(|| accounts[limit - 1].user.username.clone());
        accounts.truncate(limit);
        Ok(AccountPage { accounts, next })
    }

    async fn patch_account(&self, id: UserId, patch: AccountPatch) -> Result<Account> {
        let mut state = self.state()?;
        let account = state.account(id).ok_or(NOT_FOUND)?;
        let account = account
            .patched(patch, state.is_last_admin(id))
            .map_err(|error| DomainError::Invalid(vec![error]))?;
        if account.admin {
            state.admins.insert(id)
        } else {
            state.admins.remove(&id)
        };
        match account.banned_at {
            Some(at) => state.banned.insert(id, at),
            None => state.banned.remove(&id),
        };
        Ok(account)
    }

    async fn ensure_may_close(&self, id: UserId) -> Result<()> {
        self.state()?.ensure_may_close(id)
    }

    async fn close_account(&self, id: UserId, at: Timestamp) -> Result<Account> {
        let mut state = self.state()?;
        let account = state.account(id).ok_or(NOT_FOUND)?;
        state.ensure_may_close(id)?;
        state.users.remove(&id);
        state.admins.remove(&id);
        state.banned.remove(&id);
        state.gone.insert(id, at);
        state.publish(Change::Profile(id));
        Ok(account)
    }

    async fn registration(&self) -> Result<Registration> {
        Ok(self.state()?.registration.unwrap_or_default())
    }

    async fn set_registration(&self, mode: Registration) -> Result<()> {
        self.state()?.registration = Some(mode);
        Ok(())
    }

    async fn is_empty(&self) -> Result<bool> {
        Ok(self.state()?.users.is_empty())
    }

    async fn figures(&self) -> Result<Figures> {
        let state = self.state()?;
        let files = || state.uploads.values().filter(|stored| !stored.discarded);
        Ok(Figures {
            users: state.users.len() as u64,
            banned_users: state.banned.len() as u64,
            conversations: state.rooms.len() as u64,
            messages: state.places.len() as u64,
            files: files().count() as u64,
            file_bytes: files().map(|stored| stored.upload.attachment.size).sum(),
        })
    }
}
