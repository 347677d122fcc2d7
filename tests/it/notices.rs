//! Mails to owners (R-LNK-7): the ladder of an episode, one mail a reader, at most once whatever the mail server says.

mod crash;
pub(crate) mod exim;
mod held;
mod ladder;
mod lies;
mod many;
mod moved;
mod poisoned;
mod real;
mod team;

use fleet::Tools;
use jiff::SignedDuration;
use linking::{Keys, PublicUrls};
use mailing::{Mailer, Server};
use policy::account::{Cause, Flip, Status};
use policy::decision::Decision;
use policy::ids::AccountId;
use policy::jobs::Queue;
use std::time::Duration;
use store::operators::Scope;
use store::{StoreError, Tx};
use tests::desk::Desk;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::liar::Liar;
use tests::sends::BY;
use tests::site::Site;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Something that needs a tick, a job and a mail must have happened by then.
const SOON: Duration = Duration::from_secs(30);

/// Words of the statement that a plan is written by.
const PLANNING: &str = "Rows that moved on since they were read";
/// Words of the statement by which the right to give a mail away is won.
const GIVING_AWAY: &str = "The right to give a mail away";

/// A scheduler that runs.
type Running = JoinHandle<Result<(), StoreError>>;

/// Connected accounts by name, a mail server that may lie, and a worker of `notices` alone.
struct Scene {
    run: FleetRun,
    liar: Liar,
    accounts: Vec<(&'static str, AccountId)>,
    worker: Option<DropGuard>,
}

impl Scene {
    /// Each owner has the address `NAME@example.net`; nobody mails yet.
    async fn of(names: &[&'static str]) -> Self {
        let mut accounts = vec![];
        let run = FleetRun::without_workers(Site::shared().await, |cast| {
            accounts.extend(names.iter().map(|name| (*name, cast.connected(name))));
        })
        .await;
        // It is noon where they live, whatever the time of the day is here.
        let owners = "update relink.accounts set owner_email = name || '@example.net',
                    zone = 'Etc/GMT' || to_char(extract(hour from relink.clock() at time zone 'UTC') - 12, 'FMSG99')";
        run.owner.batch_execute(owners).await.expect("owners");
        Self {
            run,
            liar: Liar::start().await,
            accounts,
            worker: None,
        }
    }

    /// The same with a worker that mails.
    async fn mailing(names: &[&'static str]) -> Self {
        let mut scene = Self::of(names).await;
        scene.work();
        scene
    }

    fn work(&mut self) {
        self.work_by(liars(&self.liar));
    }

    /// A worker that mails by way of that server, in the place of the one of before.
    fn work_by(&mut self, server: Server) {
        let tools = duties::mail_tools(&[Queue::Notices], Some(postbox(server)));
        self.worker = Some(self.worker(tools));
    }

    fn worker(&self, tools: Tools) -> DropGuard {
        let provider = self.run.provider.unipile();
        self.run.work_with(&[Queue::Notices], provider, tools)
    }

    fn id(&self, name: &str) -> AccountId {
        let found = self.accounts.iter().find(|it| it.0 == name);
        found.expect("planted").1
    }

    /// Flips an account now, whatever its status was.
    async fn flip(&self, name: &str, to: Status, cause: Cause) {
        let tx = self.flipping(&[name], (to, cause)).await;
        tx.finish().await.expect("commit");
    }

    /// Flips accounts now, together, in a transaction that is open still.
    async fn flipping(&self, names: &[&str], (to, cause): (Status, Cause)) -> Tx {
        let tx = self.run.store.begin().await.expect("begin");
        let at = tx.now().at;
        let mut decision = Decision::nothing(at);
        for name in names {
            let account = self.id(name);
            let row = tx.account(account).await.expect("read").expect("it");
            decision.status.flips.push(Flip {
                account,
                version: row.version,
                from: row.status,
                to,
                cause,
                observed_at: at,
                evidence: serde_json::json!({}),
                link: None,
                checkpoint: None,
            });
        }
        let applied = tx.apply(&decision, &BY).await.expect("apply");
        assert_eq!(applied.moved, 0, "{names:?}");
        tx
    }

    async fn lose(&self, name: &str) {
        self.flip(name, Status::ReconnectNeeded, Cause::Credentials)
            .await;
    }

    async fn come_back(&self, name: &str) {
        self.flip(name, Status::Connected, Cause::Verified).await;
    }

    /// So much later, until each notice that was due by then has been looked at and its mail settled.
    async fn later(&mut self, by: SignedDuration) {
        let at = self.run.step_database(by).await;
        let stop = CancellationToken::new();
        let running = self.run.schedule(&stop);
        let idle = "select (select count(*) from relink.notices where state = 'sending' or state = 'planned' and due_at <= relink.clock())
              + (select count(*) from relink.jobs where kind = 'notices.deliver' and state in ('waiting', 'leased') and failures = 0)
              + (select count(*) from relink.jobs where kind = 'notices.plan' and state in ('waiting', 'leased'))
              + (select count(*) from relink.schedules where name = 'notices.plan'
                  and (last_slot is null or last_slot < $1::timestamptz - interval '1 minute'))";
        eventually("every due notice is looked at", SOON, || async {
            (self.run.number(idle, &[&at]).await == 0).then_some(())
        })
        .await;
        stop.cancel();
        running.await.map(drop).expect("the scheduler stops");
    }

    /// One mail is asked for by whoever is lost, and its job held back by an operator, who may let it go.
    async fn asked_for_a_mail(&mut self, stop: &CancellationToken) -> (Running, Desk) {
        let desk = Desk::of(self.run.site(), "ada", &[Scope::Operate]).await;
        desk.does(&["pause", "kind", "notices.deliver"]).await;
        self.run.step_database(MINUTE).await;
        let running = self.run.schedule(stop);
        let asked = "select count(*) from relink.jobs where kind = 'notices.deliver'";
        eventually("a mail is asked for", SOON, || async {
            (self.run.number(asked, &[]).await == 1).then_some(())
        })
        .await;
        (running, desk)
    }

    /// A worker waits for a row in that statement.
    async fn until_waits(&self, statement: &str) {
        let sql = "select count(*) from pg_stat_activity
                    where datname = current_database() and usename = 'relink_worker' and wait_event_type = 'Lock'
                      and query like '%' || $1 || '%'";
        eventually(statement, SOON, || async {
            (self.run.number(sql, &[&statement]).await > 0).then_some(())
        })
        .await;
    }

    /// Every job of a kind that was asked for is done.
    async fn until_done(&self, kind: &str) {
        let jobs = "select count(*) from relink.jobs where kind = $1 and state <> 'done'";
        eventually(kind, SOON, || async {
            (self.run.number(jobs, &[&kind]).await == 0).then_some(())
        })
        .await;
    }

    /// Alerts about mails.
    async fn alerts(&self) -> Vec<String> {
        let mut codes = self.run.alerts().await;
        codes.retain(|code| code.starts_with("notice") || code == "mail_server");
        codes
    }

    /// Of each notice of an account that was given away, the last code of the mail server and the place where it failed.
    async fn troubles(&self, name: &str) -> Vec<String> {
        let sql = "select coalesce(smtp_code::text, '-') || coalesce(' ' || trouble, '')
                     from relink.notices where account_id = $1 and sending_at is not null order by episode, step";
        self.run.words(sql, &[&self.id(name).0]).await
    }

    /// Notices of an account, in their order: `first sent`, `day_1 skipped came_back`.
    async fn told(&self, name: &str) -> Vec<String> {
        let sql = "select (array['first', 'day_1', 'day_3', 'day_7', 'back'])[step + 1] || ' ' || state || coalesce(' ' || why, '')
                     from relink.notices where account_id = $1 order by episode, step";
        self.run.words(sql, &[&self.id(name).0]).await
    }
}

/// The liar, who is waited for 2 s.
fn liars(liar: &Liar) -> Server {
    let mut server = Server::parse(&liar.url().into(), "Relink <notices@example.com>", None)
        .expect("the liar's address");
    server.mail_within = Duration::from_secs(2);
    server
}

fn postbox(server: Server) -> duties::Postbox {
    duties::Postbox {
        mailer: Mailer::new(server),
        keys: Keys::parse(&KEY.into(), None).expect("a key"),
        urls: PublicUrls::parse("https://c.example", "https://p.example").expect("addresses"),
    }
}
