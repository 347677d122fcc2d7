//! A person decides a send whose outcome is unknown, because nobody else can (R-CAP-6).

use policy::campaigns::OnSenderLoss;
use serde_json::Value;
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tests::site::Site;
use uuid::Uuid;

/// An unknown send of an enrollment at its first step that has none; called so many minutes ago, looked for no more.
const UNKNOWN: &str = "
    with one as (
        select e.*, c.workspace_id, relink.clock() - make_interval(mins => $1) as at
          from relink.enrollments e join relink.campaigns c on c.id = e.campaign_id
         where e.step = 1 and not exists (select from relink.sends s where s.enrollment_id = e.id)
         order by e.id limit 1
    ), taken as (
        update relink.enrollments e set due_at = null from one where e.id = one.id
    )
    insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target, state,
                              due_at, planned_at, slot_at, counted_at, sending_at, settled_at, was_unknown, intent_id)
    select account_id, gen_random_uuid(), workspace_id, campaign_id, id, step, step_key, action, target, 'unknown',
           at, at, at, at, at, at, true, nextval('relink.send_audit_ids') from one
    returning id";
const ABSENT_AND_KEPT: &str = "
    select count(*) from relink.sends s join relink.enrollments e on e.id = s.enrollment_id
     where s.id = $1 and s.state = 'failed' and s.counted_at is not null and s.refunded_at is null
       and e.state = 'active' and e.step = 1 and e.due_at is not null";
const FOUND_AND_ON: &str = "
    select count(*) from relink.sends s join relink.enrollments e on e.id = s.enrollment_id
      join relink.send_audit u on u.account_id = s.account_id and u.send_id = s.id
     where s.id = $1 and s.state = 'sent' and e.state = 'active' and e.step = 2 and e.due_at > relink.clock()
       and u.event = 'outcome' and u.intent_id = s.intent_id and u.actor = 'kim'";

async fn unknown(run: &FleetRun, minutes: i32) -> Uuid {
    let row = run.owner.query_one(UNKNOWN, &[&minutes]).await;
    row.expect("an unknown send").get(0)
}

#[tokio::test]
async fn r_cap_6_an_unclear_send_is_decided_by_a_command() {
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let ada = cast.connected("ada");
        cast.campaign(OnSenderLoss::PauseCampaign, &[ada]);
    })
    .await;
    let desk = Desk::of(run.site(), "kim", &[Scope::Operate]).await;
    let (old, young) = (unknown(&run, 3_000).await, unknown(&run, 0).await);
    let listed = desk.sees(&["sends", "list"]).await;
    assert_eq!(listed["rows"].as_array().map(Vec::len), Some(2), "{listed}");
    let of = old.to_string();
    let shown = desk.runs(&["sends", "show", &of]).await.out;
    let command = format!("decided by relink sends decide {of} --as found|absent");
    assert!(shown.contains(&command), "{shown}");
    let why = desk.sees(&["why", "account", "ada"]).await;
    let remedies = why["remedies"].as_array().expect("remedies").len();
    assert_eq!(remedies, 2, "one for each: {}", why["remedies"]);

    // Its request may still arrive, and it would be sent twice.
    let too_early = ["sends", "decide", &young.to_string(), "--as", "absent"];
    desk.refused(&too_early, "may still reach the provider")
        .await;
    let absent = ["sends", "decide", &of, "--as", "absent"];
    let dry = [&absent[..], &["--reason", "x", "--dry-run"]].concat();
    assert_eq!(desk.runs(&dry).await.code, Some(0));
    assert_eq!(run.number(ABSENT_AND_KEPT, &[&old]).await, 0, "a dry run");
    let done = desk.does(&absent).await;
    assert!(done["audit"].is_string(), "{done}");
    assert_eq!(run.number(ABSENT_AND_KEPT, &[&old]).await, 1);
    desk.refused(&absent, "whose outcome is unknown").await;

    let found = ["sends", "decide", &young.to_string(), "--as", "found"];
    let done = desk.does(&found).await;
    let says = done["says"].as_str().unwrap_or_default();
    assert!(says.contains("its enrollment is at 2. message"), "{says}");
    assert_eq!(run.number(FOUND_AND_ON, &[&young]).await, 1);
    let why: Value = desk.sees(&["why", "account", "ada"]).await;
    assert_eq!(why["remedies"].as_array().map(Vec::len), Some(0), "{why}");
    let acts =
        "select count(*) from relink.operator_audit where action = 'send.decide' and actor = 'kim'";
    assert_eq!(run.number(acts, &[]).await, 2);
}
