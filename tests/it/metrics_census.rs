//! What the census tells is what stands in the tables: each gauge against rows that were planted for it.

use std::time::Duration;
use tests::cast::Cast;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::scraped::{Scraped, address_of, scrape};
use tests::site::Site;

/// Jobs of queues that no schedule fills, so that a scheduler adds nothing to them.
const JOBS: &str = "
    insert into relink.schedules (name, every_s) values ('holds.release', 60), ('sends.dispatch', 60);
    insert into relink.duties (duty, every_s, queues, kinds, counted_from)
    select duty, every_s, '{sweeps}', array[duty], relink.clock() - interval '1 hour'
      from (values ('campaigns.heal', 300), ('sends.dispatch', 60)) as d(duty, every_s);
    alter table relink.pauses disable trigger user;
    insert into relink.pauses (id, scope, target, mode, origin, paused_at, paused_by, why, ends_at) values
        (gen_random_uuid(), 'queue', 'removals', 'hold', 'operator', relink.clock() - interval '1 hour', 'ada', 'a test', null),
        (gen_random_uuid(), 'kind', 'campaigns.heal', 'hold', 'system', relink.clock(), 'worker:x', 'a test', relink.clock() + interval '1 hour'),
        (gen_random_uuid(), 'kind', 'test.kind', 'drain', 'system', relink.clock(), 'worker:x', 'a test', relink.clock() + interval '1 hour'),
        (gen_random_uuid(), 'everything', '', 'hold', 'operator', relink.clock() - interval '9 hours', 'ada', 'over', relink.clock() - interval '1 second');
    insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, state, run_at, leased_until, finished_at, left_at, schedule)
    select gen_random_uuid(), queue, kind, 1, 'planted ' || row_number() over (), '00000000-0000-0000-0000-000000000000', '{}',
           state::relink.job_state, relink.clock() + due,
           case when state = 'leased' then relink.clock() + interval '1 hour' end,
           case when state in ('done', 'dead') then relink.clock() - interval '7 minutes' end,
           case when is_left then relink.clock() - interval '20 minutes' end, schedule
      from (values ('removals', 'removals.look', 'waiting', interval '-2 minutes', false, null),
                   ('removals', 'removals.look', 'waiting', interval '2 hours', false, null),
                   ('confirmations', 'test.left', 'waiting', interval '-10 minutes', true, null),
                   ('confirmations', 'test.kind', 'waiting', interval '-30 minutes', false, null),
                   ('confirmations', 'confirm.poll', 'waiting', interval '2 hours', false, null),
                   ('confirmations', 'confirm.poll', 'leased', interval '-1 minute', false, null),
                   ('confirmations', 'confirm.poll', 'dead', interval '-1 minute', false, null),
                   ('sweeps', 'holds.release', 'done', interval '-8 minutes', false, 'holds.release'))
           as j(queue, kind, state, due, is_left, schedule);";

const RULES: &str = "
    insert into relink.account_holds (account_id, reason, since, ends_at, ended_at)
    select id, 'restricted', relink.clock(), null::timestamptz, null::timestamptz from relink.accounts where name = 'ada'
    union all select id, 'protective', relink.clock(), relink.clock() - interval '1 second', null from relink.accounts where name = 'ada'
    union all select id, 'operator', relink.clock(), null, relink.clock() from relink.accounts where name = 'ada';
    insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
    select gen_random_uuid(), c.id, r, relink.clock(), 'x' from (select id from relink.campaigns limit 1) c, unnest(array['manual', 'stuck_loop']) r;
    insert into relink.admin_alerts (id, code, subject, raised_at, last_at) values
        (gen_random_uuid(), 'wrong_account', 'a', relink.clock(), relink.clock()),
        (gen_random_uuid(), 'nobody_knows_this', 'b', relink.clock(), relink.clock());
    insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence, verdict, closed_at)
    select a.id, gen_random_uuid(), s, 2, relink.clock() - interval '3 days', '{}', v, relink.clock() - ago
      from relink.accounts a, (values ('x', null, null), ('y', 'expired', interval '1 hour'), ('z', 'confirmed', interval '2 days')) as c(s, v, ago)
     where a.name = 'ada';
    insert into relink.sends_by_hand (account_id, action, source, mark, at, count, noted_at)
    select id, 'invite', source, 'm', relink.clock() - ago, n, relink.clock()
      from relink.accounts, (values ('listed', interval '1 hour', 3), ('usage', interval '30 hours', 9)) as h(source, ago, n)
     where name = 'ada';
    alter table relink.sends disable trigger user;
    insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at, counted_at, sending_at)
    select a.id, gen_random_uuid(), a.workspace_id, action, 't', state, relink.clock(), relink.clock(), relink.clock(),
           relink.clock() - ago, relink.clock() - ago
      from relink.accounts a, (values ('ada', 'invite', 'sent', 15, interval '1 hour'), ('ben', 'invite', 'sent', 8, interval '1 hour'),
                                      ('ben', 'message', 'sent', 24, interval '1 hour'), ('ben', 'message', 'unknown', 1, interval '30 hours'),
                                      ('cleo', 'invite', 'sent', 12, interval '23 hours')) as s(name, action, state, count, ago),
           lateral generate_series(1, s.count)
     where a.name = s.name;";

/// A flip that no audit row stands beside, past every guard; and a latch that is tripped.
const WRONG: &str = "
    alter table relink.accounts disable trigger user;
    update relink.accounts set status = 'missing' where name = 'cleo';
    update relink.removal_latch set tripped_at = relink.clock(), why = 'a test';";

/// A gauge, its labels, and what it is to tell.
type Line<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

const DEPTH: &str = "relink_queue_depth";
const WORK: &[Line<'_>] = &[
    (DEPTH, &[("queue", "removals"), ("state", "due")], 0.0),
    (DEPTH, &[("queue", "removals"), ("state", "paused")], 2.0),
    (DEPTH, &[("queue", "confirmations"), ("state", "due")], 1.0),
    (
        DEPTH,
        &[("queue", "confirmations"), ("state", "scheduled")],
        1.0,
    ),
    (
        DEPTH,
        &[("queue", "confirmations"), ("state", "paused")],
        1.0,
    ),
    (
        DEPTH,
        &[("queue", "confirmations"), ("state", "running")],
        1.0,
    ),
    ("relink_dead_letters", &[("queue", "confirmations")], 1.0),
    ("relink_jobs_left_behind", &[], 1.0),
    ("relink_queue_paused", &[("queue", "removals")], 1.0),
    ("relink_queue_paused", &[("queue", "confirmations")], 0.0),
    (
        "relink_queue_oldest_due_age_seconds",
        &[("queue", "removals")],
        0.0,
    ),
    (
        "relink_pauses",
        &[("scope", "queue"), ("mode", "hold"), ("origin", "operator")],
        1.0,
    ),
    (
        "relink_pauses",
        &[("scope", "kind"), ("mode", "drain"), ("origin", "system")],
        1.0,
    ),
    (
        "relink_pauses",
        &[
            ("scope", "everything"),
            ("mode", "hold"),
            ("origin", "operator"),
        ],
        0.0,
    ),
    ("relink_pauses_endless", &[("origin", "operator")], 1.0),
    ("relink_pauses_endless", &[("origin", "system")], 0.0),
    (
        "relink_schedule_period_seconds",
        &[("schedule", "holds.release")],
        60.0,
    ),
    // Held by a pause of its kind, though no job of it waits; beside it one that nobody holds.
    (
        "relink_schedule_held",
        &[("schedule", "campaigns.heal")],
        1.0,
    ),
    (
        "relink_schedule_held",
        &[("schedule", "sends.dispatch")],
        0.0,
    ),
    ("relink_duty_blind", &[("duty", "campaigns.heal")], 0.0),
    ("relink_duty_blind", &[("duty", "sends.dispatch")], 1.0),
];

const USED: &str = "relink_cap_accounts";
const FLEET: &[Line<'_>] = &[
    ("relink_accounts", &[("status", "connected")], 3.0),
    ("relink_accounts", &[("status", "connecting")], 1.0),
    ("relink_accounts_held", &[("reason", "restricted")], 1.0),
    ("relink_accounts_held", &[("reason", "protective")], 0.0),
    ("relink_accounts_held", &[("reason", "operator")], 0.0),
    ("relink_campaigns", &[("state", "paused")], 1.0),
    ("relink_campaigns", &[("state", "running")], 1.0),
    ("relink_campaigns_paused", &[("reason", "manual")], 1.0),
    ("relink_campaigns_paused", &[("reason", "stuck_loop")], 1.0),
    // 15, 12 and 8 of 15; 24 of 50; the one of 30 hours ago counts no more.
    (USED, &[("action", "invite"), ("used", "100")], 1.0),
    (USED, &[("action", "invite"), ("used", "80-100")], 1.0),
    (USED, &[("action", "invite"), ("used", "50-80")], 1.0),
    (USED, &[("action", "message"), ("used", "0-50")], 1.0),
    ("relink_sends_unknown", &[], 1.0),
    ("relink_sends_by_hand", &[("action", "invite")], 3.0),
    ("relink_cases", &[("state", "open")], 1.0),
    ("relink_cases", &[("state", "expired")], 1.0),
    ("relink_cases", &[("state", "confirmed")], 0.0),
    (
        "relink_alerts_open",
        &[("code", "wrong_account"), ("class", "ticket")],
        1.0,
    ),
    (
        "relink_alerts_open",
        &[("code", "other"), ("class", "ticket")],
        1.0,
    ),
    ("relink_audit_unpaired", &[], 0.0),
    ("relink_guards_missing", &[], 0.0),
    ("relink_removal_latch_tripped", &[], 0.0),
    ("relink_removal_gate_open", &[("gate", "sanity")], 1.0),
];

async fn counted(plant: &str) -> Scraped {
    let mut run = FleetRun::without_workers(Site::shared().await, |cast: &mut Cast| {
        let ada = cast.connected("ada");
        cast.connected("ben");
        cast.connected("cleo");
        cast.waiting("dora", |_| {});
        cast.campaign(policy::campaigns::OnSenderLoss::PauseCampaign, &[ada]);
        cast.campaign(policy::campaigns::OnSenderLoss::PauseCampaign, &[ada]);
    })
    .await;
    run.owner.batch_execute(plant).await.expect("plant");
    let mut settings = run.settings();
    for (name, value) in &mut settings {
        if name == "RELINK_DATABASE_URL" {
            *value = run.site().database_url("relink_scheduler");
        }
    }
    let scheduler = Process::relink("scheduler", &["scheduler"], &settings);
    let address = address_of(&scheduler).await;
    eventually("the census is told", Duration::from_secs(40), || async {
        let told = scrape(&address).await;
        told.value("relink_census_timestamp_seconds", &[])
            .map(|_| told)
    })
    .await
}

#[track_caller]
fn tells(told: &Scraped, lines: &[Line<'_>]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter(|(name, labels, value)| told.value(name, labels) != Some(*value))
        .map(|(name, labels, value)| {
            format!(
                "{name}{labels:?} is {:?}, not {value}",
                told.value(name, labels)
            )
        })
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[tokio::test]
async fn r_q_1_the_census_tells_waiting_paused_and_dead_work_apart() {
    let told = counted(JOBS).await;
    tells(&told, WORK);
    let at = told
        .value("relink_census_timestamp_seconds", &[])
        .expect("a census");
    let about = |name: &str, labels: &[(&str, &str)], seconds: f64, from: f64| {
        let age = from - told.value(name, labels).expect(name);
        assert!(
            (age - seconds).abs() < 30.0,
            "{name}: {age} s, not about {seconds}"
        );
    };
    about(
        "relink_queue_oldest_due_age_seconds",
        &[("queue", "confirmations")],
        -600.0,
        0.0,
    );
    about(
        "relink_queue_oldest_paused_age_seconds",
        &[("queue", "confirmations")],
        -1_800.0,
        0.0,
    );
    about(
        "relink_queue_oldest_paused_age_seconds",
        &[("queue", "removals")],
        -120.0,
        0.0,
    );
    about(
        "relink_pause_oldest_timestamp_seconds",
        &[("origin", "operator")],
        3_600.0,
        at,
    );
    about(
        "relink_schedule_last_success_timestamp_seconds",
        &[("schedule", "holds.release")],
        420.0,
        at,
    );
}

#[tokio::test]
async fn r_cap_1_the_census_tells_accounts_holds_caps_sends_cases_and_alerts() {
    let told = counted(RULES).await;
    tells(&told, FLEET);
    let age = told
        .value("relink_sends_unknown_oldest_age_seconds", &[])
        .expect("an age");
    assert!((age - 108_000.0).abs() < 30.0, "{age}");
}

#[tokio::test]
async fn r_aud_2_the_census_tells_a_flip_without_its_audit_row_and_guards_and_a_latch() {
    let told = counted(WRONG).await;
    tells(
        &told,
        &[
            ("relink_audit_unpaired", &[], 1.0),
            ("relink_removal_latch_tripped", &[], 1.0),
            ("relink_removal_gate_open", &[("gate", "sanity")], 0.0),
            ("relink_removal_gate_open", &[("gate", "audit")], 0.0),
            ("relink_removal_gate_open", &[("gate", "cap")], 1.0),
        ],
    );
    assert!(told.value("relink_guards_missing", &[]) >= Some(1.0));
}
