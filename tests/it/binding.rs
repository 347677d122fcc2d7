//! What becomes of logins that owners make on hosted pages, in whatever order the news of them come (R-LNK-3, R-LNK-4, R-LNK-5).

mod interleaved;
mod plays;
mod races;
mod scene;

use jiff::SignedDuration;
use races::{Actor, RACES, Race};
use scene::Scene;
use simulator::control::Manners;
use std::collections::BTreeMap;
use tests::fleet_run::FleetRun;

/// Every race of a login, side by side in one fleet: each its own accounts, its own order of news, and its own end.
#[tokio::test]
async fn r_lnk_3_every_race_of_a_login_ends_as_its_table_says() {
    let mut actors = BTreeMap::new();
    let run = FleetRun::start(|cast| {
        // Enough of them that a loss or two is an ordinary one.
        cast.crowd(60);
        for race in RACES {
            actors.insert(race, Actor::plant(cast, race));
        }
    })
    .await;
    let manners = Manners {
        no_mail_profiles: true,
        ..Manners::default()
    };
    run.provider.manners(&manners).await;
    let mut scene = Scene::of(run);
    for phase in 0..plays::PHASES {
        for race in RACES {
            plays::play(&scene, &actors[&race], race, phase).await;
        }
        scene.run.settle().await;
    }
    // A list is made once nobody else can ask for it.
    scene.run.later(SignedDuration::from_secs(15)).await;
    let mut odd = vec![];
    for race in RACES {
        let found = races::end(&scene, &actors[&race]).await;
        if found != races::expected(race) {
            let causes = scene.run.causes(actors[&race].account).await;
            odd.push(format!("{race:?}: {found:?}, by {causes:?}"));
        }
    }
    assert_eq!(odd, [] as [String; 0]);
    the_rest_holds(scene, &actors).await;
}

/// L1, L4, L5 over all of them, and what operators hear.
async fn the_rest_holds(mut scene: Scene, actors: &BTreeMap<Race, Actor>) {
    let two =
        "select count(*) from (select account_id from relink.link_attempts where closed_at is null
                 group by account_id having count(*) > 1) t";
    assert_eq!(scene.run.number(two, &[]).await, 0, "L1");
    let shared =
        "select count(*) from (select session_id from relink.accounts where session_id is not null
                    group by session_id having count(*) > 1) t";
    assert_eq!(scene.run.number(shared, &[]).await, 0, "L4");
    let waiting =
        "select count(*) from relink.provider_events where came_to is null and job_id is not null";
    assert_eq!(
        scene.run.number(waiting, &[]).await,
        0,
        "every event has come to something"
    );
    let codes = scene.run.alerts().await;
    for code in [
        "account_merged",
        "callback_replayed",
        "session_claimed",
        "wrong_account",
    ] {
        assert!(codes.iter().any(|it| it == code), "{code}: {codes:?}");
    }
    // What was refused for another workspace tells its owner nothing of whom.
    let elsewhere = "select count(*) from relink.account_audit where account_id = $1 and evidence::text like '%' || $2 || '%'";
    let actor = &actors[&Race::Elsewhere];
    let other = actor
        .other
        .expect("the other workspace's account")
        .0
        .to_string();
    assert_eq!(
        scene
            .run
            .number(elsewhere, &[&actor.account.0, &other])
            .await,
        0
    );
    // Half an hour later nothing has changed that was settled, and nobody was called disconnected's opposite (L6).
    scene.run.later(SignedDuration::from_mins(35)).await;
    let left = &actors[&Race::Disconnected];
    assert_eq!(scene.run.status(left.account).await, "disconnected", "L6");
    let late = &actors[&Race::Inconclusive];
    assert_eq!(
        scene.run.status(late.account).await,
        "connected",
        "never lost"
    );
    scene.run.is_sound().await;
}
