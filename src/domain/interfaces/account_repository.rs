//! Where is kept what administrators decide: of people, and of the server.

use async_trait::async_trait;

use crate::domain::{
    entities::{
        account::{Account, AccountFilter, AccountPatch},
        ids::UserId,
        registration::Registration,
        timestamp::Timestamp,
        user::Username,
    },
    error::Result,
};

/// One page of accounts, sorted by username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPage {
    pub accounts: Vec<Account>,
    /// Give this back as `after` for the next page; `None` on the last one.
    pub next: Option<Username>,
}

/// How much there is; all but the first two may be estimates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub users: u64,
    pub banned_users: u64,
    pub conversations: u64,
    pub messages: u64,
    pub files: u64,
    /// Bytes.
    pub file_bytes: u64,
}

#[async_trait]
pub trait AccountRepository: Send + Sync {
    async fn account(&self, id: UserId) -> Result<Option<Account>>;

    /// Those whom [`UserRepository::search`](super::user_repository::UserRepository::search) would find, as far as
    /// they pass the filter.
    async fn accounts(
        &self,
        prefix: &str,
        filter: AccountFilter,
        after: Option<&Username>,
        limit: u32,
    ) -> Result<AccountPage>;

    /// Changes an account, and answers it as it is afterwards. Of several who do so at once none takes the last
    /// administrator away.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, see [`Account::patched`].
    async fn patch_account(&self, id: UserId, patch: AccountPatch) -> Result<Account>;

    /// Whether [`AccountRepository::close_account`] would refuse it.
    ///
    /// # Errors
    /// `Invalid` naming `admin` for the only administrator while there are others.
    async fn ensure_may_close(&self, id: UserId) -> Result<()>;

    /// Forgets whatever is known of a person but that they were there; the name is free. Messages, sessions and
    /// memberships stay. Answers the account that was.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, see [`AccountRepository::ensure_may_close`].
    async fn close_account(&self, id: UserId, at: Timestamp) -> Result<Account>;

    /// Who may open an account; everybody until something else was decided.
    async fn registration(&self) -> Result<Registration>;

    async fn set_registration(&self, mode: Registration) -> Result<()>;

    /// Whether nobody is there, also nobody of another application.
    async fn is_empty(&self) -> Result<bool>;

    async fn figures(&self) -> Result<Figures>;
}
