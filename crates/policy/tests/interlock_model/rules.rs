//! The real rules, asked about the model's world.

use crate::world::{CROWD, DAY, Removal, Stage, World};
use jiff::{SignedDuration, Timestamp};
use policy::ids::SessionId;
use policy::interlock::{
    Basis, FlagFacts, Gate, GateFacts, LookFacts, Reading, Seen, clock_disagrees, judge,
};
use std::time::Duration;

/// Accounts with a linked session: enough that five suspects are not too large a part.
const FLEET: i64 = 40;
/// A call is made up to that long after its intent.
const CAP_MORE: i32 = 300;

/// The gates that refuse this removal now.
pub(crate) fn refused(world: &World, removal: usize) -> Vec<Gate> {
    let verdicts = judge(&facts(world, removal));
    let refusing = verdicts.into_iter().filter(|it| it.refusal.is_some());
    refusing.map(|it| it.gate).collect()
}

/// Whether a process that read both clocks at that offset does not believe the database's now.
pub(crate) fn disagrees(world: &World, read: i32) -> bool {
    // What passed of true time does not matter; that both readings are of one process does.
    let before = Reading {
        at: instant(read),
        machine: Duration::ZERO,
    };
    let machine = u64::try_from(world.now).expect("time began at 0");
    let now = Reading {
        at: instant(world.clock()),
        machine: Duration::from_secs(machine),
    };
    clock_disagrees(before, now, 1.0).is_some()
}

fn instant(seconds: i32) -> Timestamp {
    let start = Timestamp::constant(1_772_359_200, 0);
    let since = SignedDuration::from_secs(i64::from(seconds));
    start.checked_add(since).expect("a time of our years")
}

fn facts(world: &World, number: usize) -> GateFacts {
    let removal = &world.removals[number];
    let clock = world.clock();
    GateFacts {
        at: instant(clock),
        session: SessionId(format!("s{number}")),
        switch: world.switch,
        latch: (world.latch || world.leaps()).then(|| "tripped".to_owned()),
        fleet: FLEET,
        suspects: suspects(world),
        basis: Basis::Case {
            confirmed: true,
            same_session: true,
        },
        linked: Some("missing".to_owned()),
        awaited: false,
        looks: looks(removal),
        intents: intents(world, number),
        flag: world.flag.map(|flag| FlagFacts {
            enabled_at: instant(flag.enabled_at),
            ends_at: instant(flag.ends_at),
            by: "anna".to_owned(),
        }),
        guards: Vec::from_iter((!world.guards).then(|| "chain".to_owned())),
    }
}

/// As `relink.removal_gates` counts them: asked to be removed (all of today, here), or found gone within a day.
fn suspects(world: &World) -> i64 {
    let asked = world.removals.iter().filter(|it| it.state != Stage::Absent);
    let crowd = world
        .outage_seen_at
        .is_some_and(|at| at > world.clock() - DAY);
    let asked = i64::try_from(asked.count()).expect("there are two");
    asked + if crowd { CROWD } else { 0 }
}

fn intents(world: &World, number: usize) -> i64 {
    let others = world.removals.iter().enumerate();
    let others = others
        .filter(|it| it.0 != number)
        .filter_map(|it| it.1.intent_at);
    let all = others.chain(world.earlier.iter().copied());
    let counted = all
        .filter(|at| *at > world.clock() - DAY - CAP_MORE)
        .count();
    i64::try_from(counted).expect("there are few")
}

fn looks(removal: &Removal) -> Vec<LookFacts> {
    let looks = [3, 2, 1].into_iter().zip(&removal.looks);
    let looks = looks.map(|(number, look)| LookFacts {
        number,
        started_at: instant(look.at),
        finished_at: Some(instant(look.at)),
        seen: Some(if look.gone { Seen::Gone } else { Seen::Present }),
        control: Some(SessionId("control".to_owned())),
        control_good: look.control,
        control_linked: true,
        by_worker: true,
    });
    looks.collect()
}
