//! What tests of faults do to removals besides: flips, single looks, a clock to the fraction of a second, and the books.

use super::{BETWEEN_LOOKS, BY, Ground};
use crate::clock;
use crate::provider::KEY;
use jiff::Timestamp;
use policy::account::{Cause, Flip, Link, Status};
use policy::decision::Decision;
use policy::ids::{RemovalId, SessionId, WarrantId};
use policy::interlock::{Gate, GateFacts, Verdict, judge};
use policy::jobs::REMOVALS_LOOK;
use serde_json::{Value, json};
use simulator::control::Change;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

impl Ground {
    /// A removal that an operator asked for, of the nth account's session, which is gone.
    pub async fn asked(&self, nth: usize) -> RemovalId {
        let session = SessionId(self.accounts[nth].1.clone());
        self.request(&session).await.expect("a request")
    }

    /// A removal of a live duplicate of the nth account's session, with its warrant.
    pub async fn warranted(&self, nth: usize) -> (RemovalId, WarrantId, SessionId) {
        let session = self.duplicate(nth).await;
        let warrant = self.issue(&session).await.expect("a warrant");
        let removal = self.approve(warrant).await.expect("its removal");
        (removal, warrant, session)
    }

    /// The nth account's session, which was gone, answers again; our tables do not know.
    pub async fn back(&self, nth: usize) {
        let back = Change {
            back: true,
            quiet: true,
            ..Change::default()
        };
        self.provider.change(&self.accounts[nth].1, back).await;
    }

    /// Runs the looks that are due, and no attempt.
    pub async fn due_looks(&self, worker: &Arc<fleet::Pipeline>) {
        let sql = "select id from relink.jobs where state = 'waiting' and kind = $1 and run_at <= relink.clock() order by run_at";
        let due = self.owner.query(sql, &[&REMOVALS_LOOK.name]).await;
        let due: Vec<Uuid> = due.expect("jobs").iter().map(|row| row.get(0)).collect();
        worker.ring(REMOVALS_LOOK.name, &due).await;
    }

    /// Three looks of everything that is asked for, each as late as it must be; no attempt, for the looker may not.
    pub async fn confirm(&mut self) {
        let looker = self.worker(false);
        for nth in 0..3 {
            if nth > 0 {
                self.later(BETWEEN_LOOKS).await;
            }
            self.due_looks(&looker).await;
        }
    }

    /// An attempt by a worker that starts now.
    pub async fn attempted(&self, removal: RemovalId) -> (String, String) {
        self.attempt(&self.worker(true), removal).await;
        self.state(removal).await
    }

    /// The clock stands still at that instant from now on. Whoever watched it go on evenly, is not there.
    pub async fn stand(&self, at: Timestamp) {
        self.sql(&format!(
            "create or replace function relink.clock() returns timestamptz language sql volatile parallel safe
                as $body$select timestamptz '{at}'$body$;
             update relink.removal_latch set seen_at = relink.clock() where seen_at < relink.clock()"
        ))
        .await;
        self.is_laid.store(false, Ordering::Relaxed);
    }

    /// The database's clock shows so many seconds more, or less, than it would; nobody is told.
    pub async fn shift(&self, seconds: i64) {
        if !self.is_laid.swap(true, Ordering::Relaxed) {
            clock::lay(&self.owner).await;
        }
        clock::step(&self.owner, self.ahead_s + seconds).await;
    }

    /// Flips the nth account, as a job would.
    pub async fn flip(&self, nth: usize, to: Status, link: Option<&SessionId>) {
        let store = self.store("relink_worker");
        let tx = store.begin().await.expect("begin");
        let found = tx.account(self.accounts[nth].0).await.expect("read");
        let row = found.expect("the account");
        let now = tx.now().at;
        let mut decision = Decision::nothing(now);
        decision.status.flips.push(Flip {
            account: self.accounts[nth].0,
            version: row.version,
            from: row.status,
            to,
            cause: match to {
                Status::Connected => Cause::Verified,
                Status::Missing => Cause::ConfirmedMissing,
                _ => Cause::Credentials,
            },
            observed_at: now,
            evidence: json!({}),
            link: link.map(|session| Link {
                session: session.clone(),
                identity: None,
                attempt: None,
            }),
            checkpoint: None,
        });
        let applied = tx.apply(&decision, &BY).await.expect("flip");
        assert_eq!(applied.changed, 1, "account {nth} becomes {to:?}");
        tx.finish().await.expect("commit");
    }

    /// Which account it is that a session is linked to.
    pub fn account_of(&self, session: &str) -> usize {
        let found = self.accounts.iter().position(|it| it.1 == session);
        found.expect("one of the accounts' sessions")
    }

    /// `bob` revokes a warrant.
    pub async fn revoke(&self, warrant: WarrantId) -> bool {
        self.act(1, async |tx, act| tx.revoke_warrant(act, warrant).await)
            .await
            .expect("revoke the warrant")
    }

    /// `ada` trips the latch.
    pub async fn trip(&self) -> bool {
        self.act(0, async |tx, act| tx.trip_latch(act).await)
            .await
            .expect("trip the latch")
    }

    /// What a gate said of the facts that a removal was judged on last, in words.
    pub async fn why(&self, removal: RemovalId, gate: Gate) -> String {
        let sql = "select facts from relink.removals where id = $1";
        let found = self.owner.query_one(sql, &[&removal.0]).await;
        let told: Value = found.expect("the removal").get(0);
        let facts: GateFacts = serde_json::from_value(told).expect("the facts' shape");
        let verdicts = judge(&facts);
        let of_gate = |it: &&Verdict| it.gate == gate;
        let verdict = verdicts.iter().find(of_gate).expect("a gate");
        verdict.refusal.clone().unwrap_or_default()
    }

    /// The states that a removal went through, as its audit has them; each has its row and, but for the call itself,
    /// its alert.
    pub async fn trail(&self, removal: RemovalId) -> String {
        let sql = "select coalesce(string_agg(a.to_state, ' ' order by a.id), ''),
                          count(*) filter (where a.from_state is distinct from before.to_state),
                          count(*) filter (where a.to_state <> 'calling' and not exists (
                              select from relink.admin_alerts l
                               where l.subject = 'removal ' || a.removal_id and l.code = 'removal_' || a.to_state))
                     from relink.removal_audit a left join lateral (
                          select b.to_state from relink.removal_audit b
                           where b.removal_id = a.removal_id and b.id < a.id order by b.id desc limit 1) before on true
                    where a.removal_id = $1";
        let found = self.owner.query_one(sql, &[&removal.0]).await;
        let found = found.expect("the audit");
        let (gaps, silent): (i64, i64) = (found.get(1), found.get(2));
        assert_eq!((gaps, silent), (0, 0), "no step unwritten, none untold");
        found.get(0)
    }

    /// Intents that the cap counts now.
    pub async fn intents(&self) -> i64 {
        self.number("select (relink.removal_gates(null, true, '{}') ->> 'intents')::bigint")
            .await
    }

    /// Attempts that looks have asked for.
    pub async fn attempts_asked(&self) -> i64 {
        self.number("select count(*) from relink.jobs where kind = 'removals.execute'")
            .await
    }

    /// Steps both clocks to where the next job of the queue is due.
    pub async fn next_due(&mut self) {
        let sql =
            "select coalesce(ceil(extract(epoch from min(run_at) - relink.clock())), 60)::bigint
                     from relink.jobs where queue = 'removals' and state = 'waiting'";
        let wait = self.number(sql).await;
        self.later(wait.max(1)).await;
    }

    /// Lets time pass until a removal that is `unknown` is proved.
    pub async fn proved(&mut self, worker: &Arc<fleet::Pipeline>, removal: RemovalId) {
        let mut looks = 0;
        while self.state(removal).await.0 == "unknown" {
            assert!(looks < 10, "never proved");
            looks += 1;
            self.next_due().await;
            self.run_due(worker).await;
        }
    }

    /// A session as the provider answers for it now.
    pub async fn wire(&self, session: &str) -> String {
        let url = format!("{}/api/v1/accounts/{session}", self.provider.base());
        let asked = reqwest::Client::new().get(url).header("X-API-KEY", KEY);
        let answer = asked.send().await.expect("the simulator");
        answer.text().await.expect("its JSON")
    }
}
