//! The world that the interlock lives in: the provider, two workers, two removals, and the clock of the database.
//!
//! Times are seconds: true ones since the beginning, or the database's, which lie `offset` later.

/// A day.
pub(crate) const DAY: i32 = 24 * 3_600;
/// The step of time that looks must lie apart.
pub(crate) const MINUTE: i32 = 60;
/// A permit lives so long.
pub(crate) const PERMIT: i32 = 30;
/// The clock may go on so far between two looks at it; the fleet looks every ten minutes.
const LEAP: i32 = 3_600;
/// The flag that an operator enables.
pub(crate) const FLAG: i32 = 4 * 3_600;
/// Sessions that vanish at once in an outage; with the one that is to be removed, one too many.
pub(crate) const CROWD: i64 = 5;

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// True time.
    pub(crate) now: i32,
    /// How far the database's clock is ahead of it.
    pub(crate) offset: i32,
    /// Gate 1, in the environment of both workers.
    pub(crate) switch: bool,
    /// Gate 5.
    pub(crate) flag: Option<Flag>,
    /// The record's triggers stand (gate 6).
    pub(crate) guards: bool,
    /// The latest instant that the database has noted; none: this variant notes nothing.
    pub(crate) noted: Option<i32>,
    /// Removals wait for a person, who never comes here.
    pub(crate) latch: bool,
    /// How the provider lies.
    pub(crate) lie: Lie,
    /// When an outage began: true time.
    pub(crate) outage_at: Option<i32>,
    /// The same as the database stamped it.
    pub(crate) outage_seen_at: Option<i32>,
    /// One session's removal each.
    pub(crate) removals: Vec<Removal>,
    /// The processes. Which is which does not matter: they stand sorted.
    pub(crate) workers: [Worker; 2],
    /// True times of all DELETEs that reached the provider.
    pub(crate) sent: Vec<i32>,
    /// The database's times of intents from before the beginning.
    pub(crate) earlier: Vec<i32>,
    /// What may still go wrong.
    pub(crate) left: Left,
    /// What went wrong for good.
    pub(crate) wrongs: Wrongs,
}

/// Operators' permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flag {
    /// By the database.
    pub(crate) enabled_at: i32,
    /// By the database.
    pub(crate) ends_at: i32,
    /// Until when the operator meant it: true time.
    pub(crate) meant_until: i32,
}

/// How the provider answers of sessions that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lie {
    /// With the truth.
    No,
    /// Says of one session that it is gone, for less than a minute.
    Glitch(usize),
    /// Says of all sessions, our control too, that they are gone: the key is another's.
    WrongKey,
    /// Says of many, not of our control, that they are gone, for less than a day.
    Outage,
}

/// One session and its removal. Its case is confirmed, and its account `missing`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Removal {
    /// The session is there at the provider.
    pub(crate) is_alive: bool,
    /// Its row.
    pub(crate) state: Stage,
    /// The newest first, three at most.
    pub(crate) looks: Vec<Look>,
    /// When it was permitted, by the database.
    pub(crate) permitted_at: i32,
    /// When its intent was written down, by the database.
    pub(crate) intent_at: Option<i32>,
    /// DELETEs that were sent for it.
    pub(crate) calls: u8,
}

/// The state of a removal's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// No operator has asked for it.
    Absent,
    Requested,
    Refused,
    Permitted,
    Calling,
    NotSent,
    Deleted,
    Unknown,
}

/// A look; it takes no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Look {
    /// By the database.
    pub(crate) at: i32,
    /// It said gone.
    pub(crate) gone: bool,
    /// The control answered.
    pub(crate) control: bool,
}

/// A process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Worker {
    /// What it is at.
    pub(crate) doing: Doing,
    /// How far the database's clock was ahead when this process read both; none: it has not yet.
    pub(crate) read: Option<i32>,
}

/// What a process is at, in its memory only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Doing {
    Idle,
    /// It has begun the call of that removal: true time, and what held then.
    Calling(usize, i32, Held),
    /// The call was made.
    Called(usize),
}

/// What was true in the world when a call was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Held {
    /// An operator meant it.
    pub(crate) meant: bool,
    /// More than five sessions had vanished within a day.
    pub(crate) crowd: bool,
    /// All six gates let pass, whatever this variant of the program asked.
    pub(crate) gates: bool,
}

/// How much may still happen to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    /// Troubles: a worker that dies, a step of the clock, a change of the switch, the flag, the guards or the
    /// provider's honesty.
    pub(crate) troubles: u8,
    /// Minutes that pass.
    pub(crate) minutes: u8,
    /// Days that pass.
    pub(crate) days: u8,
}

/// What DELETEs that were sent have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own"
)]
pub(crate) struct Wrongs {
    pub(crate) deleted_alive: bool,
    pub(crate) sent_while_off: bool,
    pub(crate) nobody_meant: bool,
    pub(crate) crowd: bool,
    pub(crate) unrecorded: bool,
    pub(crate) four_a_day: bool,
    pub(crate) a_gate_refused: bool,
}

impl World {
    /// The database's clock.
    pub(crate) fn clock(&self) -> i32 {
        self.now + self.offset
    }

    /// The database's clock went back, or on by more than an hour that nobody watched.
    pub(crate) fn leaps(&self) -> bool {
        self.noted
            .is_some_and(|noted| !(0..=LEAP).contains(&(self.clock() - noted)))
    }

    /// The database notes its clock, where it did not leap.
    pub(crate) fn note_clock(&mut self) {
        if !self.leaps() {
            self.noted = self.noted.map(|_| self.clock());
        }
    }

    /// An operator's flag is on, in truth.
    pub(crate) fn is_meant(&self) -> bool {
        self.flag.is_some_and(|flag| self.now < flag.meant_until)
    }

    /// More than five vanished within a day, less the minute that the watchman tolerates.
    pub(crate) fn has_crowd(&self) -> bool {
        self.outage_at
            .is_some_and(|at| self.now - at < DAY - MINUTE)
    }

    /// What a look at that session is answered: gone, and whether the control is there.
    pub(crate) fn answers(&self, removal: usize) -> (bool, bool) {
        let lies = match self.lie {
            Lie::No => false,
            Lie::Glitch(session) => session == removal,
            Lie::WrongKey | Lie::Outage => true,
        };
        let gone = lies || !self.removals[removal].is_alive;
        (gone, self.lie != Lie::WrongKey)
    }

    /// DELETEs of the day that ends now.
    pub(crate) fn sent_today(&self) -> usize {
        self.sent.iter().filter(|at| self.now - **at < DAY).count()
    }
}
