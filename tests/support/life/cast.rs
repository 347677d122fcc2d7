//! Who lives: people with their sessions, windows and caps, and campaigns of any steps.

use super::Life;
use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use policy::sends::sender::SendingRules;
use simulator::control::{Kind, NewSession};
use store::seed::{Account, Fleet};
use uuid::Uuid;

/// An account to be. Its session is `s-` and its name.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Its name.
    pub name: &'static str,
    /// Its zone.
    pub zone: &'static str,
    /// Local minutes: first, and first no longer.
    pub window: (u16, u16),
    /// Active weekdays, Monday lowest.
    pub days: u8,
    /// Sends a day when new, and how many more each day.
    pub ramp: (u32, u32),
    /// Caps of its own: action, day, week.
    pub caps: &'static [(&'static str, i32, i32)],
    /// It writes e-mails, and nothing else.
    pub is_mailbox: bool,
}

/// A step of a campaign: the action, and the wait before it.
pub type Step = (&'static str, &'static str);

/// A campaign to be.
#[derive(Clone, Copy, Debug)]
pub struct Campaign<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its steps.
    pub steps: &'a [Step],
    /// Its senders, each with so many prospects.
    pub senders: &'a [(AccountId, i32)],
}

const CAMPAIGN: &str = "
    insert into relink.campaigns (id, workspace_id, name, on_sender_loss, failures_from, created_at)
    values ($1, $2, $3, $4, relink.clock(), relink.clock())";
const STEPS: &str = "
    insert into relink.campaign_steps (campaign_id, step, action, wait, subject, body)
    select $1, nth, action, wait::text::interval, case action when 'email' then 'To {{name}}, ' || nth end,
           case when action in ('invite', 'message', 'inmail', 'email') then 'Dear {{first_name}}, this is step ' || nth || '.' end
      from unnest($2::text[], $3::text[]) with ordinality as s(action, wait, nth)";
const SENDER: &str =
    "insert into relink.campaign_senders (campaign_id, account_id) values ($1, $2)";
const ENROLLMENTS: &str = "
    with person as (
        select gen_random_uuid() as id, $3 || '-' || n as handle, n from generate_series(1, $4::integer) as n
    ), prospect as (
        insert into relink.prospects (id, workspace_id, name, handle)
        select id, $5, 'P' || n || ' ' || handle, handle from person
    )
    insert into relink.enrollments (id, campaign_id, prospect_id, account_id, step, created_at, target, due_at)
    select gen_random_uuid(), $1, p.id, $2, 1, relink.clock(),
           case when $6 then p.handle || '@example.test'
                else 'ACoAA' || translate(encode(uuid_send(p.id), 'base64'), '+/=', '-_') end,
           relink.clock() + p.n * interval '1 second'
      from person p";

const PLANNED: &str = "
    insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at)
    select $1, s, a.workspace_id, $2, 'ACoAA' || translate(s::text, '-', ''), 'Hello', relink.clock(), relink.clock(), relink.clock()
      from unnest($3::uuid[]) as s, relink.accounts a where a.id = $1";

impl Life {
    /// These people, connected since now, with live sessions.
    pub async fn people(&mut self, people: &[Person]) -> Vec<AccountId> {
        let workspace = WorkspaceId(Uuid::now_v7());
        let accounts: Vec<Account> = people
            .iter()
            .map(|person| account(person, workspace))
            .collect();
        let fleet = Fleet {
            workspaces: vec![(workspace, people[0].name.to_owned())],
            accounts,
            campaigns: vec![],
        };
        store::seed::plant(&self.superuser(), &fleet, self.now)
            .await
            .expect("plant the people");
        self.provider
            .create(
                people
                    .iter()
                    .map(|person| session(person, self.now))
                    .collect(),
            )
            .await;
        let ids: Vec<AccountId> = fleet.accounts.iter().map(|one| one.id).collect();
        for (person, account) in people.iter().zip(&ids) {
            for (action, day, week) in person.caps {
                self.cap(*account, action, *day, *week).await;
            }
        }
        ids
    }

    /// An account's own caps from now on.
    pub async fn cap(&self, account: AccountId, action: &str, day: i32, week: i32) {
        let sql = "insert into relink.send_limits (account_id, action, day, week) values ($1, $2, $3, $4)
                   on conflict (account_id, action) do update set day = excluded.day, week = excluded.week";
        let set = self
            .owner
            .execute(sql, &[&account.0, &action, &day, &week])
            .await;
        set.expect("set the caps");
    }

    /// An account's zone from now on.
    pub async fn zone(&self, account: AccountId, zone: &str) {
        let sql = "update relink.send_rules set zone = $2 where account_id = $1";
        self.owner
            .execute(sql, &[&account.0, &zone])
            .await
            .expect("set the zone");
    }

    /// Planned sends of an action, each to somebody else, for which no campaign asked.
    pub async fn planned(&self, account: AccountId, action: &str, count: usize) -> Vec<SendId> {
        let ids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let planted = self
            .owner
            .execute(PLANNED, &[&account.0, &action, &ids])
            .await;
        planted.expect("plan sends");
        ids.into_iter().map(SendId).collect()
    }

    /// A campaign that begins now. It goes on with the senders that are left when one is lost.
    pub async fn campaign(&self, campaign: Campaign<'_>) -> CampaignId {
        let id = CampaignId(Uuid::now_v7());
        let first = campaign.senders[0].0;
        let sql = "select workspace_id, kind = 'GOOGLE_OAUTH' from relink.accounts where id = $1";
        let row = self
            .owner
            .query_one(sql, &[&first.0])
            .await
            .expect("the first sender");
        let (workspace, is_mailbox): (Uuid, bool) = (row.get(0), row.get(1));
        let on_loss = OnSenderLoss::ContinueWithRemaining.as_str();
        let (actions, waits): (Vec<&str>, Vec<&str>) = campaign.steps.iter().copied().unzip();
        let run = async {
            self.owner
                .execute(CAMPAIGN, &[&id.0, &workspace, &campaign.name, &on_loss])
                .await?;
            self.owner
                .execute(STEPS, &[&id.0, &actions, &waits])
                .await?;
            for (nth, (account, count)) in campaign.senders.iter().enumerate() {
                let handle = format!("{}-{nth}", campaign.name);
                self.owner.execute(SENDER, &[&id.0, &account.0]).await?;
                let params: &[&(dyn tokio_postgres::types::ToSql + Sync)] =
                    &[&id.0, &account.0, &handle, count, &workspace, &is_mailbox];
                self.owner.execute(ENROLLMENTS, params).await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        };
        run.await
            .unwrap_or_else(|error| panic!("plant a campaign: {error:?}"));
        id
    }
}

fn account(person: &Person, workspace: WorkspaceId) -> Account {
    let identity = identity(person);
    Account {
        id: AccountId(Uuid::now_v7()),
        workspace,
        kind: if person.is_mailbox {
            "GOOGLE_OAUTH"
        } else {
            "LINKEDIN"
        }
        .to_owned(),
        tier: "premium",
        name: person.name.to_owned(),
        handle: Some(identity.clone()),
        identity: Some(identity),
        session: Some(format!("s-{}", person.name)),
        attempt: None,
        rules: Some(SendingRules {
            zone: person.zone.to_owned(),
            start_minute: person.window.0,
            end_minute: person.window.1,
            days: person.days,
            ramp_start: person.ramp.0,
            ramp_step: person.ramp.1,
        }),
    }
}

fn session(person: &Person, at: Timestamp) -> NewSession {
    NewSession {
        id: Some(format!("s-{}", person.name)),
        kind: if person.is_mailbox {
            Kind::Google
        } else {
            Kind::Linkedin
        },
        name: Some(person.name.to_owned()),
        identity: Some(identity(person)),
        handle: Some(identity(person)),
        created_at: Some(at),
        ..NewSession::default()
    }
}

fn identity(person: &Person) -> String {
    if person.is_mailbox {
        format!("{}@example.test", person.name)
    } else {
        format!("id-{}", person.name)
    }
}
