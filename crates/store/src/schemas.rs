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
    /// Schema of the words of [`Status`].
    AccountStatus = words::<Status>();
    /// Schema of the words of [`AttemptPhase`].
    AttemptState = words::<AttemptPhase>();
    /// Schema of the codes of alerts.
    AlertCode = words::<CodeName>();
    /// Schema of the words of [`CaseState`].
    CaseStateName = words::<CaseState>();
    /// Acts that are done to enrollments.
    EnrollmentActName = crate::operators::EnrollmentAct::NAMES.to_vec();
    /// Schema of the words of [`EnrollmentState`].
    EnrollmentStateName = words::<EnrollmentState>();
    /// Schema of the words of [`policy::holds::HoldReason`].
    HoldName = words::<policy::holds::HoldReason>();
    /// Schema of the holds that a person may end.
    EndableHold = policy::holds::HoldReason::ended_by_people().map(Word::word).collect();
    /// Schema of the words of [`ProductKind`].
    LinkedKind = words::<ProductKind>();
    /// Schema of the names of kinds of jobs.
    JobKind = words::<KindName>();
    /// Schema of the words of [`NoticesPolicy`].
    NoticesPolicyName = words::<NoticesPolicy>();
    /// Schema of the words of [`OwnerAction`].
    OwnerActionName = words::<OwnerAction>();
    /// Schema of the words of [`PauseReason`].
    PauseName = words::<PauseReason>();
    /// Pauses that a person may lift.
    LiftablePause = PauseReason::lifted_by_people().map(Word::word).collect();
    /// Pauses that a person may set.
    SettablePause = PauseReason::set_by_people().map(Word::word).collect();
    /// Schema of the words of [`crate::pauses::PauseScope`].
    PauseScopeName = crate::pauses::PauseScope::NAMES.to_vec();
    /// Schema of the words of [`Queue`].
    QueueName = words::<Queue>();
    /// Schema of the words of [`Action`].
    SendAction = words::<Action>();
    /// Schema of the words of [`SendFinding`].
    SendFindingName = words::<SendFinding>();
    /// Schema of the words of [`SendState`].
    SendStateName = words::<SendState>();
    /// Schema of the words of [`OnSenderLoss`].
    SenderLoss = words::<OnSenderLoss>();
    /// Schema of the words of [`Tier`].
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
