//! Lists are whole, whatever their pages' size, and the same to programs from build to build.

use super::{Desk, keys};
use serde_json::Value;
use std::collections::BTreeSet;

fn ids(page: &Value) -> Vec<String> {
    let rows = page["rows"].as_array().expect("rows");
    rows.iter()
        .map(|row| row["id"].to_string().trim_matches('"').to_owned())
        .collect()
}

#[expect(clippy::too_many_lines, reason = "one list, filter by filter")]
#[tokio::test]
async fn accounts_are_listed_once_each_whatever_the_page_and_filtered() {
    let desk = Desk::of(7).await;
    let gone = desk.ground.gone(3).await;
    let (mut seen, mut after) = (vec![], None::<String>);
    loop {
        let mut arguments = vec!["accounts", "list", "--limit", "3"];
        if let Some(after) = &after {
            arguments.extend(["--after", after]);
        }
        let page = desk.json(&arguments).await;
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 7);
    let missing = desk
        .json(&["accounts", "list", "--status", "missing"])
        .await;
    let row = &missing["rows"][0];
    assert_eq!(ids(&missing), [desk.ground.accounts[3].0.to_string()]);
    assert_eq!(row["session"], gone.0.as_str());
    assert_eq!(
        keys(row),
        [
            "action",
            "action_url",
            "cause",
            "checked_at",
            "episode",
            "external_id",
            "first_connected_at",
            "handle",
            "holds",
            "id",
            "kind",
            "last_activity_at",
            "merged_into",
            "name",
            "pill",
            "pill_second_line",
            "session",
            "since",
            "status",
            "tier",
            "working_since",
            "workspace",
            "workspace_id",
            "zone",
            "zone_from"
        ]
    );
    let workspace = row["workspace_id"].as_str().expect("a workspace");
    let of_it = desk
        .json(&["accounts", "list", "--workspace", workspace])
        .await;
    assert_eq!(ids(&of_it).len(), 7);
    let other = uuid::Uuid::now_v7().to_string();
    assert!(
        ids(&desk
            .json(&["accounts", "list", "--workspace", &other])
            .await)
        .is_empty()
    );
    assert!(ids(&desk.json(&["accounts", "list", "--kind", "mail"]).await).is_empty());
    assert_eq!(
        ids(&desk.json(&["accounts", "list", "--kind", "linkedin"]).await).len(),
        7
    );
    desk.ground
        .sql("insert into relink.account_holds (account_id, reason, since, ends_at, ended_at)
              select id, 'protective', relink.clock() - interval '9 hours', relink.clock() - interval '3 hours', relink.clock()
                from relink.accounts where name = 'crowd-001';
              insert into relink.account_holds (account_id, reason, since)
              select id, 'restricted', relink.clock() from relink.accounts where name = 'crowd-002'")
        .await;
    let held = desk
        .json(&["accounts", "list", "--hold", "restricted"])
        .await;
    assert_eq!(ids(&held), [desk.ground.accounts[2].0.to_string()]);
    let over = desk
        .json(&["accounts", "list", "--hold", "protective"])
        .await;
    assert!(ids(&over).is_empty(), "a hold that is over holds nothing");
    let text = desk.reads(&["accounts", "list", "--limit", "2"]).await;
    assert!(text.starts_with("ID "), "{text}");
    assert!(
        text.trim_end()
            .lines()
            .last()
            .expect("a line")
            .starts_with("more: --after ")
    );
}

#[tokio::test]
async fn one_account_is_shown_with_what_belongs_to_it_and_why_is_the_same_by_both_names() {
    let desk = Desk::of(4).await;
    desk.ground.gone(1).await;
    let shown = desk.json(&["accounts", "show", "crowd-001"]).await;
    assert_eq!(shown["status"], "missing");
    assert_eq!(shown["cases"][0]["verdict"], "confirmed");
    assert_eq!(shown["flips"][0]["to"], "missing", "the newest first");
    assert_eq!(shown["flips"].as_array().expect("flips").len(), 3);
    let text = desk.reads(&["accounts", "show", "s-crowd-001"]).await;
    assert!(
        text.contains("connected → missing (confirmed_missing)"),
        "{text}"
    );
    let nobody = desk
        .asked("relink_reader", &["accounts", "show", "eve"])
        .await;
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.err.contains("such as"), "{}", nobody.err);
    let by_why = desk.json(&["why", "account", "crowd-002"]).await;
    let by_accounts = desk.json(&["accounts", "why", "crowd-002"]).await;
    assert_eq!(keys(&by_why), keys(&by_accounts));
    assert_eq!(
        by_why["actions"][0]["rule"],
        by_accounts["actions"][0]["rule"]
    );
}

#[tokio::test]
async fn r_del_2_a_case_is_shown_with_each_poll_beside_its_control() {
    let desk = Desk::of(3).await;
    desk.ground.gone(0).await;
    desk.ground.gone(1).await;
    desk.ground
        .sql("insert into relink.case_polls (case_id, number, started_at, finished_at, answer, control_session, control_answer, control_why)
              select c.id, n, relink.clock(), relink.clock(), 'gone', 's-crowd-002', case n when 2 then 'inconclusive' else 'present' end,
                     case n when 2 then '503' end
                from relink.cases c, generate_series(1, 3) as n where c.session_id = 's-crowd-000'")
        .await;
    let first = desk.json(&["cases", "list", "--limit", "1"]).await;
    let next = first["next"].as_str().expect("another").to_owned();
    let second = desk
        .json(&["cases", "list", "--limit", "1", "--after", &next])
        .await;
    assert_eq!(second["next"], Value::Null);
    assert_ne!(ids(&first), ids(&second));
    assert_eq!(
        second["rows"][0]["session"], "s-crowd-000",
        "the newest first"
    );
    assert_eq!(
        (&second["rows"][0]["polls"], &second["rows"][0]["gone"]),
        (&3.into(), &2.into())
    );
    let open = desk.json(&["cases", "list", "--verdict", "open"]).await;
    assert!(ids(&open).is_empty());
    let id = ids(&second).remove(0);
    let shown = desk.json(&["cases", "show", &id]).await;
    assert_eq!(shown["all_polls"][1]["control_why"], "503");
    assert_eq!(
        keys(&shown["all_polls"][0]),
        [
            "answer",
            "control_answer",
            "control_session",
            "control_why",
            "finished_at",
            "number",
            "started_at",
            "why"
        ]
    );
    let text = desk.reads(&["cases", "show", &id]).await;
    assert!(
        text.contains("gone; control s-crowd-002: inconclusive (503)"),
        "{text}"
    );
}

#[tokio::test]
async fn r_cam_1_a_campaign_is_shown_with_every_reason_for_which_it_does_not_run() {
    let desk = Desk::of(2).await;
    desk.ground
        .sql("insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
              select gen_random_uuid(), w.id, 'Spring ' || n, relink.clock(), relink.clock()
                from generate_series(1, 2) as n, lateral (select id from relink.workspaces order by name limit 1) w;
              insert into relink.campaign_senders (campaign_id, account_id, in_rotation)
              select c.id, a.id, a.name <> 'crowd-001' from relink.campaigns c, relink.accounts a;
              insert into relink.campaign_steps (campaign_id, step, action)
              select id, 1, 'invite' from relink.campaigns;
              insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
              select gen_random_uuid(), id, r, relink.clock(), 'test', 'two\nlines'
                from relink.campaigns, unnest(array['manual', 'stuck_loop']) as r where name = 'Spring 2'")
        .await;
    let paused = desk
        .json(&["campaigns", "list", "--pause", "stuck_loop"])
        .await;
    assert_eq!(ids(&paused).len(), 1);
    let row = &paused["rows"][0];
    assert_eq!(row["runs"], false);
    assert_eq!(
        (&row["senders"], &row["in_rotation"]),
        (&2.into(), &1.into())
    );
    assert_eq!(
        keys(row),
        [
            "active",
            "created_at",
            "id",
            "in_rotation",
            "name",
            "on_sender_loss",
            "pauses",
            "runs",
            "senders",
            "workspace",
            "workspace_id"
        ]
    );
    assert_eq!(ids(&desk.json(&["campaigns", "list"]).await).len(), 2);
    let text = desk.reads(&["campaigns", "show", "spring 2"]).await;
    assert_eq!(text.matches("  paused     ").count(), 2, "{text}");
    assert!(text.contains("1. invite: 0 due"), "{text}");
    let why = desk.reads(&["campaigns", "why", "Spring 2"]).await;
    assert!(why.contains("cleared by"), "{why}");
}

#[tokio::test]
async fn r_wat_2_schedules_say_when_they_ticked_and_tick_next() {
    let desk = Desk::of(1).await;
    assert!(
        desk.reads(&["schedules"])
            .await
            .contains("no scheduler has declared")
    );
    desk.ground
        .sql("insert into relink.schedules (name, every_s, last_slot, skips, skipped, missed)
              values ('status.watch', 300, '2026-11-20T08:00:00Z', 2, 5, 7), ('sends.dispatch', 60, null, 0, 0, 0)")
        .await;
    let all = desk.json(&["schedules"]).await;
    let watch = &all[1];
    assert_eq!(watch["next_slot"], "2026-11-20T08:05:00Z");
    assert_eq!(
        keys(watch),
        [
            "blind_since",
            "conclusive_at",
            "every_s",
            "is_held",
            "last_slot",
            "missed",
            "name",
            "next_slot",
            "note",
            "open_jobs",
            "running",
            "skipped",
            "skips"
        ]
    );
    let text = desk.reads(&["schedules"]).await;
    assert!(text.contains("status.watch    5 min"), "{text}");
}
