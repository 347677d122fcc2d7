//! What people do to enrollments (R-CAM-6, R-CAM-7), by the commands that they type.

use policy::campaigns::OnSenderLoss;
use serde_json::Value;
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tests::site::Site;
use uuid::Uuid;

struct People {
    run: FleetRun,
    desk: Desk,
    campaign: String,
    ada: String,
    ben: String,
    /// Those of `ada` at each step, from 1.
    at: [Vec<String>; 3],
}

/// Two senders, and enrollments at each of three steps: an invitation, a message, a message.
async fn people() -> People {
    let mut made = None;
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let (ada, ben) = (cast.connected("ada"), cast.connected("ben"));
        let campaign = cast.campaign(OnSenderLoss::PauseCampaign, &[ada, ben]);
        cast.fleet.campaigns[0].enrollments = 12;
        made = Some([campaign.0, ada.0, ben.0].map(|id| id.to_string()));
    })
    .await;
    let [campaign, ada, ben] = made.expect("a campaign");
    let desk = Desk::of(run.site(), "kim", &[Scope::Operate]).await;
    let mut at = [vec![], vec![], vec![]];
    let sql = "select e.id, e.step from relink.enrollments e join relink.accounts a on a.id = e.account_id
                where a.name = 'ada' order by e.id";
    for row in run.owner.query(sql, &[]).await.expect("people") {
        let (id, step): (Uuid, i16) = (row.get(0), row.get(1));
        at[usize::try_from(step - 1).expect("a step")].push(id.to_string());
    }
    People {
        run,
        desk,
        campaign,
        ada,
        ben,
        at,
    }
}

impl People {
    async fn row(&self, id: &str) -> String {
        let sql = "select e.state || ' at ' || e.step || case when e.due_at <= relink.clock() then ' due' else '' end
                     from relink.enrollments e where e.id = $1::text::uuid";
        let rows = self.run.owner.query_one(sql, &[&id]).await;
        rows.expect("an enrollment").get(0)
    }

    async fn sql(&self, sql: &str) {
        let done = self.run.owner.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// A send of an enrollment's step.
    async fn send(&self, id: &str, state: &str) -> Uuid {
        let sql = "with one as (
                       select e.*, c.workspace_id, relink.clock() - interval '1 hour' as t
                         from relink.enrollments e join relink.campaigns c on c.id = e.campaign_id
                        where e.id = $1::text::uuid
                   )
                   insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action,
                                             target, state, due_at, planned_at, slot_at, counted_at, sending_at, was_unknown, intent_id)
                   select account_id, gen_random_uuid(), workspace_id, campaign_id, id, step, step_key, action, target, $2, t, t, t,
                          case when $2 <> 'planned' then t end, case when $2 <> 'planned' then t end, $2 = 'unknown',
                          case when $2 <> 'planned' then nextval('relink.send_audit_ids') end from one
                   returning id";
        let row = self.run.owner.query_one(sql, &[&id, &state]).await;
        row.expect("a send").get(0)
    }

    async fn preview(&self) -> Value {
        let asked = ["campaigns", "reassign", &self.campaign, "--from", &self.ada];
        self.desk.sees(&asked).await
    }
}

#[tokio::test]
async fn r_cam_7_enrollments_are_stopped_moved_skipped_and_restarted_by_commands() {
    let of = people().await;
    let [first, second, third] = &of.at;
    let (one, two) = (first[0].as_str(), first[1].as_str());
    let planned = of.send(one, "planned").await;
    let stop = ["enrollments", "stop", one];
    let dry = [&stop[..], &["--reason", "x", "--dry-run"]].concat();
    assert_eq!(of.desk.runs(&dry).await.code, Some(0));
    assert_eq!(of.row(one).await, "active at 1 due", "a dry run");
    of.desk.does(&stop).await;
    assert_eq!(of.row(one).await, "stopped at 1");
    let cancelled = "select count(*) from relink.sends where id = $1 and state = 'cancelled'";
    assert_eq!(
        of.run.number(cancelled, &[&planned]).await,
        1,
        "nobody calls it"
    );
    of.desk.refused(&stop, "is stopped, not active").await;

    // One that does not fit refuses all.
    of.desk
        .refused(&["enrollments", "stop", two, one], "is stopped")
        .await;
    let nobody = Uuid::nil().to_string();
    of.desk
        .refused(
            &["enrollments", "stop", two, &nobody],
            "there is no enrollment",
        )
        .await;
    assert_eq!(of.row(two).await, "active at 1 due");

    of.desk.does(&["enrollments", "restart", one]).await;
    assert_eq!(of.row(one).await, "active at 1 due");
    of.desk
        .does(&["enrollments", "move", one, two, "--to", "2"])
        .await;
    assert_eq!(of.row(two).await, "active at 2 due");
    of.desk
        .refused(&["enrollments", "move", one, "--to", "x"], "has no step x")
        .await;

    // What may have been sent is not sent again, and what is unknown is decided first.
    let (sent, unknown) = (second[0].as_str(), second[1].as_str());
    of.send(sent, "sent").await;
    let call = of.send(unknown, "unknown").await;
    of.desk.does(&["enrollments", "stop", sent]).await;
    of.desk
        .refused(&["enrollments", "restart", sent], "not sent twice")
        .await;
    of.desk
        .refused(
            &["enrollments", "move", sent, "--to", "2"],
            "not sent twice",
        )
        .await;
    of.desk
        .does(&["enrollments", "move", sent, "--to", "3"])
        .await;
    let decide = format!("relink sends decide {call}");
    of.desk
        .refused(&["enrollments", "skip", unknown], &decide)
        .await;
    of.desk.does(&["enrollments", "skip", one]).await;
    assert_eq!(of.row(one).await, "active at 3", "after its wait");
    of.desk.does(&["enrollments", "skip", &third[0]]).await;
    assert_eq!(of.row(&third[0]).await, "done at 3");
}

#[tokio::test]
async fn r_cam_7_overdue_enrollments_wait_for_a_person_who_has_a_command() {
    let of = people().await;
    of.sql("update relink.enrollments set overdue_since = relink.clock() where step = 3")
        .await;
    let why = of.desk.runs(&["why", "campaign", &of.campaign]).await.out;
    let clears = format!(
        "4 overdue: relink enrollments send --overdue-of {}",
        of.campaign
    );
    assert!(why.contains(&clears), "{why}");
    assert!(why.contains("0 due, 0 later, 4 overdue"), "{why}");
    let listed = [
        "enrollments",
        "list",
        "--campaign",
        &of.campaign,
        "--overdue",
    ];
    let rows = of.desk.sees(&listed).await;
    assert_eq!(rows["rows"].as_array().map(Vec::len), Some(4), "{rows}");
    let one = of.at[2][0].as_str();
    of.desk.does(&["enrollments", "stop", one]).await;
    of.desk
        .refused(&["enrollments", "send", &of.at[0][0]], "is not overdue")
        .await;
    let all = ["enrollments", "send", "--overdue-of", &of.campaign];
    assert_eq!(of.desk.does(&all).await["changed"], 3);
    assert_eq!(of.row(&of.at[2][1]).await, "active at 3 due");
    of.desk
        .refused(&all, "none of the campaign is overdue")
        .await;
    let acts = "select count(*) from relink.operator_audit where action like 'enrollments.%' and actor = 'kim'";
    assert_eq!(of.run.number(acts, &[]).await, 2);
}

#[tokio::test]
async fn r_cam_6_people_go_to_other_senders_as_a_preview_said() {
    let of = people().await;
    let called = of.send(&of.at[0][0], "unknown").await;
    let seen = of.preview().await;
    let takers = seen["takers"].as_array().expect("takers");
    assert_eq!(takers.len(), 1, "{seen}");
    assert_eq!(
        (&takers[0]["name"], &takers[0]["people"]),
        (&"ben".into(), &1.into())
    );
    assert_eq!(takers[0]["steps"], serde_json::json!({ "1. invite": 1 }));
    assert_eq!(takers[0]["days"], 1);
    // Whom only the old sender's connection reaches is listed, and so is whom a call may have reached.
    let stays = seen["stays"].as_array().expect("who stays");
    assert_eq!(stays.len(), 5, "{seen}");
    let old = stays.iter().filter(|it| {
        it["why"]
            .as_str()
            .is_some_and(|why| why.contains("old sender"))
    });
    assert_eq!(old.count(), 4);

    let stale = seen["token"].as_str().expect("a token").to_owned();
    of.desk
        .does(&["sends", "decide", &called.to_string(), "--as", "absent"])
        .await;
    let reassign = |token| {
        [
            "campaigns",
            "reassign",
            &of.campaign,
            "--from",
            &of.ada,
            "--token",
            token,
        ]
    };
    of.desk.refused(&reassign(&stale), "look again").await;
    let token = of.preview().await["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    assert_ne!(token, stale);
    let planned = of.send(&of.at[0][1], "planned").await;
    let dry = [&reassign(&token)[..], &["--reason", "x", "--dry-run"]].concat();
    assert_eq!(of.desk.runs(&dry).await.code, Some(0));
    let with_ben = format!(
        "select count(*) from relink.enrollments where account_id = '{}'",
        of.ben
    );
    assert_eq!(of.run.number(&with_ben, &[]).await, 6, "a dry run");
    assert_eq!(of.desk.does(&reassign(&token)).await["moved"], 2);
    assert_eq!(of.run.number(&with_ben, &[]).await, 8);
    let cancelled = "select count(*) from relink.sends where id = $1 and state = 'cancelled'";
    assert_eq!(of.run.number(cancelled, &[&planned]).await, 1);
    of.desk.refused(&reassign(&token), "look again").await;

    let asked = [
        "campaigns",
        "reassign",
        &of.campaign,
        "--from",
        &of.ada,
        "--to",
        &of.ada,
    ];
    let itself = of.desk.runs(&asked).await;
    assert!(
        itself.err.contains("is no other connected account"),
        "{}",
        itself.err
    );
}
