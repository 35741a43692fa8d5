//! Invitations.

use std::{net::IpAddr, sync::Arc};

use super::known;
use crate::{
    adapters::dto::{
        objects::{ConversationKind, Invite, User},
        requests::CreateInvite,
        responses::{ConversationResponse, InviteList, InvitePreview, InviteResponse},
    },
    domain::{
        entities::{actor::Actor, invite::InviteTerms},
        error::{DomainError, Result},
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::{invites, users::find_users::FindUsers},
    },
};

pub struct InviteController {
    pub create: invites::create::CreateInvite,
    pub list: invites::list::ListInvites,
    pub revoke: invites::revoke::RevokeInvite,
    pub look: invites::look::LookAtInvite,
    pub accept: invites::accept::AcceptInvite,
    pub find_users: FindUsers,
    pub limiter: Arc<dyn RateLimiter>,
}

impl InviteController {
    pub async fn create(
        &self,
        actor: Actor,
        conversation: &str,
        input: CreateInvite,
    ) -> Result<InviteResponse> {
        self.may(Action::Write, actor)?;
        let terms =
            InviteTerms::parse(input.expires_in_hours, input.max_uses).map_err(DomainError::Invalid)?;
        let invite = self.create.execute(actor, known(conversation, "conversation")?, terms).await?;
        Ok(InviteResponse { invite: Invite::from(&invite) })
    }

    pub async fn list(&self, actor: Actor, conversation: &str) -> Result<InviteList> {
        self.may(Action::Read, actor)?;
        let invites = self.list.execute(actor, known(conversation, "conversation")?).await?;
        Ok(InviteList { invites: invites.iter().map(Invite::from).collect() })
    }

    pub async fn revoke(&self, actor: Actor, conversation: &str, id: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.revoke.execute(actor, known(conversation, "conversation")?, known(id, "invite")?).await
    }

    /// Also for who is not signed in, who is counted by address.
    pub async fn look(&self, actor: Option<Actor>, address: IpAddr, id: &str) -> Result<InvitePreview> {
        let subject = actor.map_or(Subject::Address(address), |actor| Subject::User(actor.user));
        self.limiter.check(Action::Read, &subject)?;
        let (invite, conversation) = self.look.execute(known(id, "invite")?).await?;
        let creator = self.find_users.one(invite.creator).await?;
        Ok(InvitePreview {
            kind: ConversationKind::from(conversation.kind),
            title: conversation.title.as_ref().map(|title| title.as_str().to_owned()),
            member_count: conversation.member_count,
            creator: User::from(&creator),
        })
    }

    pub async fn accept(&self, actor: Actor, id: &str) -> Result<ConversationResponse> {
        self.may(Action::Write, actor)?;
        let view = self.accept.execute(actor, known(id, "invite")?).await?;
        Ok(ConversationResponse { conversation: (&view).into() })
    }

    fn may(&self, action: Action, actor: Actor) -> Result<()> {
        self.limiter.check(action, &Subject::User(actor.user))
    }
}
