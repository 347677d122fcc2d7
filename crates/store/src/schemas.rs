//! Closed lists of words as documents show them: one schema a list, by name.

use crate::operators::SendFinding;
use crate::views::EnrollmentState;
use policy::account::{AttemptPhase, ProductKind, Status};
use policy::alerts::CodeName;
use policy::campaigns::{OnSenderLoss, PauseReason};
use policy::confirm::CaseState;
use policy::jobs::{KindName, Queue};
use policy::owners::NoticesPolicy;
use policy::pill::OwnerAction;
use policy::sends::{Action, SendState, Tier};
use policy::words::Word;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Declares a schema of each list.
macro_rules! lists {
    ($($(#[$about:meta])* $name:ident = $words:expr;)+) => {$(
        $(#[$about])*
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of($words)
            }
        }

        impl ToSchema for $name {}
    )+};
}

lists! {
    /// Names of [`Status`].
    AccountStatus = words::<Status>();
    /// Names of [`AttemptPhase`].
    AttemptState = words::<AttemptPhase>();
    /// Codes of alerts.
    AlertCode = words::<CodeName>();
    /// Names of [`CaseState`].
    CaseStateName = words::<CaseState>();
    /// Acts that are done to enrollments.
    EnrollmentActName = crate::operators::EnrollmentAct::NAMES.to_vec();
    /// Names of [`EnrollmentState`].
    EnrollmentStateName = words::<EnrollmentState>();
    /// Names of [`policy::holds::HoldReason`].
    HoldName = words::<policy::holds::HoldReason>();
    /// Holds that a person may end.
    EndableHold = policy::holds::HoldReason::ended_by_people().map(Word::word).collect();
    /// Names of [`ProductKind`].
    LinkedKind = words::<ProductKind>();
    /// Names of kinds of jobs.
    JobKind = words::<KindName>();
    /// Names of [`NoticesPolicy`].
    NoticesPolicyName = words::<NoticesPolicy>();
    /// Names of [`OwnerAction`].
    OwnerActionName = words::<OwnerAction>();
    /// Names of [`PauseReason`].
    PauseName = words::<PauseReason>();
    /// Pauses that a person may lift.
    LiftablePause = PauseReason::lifted_by_people().map(Word::word).collect();
    /// Pauses that a person may set.
    SettablePause = PauseReason::set_by_people().map(Word::word).collect();
    /// Names of [`crate::pauses::PauseScope`].
    PauseScopeName = crate::pauses::PauseScope::NAMES.to_vec();
    /// Names of [`Queue`].
    QueueName = words::<Queue>();
    /// Names of [`Action`].
    SendAction = words::<Action>();
    /// Names of [`SendFinding`].
    SendFindingName = words::<SendFinding>();
    /// Names of [`SendState`].
    SendStateName = words::<SendState>();
    /// Names of [`OnSenderLoss`].
    SenderLoss = words::<OnSenderLoss>();
    /// Names of [`Tier`].
    TierName = words::<Tier>();
}

fn words<W: Word>() -> Vec<&'static str> {
    W::members().into_iter().map(Word::word).collect()
}

/// A text that is one of these.
pub fn one_of(words: Vec<&'static str>) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(words)).into()
}
