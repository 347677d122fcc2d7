//! The JSON of the control API, which is open to loopback only and asks for no key.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `POST /control/sessions` | [`NewSessions`] | 201, `[SessionView]` |
//! | `GET /control/sessions` | | `[SessionView]`, every one that ever was |
//! | `GET /control/sessions/{id}` | | [`SessionView`]; 404 only for an id that never was |
//! | `POST /control/sessions/{id}` | [`Change`] | [`SessionView`] |
//! | `POST /control/sessions/bulk` | `[Change]`, each with its `id` | `{"changed": n}`; nothing changes when one is unknown |
//! | `GET`, `PUT /control/faults` | [`Faults`] (what is left out is off) | [`Faults`] |
//! | `POST /control/oddities` | `[Odd]` | `{"odd": n}`; bodies with odd things in them |
//! | `POST`, `GET /control/restarts` | [`SessionRestart`] or several | `{"set": n}`; to `GET`, `[RestartLine]`, oldest first |
//! | `POST /control/burst` | [`Burst`] | [`BurstView`]; at once |
//! | `GET /control/lives` | | JSON lines of [`LifeLine`], those under way last |
//! | `GET /control/log?since=SEQ&limit=N` | | JSON lines of [`LogLine`] |
//! | `GET /control/effects?since=NUMBER&limit=N` | | JSON lines of [`EffectLine`] |
//! | `GET /control/deletes` | | [`Deletes`] |
//! | `GET /control/verdict` | | [`Verdict`] |
//! | `POST /control/caps` | [`Cap`] or `[Cap]` | `{"set": n}`; what the verdict judges by |
//! | `POST`, `GET /control/limits` | [`Limit`] or `[Limit]` | `[Limit]`; the provider's own, which it refuses beyond |
//! | `POST`, `GET`, `DELETE /control/refusals` | [`ScriptedRefusal`] or several | `[ScriptedRefusal]` that are left |
//! | `GET`, `PUT /control/manners` | [`Manners`] (what is left out is off) | [`Manners`] |
//! | `POST /control/relations` | [`NewRelations`] | `{"relations": n}`; 409 beyond 30,000 |
//! | `POST /control/invitations` | [`HandInvitations`] | [`DeskView`]; what the owner does by hand |
//! | `GET /control/sessions/{id}/desk` | | [`DeskView`] |
//! | `GET`, `POST /control/clock` | [`ClockStep`] | [`ClockView`]; 409 when it would go backwards |
//! | `GET /control/counts` | | [`Counts`] |
//! | `POST`, `GET /control/script` | [`Script`] | [`ScriptView`] |
//! | `GET /control/links` | | `[LinkView]`, newest last |
//! | `POST /control/links/{token}` | [`Completion`] | [`LinkView`]; 409 when it was used, 410 when it has expired |
//! | `POST /control/checkpoints/{id}` | | the owner confirms in the app; what `POST /accounts/checkpoint` would answer |
//!
//! Control calls, `/healthz`, `/readyz` and `/metrics` are neither logged nor numbered, and no fault befalls them.

mod faults;
mod lives;
mod manners;
mod odd;
mod referee;
mod removals;
mod restarts;
mod script;
mod sends;
mod shown;
mod steering;

pub use faults::{Faults, ListMode, Rate, Span};
pub use lives::{
    Burst, BurstView, Clusters, DailyRestart, LifeCurve, LifeLine, Lives, PlannedBurst,
};
pub use manners::{Acceptance, Everyday, HandInvitations, Manners};
pub use odd::Odd;
pub use referee::{Counts, Deliveries, LogLine, Tally};
pub use removals::{DELETES_MAX, DeleteLine, Deletes, SessionFault, SessionFaultKind};
pub use restarts::{RestartLine, RestartMode, SessionRestart};
pub use script::{Act, Rotation, Script, ScriptView, Step};
pub use sends::{
    Action, ActionVerdict, Duplicate, EffectLine, LISTED_MAX, Peak, Verdict, Violation, Window,
};
pub use shown::{MailServer, Shown, TextForm};
pub use steering::{
    ActionFault, ActionFaultKind, Cap, ClockStep, ClockView, DeskView, Limit, NewRelations,
    OneOrMany, ScriptedRefusal,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::session::{Health, Kind, Presence, Tier};

/// A session to create. Whatever is left out is made up from the seed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewSession {
    /// The provider's account id.
    pub id: Option<String>,
    /// What it is linked to.
    pub kind: Kind,
    /// The person's name.
    pub name: Option<String>,
    /// The stable person: LinkedIn's member id, or the mailbox address.
    pub identity: Option<String>,
    /// LinkedIn's public identifier; for mail the address again.
    pub handle: Option<String>,
    /// Of all its sources.
    pub health: Health,
    /// LinkedIn only.
    pub tier: Tier,
    /// The simulator's now, when left out.
    pub created_at: Option<Timestamp>,
    /// Label by which bursts find it; the provider tells nobody.
    pub workspace: Option<String>,
    /// LinkedIn has restricted it; see [`Change::restricted`].
    pub restricted: bool,
    /// Server behind a mailbox.
    pub mail: MailServer,
}

/// What `POST /control/sessions` takes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum NewSessions {
    /// These.
    Listed {
        /// In this order.
        sessions: Vec<NewSession>,
    },
    /// So many made-up ones.
    Counted {
        /// How many.
        count: usize,
        /// All of this kind.
        #[serde(default)]
        kind: Kind,
    },
}

/// What is to become of a session. Several at once are applied in the order of the fields.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Which session; needed in the bulk call, ignored where the path says it.
    pub id: Option<String>,
    /// The provider loses it: 404, and out of every list. No webhook tells.
    pub gone: bool,
    /// The provider has it again, under the same id.
    pub back: bool,
    /// The status of all its sources.
    pub health: Option<Health>,
    /// The status of each source in order, in any words, so that unknown ones can be tried.
    pub words: Option<Vec<String>>,
    /// Another name.
    pub name: Option<String>,
    /// Another person behind the same session.
    pub identity: Option<String>,
    /// Another public identifier.
    pub handle: Option<String>,
    /// Whether LinkedIn has restricted it: its sources run, and every outward action is refused with
    /// `account_restricted`. No webhook tells.
    pub restricted: Option<bool>,
    /// Another server behind a mailbox.
    pub mail: Option<MailServer>,
    /// No webhook tells of this change.
    pub quiet: bool,
}

/// A session as the simulator knows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(missing_docs, reason = "as in `NewSession`")]
pub struct SessionView {
    pub id: String,
    pub kind: Kind,
    pub name: String,
    pub identity: String,
    pub handle: String,
    pub tier: Tier,
    pub created_at: Timestamp,
    /// The status of each source.
    pub words: Vec<String>,
    pub presence: Presence,
    /// Since when it runs for the same person without a break; none while it does not run.
    #[serde(default)]
    pub well_since: Option<Timestamp>,
    #[serde(default)]
    pub workspace: Option<String>,
}

/// How an owner ends a hosted link.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Completion {
    /// The owner gave up or failed: the callback says `CREATION_FAIL`.
    pub fails: bool,
    /// A link of type `create`: the session that it makes; when left out, a made-up one of the link's first provider.
    /// A link of type `reconnect`: only `name`, `identity` and `handle` count; another identity is another person; when left out, the
    /// session's own, also after another has signed in to it.
    pub session: Option<NewSession>,
    /// The session appears, but neither callback nor webhook ever tells: an orphan.
    pub silent: bool,
}

/// Where a hosted link stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Waits for its owner.
    Open,
    /// The owner succeeded.
    Completed,
    /// The owner failed.
    Failed,
}

/// A hosted link as the simulator knows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(missing_docs, reason = "as in the provider's own call")]
pub struct LinkView {
    pub token: String,
    pub url: String,
    /// `create` or `reconnect`.
    #[serde(rename = "type")]
    pub purpose: String,
    pub name: Option<String>,
    pub reconnect_account: Option<String>,
    pub notify_url: Option<String>,
    #[serde(default)]
    pub success_redirect_url: Option<String>,
    #[serde(default)]
    pub failure_redirect_url: Option<String>,
    pub expires_on: Timestamp,
    pub minted_at: Timestamp,
    /// How often its page was fetched.
    pub opened: u64,
    pub state: LinkState,
    /// What it made or reconnected.
    pub account_id: Option<String>,
}
