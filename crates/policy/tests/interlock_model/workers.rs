//! What workers do, each step as the database and the process take it.

use crate::rules;
use crate::variant::{Variant, Without};
use crate::world::{Doing, Held, Look, PERMIT, Stage, World};
use policy::interlock::Gate;

pub(crate) fn look(world: &mut World, number: usize) {
    let (gone, control) = world.answers(number);
    let at = world.clock();
    let removal = &mut world.removals[number];
    removal.looks.insert(0, Look { at, gone, control });
    removal.looks.truncate(3);
    world.note_clock();
}

/// The watchman, and the six gates as this variant asks them. Trips the latch where that is due.
fn granted(variant: &Variant, world: &mut World, worker: usize, number: usize) -> bool {
    if variant.has_watchman() {
        watch(world, worker);
    }
    let mut refused = rules::refused(world, number);
    refused.retain(|gate| variant.has(*gate));
    world.latch |= refused.contains(&Gate::Sanity);
    world.note_clock();
    refused.is_empty()
}

fn watch(world: &mut World, worker: usize) {
    let read = world.workers[worker].read.replace(world.offset);
    world.latch |= read.is_some_and(|read| rules::disagrees(world, read));
}

pub(crate) fn reserve(variant: &Variant, world: &mut World, worker: usize, number: usize) {
    let is_granted = granted(variant, world, worker, number);
    let clock = world.clock();
    // Without its triggers the database writes nothing down.
    let intent_at = world.guards.then_some(clock);
    let removal = &mut world.removals[number];
    if is_granted {
        removal.state = Stage::Permitted;
        removal.permitted_at = clock;
        removal.intent_at = intent_at;
    } else {
        removal.state = Stage::Refused;
    }
}

pub(crate) fn start(variant: &Variant, world: &mut World, worker: usize, number: usize) {
    let state = world.removals[number].state;
    let is_mine = state == Stage::Permitted || variant.without == Without::Exclusion;
    if !is_mine || world.workers[worker].doing != Doing::Idle {
        return;
    }
    let held = Held {
        meant: world.is_meant(),
        crowd: world.has_crowd(),
        gates: rules::refused(world, number).is_empty(),
    };
    let age = world.clock() - world.removals[number].permitted_at;
    let is_young = (0..=PERMIT).contains(&age) || variant.without == Without::PermitAge;
    let is_recorded = world.removals[number].intent_at.is_some() || !variant.has(Gate::Audit);
    let again = variant.without != Without::SecondJudgement;
    let is_granted = !again || granted(variant, world, worker, number);
    if is_young && is_recorded && is_granted {
        world.removals[number].state = Stage::Calling;
        world.workers[worker].doing = Doing::Calling(number, world.now, held);
    } else {
        world.removals[number].state = Stage::NotSent;
    }
}

pub(crate) fn call(variant: &Variant, world: &mut World, worker: usize, works: bool) {
    let Doing::Calling(number, started, held) = world.workers[worker].doing else {
        unreachable!("only a worker that has begun calls");
    };
    let is_off = !world.switch && variant.has(Gate::Switch);
    let is_old = world.now - started > PERMIT && variant.without != Without::PermitAge;
    if is_off || is_old {
        world.workers[worker].doing = Doing::Idle;
        end(world, number, Stage::NotSent);
        return;
    }
    world.sent.push(world.now);
    let four_a_day = world.sent_today() > 3;
    // What an operator meant as the call began counts for a permit's life.
    let meant = held.meant && world.now - started <= PERMIT || world.is_meant();
    let is_off = !world.switch;
    let removal = &mut world.removals[number];
    removal.calls += 1;
    let wrongs = &mut world.wrongs;
    wrongs.deleted_alive |= removal.is_alive;
    wrongs.unrecorded |= removal.intent_at.is_none();
    wrongs.sent_while_off |= is_off;
    wrongs.nobody_meant |= !meant;
    wrongs.crowd |= held.crowd;
    wrongs.a_gate_refused |= !held.gates;
    wrongs.four_a_day |= four_a_day;
    removal.is_alive &= !works;
    world.workers[worker].doing = Doing::Called(number);
}

pub(crate) fn settle(world: &mut World, worker: usize) {
    let Doing::Called(number) = world.workers[worker].doing else {
        unreachable!("only a worker that has called settles");
    };
    let (gone, _) = world.answers(number);
    world.workers[worker].doing = Doing::Idle;
    let end_state = if gone { Stage::Deleted } else { Stage::Unknown };
    end(world, number, end_state);
}

/// A removal that somebody has ended meanwhile is ended once more only by a proof.
fn end(world: &mut World, number: usize, to: Stage) {
    let state = &mut world.removals[number].state;
    let may = match *state {
        Stage::Calling => true,
        Stage::Unknown => to == Stage::Deleted,
        _ => false,
    };
    if may {
        *state = to;
    }
}

pub(crate) fn recover(world: &mut World, number: usize) {
    let state = &mut world.removals[number].state;
    *state = match *state {
        Stage::Permitted => Stage::NotSent,
        Stage::Calling => Stage::Unknown,
        other => other,
    };
}

pub(crate) fn crash(variant: &Variant, world: &mut World, worker: usize) {
    world.left.troubles -= 1;
    if !variant.all_blind && variant.has_watchman() {
        watch(world, 1 - worker);
    }
    let is_late = variant.without == Without::FirstReadingAndNoted;
    world.workers[worker].doing = Doing::Idle;
    world.workers[worker].read = (!is_late).then_some(world.offset);
}
