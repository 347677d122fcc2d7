//! What there is: an account, an earlier row of its workspace, attempts, the provider's sessions, and what is on its way.

use policy::account::{AttemptOutcome, AttemptPhase, AttemptPurpose, Status};
use std::hash::{Hash, Hasher};

/// Attempts that any run of the model may have.
pub(crate) const ATTEMPTS: usize = 3;
/// Steps of time that an attempt's link may be used for.
pub(crate) const LINK: u8 = 1;
/// Steps of time that an attempt's name is good for.
pub(crate) const NAME: u8 = 2;

/// The model, with one bug or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links {
    pub(crate) bug: Bug,
    /// The one truth that is looked at; null: all of them.
    pub(crate) truth: Option<&'static str>,
    /// Attempts that this run may have, [`ATTEMPTS`] at most.
    pub(crate) room: usize,
    /// States that it begins with.
    pub(crate) starts: fn() -> Vec<World>,
    /// Whether states that go on alike are walked as one.
    pub(crate) merges: bool,
}

impl Links {
    /// Whether that truth is looked at: where everything ends is dear to tell.
    pub(crate) fn asks(&self, truth: &str) -> bool {
        self.truth.is_none_or(|it| it == truth)
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Nothing: the rules as they are.
    None,
    /// A callback binds to whatever attempt is the newest.
    BindsWhateverIsNewest,
    /// Committing does not look whether the attempt is open still.
    ChecksBeforeOnly,
    /// A callback of a closed attempt binds.
    BindsClosed,
    /// A login brings a disconnected account back.
    RevivesDisconnected,
    /// Whoever signed in is taken.
    TakesStrangers,
    /// Nobody asks who else has a claim.
    ForgetsClaims,
    /// The person's earlier row is left as it is, and a second one made.
    MakesTwins,
    /// A mint leaves the attempt before it open.
    LeavesOpen,
    /// A link that was used is given again.
    ReusesSpent,
    /// Notices hang on the version of the status.
    NoticesByVersion,
    /// A name is good for ever.
    NeverExpires,
    /// News of an attempt that is being minted are dropped.
    DropsEarlyNews,
    /// News are believed without a look at the session.
    BelievesNews,
    /// A login of which nobody tells is looked for by nobody.
    LooksForNothing,
    /// An abandoned renewal takes the account back.
    RenewalFlips,
    /// Of a login that its attempt may not bind nobody asks whose it is.
    IgnoresTheLeft,
    /// News of such a login are dropped while the row says connected, whatever the account's session says.
    BelievesTheRow,
    /// The session that a returning account kept is forgotten with the attempt.
    ForgetsTheKept,
    /// Who was not declared is taken for the account's own.
    GuessesThePerson,
    /// The watch for orphans looks while an attempt is open, and never after.
    LooksWhileOpen,
}

/// Who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Person {
    /// The account's own, as it declares or knows.
    Own,
    /// Somebody whom nobody knows.
    Stranger,
    /// Somebody of another workspace.
    Elsewhere,
}

/// Session of the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Live {
    pub(crate) person: Person,
    /// It answers OK; else it asks for credentials.
    pub(crate) well: bool,
}

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Attempt {
    pub(crate) purpose: AttemptPurpose,
    pub(crate) phase: AttemptPhase,
    /// Session that its callback named, as an index.
    pub(crate) session: Option<u8>,
    /// Session that its page mends; none: it makes one.
    pub(crate) mends: Option<u8>,
    /// Its account has flipped since it was begun, while it is being minted.
    pub(crate) moved: bool,
    /// Steps since its mint.
    pub(crate) age: u8,
    /// Its page was used.
    pub(crate) used: bool,
}

impl Attempt {
    pub(crate) fn is_open(&self) -> bool {
        !self.phase.is_closed()
    }
}

/// Callback on its way; a second delivery is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Callback {
    /// Session that was made or mended; none: the login failed.
    pub(crate) session: Option<u8>,
    /// Deliveries that are still to come.
    pub(crate) left: u8,
}

/// What a job has decided and not committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pending {
    /// The account has flipped since.
    pub(crate) moved: bool,
    pub(crate) act: Act,
    /// What asked for it, to ask again.
    pub(crate) asked: Asked,
}

/// What a job was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    Callback(u8),
    Webhook(u8),
    Look(u8),
    /// `orphan.link` for the session that the account kept.
    Kept,
}

/// Effect of a decision, as far as rows go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Act {
    /// Status that the account gets.
    pub(crate) to: Option<Status>,
    /// Session that it, or the earlier row, is bound to by the flip, and the attempt that binds.
    pub(crate) link: Option<(u8, Option<u8>)>,
    /// The earlier row comes back instead.
    pub(crate) revives: bool,
    /// Attempt that ends, and how.
    pub(crate) ends: Option<(u8, AttemptOutcome)>,
    /// Attempt that has its session.
    pub(crate) answers: Option<(u8, u8)>,
    pub(crate) holds: Option<bool>,
    /// The callback waits for its mint.
    pub(crate) waits: bool,
    /// The session that the account kept is asked for.
    pub(crate) asks_kept: bool,
}

/// What must never have happened.
#[expect(clippy::struct_excessive_bools, reason = "each is a truth of its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Wrongs {
    pub(crate) stranger: bool,
    pub(crate) claimed: bool,
    pub(crate) twin: bool,
    pub(crate) closed_bound: bool,
    pub(crate) left_disconnected: bool,
    pub(crate) two_open: bool,
    pub(crate) spent: bool,
    pub(crate) minted_twice: bool,
    pub(crate) noticed_again: bool,
    pub(crate) too_old: bool,
    pub(crate) renewal_flipped: bool,
    pub(crate) believed: bool,
    pub(crate) unproven: bool,
}

/// What the last step brought. No part of a state: two that differ in nothing else are one.
#[expect(clippy::struct_excessive_bools, reason = "each is an event of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Landed {
    pub(crate) by_callback: bool,
    pub(crate) by_webhook: bool,
    pub(crate) by_look: bool,
    pub(crate) refused: bool,
    pub(crate) repaired: bool,
    pub(crate) revived: bool,
}

impl PartialEq for Landed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Landed {}

impl Hash for Landed {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A state of the model.
#[expect(
    clippy::struct_excessive_bools,
    reason = "any of them goes with any other"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) status: Status,
    pub(crate) session: Option<u8>,
    pub(crate) kept: Option<u8>,
    /// Whom the account is known to be.
    pub(crate) known: Option<Person>,
    /// Its owner said to be [`Person::Own`].
    pub(crate) declares: bool,
    pub(crate) held: bool,
    /// A disconnected row of the same workspace is [`Person::Own`]; its session once it is back.
    #[expect(
        clippy::option_option,
        reason = "no such row; one without a session; one that is back"
    )]
    pub(crate) earlier: Option<Option<u8>>,
    pub(crate) attempts: [Option<Attempt>; ATTEMPTS],
    pub(crate) sessions: [Option<Live>; ATTEMPTS + 1],
    pub(crate) callbacks: [Option<Callback>; ATTEMPTS],
    /// Sessions of which a webhook is on its way.
    pub(crate) webhooks: [bool; ATTEMPTS + 1],
    pub(crate) pending: Option<Pending>,
    /// A job for the session that the account kept is on its way.
    pub(crate) asks_kept: bool,
    /// The first notice of the episode is written.
    pub(crate) noticed: bool,
    pub(crate) losses: u8,
    pub(crate) disconnects: u8,
    pub(crate) wrongs: Wrongs,
    pub(crate) landed: Landed,
}

impl World {
    /// A new account, and the person's earlier row or none.
    pub(crate) fn first(declares: bool, earlier: bool) -> Self {
        Self {
            status: Status::ReconnectNeeded,
            session: None,
            kept: None,
            known: None,
            declares,
            held: false,
            earlier: earlier.then_some(None),
            attempts: [None; ATTEMPTS],
            sessions: [None; ATTEMPTS + 1],
            callbacks: [None; ATTEMPTS],
            webhooks: [false; ATTEMPTS + 1],
            pending: None,
            asks_kept: false,
            noticed: false,
            losses: 0,
            disconnects: 0,
            wrongs: Wrongs::default(),
            landed: Landed::default(),
        }
    }

    /// An account that is connected.
    pub(crate) fn connected() -> Self {
        let mut world = Self::first(true, false);
        world.status = Status::Connected;
        world.known = Some(Person::Own);
        world.session = Some(0);
        world.sessions[0] = Some(Live {
            person: Person::Own,
            well: true,
        });
        world.losses = 1;
        world.disconnects = 1;
        world
    }

    /// An account that is connected by the second of two logins of its person; the first one's news came after that.
    pub(crate) fn logged_in_twice() -> Self {
        let mut world = Self::connected();
        let live = world.sessions[0].take();
        world.session = Some(2);
        for (index, phase) in [AttemptPhase::Superseded, AttemptPhase::Linked]
            .into_iter()
            .enumerate()
        {
            let session = u8::try_from(index + 1).ok();
            world.attempts[index] = Some(Attempt {
                purpose: AttemptPurpose::First,
                phase,
                session: session.filter(|_| phase == AttemptPhase::Linked),
                mends: None,
                moved: false,
                age: NAME,
                used: true,
            });
            world.sessions[index + 1] = live;
            world.callbacks[index] = Some(Callback { session, left: 0 });
        }
        world
    }

    pub(crate) fn newest(&self) -> Option<u8> {
        let last = self.attempts.iter().rposition(Option::is_some)?;
        u8::try_from(last).ok()
    }

    pub(crate) fn attempt(&self, index: u8) -> Option<&Attempt> {
        self.attempts.get(usize::from(index))?.as_ref()
    }

    pub(crate) fn attempt_mut(&mut self, index: u8) -> Option<&mut Attempt> {
        self.attempts.get_mut(usize::from(index))?.as_mut()
    }

    pub(crate) fn live(&self, session: u8) -> Option<Live> {
        self.sessions.get(usize::from(session)).copied().flatten()
    }
}
