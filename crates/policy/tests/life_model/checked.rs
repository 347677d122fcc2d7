//! The model as the checker sees it: steps, and what must hold.

use crate::fleet;
use crate::rest;
use crate::world::{ATTEMPT, Life, Truth, World};
use policy::account::{Status, allowed};
use stateright::{Model, Property};

const WELL: &str = "with a session that answers OK it ends connected";
const RESTS: &str = "with a session that stays as it is it comes to rest";
const TRUE: &str = "at rest its pill is true";
const PERSON: &str = "at rest a person can do something";
const SHIELD: &str = "an open attempt shields it";
const ALLOWED: &str = "it changes only as the table of transitions says";
const WORDS: &str = "a word that nobody knows flips nothing";

/// What must be true in every state that can be reached.
pub(crate) const TRUTHS: [&str; 7] = [WELL, RESTS, TRUE, PERSON, SHIELD, ALLOWED, WORDS];

const CONNECTED: &str = "it is connected";
const MISSING: &str = "it is missing";
const CONFIRMING: &str = "it is asked to confirm";
const RECOVERING: &str = "it recovers";
const HELD: &str = "it is held for a stranger";

/// What must happen somewhere.
pub(crate) const EVENTS: [&str; 5] = [CONNECTED, MISSING, CONFIRMING, RECOVERING, HELD];

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The provider changes its mind.
    Provider(Truth),
    /// Its owner begins a link.
    Click,
    /// Its owner signs in, or confirms.
    Finish,
    /// A run of the watch.
    Watch,
    /// A look by name.
    Look,
    /// A poll of its case.
    Poll,
    /// Ten minutes.
    Pass,
}

impl Model for Life {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        vec![World::beginning()]
    }

    fn actions(&self, world: &World, happenings: &mut Vec<Happening>) {
        use Happening::{Click, Finish, Look, Pass, Poll, Provider, Watch};
        happenings.extend([Watch, Look, Poll, Pass]);
        if world.changes > 0 {
            happenings.extend(Truth::ALL.map(Provider));
        }
        if world.clicks > 0 && allowed(Some(world.status), Status::Connecting).is_ok() {
            happenings.push(Click);
        }
        if world.attempt > 0 || world.status == Status::ActionRequired {
            happenings.push(Finish);
        }
    }

    fn next_state(&self, last: &World, happening: Happening) -> Option<World> {
        let mut world = *last;
        match happening {
            Happening::Provider(truth) => {
                world.truth = truth;
                world.changes -= 1;
            }
            Happening::Click => {
                world.status = Status::Connecting;
                world.attempt = ATTEMPT;
                world.asked = false;
                world.clicks -= 1;
            }
            Happening::Finish => world.truth = Truth::Ok,
            Happening::Watch => fleet::watch(self.bug, &mut world),
            Happening::Look => fleet::look(self.bug, &mut world),
            Happening::Poll => fleet::poll(&mut world),
            Happening::Pass => fleet::pass(self.bug, &mut world),
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(WELL, |it: &Self, world: &World| {
                rest::ends_well(it.bug, world)
            }),
            Property::always(RESTS, |it: &Self, world: &World| {
                rest::comes_to_rest(it.bug, world)
            }),
            Property::always(TRUE, |it: &Self, world: &World| {
                rest::pill_is_true(it.bug, world)
            }),
            Property::always(PERSON, |it: &Self, world: &World| {
                rest::a_person_can_act(it.bug, world)
            }),
            Property::always(SHIELD, |_, it: &World| !it.wrongs.unshielded),
            Property::always(ALLOWED, |_, it: &World| !it.wrongs.forbidden),
            Property::always(WORDS, |_, it: &World| !it.wrongs.unknown_flipped),
            Property::sometimes(CONNECTED, |_, it: &World| it.status == Status::Connected),
            Property::sometimes(MISSING, |_, it: &World| it.status == Status::Missing),
            Property::sometimes(CONFIRMING, |_, it: &World| {
                it.status == Status::ActionRequired
            }),
            Property::sometimes(RECOVERING, |_, it: &World| it.status == Status::Recovering),
            Property::sometimes(HELD, |_, it: &World| it.held),
        ]
    }
}
