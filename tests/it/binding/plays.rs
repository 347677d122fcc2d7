//! The order in which the news of each race come.

use super::races::{Actor, Race, held, linked};
use super::scene::Scene;
use policy::account::Status;
use policy::events::Verdict;
use simulator::control::{Change, Health, Odd};

/// Steps of the longest race.
pub(super) const PHASES: u8 = 3;

const MADE: &str = "CREATION_SUCCESS";
const MENDED: &str = "RECONNECTED";

/// One step of a race.
pub(super) async fn play(scene: &Scene, actor: &Actor, race: Race, phase: u8) {
    match phase {
        0 => begin(scene, actor, race).await,
        1 => go_on(scene, actor, race).await,
        _ => end_with(scene, actor, race).await,
    }
}

#[expect(clippy::too_many_lines, reason = "an arm a race")]
async fn begin(scene: &Scene, actor: &Actor, race: Race) {
    let (account, own, new) = (actor.account, actor.own(), actor.new_session(1));
    match race {
        Race::EarlyCallback => {
            let attempt = scene.mint(account, "first").await;
            actor.first.set(attempt).expect("once");
            scene.sign_in(&new, &actor.name).await;
            scene.call_back(attempt, MADE, Some(&new)).await;
            return;
        }
        Race::RenewalFails
        | Race::Renewed
        | Race::RenewedLate
        | Race::RenewedByWebhook
        | Race::RenewedLost => {
            let attempt = scene.mint(account, "renew").await;
            let sql = "update relink.link_attempts set state = 'open' where id = $1";
            scene
                .run
                .owner
                .execute(sql, &[&attempt.0])
                .await
                .expect("open");
            actor.first.set(attempt).expect("once");
            return;
        }
        Race::Late
        | Race::SilentReconnect
        | Race::WebhookFirst
        | Race::CallbackFirst
        | Race::SupersededReconnect
        | Race::WrongReconnect
        | Race::Shielded
        | Race::Failed => {
            scene.lose(account, &own).await;
            let attempt = scene.begin(account, "reconnect").await;
            actor.first.set(attempt).expect("once");
            if race == Race::SupersededReconnect {
                let attempt = scene.begin(account, "reconnect").await;
                actor.second.set(attempt).expect("once");
            }
            return;
        }
        Race::WrongNewSession => {
            scene.lose(account, &own).await;
            let attempt = scene.begin(account, "create").await;
            actor.first.set(attempt).expect("once");
            return;
        }
        Race::RestoreRefused => {
            scene.put(account, Status::Disconnected).await;
            let attempt = scene.begin(account, "restore").await;
            actor.first.set(attempt).expect("once");
            return;
        }
        Race::Restored | Race::SessionKept | Race::GoneElsewhere => {
            let old = actor.other.expect("the row of before");
            scene.put(old, Status::Disconnected).await;
        }
        Race::SessionNamed => {
            let other = actor.other.expect("the other account");
            let attempt = scene.begin(other, "first").await;
            actor.second.set(attempt).expect("once");
        }
        _ => {}
    }
    let attempt = scene.begin(account, "first").await;
    actor.first.set(attempt).expect("once");
    let is_superseded = matches!(
        race,
        Race::SupersededCreate | Race::SupersededFails | Race::BothCompleted | Race::LeftBehind
    );
    if is_superseded {
        let attempt = scene.begin(account, "first").await;
        actor.second.set(attempt).expect("once");
    }
}

#[expect(clippy::too_many_lines, reason = "an arm a race")]
async fn go_on(scene: &Scene, actor: &Actor, race: Race) {
    let (account, own, new, first) = (
        actor.account,
        actor.own(),
        actor.new_session(1),
        actor.first_attempt(),
    );
    let person = match race {
        Race::Restored | Race::IdentityKnown | Race::Elsewhere | Race::GoneElsewhere => {
            format!("old-{}", actor.name)
        }
        Race::WrongFirst | Race::WrongNewSession | Race::RestoreRefused => {
            format!("another-{}", actor.name)
        }
        _ => actor.name.clone(),
    };
    match race {
        Race::EarlyCallback => scene.open(account, first).await,
        Race::Late => {
            scene.end_name(first).await;
            scene.mend(&own).await;
            let said = scene.call_back(first, MENDED, Some(&own)).await;
            assert_eq!(said, Verdict::Late);
        }
        Race::SilentReconnect => {
            scene.mend(&own).await;
            scene.look(account, first).await;
        }
        Race::SilentFirst => {
            scene.sign_in(&new, &person).await;
            scene.look(account, first).await;
        }
        Race::WebhookFirst => {
            scene.mend(&own).await;
            scene.tell(&own, "OK").await;
        }
        Race::CallbackFirst | Race::SupersededReconnect => {
            scene.mend(&own).await;
            scene.call_back(first, MENDED, Some(&own)).await;
        }
        Race::RenewedLate => {
            scene.turn(&own, Health::Connecting).await;
            scene.call_back(first, MENDED, Some(&own)).await;
        }
        Race::RenewedByWebhook => {
            scene.tell(&own, MENDED).await;
        }
        Race::RenewedLost => {
            scene.lose(account, &own).await;
            scene.mend(&own).await;
            scene.look(account, first).await;
        }
        Race::BothCompleted | Race::LeftBehind => {
            scene.sign_in(&new, &person).await;
            let newest = actor.new_session(2);
            scene.sign_in(&newest, &person).await;
            scene
                .call_back(actor.second_attempt(), MADE, Some(&newest))
                .await;
        }
        Race::WrongReconnect => {
            let stranger = Change {
                identity: Some(format!("id-another-{}", actor.name)),
                health: Some(Health::Ok),
                quiet: true,
                ..Change::default()
            };
            scene.run.provider.change(&own, stranger).await;
            scene.call_back(first, MENDED, Some(&own)).await;
        }
        Race::Disconnected => {
            scene.sign_in(&new, &person).await;
            scene.put(account, Status::Disconnected).await;
            scene.call_back(first, MADE, Some(&new)).await;
        }
        Race::Shielded => {
            scene.tell(&own, "CREDENTIALS").await;
        }
        Race::SessionTaken | Race::SessionKept | Race::SessionElsewhere => {
            let others = actor.others();
            scene.call_back(first, MADE, Some(&others)).await;
        }
        Race::SessionNamed => {
            scene.sign_in(&new, &person).await;
            let named = "update relink.link_attempts set session_id = $2, state = 'verifying' where id = $1";
            let others = &actor.second_attempt().0;
            let named = scene.run.owner.execute(named, &[others, &new]).await;
            assert_eq!(named.expect("named"), 1);
            scene.call_back(first, MADE, Some(&new)).await;
        }
        Race::Failed | Race::RenewalFails | Race::SupersededFails => {
            scene.call_back(first, "CREATION_FAIL", None).await;
        }
        Race::Renewed => {
            scene.call_back(first, MENDED, Some(&own)).await;
        }
        Race::Inconclusive => {
            let silent = Odd {
                session: new.clone(),
                me_health: Some(Health::Credentials),
                ..Odd::default()
            };
            scene.run.provider.odd(&[silent]).await;
            scene.sign_in(&new, &person).await;
            scene.call_back(first, MADE, Some(&new)).await;
        }
        Race::Mailbox => {
            scene
                .open_mailbox(&new, &format!("{person}@mail.example"))
                .await;
            scene.call_back(first, MADE, Some(&new)).await;
        }
        Race::Twice
        | Race::Replayed
        | Race::SupersededCreate
        | Race::WrongFirst
        | Race::WrongNewSession
        | Race::RestoreRefused
        | Race::Undeclared
        | Race::Restored
        | Race::IdentityKnown
        | Race::Elsewhere
        | Race::GoneElsewhere => {
            scene.sign_in(&new, &person).await;
            scene.call_back(first, MADE, Some(&new)).await;
        }
    }
}

#[expect(clippy::too_many_lines, reason = "an arm a race")]
async fn end_with(scene: &Scene, actor: &Actor, race: Race) {
    let (account, own, new, first) = (
        actor.account,
        actor.own(),
        actor.new_session(1),
        actor.first_attempt(),
    );
    match race {
        Race::Twice => {
            let said = scene.call_back(first, MADE, Some(&new)).await;
            assert_eq!(said, Verdict::Again);
        }
        Race::Replayed => {
            scene.sign_in(&actor.new_session(2), &actor.name).await;
            let said = scene
                .call_back(first, MADE, Some(&actor.new_session(2)))
                .await;
            assert_eq!(said, Verdict::Replayed);
        }
        Race::WebhookFirst => {
            scene.call_back(first, MENDED, Some(&own)).await;
        }
        Race::CallbackFirst => {
            scene.tell(&own, "CONNECTING").await;
            scene.tell(&own, MADE).await;
        }
        Race::BothCompleted => {
            scene.call_back(first, MADE, Some(&new)).await;
            assert_eq!(
                linked(scene, account).await,
                actor.new_session(2),
                "the newest wins"
            );
        }
        Race::RenewedLate => {
            let state = "select state from relink.link_attempts where id = $1";
            assert_eq!(scene.run.words(state, &[&first.0]).await, ["verifying"]);
            scene.mend(&own).await;
        }
        Race::LeftBehind => {
            let newest = actor.new_session(2);
            scene.call_back(first, MADE, Some(&new)).await;
            scene.run.settle().await;
            assert_eq!(linked(scene, account).await, newest, "it works as it is");
            scene.lose(account, &newest).await;
            let third = scene.begin(account, "reconnect").await;
            scene.call_back(third, "CREATION_FAIL", None).await;
        }
        Race::WrongReconnect => {
            assert_eq!(held(scene, account).await, 1, "nothing is sent");
            assert_eq!(scene.run.status(account).await, "reconnect_needed");
            let attempt = scene.begin(account, "reconnect").await;
            let known = Change {
                identity: Some(format!("id-{}", actor.name)),
                quiet: true,
                ..Change::default()
            };
            scene.run.provider.change(&own, known).await;
            scene.call_back(attempt, MENDED, Some(&own)).await;
        }
        Race::Disconnected => {
            scene.tell(&new, "OK").await;
            scene.look(account, first).await;
        }
        Race::Restored => {
            let old = actor.other.expect("the row of before");
            assert_eq!(scene.run.status(old).await, "connected");
            assert_eq!(linked(scene, old).await, new);
            let into = "select merged_into::text from relink.accounts where id = $1";
            let into = scene.run.words(into, &[&account.0]).await;
            assert_eq!(into, [old.0.to_string()]);
        }
        Race::WrongNewSession => {
            assert_eq!(linked(scene, account).await, own, "its own session stays");
            assert_eq!(
                held(scene, account).await,
                0,
                "nobody signed in to that one"
            );
        }
        Race::SessionTaken | Race::SessionElsewhere => {
            let other = actor.other.expect("the other account");
            assert_eq!(scene.run.status(other).await, "connected");
            assert_eq!(linked(scene, other).await, actor.others(), "L4");
        }
        Race::SessionKept | Race::GoneElsewhere => {
            let other = actor.other.expect("the other account");
            assert_eq!(scene.run.status(other).await, "disconnected", "L6");
        }
        Race::Inconclusive => {
            let odd = "select state from relink.link_attempts where id = $1";
            assert_eq!(scene.run.words(odd, &[&first.0]).await, ["verifying"]);
            let well = Odd {
                session: new,
                ..Odd::default()
            };
            scene.run.provider.odd(&[well]).await;
        }
        _ => {}
    }
}
