//! How long sessions live, and what ends many of them at once.

use super::{Act, Kind, Rate, Span, Tier};
use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// Stated curves by which sessions live, in place of a rotation that takes any of them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lives {
    /// First that fits a session counts; a session that none fits dies by no curve.
    pub curves: Vec<LifeCurve>,
    /// Sessions that exist when this is loaded are up to so many hours old, evenly drawn.
    pub aged_hours: f64,
    /// Bursts that come by themselves.
    pub clusters: Option<Clusters>,
    /// How long until the owner reconnects, in simulator seconds.
    pub recover_after_seconds: Span,
    /// How many of the dead ones nobody brings back.
    pub never: Rate,
}

/// Weibull distribution of the time from a connect to the next loss of credentials.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifeCurve {
    /// Sessions of this kind; of any when left out.
    pub kind: Option<Kind>,
    /// Sessions with this subscription; with any when left out.
    pub tier: Option<Tier>,
    /// Below 1 the young die first, above 1 the old; 1 is a constant hazard. Must be above 0.
    pub shape: f64,
    /// Age in simulator hours that 37 % reach. Must be above 0.
    pub scale_hours: f64,
}

/// Bursts of one cause at seeded instants.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clusters {
    /// How many in 24 hours, on average. Must be above 0.
    pub per_day: f64,
    /// Cause, victims and return; what each of them is.
    pub burst: Burst,
}

/// Many sessions lost at one instant for one cause.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Burst {
    /// Name of the cause, for the truth about lives: `oauth_keys_changed`.
    pub cause: String,
    /// Part of the healthy sessions that fit, rounded up. Where `count` is set, that holds instead.
    pub share: Rate,
    /// Number of healthy sessions that fit; all where there are fewer.
    pub count: Option<usize>,
    /// Only sessions of this kind.
    pub kind: Option<Kind>,
    /// Only sessions that were created with this label.
    pub workspace: Option<String>,
    /// What happens to each; `credentials` when left out. `appear` and `person` do nothing.
    #[serde(rename = "do")]
    pub act: Act,
    /// How long until each is healthy again, in simulator seconds; never when left out.
    pub recover_after_seconds: Option<Span>,
    /// No webhook tells of the losses.
    pub quiet: bool,
}

impl Default for Burst {
    fn default() -> Self {
        Self {
            cause: "burst".to_owned(),
            share: Rate::default(),
            count: None,
            kind: None,
            workspace: None,
            act: Act::Credentials,
            recover_after_seconds: None,
            quiet: false,
        }
    }
}

/// Burst of a script.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlannedBurst {
    /// Simulator seconds since the simulator started.
    pub at_seconds: f64,
    /// Cause and victims.
    pub burst: Burst,
}

/// Victims of a burst.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct BurstView {
    /// Name of the cause.
    pub cause: String,
    /// Ids of the sessions that it took.
    pub sessions: Vec<String>,
}

/// The provider's restart, once a day: every hosted link dies, and every healthy session connects anew.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DailyRestart {
    /// Time of day, in UTC.
    pub at: Time,
    /// How long each session is `CONNECTING`, in simulator seconds; 60 to 120 when left out.
    pub connecting_seconds: Span,
    /// How many of them have lost their credentials afterwards.
    pub credentials: Rate,
    /// How long until the owners of those reconnect, in simulator seconds; never when left out.
    pub recover_after_seconds: Option<Span>,
    /// No webhook tells that a session is `CONNECTING`; of what it is afterwards they tell.
    pub quiet: bool,
}

impl Default for DailyRestart {
    fn default() -> Self {
        Self {
            at: Time::midnight(),
            connecting_seconds: Span { min: 60, max: 120 },
            credentials: Rate::default(),
            recover_after_seconds: None,
            quiet: false,
        }
    }
}

/// One life of a session: from a connect to the day that it needs its owner again. `GET /control/lives` has each once;
/// the file has a line at its birth, and one more at its end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LifeLine {
    /// Provider's id of the session.
    pub session: String,
    /// Kind of the session.
    pub kind: Kind,
    /// Subscription behind it.
    pub tier: Tier,
    /// Beginning of the life; for a session that is older than the curves, as its age was drawn.
    pub born: Timestamp,
    /// Since when it can be seen to live.
    pub entered: Timestamp,
    /// End by its curve; none without a curve that fits.
    pub planned_end: Option<Timestamp>,
    /// End; none while it lives.
    pub died: Option<Timestamp>,
    /// `curve`, the name of a burst, `daily_restart`, `restart`, `script`, `control`, `owner` or `deleted`.
    pub cause: Option<String>,
}
