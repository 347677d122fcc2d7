//! R-TPL-1 and R-CAP-4: one row that cannot be planned stops by itself, with its reason, and everybody else goes on.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::AccountId;
use tests::fleet_run::FleetRun;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Accounts of these names, each with a campaign of six people on its first step, `{{first_name}}` in it; nobody sends yet.
async fn inviting(names: &[&str]) -> (FleetRun, Vec<AccountId>) {
    let mut accounts = vec![];
    let run = FleetRun::start(|cast| {
        for name in names {
            let account = cast.connected(name);
            cast.campaign(OnSenderLoss::default(), &[account]);
            accounts.push(account);
        }
    })
    .await;
    change(&run, "update relink.enrollments set step = 1").await;
    (run, accounts)
}

async fn change(run: &FleetRun, sql: &str) {
    run.owner.batch_execute(sql).await.expect(sql);
}

/// The people of an account, the first in line first.
const LINE: &str = "with line as (
    select e.id, e.prospect_id, a.name as sender, row_number() over (partition by e.account_id order by e.id) as nth
      from relink.enrollments e join relink.accounts a on a.id = e.account_id)";

/// Each account's first person alone is due first; `first` changes those of the accounts by name.
async fn in_line(run: &FleetRun) {
    let sql = format!(
        "{LINE} update relink.enrollments e set due_at = e.due_at + l.nth * interval '1 second' from line l where l.id = e.id"
    );
    change(run, &sql).await;
}

/// From now on every account sends, one a minute.
async fn open(run: &mut FleetRun) {
    change(run, "update relink.send_rules set days = 127").await;
    run.later(MINUTE * 3).await;
}

async fn stops(run: &FleetRun) -> Vec<String> {
    let sql = "select a.name || ': ' || e.stopped_why from relink.enrollments e join relink.accounts a on a.id = e.account_id
                where e.state = 'stopped' order by 1";
    run.words(sql, &[]).await
}

/// Accounts that sent, by name.
async fn senders(run: &FleetRun) -> Vec<String> {
    let sql =
        "select distinct a.name from relink.sends s join relink.accounts a on a.id = s.account_id
                where s.state = 'sent' order by 1";
    run.words(sql, &[]).await
}

async fn alerts(run: &FleetRun) -> Vec<String> {
    let sql = "select distinct code || ' ' || split_part(subject, ' ', 1) from relink.admin_alerts
                where code in ('people_unplannable', 'step_unplannable', 'row_set_aside', 'dead_letter') order by 1";
    run.words(sql, &[]).await
}

async fn dispatches_dead(run: &FleetRun) -> i64 {
    let sql = "select count(*) from relink.jobs where kind like 'sends.%' and (state = 'dead' or failures > 0)";
    run.number(sql, &[]).await
}

/// In each campaign something that keeps its first person, or all, from being written to.
async fn spoil(run: &FleetRun) {
    in_line(run).await;
    let first = |sender: &str, set: &str| {
        format!(
            "{LINE} update relink.prospects p set {set} from line l where l.prospect_id = p.id and l.nth = 1 and l.sender = '{sender}';"
        )
    };
    let step = |sender: &str, set: &str| {
        format!(
            "update relink.campaign_steps t set {set} from relink.campaign_senders s join relink.accounts a on a.id = s.account_id
              where s.campaign_id = t.campaign_id and t.step = 1 and a.name = '{sender}';"
        )
    };
    change(
        run,
        "update relink.prospects set variables = '{\"Firm\": 5}'",
    )
    .await;
    change(run, &first("empty", "name = '   '")).await;
    change(run, &first("titled", "name = E'Dr. Ada\\u00a0Petrov'")).await;
    change(run, &first("long", "name = repeat('Ada', 120)")).await;
    change(
        run,
        &first("forged", "name = E'Ada\\r\\nBcc: eve@evil.example'"),
    )
    .await;
    change(run, &step("forged", "body = 'Dear {{name}}'")).await;
    change(
        run,
        &first("unknown", "name = 'Ada', variables = '{\"Company\": 5}'"),
    )
    .await;
    change(run, &step("unknown", "body = '{{First Name}} of {{firm}}'")).await;
    change(run, &step("broken", "body = 'Hello {{firstName'")).await;
    // A step that goes while people stand on it, and one that went while nothing looked.
    let gone = |step: u8, sender: &str| {
        format!(
            "delete from relink.campaign_steps t using relink.campaign_senders s join relink.accounts a on a.id = s.account_id
              where s.campaign_id = t.campaign_id and t.step = {step} and a.name = '{sender}';"
        )
    };
    change(run, &gone(1, "gone")).await;
    let on_two = "update relink.enrollments e set step = 2 from relink.accounts a where a.id = e.account_id and a.name = 'lost';
                  set session_replication_role = replica;";
    let lost = gone(2, "lost");
    change(
        run,
        &format!("{on_two} {lost} set session_replication_role = origin"),
    )
    .await;
}

#[tokio::test]
async fn r_tpl_1_who_cannot_be_addressed_stops_and_takes_no_capacity() {
    let names = [
        "broken", "empty", "forged", "gone", "long", "lost", "plain", "titled", "unknown",
    ];
    let (mut run, _) = inviting(&names).await;
    spoil(&run).await;
    open(&mut run).await;

    let ends = stops(&run).await;
    let says = |what: &str| ends.iter().filter(|it| it.as_str() == what).count();
    assert_eq!(
        says("broken: step broken: {{ and }} do not pair"),
        6,
        "{ends:#?}"
    );
    assert_eq!(says("empty: missing value: firstname"), 1, "{ends:#?}");
    assert_eq!(says("forged: control character in name"), 1);
    assert_eq!(says("gone: step gone"), 6);
    assert_eq!(says("lost: step gone"), 6);
    assert_eq!(
        says("long: body too long: over 200 characters"),
        1,
        "{ends:#?}"
    );
    assert_eq!(says("unknown: unknown placeholder: firm"), 1);
    assert_eq!(ends.len(), 22, "nobody else: {ends:#?}");
    assert_eq!(
        senders(&run).await,
        ["empty", "forged", "long", "plain", "titled", "unknown"]
    );
    assert_eq!(
        alerts(&run).await,
        ["people_unplannable campaign", "step_unplannable campaign"]
    );
    assert_eq!(dispatches_dead(&run).await, 0);
    let taken = "select count(*) from relink.sends where state not in ('sent', 'planned', 'cancelled', 'reserved')";
    assert_eq!(run.number(taken, &[]).await, 0, "no failure, no capacity");
    run.is_sound().await;
}

#[tokio::test]
async fn r_cap_4_a_row_that_the_database_refuses_stops_alone() {
    let names = ["bad", "fine", "other", "odd", "twice"];
    let (mut run, _) = inviting(&names).await;
    in_line(&run).await;
    // Whoever has nobody to write to is refused where they are enrolled, as they would be where they are planned.
    let nobody = run
        .owner
        .batch_execute("update relink.enrollments set target = ' '")
        .await;
    assert!(nobody.is_err(), "an enrollment without a target");
    // A row that only the plan's own insertion finds wrong, of whatever kind that may be.
    let poison = format!(
        "{LINE} update relink.enrollments e set target = 'poison' from line l where l.id = e.id and l.nth = 1 and l.sender = 'bad';
         alter table relink.sends add constraint planted check (target <> 'poison')"
    );
    change(&run, &poison).await;
    // A person who stands again on a step that they got.
    let again = format!(
        "{LINE} insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target,
                state, due_at, planned_at, slot_at, counted_at, settled_at)
         select e.account_id, gen_random_uuid(), c.workspace_id, e.campaign_id, e.id, e.step, e.step_key, e.action, e.target,
                'sent', e.due_at, e.due_at, e.due_at, e.due_at, e.due_at
           from line l join relink.enrollments e on e.id = l.id join relink.campaigns c on c.id = e.campaign_id
          where l.nth = 1 and l.sender = 'twice'"
    );
    change(&run, &again).await;
    // An account whose row no build can read.
    let odd = "insert into relink.send_cooldowns (account_id, action, until, code, streak)
               select id, 'invite', 'infinity', 'odd', 1 from relink.accounts where name = 'odd'";
    change(&run, odd).await;
    open(&mut run).await;

    assert_eq!(
        stops(&run).await,
        [
            "bad: cannot be planned: planted",
            "twice: step already sent"
        ]
    );
    assert_eq!(senders(&run).await, ["bad", "fine", "other", "twice"]);
    assert_eq!(
        alerts(&run).await,
        ["people_unplannable campaign", "row_set_aside account"]
    );
    let counted = "select count(*) from relink.admin_alerts where code = 'row_set_aside'";
    assert_eq!(run.number(counted, &[]).await, 2, "one a subject");
    assert_eq!(dispatches_dead(&run).await, 0);
}

#[tokio::test]
async fn r_heal_4_who_must_wait_keeps_their_place_in_line() {
    let (mut run, _) = inviting(&["noted", "waits"]).await;
    in_line(&run).await;
    let wait = format!(
        "{LINE} update relink.enrollments e set not_before = relink.clock() + interval '10 minutes' from line l
          where l.id = e.id and l.nth = 1 and l.sender = 'waits'"
    );
    change(&run, &wait).await;
    // Notes are refused; the second step invites without one.
    let notes = "insert into relink.send_cooldowns (account_id, action, until, code, streak)
                 select id, 'invite_note', relink.clock() + interval '6 hours', 'limit', 1 from relink.accounts where name = 'noted';
                 update relink.campaign_steps t set action = 'invite', body = null
                   from relink.campaign_senders s join relink.accounts a on a.id = s.account_id
                  where s.campaign_id = t.campaign_id and t.step = 2 and a.name = 'noted'";
    change(&run, notes).await;
    // Of whom the note was refused goes again without it; the account is a free one.
    let refused = format!(
        "{LINE} insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target,
                state, due_at, planned_at, slot_at, counted_at, settled_at)
         select e.account_id, gen_random_uuid(), c.workspace_id, e.campaign_id, e.id, e.step, e.step_key, e.action, e.target,
                'refused', e.due_at, e.due_at, e.due_at, e.due_at, e.due_at
           from line l join relink.enrollments e on e.id = l.id join relink.campaigns c on c.id = e.campaign_id
          where l.nth = 3 and l.sender = 'noted'"
    );
    change(&run, &refused).await;
    let second = format!(
        "{LINE} update relink.enrollments e set step = 2 from line l where l.id = e.id and l.nth = 6 and l.sender = 'noted'"
    );
    change(&run, &second).await;
    open(&mut run).await;
    let planned = format!(
        "{LINE} select l.sender || ' ' || l.nth from relink.sends s join line l on l.id = s.enrollment_id
          where s.state not in ('cancelled', 'refused') order by s.planned_at, 1 limit $1"
    );
    let first = run.words(&planned, &[&2_i64]).await;
    assert_eq!(first, ["noted 3", "waits 2"]);

    run.later(MINUTE * 10).await;
    let turn = format!(
        "{LINE} select string_agg(l.nth::text, ' ' order by s.planned_at) from relink.sends s join line l on l.id = s.enrollment_id
          where s.state <> 'cancelled' and l.sender = 'waits'"
    );
    let turns = run.words(&turn, &[]).await.join("");
    let place = turns.split(' ').position(|nth| nth == "1");
    assert!(
        place.is_some_and(|place| place < turns.split(' ').count()),
        "before those who came due later: {turns}"
    );
    let gone_out = format!(
        "{LINE} select string_agg(l.nth::text, ' ' order by s.planned_at) from relink.sends s join line l on l.id = s.enrollment_id
          where s.state = 'sent' and l.sender = 'noted'"
    );
    assert_eq!(
        run.words(&gone_out, &[]).await,
        ["3 6"],
        "nobody with a note"
    );
    let effects = run.provider.effects().await;
    let said = effects
        .iter()
        .filter(|one| one.session == "s-noted" && one.text_digest.is_some());
    assert_eq!(said.count(), 0, "no note left");
    run.is_sound().await;
}
