//! The TypeScript side of the wire types.

use std::path::Path;

use ts_rs::{Config, ExportError, TS};

use super::{admin, commands, errors, facts, marks, objects, reports, requests, responses};

/// Writes one file a type into `directory`.
///
/// # Errors
/// When a file cannot be written.
pub fn export(directory: &Path) -> Result<(), ExportError> {
    let config = Config::new().with_large_int("number").with_out_dir(directory);
    macro_rules! export {
        ($($type:ty),* $(,)?) => { $(<$type>::export_all(&config)?;)* };
    }
    export![
        commands::SendMessage,
        commands::EditMessage,
        commands::DeleteMessage,
        commands::ReactMessage,
        commands::ListMessages,
        commands::CreateConversation,
        commands::ConversationRef,
        commands::MarkRead,
        commands::SyncRequest,
        commands::WatchPresence,
        commands::SetTyping,
        commands::Empty,
        errors::ErrorBody,
        errors::Problem,
        facts::SessionReady,
        facts::MessageFact,
        facts::ConversationFact,
        facts::ConversationRemoved,
        facts::UserDeleted,
        facts::UserUpdated,
        marks::MarksChanged,
        marks::MarksResponse,
        marks::SetMarks,
        reports::ReportMessage,
        reports::ReportPage,
        reports::CloseReport,
        facts::ConversationRead,
        facts::TypingChanged,
        facts::PresenceChanged,
        facts::SyncNeeded,
        objects::Conversation,
        requests::Register,
        requests::Login,
        requests::ChangePassword,
        requests::UpdateProfile,
        requests::CreateInvite,
        responses::InviteResponse,
        responses::InviteList,
        responses::InvitePreview,
        requests::SetRole,
        requests::UpdateConversation,
        requests::AddMembers,
        requests::PostMessage,
        responses::AttachmentResponse,
        responses::UserResponse,
        responses::UserPage,
        responses::SessionList,
        responses::ConversationResponse,
        responses::ConversationList,
        responses::ChannelPage,
        responses::MemberPage,
        responses::ReadPositions,
        responses::MessageResponse,
        responses::MessagePage,
        responses::ReadState,
        responses::SearchPage,
        responses::PresenceList,
        responses::SyncResult,
        responses::Done,
        requests::CloseAccount,
        admin::Server,
        admin::AdminAccountResponse,
        admin::AdminAccountPage,
        admin::AccountFilter,
        admin::UpdateAccount,
        admin::NewPassword,
        admin::AdminChannelResponse,
        admin::AdminChannelPage,
        admin::RenameChannel,
        admin::Settings,
        admin::Figures,
    ];
    Ok(())
}
