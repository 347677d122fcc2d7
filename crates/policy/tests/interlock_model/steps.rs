//! What may happen, in any order and as often as its bound says.

use crate::variant::Variant;
use crate::workers;
use crate::world::{DAY, Doing, FLAG, Flag, Lie, MINUTE, Stage, World};

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An operator asks for a removal.
    Request(usize),
    /// Some worker looks: `removals.look`, delivered whenever and however often.
    Look(usize),
    /// That worker asks for the permit: `removals.execute`, delivered whenever and however often.
    Reserve(usize, usize),
    /// That worker begins the call, whoever had the permit.
    Start(usize, usize),
    /// That worker makes it, and the provider does it.
    Call(usize),
    /// That worker makes it, and the provider fails.
    CallInVain(usize),
    /// That worker writes down what a look after it said.
    Settle(usize),
    /// Somebody takes the removal's worker for dead, rightly or not.
    Recover(usize),
    /// That worker dies and begins anew.
    Crash(usize),
    /// A minute passes.
    Minute,
    /// A day passes.
    Day,
    /// The database's clock steps by that many seconds.
    ClockJump(i32),
    /// Somebody flips the kill switch.
    Switch,
    /// An operator enables the flag for four hours.
    Enable,
    /// An operator disables it.
    Disable,
    /// Somebody drops the record's triggers, or restores them.
    Guards,
    /// The provider begins to lie, or ends.
    Lie(Lie),
}

/// A step that is tolerated, one that opens the cap, and one that goes back.
const CLOCK_STEPS: [i32; 3] = [MINUTE, 25 * 3_600, -25 * 3_600];

/// Everything that may happen next. Much of it changes nothing: the checker knows that state already.
pub(crate) fn possible(variant: &Variant, world: &World, steps: &mut Vec<Step>) {
    if is_over(world) {
        return;
    }
    for number in 0..world.removals.len() {
        of_a_removal(world, number, steps);
    }
    for (number, worker) in world.workers.iter().enumerate() {
        match worker.doing {
            Doing::Idle => {}
            Doing::Calling(..) => steps.extend([Step::Call(number), Step::CallInVain(number)]),
            Doing::Called(_) => steps.push(Step::Settle(number)),
        }
    }
    if world.left.minutes > 0 {
        steps.push(Step::Minute);
    }
    if world.left.days > 0 {
        steps.push(Step::Day);
    }
    if world.left.troubles > 0 {
        steps.extend([0, 1].map(Step::Crash));
        steps.extend(CLOCK_STEPS.map(Step::ClockJump));
        steps.extend([Step::Switch, Step::Enable, Step::Disable, Step::Guards]);
        let lies = variant.lies.iter().filter(|lie| **lie != world.lie);
        steps.extend(lies.copied().map(Step::Lie));
    }
}

/// Nothing can be sent any more, whatever happens.
fn is_over(world: &World) -> bool {
    let ended = world.removals.iter().all(|it| {
        let ends = [
            Stage::Refused,
            Stage::NotSent,
            Stage::Deleted,
            Stage::Unknown,
        ];
        ends.contains(&it.state)
    });
    ended && world.workers.iter().all(|it| it.doing == Doing::Idle)
}

fn of_a_removal(world: &World, number: usize, steps: &mut Vec<Step>) {
    let removal = &world.removals[number];
    match removal.state {
        Stage::Absent => steps.push(Step::Request(number)),
        Stage::Requested => {
            steps.push(Step::Look(number));
            steps.extend([0, 1].map(|worker| Step::Reserve(worker, number)));
        }
        Stage::Permitted | Stage::Calling => {
            steps.push(Step::Recover(number));
            steps.extend([0, 1].map(|worker| Step::Start(worker, number)));
        }
        Stage::Refused | Stage::NotSent | Stage::Deleted | Stage::Unknown => {}
    }
}

/// The world after it.
pub(crate) fn take(variant: &Variant, world: &mut World, step: Step) {
    match step {
        Step::Request(number) => world.removals[number].state = Stage::Requested,
        Step::Look(number) => workers::look(world, number),
        Step::Reserve(worker, number) => workers::reserve(variant, world, worker, number),
        Step::Start(worker, number) => workers::start(variant, world, worker, number),
        Step::Call(worker) => workers::call(variant, world, worker, true),
        Step::CallInVain(worker) => workers::call(variant, world, worker, false),
        Step::Settle(worker) => workers::settle(world, worker),
        Step::Recover(number) => workers::recover(world, number),
        Step::Crash(worker) => workers::crash(variant, world, worker),
        Step::Minute => {
            world.left.minutes -= 1;
            pass(world, MINUTE);
        }
        Step::Day => {
            world.left.days -= 1;
            pass(world, DAY);
        }
        Step::ClockJump(by) => {
            world.left.troubles -= 1;
            world.offset += by;
        }
        Step::Switch | Step::Enable | Step::Disable | Step::Guards | Step::Lie(_) => {
            world.left.troubles -= 1;
            event(world, step);
        }
    }
}

fn event(world: &mut World, step: Step) {
    match step {
        Step::Switch => world.switch = !world.switch,
        Step::Guards => world.guards = !world.guards,
        Step::Disable => world.flag = None,
        Step::Enable => {
            world.flag = Some(Flag {
                enabled_at: world.clock(),
                ends_at: world.clock() + FLAG,
                meant_until: world.now + FLAG,
            });
        }
        Step::Lie(lie) => {
            world.lie = lie;
            if lie == Lie::Outage {
                world.outage_at = Some(world.now);
                world.outage_seen_at = Some(world.clock());
            }
        }
        other => unreachable!("{other:?} is no event"),
    }
}

fn pass(world: &mut World, seconds: i32) {
    // The fleet's own look, every ten minutes: a step that it finds, it tells.
    let leapt = world.leaps();
    world.latch |= leapt;
    world.now += seconds;
    if !leapt {
        world.noted = world.noted.map(|_| world.clock());
    }
    let ends = match world.lie {
        Lie::Glitch(_) => true,
        Lie::Outage => seconds >= DAY,
        Lie::No | Lie::WrongKey => false,
    };
    if ends {
        world.lie = Lie::No;
    }
}
