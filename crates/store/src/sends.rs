//! Sends: planned, reserved, begun and settled by the functions of `V0009`, which alone write `relink.sends`.

mod by_hand;
mod dispatch;
mod disproof;
mod facts;
mod make;
mod overdue;
mod plan;
mod settle;
mod unknown;

pub use dispatch::{Cursor, Offered, Page};
pub use facts::{AsSender, SendFacts};
pub(crate) use facts::{action_facts, word};
pub use make::{Ask, Start, Verdict};
pub use plan::{NewPlan, PlanVerdict, StepFacts};
pub use unknown::{NextLook, Question, UnknownSend};
