//! A worker that dies over a login: between what it asked and its commit.

use super::scene::Scene;
use policy::ids::AccountId;
use std::time::Duration;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::scraped::{address_of, scrape};
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_mins(1);
const SESSION: &str = "n-killed";

/// A worker of its own process, which asks the provider at `base`.
fn worker(scene: &Scene, base: &str) -> Process {
    let mut settings = scene.run.settings();
    settings.retain(|(name, _)| name != "RELINK_PROVIDER_URL");
    settings.push(("RELINK_PROVIDER_URL".to_owned(), base.to_owned()));
    // Else its self-test finds the stepped clock, rightly, and pages.
    settings.push(("RELINK_STAND_IN_CLOCK".to_owned(), "true".to_owned()));
    Process::relink("worker", &["worker", "watches"], &settings)
}

/// Where the account and its login stand: status, session, state of the attempt, and what its event came to.
async fn stands(scene: &Scene, account: AccountId) -> [String; 4] {
    let sql = "select unnest(array[a.status::text, coalesce(a.session_id, '-'), l.state, coalesce(e.came_to, '-')])
                 from relink.accounts a
                 join relink.link_attempts l on l.account_id = a.id
                 join relink.provider_events e on e.attempt_id = l.id
                where a.id = $1";
    let words = scene.run.words(sql, &[&account.0]).await;
    words.try_into().expect("one login")
}

/// R-LNK-3, R-JOB-3: what the dead worker had learnt binds nothing; whoever comes after it asks anew, and binds once.
#[tokio::test]
async fn r_lnk_3_a_worker_killed_before_its_commit_binds_nothing() {
    let mut account = None;
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        let blank = |it: &mut store::seed::Account| (it.attempt, it.handle) = (None, None);
        account = Some(cast.waiting("killed", blank));
    })
    .await;
    let account = account.expect("planted");
    let scene = Scene::of(run);
    let attempt = scene.begin(account, "first").await;
    scene.sign_in(SESSION, "killed").await;
    let base = scene.run.provider.base().to_owned();
    let gate = Gate::before(&base).await;
    gate.set(Flow::HoldAnswers);
    let mut first = worker(&scene, gate.base());
    let stop = CancellationToken::new();
    let running = scene.run.schedule(&stop);
    scene
        .call_back(attempt, "CREATION_SUCCESS", Some(SESSION))
        .await;
    let get = "GET /accounts/{id}";
    eventually("the session is asked for", SOON, || async {
        (scene.run.provider.asked(get, SESSION).await > 0).then_some(())
    })
    .await;
    first.kill9().await;
    let before = ["connecting", "-", "open", "-"].map(str::to_owned);
    assert_eq!(stands(&scene, account).await, before);
    let second = worker(&scene, &base);
    eventually("the next worker binds it", SOON, || async {
        (scene.run.status(account).await == "connected").then_some(())
    })
    .await;
    let after = ["connected", SESSION, "linked", "landed"].map(str::to_owned);
    assert_eq!(stands(&scene, account).await, after);
    let told = scrape(&address_of(&second).await).await;
    let by = [("by", "callback")];
    assert_eq!(told.value("relink_link_landed_by_total", &by), Some(1.0));
    for since in ["callback", "login"] {
        let labels = [("by", "callback"), ("since", since)];
        assert_eq!(
            told.value("relink_link_seconds_count", &labels),
            Some(1.0),
            "counted once since the {since}"
        );
    }
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    scene.run.is_sound_apart_from("vanished").await;
}
