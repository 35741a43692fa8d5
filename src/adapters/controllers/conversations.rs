//! Conversations and their members.

use std::sync::Arc;

use super::{known, page_limit, user_ids};
use crate::{
    adapters::dto::{
        commands::CreateConversation,
        objects::{Conversation, User},
        requests::{AddMembers, ChannelQuery, PageQuery, SetRole, UpdateConversation},
        responses::{
            ChannelPage, ConversationList, ConversationResponse, MemberDetail, MemberPage, ReadPositions,
            ReadState,
        },
    },
    domain::{
        entities::{actor::Actor, conversation::ConversationView, ids::ConversationId},
        error::Result,
        interfaces::rate_limiter::{Action, RateLimiter, Subject},
        usecases::conversations,
    },
};

pub struct ConversationController {
    pub create: conversations::create::CreateConversation,
    pub list: conversations::list::ListConversations,
    pub list_members: conversations::list_members::ListMembers,
    pub list_reads: conversations::list_reads::ListReads,
    pub browse_channels: conversations::browse_channels::BrowseChannels,
    pub rename: conversations::rename::RenameConversation,
    pub add_members: conversations::add_members::AddMembers,
    pub join: conversations::join::JoinConversation,
    pub remove_member: conversations::remove_member::RemoveMember,
    pub set_role: conversations::set_role::SetRole,
    pub delete: conversations::delete::DeleteConversation,
    pub mark_read: conversations::mark_read::MarkRead,
    pub limiter: Arc<dyn RateLimiter>,
}

impl ConversationController {
    pub async fn list(&self, actor: Actor) -> Result<ConversationList> {
        self.may(Action::Read, actor)?;
        let views = self.list.all(actor).await?;
        Ok(ConversationList { conversations: views.iter().map(Conversation::from).collect() })
    }

    /// The conversation, and whether it is new.
    pub async fn create(
        &self,
        actor: Actor,
        input: CreateConversation,
    ) -> Result<(ConversationResponse, bool)> {
        self.may(Action::Write, actor)?;
        let members = user_ids(&input.member_ids, "memberIds")?;
        let input =
            conversations::create::ConversationInput { kind: input.kind, title: input.title, members };
        let (view, new) = self.create.execute(actor, input).await?;
        Ok((response(&view), new))
    }

    pub async fn one(&self, actor: Actor, id: &str) -> Result<ConversationResponse> {
        self.may(Action::Read, actor)?;
        Ok(response(&self.list.one(actor, conversation(id)?).await?))
    }

    pub async fn update(
        &self,
        actor: Actor,
        id: &str,
        input: UpdateConversation,
    ) -> Result<ConversationResponse> {
        self.may(Action::Write, actor)?;
        Ok(response(&self.rename.execute(actor, conversation(id)?, input.title.as_deref()).await?))
    }

    pub async fn delete(&self, actor: Actor, id: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.delete.execute(actor, conversation(id)?).await
    }

    pub async fn members(&self, actor: Actor, id: &str, page: PageQuery) -> Result<MemberPage> {
        self.may(Action::Read, actor)?;
        let limit = page_limit(page.limit)?;
        let (members, next) =
            self.list_members.execute(actor, conversation(id)?, page.cursor.as_deref(), limit).await?;
        let members =
            members.iter().map(|(user, role)| MemberDetail { user: User::from(user), role: (*role).into() });
        Ok(MemberPage { members: members.collect(), next_cursor: next.map(|id| id.to_string()) })
    }

    pub async fn reads(&self, actor: Actor, id: &str) -> Result<ReadPositions> {
        self.may(Action::Read, actor)?;
        let reads = self.list_reads.execute(actor, conversation(id)?).await?;
        Ok(ReadPositions { reads: reads.into_iter().map(|(user, seq)| (user.to_string(), seq)).collect() })
    }

    pub async fn add_members(
        &self,
        actor: Actor,
        id: &str,
        input: AddMembers,
    ) -> Result<ConversationResponse> {
        self.may(Action::Write, actor)?;
        let users = user_ids(&input.member_ids, "memberIds")?;
        Ok(response(&self.add_members.execute(actor, conversation(id)?, &users).await?))
    }

    pub async fn remove_member(&self, actor: Actor, id: &str, user: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.remove_member.execute(actor, conversation(id)?, known(user, "member")?).await
    }

    pub async fn set_role(
        &self,
        actor: Actor,
        id: &str,
        user: &str,
        input: SetRole,
    ) -> Result<ConversationResponse> {
        self.may(Action::Write, actor)?;
        let (id, user) = (conversation(id)?, known(user, "member")?);
        Ok(response(&self.set_role.execute(actor, id, user, &input.role).await?))
    }

    pub async fn join(&self, actor: Actor, id: &str) -> Result<ConversationResponse> {
        self.may(Action::Write, actor)?;
        Ok(response(&self.join.execute(actor, conversation(id)?).await?))
    }

    pub async fn leave(&self, actor: Actor, id: &str) -> Result<()> {
        self.may(Action::Write, actor)?;
        self.remove_member.execute(actor, conversation(id)?, actor.user).await
    }

    pub async fn channels(&self, actor: Actor, page: ChannelQuery) -> Result<ChannelPage> {
        self.may(Action::Read, actor)?;
        let limit = page_limit(page.limit)?;
        let page = self.browse_channels.execute(actor, &page.query, page.cursor.as_deref(), limit).await?;
        Ok(ChannelPage {
            channels: page.channels.iter().map(Conversation::from).collect(),
            next_cursor: page.next,
        })
    }

    pub async fn mark_read(&self, actor: Actor, id: &str, seq: u64) -> Result<ReadState> {
        self.may(Action::Write, actor)?;
        let view = self.mark_read.execute(actor, conversation(id)?, seq).await?;
        Ok(ReadState { read_seq: view.read_seq, unread_count: view.unread_count() })
    }

    fn may(&self, action: Action, actor: Actor) -> Result<()> {
        self.limiter.check(action, &Subject::User(actor.user))
    }
}

fn conversation(id: &str) -> Result<ConversationId> {
    known(id, "conversation")
}

fn response(view: &ConversationView) -> ConversationResponse {
    ConversationResponse { conversation: Conversation::from(view) }
}
