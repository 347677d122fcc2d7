//! What the provider refuses or does not say (race 4), and what an account's own state refuses (races 25, 31).

use super::scene::Scene;
use linking::NotMinted;
use policy::account::{AttemptPhase, Status};
use policy::ids::SessionId;
use simulator::control::{Faults, Rate};
use std::time::Duration;
use tests::eventually::eventually;
use tests::links;
use tests::tcp::{Flow, Gate};

/// Faults, and the word for what comes of them.
fn troubles() -> [(&'static str, Faults); 4] {
    [
        (
            "provider_down",
            Faults {
                rate_5xx: Rate(1.0),
                ..Faults::default()
            },
        ),
        (
            "provider_silent",
            Faults {
                rate_reset: Rate(1.0),
                ..Faults::default()
            },
        ),
        (
            "provider_refused",
            Faults {
                rate_429: Rate(1.0),
                ..Faults::default()
            },
        ),
        (
            "our_key",
            Faults {
                unauthorized_all: true,
                ..Faults::default()
            },
        ),
    ]
}

#[tokio::test]
async fn r_lnk_1_a_mint_that_fails_changes_nothing_and_is_tried_at_once() {
    let scene = Scene::of(Status::ReconnectNeeded).await;
    let before = scene.status().await;
    for (word, faults) in troubles() {
        scene.provider.faults(&faults).await;
        let minted = scene.minted().await;
        let why = scene.mint(&scene.ask()).await.expect_err("no link");
        let told = why.word();
        let is_it = told == word || word == "provider_down" && told == "provider_silent";
        assert!(is_it, "{word}: {told}");
        let newest = scene.attempts().await.swap_remove(0);
        assert_eq!(newest.phase, AttemptPhase::MintFailed, "{word}");
        assert!(newest.failure.is_some());
        assert_eq!(scene.status().await, before, "no flip");
        scene.provider.faults(&Faults::default()).await;
        assert!(scene.minted().await <= minted + 1, "{word}: called once");
    }
    let alerts = "select code, subject from relink.admin_alerts";
    let alerts = scene.owner.query(alerts, &[]).await.expect("the alerts");
    let alerts: Vec<(String, String)> = alerts.iter().map(|it| (it.get(0), it.get(1))).collect();
    let expected = [("provider_key".to_owned(), "links".to_owned())];
    assert_eq!(alerts, expected, "one alarm for all, and of no account");
    let minted = scene.mint(&scene.ask()).await.expect("a link");
    assert!(!minted.is_reused);
    assert_eq!(scene.status().await.0, "connecting");
}

/// Who waited for a mint that failed hears what it failed of, and does not call the provider in its turn.
#[tokio::test]
async fn r_lnk_1_whoever_waits_for_a_mint_shares_its_failure() {
    let scene = Scene::of(Status::ReconnectNeeded).await;
    let mut gate = Gate::before(scene.provider.base()).await;
    gate.set(Flow::HoldRequests);
    // A process listens once for all its calls: with one call each, it is seen that each of the three waits.
    let calling: Vec<_> = (0..4)
        .map(|_| scene.process_before(gate.base(), 1))
        .collect();
    gate.connected(1, Duration::from_secs(10)).await;
    scene.is_waited_for_by(3).await;
    gate.close().await;
    for calling in calling {
        assert_eq!(calling.ended().await, ["refused provider_silent"]);
    }
    assert_eq!(scene.attempts().await.len(), 1, "one call for all");
}

/// Race 31: the login was answered a moment ago.
#[tokio::test]
async fn r_lnk_1_a_login_that_was_answered_is_not_asked_for_again() {
    let mut scene = Scene::of(Status::ReconnectNeeded).await;
    let minted = scene.mint(&scene.ask()).await.expect("a link");
    let session = SessionId("s-new".to_owned());
    assert!(scene.answer(minted.attempt, &session).await);
    let why = scene.mint(&scene.ask()).await.expect_err("not now");
    assert!(matches!(why, NotMinted::InProgress), "{why:?}");
    scene.pass(jiff::SignedDuration::from_secs(90)).await;
    let next = scene.mint(&scene.ask()).await.expect("a link");
    assert!(
        next.attempt != minted.attempt,
        "what proves nothing locks nobody out"
    );
    // The older one binds nothing any more, and the newer one a single session.
    assert!(!scene.answer(minted.attempt, &session).await);
    assert!(scene.answer(next.attempt, &session).await);
    assert!(
        scene.answer(next.attempt, &session).await,
        "again, the same"
    );
    assert!(
        !scene
            .answer(next.attempt, &SessionId("s-other".to_owned()))
            .await
    );
    assert_eq!(scene.minted().await, 2);
}

/// R-LNK-5: whoever has another workspace's token learns nothing.
#[tokio::test]
async fn r_lnk_5_a_link_is_for_the_account_s_own_workspace_alone() {
    let scene = Scene::of(Status::ReconnectNeeded).await;
    let ask = links::ask(scene.account, scene.other_workspace);
    let why = scene.mint(&ask).await.expect_err("another's");
    assert!(matches!(why, NotMinted::Missing));
    assert_eq!((scene.minted().await, scene.attempts().await.len()), (0, 0));
}

/// R-WSP-1: nobody signs in for a workspace that has ended; a link that waits is not handed out either.
#[tokio::test]
async fn r_wsp_1_a_workspace_that_is_over_gets_no_link() {
    let scene = Scene::of(Status::ReconnectNeeded).await;
    scene.mint(&scene.ask()).await.expect("a link");
    let end = "update relink.workspaces set ended_at = relink.clock() where id = $1";
    let ended = scene.owner.execute(end, &[&scene.workspace.0]).await;
    assert_eq!(ended.expect("end it"), 1);
    let why = scene.mint(&scene.ask()).await.expect_err("over");
    assert!(matches!(why, NotMinted::Missing), "{why:?}");
    assert_eq!((scene.minted().await, scene.attempts().await.len()), (1, 1));
}

impl Scene {
    /// Waits until so many processes listen for the end of a mint.
    async fn is_waited_for_by(&self, processes: i64) {
        let sql = "select count(*) from pg_stat_activity where datname = current_database() and query = 'listen relink_links'";
        eventually("the others wait", Duration::from_secs(30), || async {
            let row = self.owner.query_one(sql, &[]).await.expect("look");
            (row.get::<_, i64>(0) >= processes).then_some(())
        })
        .await;
    }

    async fn answer(&self, attempt: policy::ids::AttemptId, session: &SessionId) -> bool {
        let tx = self.worker.begin().await.expect("begin");
        tx.lock_accounts(&[self.account]).await.expect("lock");
        let now = (AttemptPhase::Answered, tx.now().at);
        let done = tx
            .answer_attempt((self.account, attempt), session, now)
            .await;
        let done = done.expect("answer");
        tx.finish().await.expect("commit");
        done
    }
}
