//! R-CAP-2, scenarios 44, 45: the database's clock jumps while a call is under way.
//!
//! Forwards, as after a machine's sleep, time has simply passed. Backwards nothing is planned or looked at until the
//! clock shows again what it showed: rows from the future count against the caps, so it errs on the side of silence.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::jobs::Queue;
use simulator::control::{Action, Cap};
use std::time::Duration;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::ledger::{Ledger, audit, states};
use tests::provider::client_of;
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio_util::sync::{CancellationToken, DropGuard};

const PATIENCE: Duration = Duration::from_mins(3);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Messages in any 24 hours.
const CAP: u64 = 3;

/// One account with five messages to write, three a day; two are written, and the third call is under way.
struct UnderWay {
    run: FleetRun,
    gate: Gate,
    scheduling: DropGuard,
    _workers: [DropGuard; 2],
    /// How far the database's clock is behind the provider's, which never goes back.
    behind: SignedDuration,
}

impl UnderWay {
    async fn start() -> Self {
        let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
            let ada = cast.connected("ada");
            cast.sends(ada);
            cast.campaign(OnSenderLoss::default(), &[ada]);
            cast.fleet.campaigns[0].enrollments = 5;
        })
        .await;
        run.owner
            .batch_execute(
                "update relink.campaign_steps set action = 'message', wait = interval '30 days';
                 update relink.enrollments set step = 1;
                 insert into relink.send_limits (account_id, action, day, week) select id, 'message', 3, 100 from relink.accounts;",
            )
            .await
            .expect("prepare");
        let cap = Cap {
            session: None,
            action: Action::Message,
            day: Some(CAP),
            week: None,
        };
        run.provider.caps(&[cap]).await;
        let gate = Gate::before(run.provider.base()).await;
        let workers = [
            run.work(
                &[
                    Queue::Sweeps,
                    Queue::Watches,
                    Queue::Confirmations,
                    Queue::Notices,
                ],
                run.provider.unipile(),
            ),
            run.work(&[Queue::Sends], client_of(gate.base(), PATIENCE)),
        ];
        run.settle().await;
        while states(&run).await != "sent 2" {
            run.later(MINUTE).await;
        }
        gate.set(Flow::HoldAnswers);
        let now = run.step_database(MINUTE * 3).await;
        run.provider.clock(now).await;
        let stop = CancellationToken::new();
        // Ends with its token.
        drop(run.schedule(&stop));
        eventually("the third is done, and not answered", PATIENCE, || async {
            (run.provider.effects().await.len() == 3).then_some(())
        })
        .await;
        assert_eq!(states(&run).await, "sending 1, sent 2");
        Self {
            run,
            gate,
            scheduling: stop.drop_guard(),
            _workers: workers,
            behind: SignedDuration::ZERO,
        }
    }

    async fn until(&self, wanted: &str) {
        eventually(wanted, PATIENCE, || async {
            (states(&self.run).await == wanted).then_some(())
        })
        .await;
    }

    /// So much passes for both clocks.
    async fn later(&mut self, by: SignedDuration) {
        let now = self.run.step_database(by).await;
        let theirs = now.checked_add(self.behind).expect("an instant");
        self.run.provider.clock(theirs).await;
        self.run.settle().await;
    }

    /// Goes on by steps of half an hour until every message is written, and audits both books.
    async fn go_on(&mut self) -> (Ledger, u64) {
        for _ in 0..2 * 24 * 3 {
            if states(&self.run).await == "sent 5" {
                break;
            }
            self.later(MINUTE * 30).await;
        }
        let ledger = audit(&self.run).await;
        assert_eq!(ledger.states, "sent 5");
        let verdict = self.run.provider.verdict().await;
        let day = verdict.actions[&Action::Message].day.clone();
        (ledger, day.expect("some were written").count)
    }
}

#[tokio::test]
async fn r_cap_2_a_clock_that_jumps_25_hours_ahead_in_mid_call_breaks_no_cap_and_repeats_nothing() {
    let mut under_way = UnderWay::start().await;
    let now = under_way.run.step_database(HOUR * 25).await;
    under_way.run.provider.clock(now).await;
    // Its worker gives signs of life: the lease goes on, until somebody ends it. Then another run finds the call begun.
    let going = "select count(*) from relink.jobs where state = 'leased' and kind = 'sends.execute' and leased_until > relink.clock()";
    eventually("its lease goes on", PATIENCE, || async {
        (under_way.run.number(going, &[]).await == 1).then_some(())
    })
    .await;
    let over = "update relink.jobs set leased_until = relink.clock() where state = 'leased' and kind = 'sends.execute'";
    let ended = under_way.run.owner.execute(over, &[]).await;
    assert_eq!(ended.expect("end the lease"), 1);
    under_way.until("sent 2, unknown 1").await;
    under_way.gate.set(Flow::Open);
    // The call's own end comes late, and is known all the same.
    under_way.until("sent 3").await;
    drop(std::mem::replace(
        &mut under_way.scheduling,
        CancellationToken::new().drop_guard(),
    ));
    let (ledger, most) = under_way.go_on().await;
    assert_eq!((ledger.unknown, ledger.resolved), (1, 1));
    assert_eq!(most, CAP);
    println!("clock +25 h in mid-call: {ledger}; most in any 24 h by the referee {most} of {CAP}");
}

#[tokio::test]
async fn r_cap_2_a_clock_that_jumps_an_hour_back_in_mid_call_breaks_no_cap_and_stands_still_meanwhile()
 {
    let mut under_way = UnderWay::start().await;
    under_way.run.step_database(-HOUR).await;
    under_way.behind = HOUR;
    under_way.gate.set(Flow::Open);
    under_way.until("sent 3").await;
    drop(std::mem::replace(
        &mut under_way.scheduling,
        CancellationToken::new().drop_guard(),
    ));
    let (ledger, most) = under_way.go_on().await;
    assert_eq!(ledger.unknown, 0);
    assert_eq!(most, CAP);
    println!("clock -1 h in mid-call: {ledger}; most in any 24 h by the referee {most} of {CAP}");
}
