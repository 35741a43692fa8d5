//! The use cases, put together.

use std::sync::Arc;

use super::Gateways;
use crate::{
    adapters::controllers::{
        Controllers, admin::AdminController, attachments::AttachmentController, auth::AuthController,
        conversations::ConversationController, invites::InviteController, marks::MarkController,
        messages::MessageController, presence::PresenceController, reports::ReportController,
        users::UserController,
    },
    config::Config,
    domain::{
        interfaces::rate_limiter::RateLimiter,
        usecases::{
            admin::{
                accounts::AdministrateAccounts, channels::AdministrateChannels, server::AdministrateServer,
            },
            attachments::{
                avatar::Avatars,
                open::OpenAttachment,
                sweep::SweepUploads,
                take_back::TakeBackUpload,
                upload::{UploadAttachment, UploadLimits},
            },
            auth::{
                change_password::ChangePassword, list_sessions::ListSessions, login::Login, logout::Logout,
                register::Register, revoke_session::RevokeSession,
            },
            conversations::{
                add_members::AddMembers, browse_channels::BrowseChannels, create::CreateConversation,
                delete::DeleteConversation, join::JoinConversation, list::ListConversations,
                list_members::ListMembers, list_reads::ListReads, mark_read::MarkRead,
                remove_member::RemoveMember, rename::RenameConversation, set_role::SetRole,
            },
            invites::{
                Inviters, accept::AcceptInvite, create::CreateInvite, list::ListInvites, look::LookAtInvite,
                revoke::RevokeInvite,
            },
            marks::{block::BlockUser, list_marks::ListMarks, set_marks::SetMarks},
            messages::{
                delete::DeleteMessage, edit::EditMessage, find::FindMessage, list::ListMessages,
                react::ReactToMessage, search::SearchMessages, send::SendMessage, sync::Sync,
            },
            presence::{track_presence::TrackPresence, typing::Typing},
            reports::{close::CloseReport, list::ListReports, report::ReportMessage},
            users::{
                close_account::{CloseAccount, CloseOwnAccount},
                export_own::ExportOwn,
                find_users::FindUsers,
                search_users::SearchUsers,
                update_profile::UpdateProfile,
            },
        },
    },
};

/// Everything that clients can ask for.
pub(super) fn controllers(
    config: &Config,
    gateways: &Gateways,
    track: &Arc<TrackPresence>,
    typing: &Arc<Typing>,
) -> Controllers {
    let limiter: Arc<dyn RateLimiter> = Arc::clone(&gateways.limits) as _;
    Controllers {
        auth: auth(gateways, &limiter),
        users: users(gateways, &limiter),
        conversations: conversations(config, gateways, &limiter),
        messages: messages(gateways, &limiter),
        invites: invites(config, gateways, &limiter),
        marks: marks(gateways, &limiter),
        reports: reports(gateways, &limiter),
        attachments: attachments(config, gateways, &limiter),
        admin: admin(gateways, &limiter),
        presence: PresenceController { track: Arc::clone(track), typing: Arc::clone(typing), limiter },
    }
}

fn admin(gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> AdminController {
    let Gateways { users, accounts, sessions, conversations, invites, publisher, hasher, .. } = gateways;
    AdminController {
        server: AdministrateServer {
            users: Arc::clone(users),
            accounts: Arc::clone(accounts),
            conversations: Arc::clone(conversations),
            publisher: Arc::clone(publisher),
            started_at: gateways.clock.now(),
        },
        accounts: AdministrateAccounts {
            users: Arc::clone(users),
            accounts: Arc::clone(accounts),
            sessions: Arc::clone(sessions),
            publisher: Arc::clone(publisher),
            hasher: Arc::clone(hasher),
            close: Arc::new(close_account(gateways)),
            ids: Arc::clone(&gateways.ids),
            clock: Arc::clone(&gateways.clock),
        },
        channels: AdministrateChannels {
            users: Arc::clone(users),
            conversations: Arc::clone(conversations),
            invites: Arc::clone(invites),
            browse: BrowseChannels { conversations: Arc::clone(conversations) },
            tidy: Arc::clone(&gateways.tidy),
        },
        limiter: Arc::clone(limiter),
    }
}

fn remove_member(gateways: &Gateways) -> RemoveMember {
    let Gateways { conversations, tidy, invites, .. } = gateways;
    RemoveMember {
        conversations: Arc::clone(conversations),
        tidy: Arc::clone(tidy),
        invites: Arc::clone(invites),
    }
}

fn close_account(gateways: &Gateways) -> CloseAccount {
    CloseAccount {
        accounts: Arc::clone(&gateways.accounts),
        sessions: Arc::clone(&gateways.sessions),
        conversations: Arc::clone(&gateways.conversations),
        marks: Arc::clone(&gateways.marks),
        reports: Arc::clone(&gateways.reports),
        leave: remove_member(gateways),
        avatars: Arc::new(avatars(gateways)),
        publisher: Arc::clone(&gateways.publisher),
        clock: Arc::clone(&gateways.clock),
    }
}

fn users(gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> UserController {
    let Gateways { users, sessions, conversations, messages, hasher, clock, .. } = gateways;
    UserController {
        find: FindUsers { users: Arc::clone(users) },
        search: SearchUsers { users: Arc::clone(users) },
        update: UpdateProfile { users: Arc::clone(users), avatars: Arc::new(avatars(gateways)) },
        close: CloseOwnAccount {
            users: Arc::clone(users),
            hasher: Arc::clone(hasher),
            limiter: Arc::clone(limiter),
            close: Arc::new(close_account(gateways)),
        },
        export: Arc::new(ExportOwn {
            users: Arc::clone(users),
            sessions: Arc::clone(sessions),
            conversations: Arc::clone(conversations),
            messages: Arc::clone(messages),
            clock: Arc::clone(clock),
        }),
        limiter: Arc::clone(limiter),
    }
}

fn inviters(gateways: &Gateways) -> Arc<Inviters> {
    let Gateways { conversations, users, .. } = gateways;
    Arc::new(Inviters { conversations: Arc::clone(conversations), users: Arc::clone(users) })
}

fn look_at_invite(gateways: &Gateways) -> LookAtInvite {
    let Gateways { conversations, invites, clock, .. } = gateways;
    LookAtInvite {
        inviters: inviters(gateways),
        conversations: Arc::clone(conversations),
        invites: Arc::clone(invites),
        clock: Arc::clone(clock),
    }
}

fn auth(gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> AuthController {
    let Gateways { users, accounts, sessions, hasher, screen, clock, ids, publisher, .. } = gateways;
    AuthController {
        register: Register {
            users: Arc::clone(users),
            accounts: Arc::clone(accounts),
            look: look_at_invite(gateways),
            hasher: Arc::clone(hasher),
            screen: Arc::clone(screen),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
        },
        login: Login {
            users: Arc::clone(users),
            accounts: Arc::clone(accounts),
            hasher: Arc::clone(hasher),
            limiter: Arc::clone(limiter),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
        },
        logout: Logout { sessions: Arc::clone(sessions), publisher: Arc::clone(publisher) },
        change_password: ChangePassword {
            users: Arc::clone(users),
            sessions: Arc::clone(sessions),
            hasher: Arc::clone(hasher),
            screen: Arc::clone(screen),
            limiter: Arc::clone(limiter),
            publisher: Arc::clone(publisher),
        },
        list_sessions: ListSessions { sessions: Arc::clone(sessions), clock: Arc::clone(clock) },
        revoke_session: RevokeSession { sessions: Arc::clone(sessions), publisher: Arc::clone(publisher) },
        limiter: Arc::clone(limiter),
    }
}

fn conversations(
    config: &Config,
    gateways: &Gateways,
    limiter: &Arc<dyn RateLimiter>,
) -> ConversationController {
    let Gateways { conversations, users, clock, ids, tidy, invites, marks, .. } = gateways;
    let max_group_members = config.limits.group_max_members as usize;
    ConversationController {
        create: CreateConversation {
            conversations: Arc::clone(conversations),
            marks: Arc::clone(marks),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
            max_group_members,
        },
        list: ListConversations { conversations: Arc::clone(conversations) },
        list_members: ListMembers { conversations: Arc::clone(conversations), users: Arc::clone(users) },
        list_reads: ListReads { conversations: Arc::clone(conversations) },
        browse_channels: BrowseChannels { conversations: Arc::clone(conversations) },
        rename: RenameConversation { conversations: Arc::clone(conversations) },
        add_members: AddMembers {
            conversations: Arc::clone(conversations),
            marks: Arc::clone(marks),
            clock: Arc::clone(clock),
            max_group_members,
        },
        join: JoinConversation { conversations: Arc::clone(conversations), clock: Arc::clone(clock) },
        remove_member: remove_member(gateways),
        set_role: SetRole { conversations: Arc::clone(conversations) },
        delete: DeleteConversation {
            conversations: Arc::clone(conversations),
            tidy: Arc::clone(tidy),
            invites: Arc::clone(invites),
        },
        mark_read: MarkRead { conversations: Arc::clone(conversations) },
        limiter: Arc::clone(limiter),
    }
}

fn invites(config: &Config, gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> InviteController {
    let Gateways { conversations, users, invites, clock, ids, .. } = gateways;
    InviteController {
        create: CreateInvite {
            inviters: inviters(gateways),
            invites: Arc::clone(invites),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
        },
        list: ListInvites {
            inviters: inviters(gateways),
            invites: Arc::clone(invites),
            clock: Arc::clone(clock),
        },
        revoke: RevokeInvite { inviters: inviters(gateways), invites: Arc::clone(invites) },
        look: look_at_invite(gateways),
        accept: AcceptInvite {
            look: look_at_invite(gateways),
            conversations: Arc::clone(conversations),
            invites: Arc::clone(invites),
            clock: Arc::clone(clock),
            max_group_members: config.limits.group_max_members as usize,
        },
        find_users: FindUsers { users: Arc::clone(users) },
        limiter: Arc::clone(limiter),
    }
}

fn reports(gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> ReportController {
    let Gateways { reports, messages, conversations, users, clock, ids, .. } = gateways;
    ReportController {
        report: ReportMessage {
            find: FindMessage { messages: Arc::clone(messages), conversations: Arc::clone(conversations) },
            reports: Arc::clone(reports),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
        },
        list: ListReports {
            users: Arc::clone(users),
            messages: Arc::clone(messages),
            reports: Arc::clone(reports),
        },
        close: CloseReport {
            users: Arc::clone(users),
            reports: Arc::clone(reports),
            delete: delete_message(gateways),
            clock: Arc::clone(clock),
        },
        limiter: Arc::clone(limiter),
    }
}

fn delete_message(gateways: &Gateways) -> DeleteMessage {
    DeleteMessage {
        messages: Arc::clone(&gateways.messages),
        conversations: Arc::clone(&gateways.conversations),
        clock: Arc::clone(&gateways.clock),
        tidy: Arc::clone(&gateways.tidy),
    }
}

fn marks(gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> MarkController {
    let marks = &gateways.marks;
    MarkController {
        list: ListMarks { marks: Arc::clone(marks) },
        set: SetMarks { marks: Arc::clone(marks) },
        block: BlockUser { marks: Arc::clone(marks) },
        limiter: Arc::clone(limiter),
    }
}

fn messages(gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> MessageController {
    let Gateways { messages, conversations, attachments, clock, ids, .. } = gateways;
    MessageController {
        send: SendMessage {
            messages: Arc::clone(messages),
            attachments: Arc::clone(attachments),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
        },
        edit: EditMessage {
            messages: Arc::clone(messages),
            conversations: Arc::clone(conversations),
            clock: Arc::clone(clock),
        },
        delete: delete_message(gateways),
        react: ReactToMessage { messages: Arc::clone(messages), conversations: Arc::clone(conversations) },
        find: FindMessage { messages: Arc::clone(messages), conversations: Arc::clone(conversations) },
        list: ListMessages { messages: Arc::clone(messages), conversations: Arc::clone(conversations) },
        sync: Sync { messages: Arc::clone(messages) },
        search: SearchMessages { messages: Arc::clone(messages), conversations: Arc::clone(conversations) },
        limiter: Arc::clone(limiter),
    }
}

fn attachments(config: &Config, gateways: &Gateways, limiter: &Arc<dyn RateLimiter>) -> AttachmentController {
    let Gateways { attachments, messages, conversations, blobs, media, clock, ids, tidy, .. } = gateways;
    AttachmentController {
        upload: UploadAttachment {
            attachments: Arc::clone(attachments),
            blobs: Arc::clone(blobs),
            media: Arc::clone(media),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
            tidy: Arc::clone(tidy),
            limits: UploadLimits {
                bytes: config.uploads.upload_max_bytes,
                unclaimed: config.uploads.upload_max_unclaimed,
            },
        },
        open: OpenAttachment {
            attachments: Arc::clone(attachments),
            messages: Arc::clone(messages),
            conversations: Arc::clone(conversations),
            blobs: Arc::clone(blobs),
        },
        take_back: TakeBackUpload { attachments: Arc::clone(attachments), tidy: Arc::clone(tidy) },
        limiter: Arc::clone(limiter),
    }
}

fn avatars(gateways: &Gateways) -> Avatars {
    let Gateways { attachments, blobs, media, tidy, .. } = gateways;
    Avatars {
        attachments: Arc::clone(attachments),
        blobs: Arc::clone(blobs),
        media: Arc::clone(media),
        tidy: Arc::clone(tidy),
    }
}

/// The job that forgets files that no message has.
pub(super) fn sweep(config: &Config, gateways: &Gateways) -> SweepUploads {
    let Gateways { attachments, messages, users, blobs, clock, tidy, .. } = gateways;
    SweepUploads {
        attachments: Arc::clone(attachments),
        messages: Arc::clone(messages),
        users: Arc::clone(users),
        blobs: Arc::clone(blobs),
        tidy: Arc::clone(tidy),
        clock: Arc::clone(clock),
        patience: config.uploads.patience(),
    }
}
