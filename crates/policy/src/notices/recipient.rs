//! Whom a notice goes to, if anybody.

use super::{MailAddress, MailPolicy, MailStop, NoticeFacts, NoticeStep, NoticeWhy};
use crate::account::Status;

/// Reader of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The account's owner.
    Owner(MailAddress),
    /// The workspace's team, because the owner has no address that works.
    Team(Vec<MailAddress>),
    /// Nobody, for that reason.
    Nobody(NoticeWhy),
}

/// Whom to tell of a notice. What an owner cannot be told is the team's; what an owner does not want to hear is not.
pub fn delivery(facts: &NoticeFacts) -> Delivery {
    match facts.tenant.policy {
        MailPolicy::None => return Delivery::Nobody(NoticeWhy::PolicyNone),
        MailPolicy::Event => return Delivery::Nobody(NoticeWhy::PolicyEvent),
        MailPolicy::Mail | MailPolicy::Both => {}
    }
    let otherwise = match (&facts.owner.address, facts.owner.stop) {
        (Some(address), None) => return Delivery::Owner(address.clone()),
        (Some(_), Some(MailStop::OptedOut)) => return Delivery::Nobody(NoticeWhy::OptedOut),
        (Some(_), Some(MailStop::Undeliverable)) => NoticeWhy::Undeliverable,
        (None, _) => NoticeWhy::NoAddress,
    };
    if facts.tenant.contacts.is_empty() {
        Delivery::Nobody(otherwise)
    } else {
        Delivery::Team(facts.tenant.contacts.clone())
    }
}

impl NoticeFacts {
    /// Reason for which it is not needed any more, whoever it would go to; null while it is.
    pub fn unneeded(&self) -> Option<NoticeWhy> {
        if self.tenant.is_over {
            return Some(NoticeWhy::WorkspaceOver);
        }
        match (self.notice.step, self.status) {
            (_, Status::Disconnected) => Some(NoticeWhy::Disconnected),
            (NoticeStep::Back, Status::Connected) => None,
            (NoticeStep::Back, _) => Some(NoticeWhy::LostAgain),
            (_, Status::Connected) => Some(NoticeWhy::CameBack),
            _ => self.episode.ended_at.map(|_| NoticeWhy::CameBack),
        }
    }
}
