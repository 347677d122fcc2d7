//! R-CAP-3 … R-CAP-8, R-HEAL-4: the whole fleet sends, against the simulator as referee.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId};
use tests::fleet_run::FleetRun;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// One account that sends, and its campaign of six prospects, two at each of three steps.
async fn one_sender() -> (FleetRun, AccountId, CampaignId) {
    let mut ids = None;
    let run = FleetRun::start(|cast| {
        let ada = cast.connected("ada");
        cast.sends(ada);
        ids = Some((ada, cast.campaign(OnSenderLoss::default(), &[ada])));
    })
    .await;
    let (account, campaign) = ids.expect("planted");
    (run, account, campaign)
}

async fn minutes(run: &mut FleetRun, count: usize) {
    for _ in 0..count {
        run.later(MINUTE).await;
    }
}

/// Sends by state, as `sent 3, unknown 1`.
async fn states(run: &FleetRun) -> String {
    let sql = "select state || ' ' || count(*) from relink.sends where state <> 'cancelled' group by state order by state";
    run.words(sql, &[]).await.join(", ")
}

async fn effects(run: &FleetRun) -> usize {
    let verdict = run.provider.verdict().await;
    assert_eq!(
        (verdict.duplicated, verdict.violated),
        (0, 0),
        "{verdict:?}"
    );
    run.provider.effects().await.len()
}

/// Every reservation has one intent, every end its outcome, and nothing was told twice.
async fn is_paired(run: &FleetRun) {
    let unpaired = run
        .number(
            "select count(*) from relink.sends s
              where (s.counted_at is not null or s.refunded_at is not null) and s.intent_id is null
                 or (s.state in ('sent', 'refused', 'failed', 'unknown') and not exists (
                        select from relink.send_audit a where a.event = 'outcome' and a.send_id = s.id and a.intent_id = s.intent_id
                           and a.to_state = s.state))
                 or 1 < (select count(*) from relink.send_audit a where a.event = 'outcome' and a.send_id = s.id and a.to_state = s.state)",
            &[],
        )
        .await;
    assert_eq!(unpaired, 0, "sends without their audit rows");
}

#[tokio::test]
async fn r_cap_5_planned_sends_are_called_once_each_and_move_their_enrollments_one_step() {
    let (mut run, account, _) = one_sender().await;
    minutes(&mut run, 30).await;
    assert_eq!(states(&run).await, "sent 6");
    assert_eq!(effects(&run).await, 6);
    let steps = run
        .words(
            "select step || ' ' || state || ' ' || (due_at is null) || ' ' || count(*) from relink.enrollments group by step, state, due_at is null order by 1",
            &[],
        )
        .await;
    assert_eq!(
        steps,
        ["2 active false 2", "3 active false 2", "3 done true 2"],
        "exactly one step on"
    );
    is_paired(&run).await;
    let apart = run
        .number(
            "select coalesce(min(extract(epoch from gap)), 0)::bigint from (
               select counted_at - lag(counted_at) over (order by counted_at) as gap from relink.sends where account_id = $1) g",
            &[&account.0],
        )
        .await;
    assert!(apart >= 45, "{apart} s between two sends of one account");
    run.is_sound().await;
}
