//! A believable fleet, and what will befall it. Seeded: the same plan every time.

pub(super) mod everyday;
pub(super) mod lives;
mod person;
mod planting;
mod sending;
mod troubles;

use jiff::Timestamp;
use person::Person;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, AttemptId, CampaignId, WorkspaceId};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use simulator::control::{Act, Faults, Kind, NewSession, Script, Step};
use store::seed::{Account, Campaign, Fleet, OwnCaps, Sequence};
use uuid::Uuid;

/// Decides everything that looks random.
const SEED: u64 = 0x5e1f_11fe;
/// The first is the one that loses most of its sessions at once.
const WORKSPACES: [&str; 3] = ["Northwind", "Acme Robotics", "Blue Harbour"];
/// Accounts whose link has not landed yet, one in so many.
const ORPHANS_ONE_IN: u32 = 16;
const CAMPAIGNS_OF_ACCOUNTS: (u32, u32) = (3, 10);
const ENROLLMENTS_OF_ACCOUNT: u32 = 25;
/// Campaigns that write e-mails, one in so many.
const MAIL_ONE_IN: usize = 7;
/// Kinds of mailboxes, in turn.
const MAILBOXES: [Kind; 4] = [Kind::Google, Kind::Outlook, Kind::Mail, Kind::Icloud];
/// The type of accounts that are people's profiles.
const LINKEDIN: &str = "LINKEDIN";

/// Rows to plant, sessions to create, and the script of what happens to them.
pub(crate) struct Plan {
    pub(crate) fleet: Fleet,
    pub(crate) sessions: Vec<NewSession>,
    pub(crate) script: Script,
    pub(crate) sequences: Vec<Sequence>,
    pub(crate) own_caps: Vec<OwnCaps>,
    /// What goes wrong with outward calls.
    pub(crate) faults: Faults,
    /// Nothing of it was kept from a run before.
    is_new: bool,
}

impl Plan {
    /// A fleet of so many accounts, with campaigns and enrollments in proportion, as of `at`.
    pub(crate) fn of(accounts: u32, at: Timestamp) -> Self {
        let mut random = SmallRng::seed_from_u64(SEED);
        let workspaces: Vec<(WorkspaceId, String)> = WORKSPACES
            .iter()
            .map(|name| (WorkspaceId(Uuid::now_v7()), (*name).to_owned()))
            .collect();
        let mut plan = Self {
            fleet: Fleet::default(),
            sessions: vec![],
            script: Script::default(),
            sequences: vec![],
            own_caps: vec![],
            faults: sending::faults(),
            is_new: true,
        };
        for number in 0..accounts {
            let person = Person::of(number, &mut random);
            let (workspace, label) = &workspaces[number as usize % workspaces.len()];
            if number % ORPHANS_ONE_IN == ORPHANS_ONE_IN - 1 {
                plan.orphan(&person, *workspace, &mut random);
            } else {
                plan.connected(&person, (*workspace, label), at);
            }
        }
        plan.campaigns(&workspaces, &mut random);
        plan.fleet.workspaces = workspaces;
        plan.troubles();
        plan.restriction();
        plan
    }

    /// The script of a provider whose clock starts at `from`. A fleet that is new meets the provider's daily restart, and
    /// the loss that the mass-change breaker must stop.
    pub(crate) fn script_from(&self, from: Timestamp) -> Script {
        let mut script = self.script.clone();
        if self.is_new {
            let accounts = u32::try_from(self.fleet.accounts.len()).unwrap_or(u32::MAX);
            script.bursts.push(lives::loss_at_once(accounts, from));
            script.daily_restart = lives::daily_restart(from);
        }
        script
    }

    /// For data that was kept: what the script would let appear is there from the start, and what it did to the others
    /// is over.
    pub(crate) fn all_live(&mut self) {
        self.is_new = false;
        let steps = std::mem::take(&mut self.script.steps);
        let appeared = steps
            .into_iter()
            .filter(|step| step.act == Act::Appear)
            .map(|step| NewSession {
                id: Some(step.session),
                kind: step.kind,
                name: step.name,
                identity: step.identity,
                handle: step.handle,
                tier: step.tier,
                ..NewSession::default()
            });
        self.sessions.extend(appeared);
    }

    fn connected(
        &mut self,
        person: &Person,
        (workspace, label): (WorkspaceId, &str),
        at: Timestamp,
    ) {
        self.sessions.push(NewSession {
            id: Some(person.session.clone()),
            kind: person.kind,
            name: Some(person.shown_name()),
            identity: Some(person.identity.clone()),
            handle: Some(person.handle.clone()),
            tier: person.tier,
            created_at: Some(at),
            workspace: Some(label.to_owned()),
            ..NewSession::default()
        });
        let account = Account {
            identity: Some(person.identity.clone()),
            session: Some(person.session.clone()),
            ..person.account(workspace)
        };
        self.own_caps
            .extend(sending::own_caps(person.number, account.id));
        self.fleet.accounts.push(account);
    }

    /// An owner finished the link at the provider, but its callback never came here. Half of them were told the
    /// session by the 202 answer of the attempt, half only declared who they are. Some never finished it.
    fn orphan(&mut self, person: &Person, workspace: WorkspaceId, random: &mut SmallRng) {
        let told = person
            .number
            .is_multiple_of(2)
            .then(|| person.session.clone());
        let told = if random.random_bool(0.5) {
            Some(person.session.clone())
        } else {
            told
        };
        self.fleet.accounts.push(Account {
            attempt: Some((AttemptId(Uuid::now_v7()), told)),
            ..person.account(workspace)
        });
        let at_seconds = random.random_range(60.0..600.0);
        if person.gave_up() {
            return;
        }
        self.script.steps.push(Step {
            at_seconds,
            session: person.session.clone(),
            act: Act::Appear,
            quiet: true,
            kind: person.kind,
            name: Some(person.name.clone()),
            identity: Some(person.identity.clone()),
            handle: Some(person.handle.clone()),
            tier: person.tier,
        });
    }

    fn campaigns(&mut self, workspaces: &[(WorkspaceId, String)], random: &mut SmallRng) {
        let accounts = self.fleet.accounts.len();
        let (some, of) = CAMPAIGNS_OF_ACCOUNTS;
        let count = accounts * some as usize / of as usize;
        for number in 0..count {
            let workspace = workspaces[number % workspaces.len()].0;
            let is_mail = number % MAIL_ONE_IN == MAIL_ONE_IN - 1;
            let own: Vec<AccountId> = self
                .fleet
                .accounts
                .iter()
                .filter(|account| account.workspace == workspace && account.session.is_some())
                .filter(|account| (account.kind != LINKEDIN) == is_mail)
                .map(|account| account.id)
                .collect();
            let first = random.random_range(0..own.len());
            let senders = (0..random.random_range(1..=3_usize.min(own.len())))
                .map(|step| own[(first + step) % own.len()]);
            let id = CampaignId(Uuid::now_v7());
            self.sequences.push(sending::sequence(number, id, is_mail));
            self.fleet.campaigns.push(Campaign {
                id,
                workspace,
                name: format!("Campaign {}", number + 1),
                on_sender_loss: if number % 4 == 0 {
                    OnSenderLoss::ContinueWithRemaining
                } else {
                    OnSenderLoss::PauseCampaign
                },
                senders: senders.collect(),
                enrollments: accounts * ENROLLMENTS_OF_ACCOUNT as usize / count,
            });
        }
    }
}
