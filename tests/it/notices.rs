//! Mails to owners (R-LNK-7): the ladder of an episode, one mail a reader, at most once whatever the mail server says.

mod crash;
mod ladder;
mod lies;
mod real;

use fleet::Tools;
use jiff::SignedDuration;
use linking::{Keys, PublicUrls};
use mailing::{Mailer, Server};
use policy::account::{Cause, Flip, Status};
use policy::decision::Decision;
use policy::ids::AccountId;
use policy::jobs::Queue;
use std::time::Duration;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::liar::Liar;
use tests::sends::BY;
use tests::site::Site;
use tokio_util::sync::{CancellationToken, DropGuard};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Something that needs a tick, a job and a mail must have happened by then.
const SOON: Duration = Duration::from_secs(30);

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
        // The product's columns of owners stand in a migration of their own.
        // It is noon where they live, whatever the time of the day is here.
        let owners = "alter table relink.accounts add column if not exists owner_email text;
             update relink.accounts set owner_email = name || '@example.net',
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
        let tools = duties::mail_tools(&[Queue::Notices], Some(postbox(&self.liar)));
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
        let account = self.id(name);
        let tx = self.run.store.begin().await.expect("begin");
        let at = tx.now().at;
        let row = tx.account(account).await.expect("read").expect("it");
        let mut decision = Decision::nothing(at);
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
        let applied = tx.apply(&decision, &BY).await.expect("apply");
        assert_eq!(applied.moved, 0, "{name}");
        tx.finish().await.expect("commit");
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

    /// Alerts about mails.
    async fn alerts(&self) -> Vec<String> {
        let mut codes = self.run.alerts().await;
        codes.retain(|code| code.starts_with("notice") || code == "mail_server");
        codes
    }

    /// Notices of an account, in their order: `first sent`, `day_1 skipped came_back`.
    async fn told(&self, name: &str) -> Vec<String> {
        let sql = "select (array['first', 'day_1', 'day_3', 'day_7', 'back'])[step + 1] || ' ' || state || coalesce(' ' || why, '')
                     from relink.notices where account_id = $1 order by episode, step";
        self.run.words(sql, &[&self.id(name).0]).await
    }
}

fn postbox(liar: &Liar) -> duties::Postbox {
    let mut server = Server::parse(&liar.url().into(), "Relink <notices@example.com>", None)
        .expect("the liar's address");
    server.mail_within = Duration::from_secs(2);
    duties::Postbox {
        mailer: Mailer::new(server),
        keys: Keys::parse(&KEY.into(), None).expect("a key"),
        urls: PublicUrls::parse("https://c.example", "https://p.example").expect("addresses"),
    }
}
