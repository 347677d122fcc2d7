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
        Race::RenewalFails | Race::Renewed => {
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
        Race::Restored => {
            let old = actor.other.expect("the row of before");
            scene.put(old, Status::Disconnected).await;
        }
        _ => {}
    }
    let attempt = scene.begin(account, "first").await;
    actor.first.set(attempt).expect("once");
    if matches!(race, Race::SupersededCreate | Race::BothCompleted) {
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
        Race::Restored | Race::IdentityKnown | Race::Elsewhere => format!("old-{}", actor.name),
        Race::WrongFirst => format!("another-{}", actor.name),
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
        Race::BothCompleted => {
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
        Race::Failed | Race::RenewalFails => {
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
        | Race::Undeclared
        | Race::Restored
        | Race::IdentityKnown
        | Race::Elsewhere => {
            scene.sign_in(&new, &person).await;
            scene.call_back(first, MADE, Some(&new)).await;
        }
    }
}

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
