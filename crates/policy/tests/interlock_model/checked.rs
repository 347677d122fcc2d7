//! The model as the checker sees it: beginnings, steps, and what must hold.

use crate::steps::{self, Step};
use crate::variant::{Variant, Without};
use crate::world::{Doing, FLAG, Flag, Left, Lie, Removal, Stage, Worker, World, Wrongs};
use stateright::{Model, Property};

pub(crate) const ALIVE: &str = "no session is removed that is there";
pub(crate) const OFF: &str = "nothing is sent while the kill switch is off";
pub(crate) const MEANT: &str = "nothing is sent that no operator's flag allowed";
pub(crate) const CROWD: &str = "nothing is sent while more than five vanish within a day";
pub(crate) const RECORDED: &str = "nothing is sent that was not written down before";
pub(crate) const THREE: &str = "at most three are sent in any day";
pub(crate) const ONCE: &str = "at most one is sent for a removal";
pub(crate) const GATES: &str = "nothing is sent that a gate refused at its start";

/// What must be true of the world in every reachable state.
pub(crate) const TRUTHS: [&str; 8] = [ALIVE, OFF, MEANT, CROWD, RECORDED, THREE, ONCE, GATES];

const REMOVED: &str = "a session is removed";
const UNKNOWN: &str = "a call's end is unknown";
const UNSENT: &str = "a permit dies unused";
const REFUSED: &str = "a removal is refused";
const TRIPPED: &str = "the latch is tripped";
const FULL: &str = "three are sent within a day";

/// What must happen somewhere.
pub(crate) const EVENTS: [&str; 6] = [REMOVED, UNKNOWN, UNSENT, REFUSED, TRIPPED, FULL];

impl Model for Variant {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![beginning(self)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Step>) {
        steps::possible(self, world, actions);
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        steps::take(self, &mut world, step);
        world.workers.sort_unstable();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ALIVE, |_, it: &World| !it.wrongs.deleted_alive),
            Property::always(OFF, |_, it: &World| !it.wrongs.sent_while_off),
            Property::always(MEANT, |_, it: &World| !it.wrongs.nobody_meant),
            Property::always(CROWD, |_, it: &World| !it.wrongs.crowd),
            Property::always(RECORDED, |_, it: &World| !it.wrongs.unrecorded),
            Property::always(THREE, |_, it: &World| !it.wrongs.four_a_day),
            Property::always(ONCE, |_, it: &World| {
                it.removals.iter().all(|it| it.calls <= 1)
            }),
            Property::always(GATES, |_, it: &World| !it.wrongs.a_gate_refused),
            Property::sometimes(REMOVED, |_, it: &World| has(it, Stage::Deleted)),
            Property::sometimes(UNKNOWN, |_, it: &World| has(it, Stage::Unknown)),
            Property::sometimes(UNSENT, |_, it: &World| has(it, Stage::NotSent)),
            Property::sometimes(REFUSED, |_, it: &World| has(it, Stage::Refused)),
            Property::sometimes(TRIPPED, |_, it: &World| it.latch),
            Property::sometimes(FULL, |_, it: &World| it.sent_today() == 3),
        ]
    }
}

fn has(world: &World, state: Stage) -> bool {
    world.removals.iter().any(|it| it.state == state)
}

fn beginning(variant: &Variant) -> World {
    let before = |seconds: &i32| -seconds;
    World {
        now: 0,
        offset: 0,
        switch: true,
        // It ends by itself after two minutes and a half.
        flag: Some(Flag {
            enabled_at: 150 - FLAG,
            ends_at: 150,
            meant_until: 150,
        }),
        guards: true,
        noted: variant.has_noted().then_some(0),
        latch: false,
        lie: Lie::No,
        outage_at: None,
        outage_seen_at: None,
        removals: variant.alive.iter().zip(0..).map(removal).collect(),
        workers: [Worker {
            doing: Doing::Idle,
            read: (variant.without != Without::FirstReadingAndNoted).then_some(0),
        }; 2],
        sent: variant.earlier.iter().map(before).collect(),
        earlier: variant.earlier.iter().map(before).collect(),
        left: Left { ..variant.left },
        wrongs: Wrongs::default(),
    }
}

/// The first is asked for already.
fn removal((is_alive, number): (&bool, u8)) -> Removal {
    Removal {
        is_alive: *is_alive,
        state: if number == 0 {
            Stage::Requested
        } else {
            Stage::Absent
        },
        looks: vec![],
        permitted_at: 0,
        intent_at: None,
        calls: 0,
    }
}
