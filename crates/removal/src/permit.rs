//! Permission for one removal.

use policy::ids::{RemovalId, SessionId};
use std::time::{Duration, Instant};

/// A permit dies so long after its row became `calling`.
pub const AGE_MAX: Duration = Duration::from_secs(30);

/// Permission to remove exactly one session, once. Only this crate builds one, from the row that all six gates let pass
/// and whose change to `calling` is committed; [`crate::Caller::call`] uses it up.
///
/// Whoever has one may make the call:
///
/// ```
/// use policy::interlock::Outcome;
/// use removal::{Caller, KillSwitch, Permit};
///
/// async fn once(caller: &Caller, off: &KillSwitch, permit: Permit, get: &dyn provider::Provider) -> Outcome {
///     caller.call(off, permit, get).await
/// }
/// ```
///
/// but only once, for the call consumes it:
///
/// ```compile_fail,E0382
/// use policy::interlock::Outcome;
/// use removal::{Caller, KillSwitch, Permit};
///
/// async fn twice(caller: &Caller, off: &KillSwitch, permit: Permit, get: &dyn provider::Provider) -> Outcome {
///     caller.call(off, permit, get).await;
///     caller.call(off, permit, get).await
/// }
/// ```
///
/// Each of the following would compile with `String` in its place. It cannot be copied:
///
/// ```
/// fn copied<T: Clone>() {}
/// copied::<String>();
/// ```
/// ```compile_fail,E0277
/// fn copied<T: Clone>() {}
/// copied::<removal::Permit>();
/// ```
///
/// nor made from nothing:
///
/// ```
/// fn made<T: Default>() {}
/// made::<String>();
/// ```
/// ```compile_fail,E0277
/// fn made<T: Default>() {}
/// made::<removal::Permit>();
/// ```
///
/// nor read from a text:
///
/// ```
/// let read: Option<String> = serde_json::from_str("{}").ok();
/// ```
/// ```compile_fail,E0277
/// let read: Option<removal::Permit> = serde_json::from_str("{}").ok();
/// ```
///
/// Its fields can be read through functions, and not written:
///
/// ```
/// fn session(permit: &removal::Permit) -> String {
///     permit.session().0.clone()
/// }
/// ```
/// ```compile_fail,E0616
/// fn other(permit: &mut removal::Permit) {
///     permit.session = policy::ids::SessionId("another".to_owned());
/// }
/// ```
///
/// And its constructor is this crate's own:
///
/// ```compile_fail,E0624
/// use policy::ids::{RemovalId, SessionId};
///
/// fn forged(removal: RemovalId, session: SessionId) -> removal::Permit {
///     removal::Permit::of_row(removal, session, std::time::Instant::now())
/// }
/// ```
#[derive(Debug)]
pub struct Permit {
    removal: RemovalId,
    session: SessionId,
    started: Instant,
    _seal: Seal,
}

/// Cannot be named outside, so that no field list builds a permit.
#[derive(Debug)]
struct Seal;

impl Permit {
    /// From the row that is `calling` now. `started` is this machine's instant from before that was asked of the
    /// database, so that the answer's way is part of the age.
    pub(crate) const fn of_row(removal: RemovalId, session: SessionId, started: Instant) -> Self {
        Self {
            removal,
            session,
            started,
            _seal: Seal,
        }
    }

    /// The removal that it permits.
    pub const fn removal(&self) -> RemovalId {
        self.removal
    }

    /// The session that may be removed.
    pub const fn session(&self) -> &SessionId {
        &self.session
    }

    /// The session, in exchange for the permit; or why it no longer holds at `now`.
    pub(crate) fn use_up(self, now: Instant) -> Result<SessionId, String> {
        match now.checked_duration_since(self.started) {
            Some(age) if age <= AGE_MAX => Ok(self.session),
            Some(age) => Err(format!(
                "the permit is {} ms old, at most {} ms may pass",
                age.as_millis(),
                AGE_MAX.as_millis()
            )),
            None => Err("the permit is from the future".to_owned()),
        }
    }
}
