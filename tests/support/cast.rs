//! Who takes part in a test: accounts with their sessions on both sides, and campaigns.

use jiff::{SignedDuration, Timestamp};
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, AttemptId, CampaignId, WorkspaceId};
use policy::sends::sender::SendingRules;
use simulator::control::NewSession;
use store::seed::{Account, Campaign, Fleet};
use uuid::Uuid;

/// A fleet to be planted and the sessions to be created with it. Everything of the account `ada` has a name with
/// `ada` in it: session `s-ada`, identity `id-ada`, handle `ada`.
pub struct Cast {
    /// As things were at this instant.
    pub at: Timestamp,
    /// The rows.
    pub fleet: Fleet,
    /// The provider's sessions.
    pub sessions: Vec<NewSession>,
}

impl Cast {
    /// Nobody yet, and two workspaces.
    pub fn new(at: Timestamp) -> Self {
        let workspaces = ["First", "Second"]
            .map(|name| (WorkspaceId(Uuid::now_v7()), name.to_owned()))
            .to_vec();
        Self {
            at,
            fleet: Fleet {
                workspaces,
                ..Fleet::default()
            },
            sessions: vec![],
        }
    }

    /// A connected account and its live session.
    pub fn connected(&mut self, name: &str) -> AccountId {
        self.session(name);
        self.account(Account {
            session: Some(format!("s-{name}")),
            identity: Some(format!("id-{name}")),
            ..self.blank(name)
        })
    }

    /// So many connected accounts, and their sessions' names.
    pub fn crowd(&mut self, count: usize) -> Vec<(AccountId, String)> {
        let name = |number: usize| format!("crowd-{number:03}");
        (0..count)
            .map(|number| (self.connected(&name(number)), format!("s-{}", name(number))))
            .collect()
    }

    /// An account that waits for its first link; `change` says what is different.
    pub fn waiting(&mut self, name: &str, change: impl FnOnce(&mut Account)) -> AccountId {
        let mut account = Account {
            attempt: Some((AttemptId(Uuid::now_v7()), None)),
            ..self.blank(name)
        };
        change(&mut account);
        self.account(account)
    }

    /// A session that was made a minute after the cast's instant.
    pub fn session(&mut self, name: &str) {
        self.session_of(name, name, name);
    }

    /// A session with another's identity or handle.
    pub fn session_of(&mut self, name: &str, identity: &str, handle: &str) {
        let minute_later = self.at.checked_add(SignedDuration::from_mins(1));
        self.sessions.push(NewSession {
            id: Some(format!("s-{name}")),
            name: Some(name.to_owned()),
            identity: Some(format!("id-{identity}")),
            handle: Some(handle.to_owned()),
            created_at: minute_later.ok(),
            ..NewSession::default()
        });
    }

    /// A campaign of the first workspace with six prospects.
    pub fn campaign(&mut self, policy: OnSenderLoss, senders: &[AccountId]) -> CampaignId {
        let id = CampaignId(Uuid::now_v7());
        self.fleet.campaigns.push(Campaign {
            id,
            workspace: self.fleet.workspaces[0].0,
            name: format!("Campaign {}", self.fleet.campaigns.len() + 1),
            on_sender_loss: policy,
            senders: senders.to_vec(),
            enrollments: 6,
        });
        id
    }

    /// From now on that account sends, at any hour; without this, none of a cast does.
    pub fn sends(&mut self, account: AccountId) {
        let found = self.fleet.accounts.iter_mut().find(|one| one.id == account);
        found.expect("an account of this cast").rules = Some(rules(127));
    }

    /// The other workspace.
    pub fn second_workspace(&self) -> WorkspaceId {
        self.fleet.workspaces[1].0
    }

    fn blank(&self, name: &str) -> Account {
        Account {
            id: AccountId(Uuid::now_v7()),
            workspace: self.fleet.workspaces[0].0,
            kind: "LINKEDIN".to_owned(),
            tier: "free",
            name: name.to_owned(),
            handle: Some(name.to_owned()),
            identity: None,
            session: None,
            attempt: None,
            rules: Some(rules(0)),
        }
    }

    fn account(&mut self, account: Account) -> AccountId {
        let id = account.id;
        self.fleet.accounts.push(account);
        id
    }
}

/// At any hour of these weekdays, without a ramp.
fn rules(days: u8) -> SendingRules {
    SendingRules {
        zone: "Europe/Berlin".to_owned(),
        start_minute: 0,
        end_minute: 1440,
        days,
        ramp_start: 1_000,
        ramp_step: 0,
    }
}
