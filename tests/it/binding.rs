//! What becomes of logins that owners make on hosted pages, in whatever order the news of them come (R-LNK-3, R-LNK-4, R-LNK-5).

mod death;
mod interleaved;
mod plays;
mod races;
mod scene;

use jiff::SignedDuration;
use races::{Actor, RACES, Race};
use scene::Scene;
use simulator::control::Manners;
use std::collections::BTreeMap;
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tokio_postgres::types::ToSql;

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
    let mut odd = odd_ends(&scene, &actors).await;
    // What a busy machine asked in vain is asked again.
    for _ in 0..3 {
        if odd.is_empty() {
            break;
        }
        scene.run.later(SignedDuration::from_secs(15)).await;
        odd = odd_ends(&scene, &actors).await;
    }
    assert_eq!(odd, [] as [String; 0]);
    the_rest_holds(scene, &actors).await;
}

/// Races that do not stand where their table says.
async fn odd_ends(scene: &Scene, actors: &BTreeMap<Race, Actor>) -> Vec<String> {
    let mut odd = vec![];
    for race in RACES {
        let found = races::end(scene, &actors[&race]).await;
        if found != races::expected(race) {
            let causes = scene.run.causes(actors[&race].account).await;
            odd.push(format!("{race:?}: {found:?}, by {causes:?}"));
        }
    }
    odd
}

/// R-LNK-5, R-DIS-2: what a row that went on as an earlier one was to send for, that one sends for, and every view says so.
async fn merged(scene: &mut Scene, actor: &Actor) {
    let old = actor.other.expect("the row of before");
    let places =
        "select count(*) from relink.campaign_senders where account_id = $1 and in_rotation";
    let waiting =
        "select count(*) from relink.enrollments where account_id = $1 and state = 'active'";
    for (sql, moved) in [(places, 1), (waiting, 6)] {
        assert_eq!(scene.run.number(sql, &[&actor.account.0]).await, 0, "{sql}");
        assert_eq!(scene.run.number(sql, &[&old.0]).await, moved, "{sql}");
    }
    let stands = "select count(*) from relink.campaign_pauses p join relink.campaign_senders s using (campaign_id)
                   where s.account_id = $1 and p.lifted_at is null";
    assert_eq!(scene.run.number(stands, &[&old.0]).await, 0, "it goes on");
    let desk = Desk::of(scene.run.site(), "ada", &[Scope::Read]).await;
    let id = actor.account.0.to_string();
    let shown = desk.sees(&["accounts", "show", &id]).await;
    assert_eq!(shown["merged_into"], old.0.to_string());
    assert_eq!(shown["action"], "none");
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
    for race in [Race::Elsewhere, Race::SessionElsewhere, Race::GoneElsewhere] {
        let actor = &actors[&race];
        let other = actor.other.expect("the other workspace's account").0;
        let named: [&(dyn ToSql + Sync); 2] = [&actor.account.0, &other.to_string()];
        assert_eq!(scene.run.number(elsewhere, &named).await, 0, "{race:?}");
    }
    merged(&mut scene, &actors[&Race::Restored]).await;
    half_an_hour_later(scene, actors).await;
}

/// L6, and what comes of it all by itself.
async fn half_an_hour_later(mut scene: Scene, actors: &BTreeMap<Race, Actor>) {
    // R-LNK-2: what was told a week ago goes, though nothing new comes.
    let aged = "update relink.provider_events set received_at = received_at - interval '8 days' where account_id = $1";
    let twice = &actors[&Race::Twice].account.0;
    let aged = scene.run.owner.execute(aged, &[twice]).await;
    assert_eq!(aged.expect("age it"), 1);
    let kept = "select count(*) from relink.provider_events where account_id <> $1";
    let kept_before = scene.run.number(kept, &[twice]).await;
    // Half an hour later nothing has changed that was settled, and nobody was called disconnected's opposite (L6).
    // A run of the watch comes first: the tick of the watch for orphans sees what it listed.
    scene.run.beat().await;
    scene.run.later(SignedDuration::from_mins(31)).await;
    // The watch for orphans spreads what it asks for.
    scene.run.later(SignedDuration::from_mins(1)).await;
    let old = "select count(*) from relink.provider_events where account_id = $1";
    assert_eq!(scene.run.number(old, &[twice]).await, 0);
    assert_eq!(scene.run.number(kept, &[twice]).await, kept_before);
    let left = &actors[&Race::Disconnected];
    assert_eq!(scene.run.status(left.account).await, "disconnected", "L6");
    let behind = &actors[&Race::LeftBehind];
    assert_eq!(
        races::linked(&scene, behind.account).await,
        behind.new_session(1),
        "the login of before is found, though no link is open"
    );
    let late = &actors[&Race::Inconclusive];
    assert_eq!(
        scene.run.status(late.account).await,
        "connected",
        "never lost"
    );
    scene.run.is_sound().await;
}
