//! Direct SQL against each of the six gates, by everybody who could try it (R-DEL-1, R-AUD-4; reliability, scenario 59).
//! Each attack is refused, or the next attempt of a real worker is.

mod allowing;
pub(crate) mod attacks;
mod looking;
pub(crate) mod scene;
mod tricks;

use attacks::{As, Attack, EVERYBODY, Shut, all};
use futures_util::future::join_all;
use scene::{Attempted, Scene};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// What SQL alone can neither refuse nor give away afterwards, and what stands against it.
const NEITHER: &[(&str, &str)] = &[
    (
        "the owner disables a guard, forges rows, and enables it always again, between two self-tests",
        "the catalogue is as it was, and gates 2 to 5 are rows. Gate 1 is no row; a guard that is still off is named by the next attempt, and every ten minutes",
    ),
    (
        "a superuser who is the worker's login for real minutes and makes three looks",
        "a superuser can be every login. Gate 1 is no row; the flag and the request need an operator's login as well",
    ),
    (
        "a superuser who becomes an operator's login before the commit of a forged flag",
        "a superuser can be every login. Gate 1 is no row; the record keeps the login that wrote it",
    ),
    (
        "the owner plants an operator's token with its audit row, and an operator's login uses it",
        "handing out tokens is the owner's task; it leaves the record `operator.add` with the login that wrote it",
    ),
    (
        "the owner inserts accounts, so that the suspects are less than a quarter of the fleet",
        "more than 5 suspects refuse however large the fleet",
    ),
    (
        "a worker's login that says of its process that the switch is on",
        "the row alone sends nothing: the process asks its own switch before the permit and before the request (tested above)",
    ),
];

#[derive(Default)]
struct Totals {
    attacks: usize,
    refused: usize,
    detected: usize,
    deletes: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_del_1_every_forgery_of_a_gate_is_refused_or_detected() {
    control().await;
    let scenes = [
        Shut::Switch,
        Shut::Latch,
        Shut::Crowd,
        Shut::Looks,
        Shut::Warrant,
        Shut::Cap,
        Shut::Flag,
        Shut::Nothing,
    ];
    let mut all = Totals::default();
    for ended in join_all(scenes.map(|shut| tokio::spawn(forge(shut)))).await {
        let of_scene = ended.expect("a scene");
        all.attacks += of_scene.attacks;
        all.refused += of_scene.refused;
        all.detected += of_scene.detected;
        all.deletes += of_scene.deletes;
    }
    for (what, why) in NEITHER {
        println!("neither   {what}: {why}");
    }
    println!(
        "forging: {} attacks, {} refused, {} detected, {} deletes",
        all.attacks, all.refused, all.detected, all.deletes
    );
    assert_eq!((all.refused + all.detected, all.deletes), (all.attacks, 0));
}

/// Every attack on the gate that is shut.
async fn forge(shut: Shut) -> Totals {
    let mut totals = Totals::default();
    let untouched = Scene::of(shut).await;
    let mut scene = untouched.again().await;
    let mut before = scene.fingerprint().await;
    let mut open = vec![];
    for attack in all().iter().filter(|attack| attack.shut == shut) {
        for &by in attack.by {
            let client = scene.connect(by, &mut open).await;
            if carry_out(&scene, before.as_deref(), attack, (by, client), &mut totals).await {
                continue;
            }
            open.clear();
            scene = untouched.again().await;
            before = scene.fingerprint().await;
        }
    }
    // What was refused has opened nothing.
    if shut != Shut::Nothing && shut != Shut::Warrant {
        let attempted = scene.attempt().await;
        assert_eq!(attempted.refused, [shut.gate()], "{shut:?}");
        assert_eq!(attempted.deletes, 0);
    }
    totals
}

/// The scene of the attacks is one in which a removal passes, but for the gate that is shut.
async fn control() {
    let scene = Scene::of(Shut::Nothing).await;
    let attempted = scene.attempt().await;
    assert_eq!(
        (attempted.state.as_str(), attempted.deletes),
        ("deleted", 1),
        "{:?}",
        attempted.refused
    );
    println!("control   no gate shut, nothing forged: the attempt removes, 1 delete");
}

/// Whether nothing has happened in the scene; else it is spoilt for the next attack.
async fn carry_out(
    scene: &Scene,
    before: Option<&str>,
    attack: &Attack,
    (by, client): (As, &Client),
    totals: &mut Totals,
) -> bool {
    totals.attacks += 1;
    let row = format!("{:<12} {} ({by:?})", attack.shut.gate(), attack.name);
    let said = attempt(client, &scene.filled(&attack.sql)).await;
    if scene.fingerprint().await.as_deref() == before {
        totals.refused += 1;
        let why = said.err().unwrap_or_else(|| "no effect".to_owned());
        println!("refused   {row}: {why}");
        return true;
    }
    let attempted = scene.attempt().await;
    totals.deletes += attempted.deletes;
    let is_stopped = attempted.deletes == 0 && attempted.state != "deleted";
    let is_known = attack.shut != Shut::Nothing
        || attempted.refused.contains(&"audit".to_owned())
        || attempted.state != "refused";
    if is_stopped && is_known {
        totals.detected += 1;
    }
    let Attempted { state, refused, .. } = attempted;
    let word = if is_stopped && is_known {
        "detected"
    } else {
        "MISSED"
    };
    println!("{word:<9} {row}: the attempt is refused by {refused:?}, the removal {state}");
    false
}

/// Runs `sql` in a transaction. The error is the server's refusal; any other error is the test's own.
async fn attempt(client: &Client, sql: &str) -> Result<(), String> {
    for statement in ["begin", sql, "commit"] {
        if let Err(error) = client.batch_execute(statement).await {
            let refusal = error.as_db_error().expect("the server's answer");
            let lawful = [
                SqlState::INSUFFICIENT_PRIVILEGE,
                SqlState::CHECK_VIOLATION,
                SqlState::UNIQUE_VIOLATION,
                SqlState::FOREIGN_KEY_VIOLATION,
                SqlState::INVALID_PARAMETER_VALUE,
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
                SqlState::INVALID_TRANSACTION_STATE,
                SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
                SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
            ];
            assert!(
                lawful.contains(refusal.code()),
                "{sql}\nrefused for another reason: {refusal:?}"
            );
            return Err(refusal.message().to_owned());
        }
    }
    Ok(())
}

#[tokio::test]
async fn r_del_1_there_are_attacks_on_every_gate_by_everybody() {
    let attacks = all();
    for gate in ["switch", "sanity", "confirmation", "cap", "flag", "audit"] {
        for by in EVERYBODY {
            let count = attacks
                .iter()
                .filter(|attack| attack.shut.gate() == gate && attack.by.contains(by))
                .count();
            assert!(count >= 10, "{gate} by {by:?}: {count}");
        }
    }
}
