//! Every stop that a person lifts has its command and its route, before it may be set (R-CAM-1).

use policy::campaigns::{OnSenderLoss, PauseReason};
use policy::holds::HoldReason;
use policy::lifting::Lifting;
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tests::site::Site;

struct Stopped {
    run: FleetRun,
    desk: Desk,
    account: String,
    campaign: String,
}

async fn stopped() -> Stopped {
    let (mut account, mut campaign) = (None, None);
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let ada = cast.connected("ada");
        account = Some(ada);
        campaign = Some(cast.campaign(OnSenderLoss::PauseCampaign, &[ada]));
    })
    .await;
    let desk = Desk::of(run.site(), "kim", &[Scope::Operate]).await;
    let (account, campaign) = (account.expect("ada"), campaign.expect("a campaign"));
    Stopped {
        run,
        desk,
        account: account.to_string(),
        campaign: campaign.to_string(),
    }
}

const PAUSE: &str = "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
                     select gen_random_uuid(), id, $1, relink.clock(), 'worker:test' from relink.campaigns";
const HOLD: &str = "insert into relink.account_holds (account_id, reason, since, ends_at)
                    select id, $1, relink.clock(), case when $1 = 'protective' then relink.clock() + interval '6 hours' end
                      from relink.accounts";

#[tokio::test]
async fn r_cam_1_each_pause_is_lifted_by_a_command_or_by_its_own_cause_alone() {
    let of = stopped().await;
    let failures = "select count(*) from relink.campaigns where failures_from >= relink.clock() - interval '1 minute'";
    for reason in PauseReason::ALL {
        let word = reason.as_str();
        of.run
            .owner
            .execute(PAUSE, &[&word])
            .await
            .expect("pause it");
        let resume = ["campaigns", "resume", &of.campaign, "--pause", word];
        let open =
            "select count(*) from relink.campaign_pauses where reason = $1 and lifted_at is null";
        match reason.lifting() {
            Lifting::System(words) => {
                of.desk.refused(&resume, words).await;
                assert_eq!(of.run.number(open, &[&word]).await, 1, "{word} stands");
            }
            Lifting::Person(words) | Lifting::Either(words) => {
                let command = format!("relink campaigns resume --pause {word}");
                assert!(
                    words.contains(&command),
                    "{word} names its command: {words}"
                );
                of.desk
                    .runs(&[&resume[..], &["--reason", "x", "--dry-run"]].concat())
                    .await;
                assert_eq!(
                    of.run.number(open, &[&word]).await,
                    1,
                    "a dry run lifts nothing"
                );
                let shown = of.desk.sees(&["campaigns", "show", &of.campaign]).await;
                let pauses = shown["all_pauses"].as_array().expect("pauses").iter();
                let mut clears = pauses.filter(|it| it["reason"] == word);
                assert_eq!(clears.next().expect("shown")["cleared_by"], words);
                let done = of.desk.does(&resume).await;
                assert!(done["audit"].is_string(), "{done}");
                assert_eq!(of.run.number(open, &[&word]).await, 0, "{word} is lifted");
                assert_eq!(of.run.number(failures, &[]).await, 1, "R-HEAL-2");
                of.desk.refused(&resume, "is not paused for").await;
            }
        }
    }
    let audit = "select count(*) from relink.operator_audit where action = 'campaign.resume' and actor = 'kim'";
    let people = PauseReason::lifted_by_people().count();
    assert_eq!(
        of.run.number(audit, &[]).await,
        i64::try_from(people).expect("few")
    );
    assert_eq!(people, 4);
}

#[tokio::test]
async fn r_cam_1_a_person_sets_those_pauses_that_say_so_and_no_other() {
    let of = stopped().await;
    let settable: Vec<PauseReason> = PauseReason::set_by_people().collect();
    for reason in PauseReason::ALL {
        let word = reason.as_str();
        let pause = ["campaigns", "pause", &of.campaign, "--pause", word];
        let open = "select count(*) from relink.campaign_pauses
                     where reason = $1 and lifted_at is null and paused_by = 'kim' and note = 'a test'";
        if settable.contains(&reason) {
            let dry = [&pause[..], &["--reason", "x", "--dry-run"]].concat();
            assert_eq!(of.desk.runs(&dry).await.code, Some(0));
            assert_eq!(
                of.run.number(open, &[&word]).await,
                0,
                "a dry run sets nothing"
            );
            let done = of.desk.does(&pause).await;
            assert!(done["audit"].is_string(), "{done}");
            assert_eq!(of.run.number(open, &[&word]).await, 1);
            of.desk.refused(&pause, "is paused for").await;
            // What a person sets, a person lifts.
            of.desk
                .does(&["campaigns", "resume", &of.campaign, "--pause", word])
                .await;
        } else {
            of.desk.refused(&pause, "no person sets").await;
        }
        assert_eq!(of.run.number(open, &[&word]).await, 0, "{word}");
    }
}

#[tokio::test]
async fn r_cam_1_each_hold_is_ended_by_a_command_or_by_its_own_cause_alone() {
    let of = stopped().await;
    for reason in HoldReason::ALL {
        let word = reason.as_str();
        of.run.owner.execute(HOLD, &[&word]).await.expect("hold it");
        let release = ["accounts", "release", &of.account, "--hold", word];
        let open =
            "select count(*) from relink.account_holds where reason = $1 and ended_at is null";
        match reason.lifting() {
            Lifting::System(words) => {
                of.desk.refused(&release, words).await;
                assert_eq!(of.run.number(open, &[&word]).await, 1, "{word} stands");
            }
            Lifting::Person(words) | Lifting::Either(words) => {
                let command = format!("relink accounts release --hold {word}");
                assert!(
                    words.contains(&command),
                    "{word} names its command: {words}"
                );
                let shown = of.desk.sees(&["accounts", "show", &of.account]).await;
                let holds = shown["all_holds"].as_array().expect("holds").iter();
                let mut clears = holds.filter(|it| it["reason"] == word);
                assert_eq!(clears.next().expect("shown")["cleared_by"], words);
                let done = of.desk.does(&release).await;
                assert!(done["audit"].is_string(), "{done}");
                assert_eq!(of.run.number(open, &[&word]).await, 0, "{word} is ended");
                of.desk.refused(&release, "is not held for").await;
            }
        }
    }
    // One that was ended early is still proved by a send: the database lets one go (R-CAP-8).
    let probe = "select count(*) from relink.accounts a where relink.first_send(a.id, null, relink.clock()) = 'due'";
    assert_eq!(of.run.number(probe, &[]).await, 1);
}

#[tokio::test]
async fn r_cam_1_the_commands_that_lift_are_routes_too() {
    let routes = api::ops_routes();
    let (post, delete) = (reqwest::Method::POST, reqwest::Method::DELETE);
    for (method, path) in [
        (&delete, "/v1/campaigns/{id}/pauses/{pause}"),
        (&delete, "/v1/accounts/{id}/holds/{hold}"),
        (&post, "/v1/campaigns/{id}/pauses"),
        (&post, "/v1/campaigns/{id}/reassignments"),
        (&post, "/v1/enrollments/{act}"),
        (&post, "/v1/sends/{id}/decision"),
    ] {
        let found = routes
            .iter()
            .any(|it| it.path == path && it.method == *method);
        assert!(found, "{method} {path}");
    }
}
