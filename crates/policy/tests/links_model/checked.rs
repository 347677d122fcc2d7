//! The model as the checker sees it: steps, and what must hold.

use crate::fleet;
use crate::happens;
use crate::merged::{is_merged_rightly, merged};
use crate::rest;
use crate::rows;
use crate::world::{Asked, Bug, Landed, Links, Person, World};
use policy::account::{AttemptPhase, Status};
use stateright::{Model, Property};

const L1: &str = "L1: one attempt of an account is open";
const L2: &str = "L2: no link is given that was used";
const L3: &str = "L3: an account is connected only as its own person";
const L3B: &str = "L3: it is connected only by what a look saw";
const L4: &str = "L4: a session and a person are one account's";
const L5: &str = "L5: a closed attempt binds nothing";
const L6: &str = "L6: disconnected is left only by a new link";
const L7: &str = "L7: every order ends in the same row";
const L7B: &str = "L7: a login of which nobody tells is found";
const L8: &str = "L8: no attempt outlives its name";
const L9: &str = "L9: no second first notice in an episode";
const RENEWAL: &str = "R-LNK-10: a renewal flips nothing";
const PROOF: &str = "R-ORP-2: a session is bound by the newest link that made it, or by its person";

/// What must be true of every state of a walk that merges none; nothing else asks for it.
pub(crate) const MERGED: &str = "states that are walked as one go the same ways, to the same ends";

/// What must be true in every state that can be reached.
pub(crate) const TRUTHS: [&str; 13] =
    [L1, L2, L3, L3B, L4, L5, L6, L7, L7B, L8, L9, RENEWAL, PROOF];

/// Every planted bug, and the truth that it breaks.
pub(crate) const PLANTED: [(Bug, &str); 20] = [
    (Bug::BindsWhateverIsNewest, PROOF),
    (Bug::ChecksBeforeOnly, L5),
    (Bug::BindsClosed, L5),
    (Bug::RevivesDisconnected, L6),
    (Bug::TakesStrangers, L3),
    (Bug::ForgetsClaims, L4),
    (Bug::MakesTwins, L4),
    (Bug::LeavesOpen, L1),
    (Bug::ReusesSpent, L2),
    (Bug::NoticesByVersion, L9),
    (Bug::NeverExpires, L8),
    (Bug::DropsEarlyNews, L7),
    (Bug::BelievesNews, L3B),
    (Bug::LooksForNothing, L7B),
    (Bug::RenewalFlips, RENEWAL),
    (Bug::IgnoresTheLeft, L7),
    (Bug::BelievesTheRow, L7),
    (Bug::ForgetsTheKept, L7),
    (Bug::GuessesThePerson, PROOF),
    (Bug::LooksWhileOpen, L7),
];

const BY_CALLBACK: &str = "a callback lands";
const BY_WEBHOOK: &str = "a webhook lands";
const BY_LOOK: &str = "a look lands";
const REFUSED: &str = "a login is refused";
const REPAIRED: &str = "an account comes back beside its attempt";
const REVIVED: &str = "an earlier row comes back";
const LAPSED: &str = "an attempt lapses";
const HELD: &str = "an account is held for a stranger";

/// What must happen somewhere.
pub(crate) const EVENTS: [&str; 8] = [
    BY_CALLBACK,
    BY_WEBHOOK,
    BY_LOOK,
    REFUSED,
    REPAIRED,
    REVIVED,
    LAPSED,
    HELD,
];

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// Somebody asks for a link.
    Click,
    /// A mint's second transaction.
    Open(u8),
    /// Somebody signs in on an attempt's page.
    SignIn(u8, Person),
    /// The login fails.
    Fail(u8),
    /// The account's session loses its credentials.
    Lose,
    /// Its owner disconnects it.
    Disconnect,
    /// A job begins.
    Gather(Asked),
    /// The job commits.
    Commit,
    /// A run of the watch.
    Watch,
    /// The watch for orphans.
    Orphans,
    /// A step of time.
    Pass,
}

impl Links {
    fn as_walked(&self, world: World) -> World {
        if self.merges {
            merged(self.bug, world)
        } else {
            world
        }
    }
}

impl Model for Links {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        (self.starts)()
            .into_iter()
            .map(|it| self.as_walked(it))
            .collect()
    }

    fn actions(&self, world: &World, happenings: &mut Vec<Happening>) {
        use Happening::{
            Click, Commit, Disconnect, Fail, Gather, Lose, Open, Orphans, Pass, SignIn, Watch,
        };
        happenings.extend([Watch, Orphans, Pass]);
        if happens::has_room(world, self.room) {
            happenings.push(Click);
        }
        if world.losses > 0 && world.status == Status::Connected {
            happenings.push(Lose);
        }
        if world.disconnects > 0 && world.status != Status::Disconnected && world.earlier.is_none()
        {
            happenings.push(Disconnect);
        }
        for index in (0_u8..).take(world.attempts.len()) {
            let phase = world.attempt(index).map(|it| it.phase);
            if phase == Some(AttemptPhase::Minting) {
                happenings.push(Open(index));
            }
            if happens::is_usable(world, index) {
                // Of whom nobody was declared anybody may come, but one of another workspace.
                let another = if world.declares {
                    Person::Stranger
                } else {
                    Person::Elsewhere
                };
                let people = [Person::Own, another];
                happenings.extend(people.map(|person| SignIn(index, person)));
                happenings.push(Fail(index));
            }
        }
        if world.pending.is_some() {
            happenings.push(Commit);
            return;
        }
        for index in (0_u8..).take(world.attempts.len()) {
            let callback = world.callbacks[usize::from(index)];
            if callback.is_some_and(|it| it.left > 0) {
                happenings.push(Gather(Asked::Callback(index)));
            }
            if world.attempt(index).is_some() {
                happenings.push(Gather(Asked::Look(index)));
            }
        }
        if world.asks_kept {
            happenings.push(Gather(Asked::Kept));
        }
        for session in (0_u8..).take(world.sessions.len()) {
            if world.webhooks[usize::from(session)] {
                happenings.push(Gather(Asked::Webhook(session)));
            }
        }
    }

    fn next_state(&self, last: &World, happening: Happening) -> Option<World> {
        let mut world = World {
            landed: Landed::default(),
            ..*last
        };
        let bug = self.bug;
        match happening {
            Happening::Click => happens::click(bug, &mut world),
            Happening::Open(index) => happens::open(bug, &mut world, index),
            Happening::SignIn(index, person) => happens::sign_in(&mut world, index, person),
            Happening::Fail(index) => happens::fail(&mut world, index),
            Happening::Lose => happens::lose(&mut world),
            Happening::Disconnect => happens::disconnect(bug, &mut world),
            Happening::Gather(asked) => fleet::gather(bug, &mut world, asked),
            Happening::Commit => rows::commit(bug, &mut world),
            Happening::Watch => fleet::watch(bug, &mut world),
            Happening::Orphans => fleet::orphans(bug, &mut world),
            Happening::Pass => fleet::pass(bug, &mut world),
        }
        let world = self.as_walked(world);
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(L1, |_, it: &World| !it.wrongs.two_open),
            Property::always(L2, |_, it: &World| !it.wrongs.spent),
            Property::always(L3, |_, it: &World| !it.wrongs.stranger),
            Property::always(L3B, |_, it: &World| !it.wrongs.believed),
            Property::always(L4, |_, it: &World| !it.wrongs.claimed && !it.wrongs.twin),
            Property::always(L5, |_, it: &World| !it.wrongs.closed_bound),
            Property::always(L6, |_, it: &World| !it.wrongs.left_disconnected),
            Property::always(L7, |it: &Self, world: &World| {
                !it.asks(L7) || rest::is_one_end(it.bug, world)
            }),
            Property::always(L7B, |it: &Self, world: &World| {
                !it.asks(L7B) || rest::is_found(it.bug, world)
            }),
            Property::always(L8, |_, it: &World| !it.wrongs.too_old),
            Property::always(L9, |_, it: &World| !it.wrongs.noticed_again),
            Property::always(RENEWAL, |_, it: &World| !it.wrongs.renewal_flipped),
            Property::always(PROOF, |_, it: &World| !it.wrongs.unproven),
            Property::always(MERGED, |it: &Self, world: &World| {
                it.truth != Some(MERGED) || is_merged_rightly(it, world)
            }),
            Property::sometimes(BY_CALLBACK, |_, it: &World| it.landed.by_callback),
            Property::sometimes(BY_WEBHOOK, |_, it: &World| it.landed.by_webhook),
            Property::sometimes(BY_LOOK, |_, it: &World| it.landed.by_look),
            Property::sometimes(REFUSED, |_, it: &World| it.landed.refused),
            Property::sometimes(REPAIRED, |_, it: &World| it.landed.repaired),
            Property::sometimes(REVIVED, |_, it: &World| it.landed.revived),
            Property::sometimes(LAPSED, |_, it: &World| {
                let all = it.attempts.iter().flatten();
                all.into_iter().any(|one| one.phase == AttemptPhase::Lapsed)
            }),
            Property::sometimes(HELD, |_, it: &World| it.held),
        ]
    }
}
