//! Pauses of work that hold back what is asked about (R-Q-1): named to operators, and to products without name or reason.

use super::remedy::{self, Remedy};
use super::words::utc;
use crate::text::one_line;
use store::why::WorkPauseSheet;

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// An operator: everything, with commands.
    Operator,
    /// A product: that it is so, and until when.
    Product,
}

/// One line a pause.
pub(super) fn line(pause: &WorkPauseSheet, reader: Reader) -> String {
    let WorkPauseSheet {
        id: _,
        scope: _,
        target: _,
        mode,
        paused_at,
        paused_by,
        why,
        ends_at,
        ramp_until,
    } = pause;
    let since = utc(*paused_at);
    let until = match (ramp_until, ends_at) {
        (Some(ramp), _) => format!("lifted, and starts little by little until {}", utc(*ramp)),
        (None, Some(end)) => format!("until {}", utc(*end)),
        (None, None) => "until somebody lifts it".to_owned(),
    };
    match reader {
        Reader::Product => format!("by the operator since {since}, {until}"),
        Reader::Operator => format!(
            "{} ({mode}) by {} since {since}, {until}: {}",
            over(pause),
            one_line(paused_by),
            one_line(why)
        ),
    }
}

/// Command that lifts it; none for one that is lifted, and ends by its ramp.
pub(super) fn remedy(pause: &WorkPauseSheet) -> Option<Remedy> {
    let lifts = remedy::work_pause(pause.id, &over(pause));
    pause.ramp_until.is_none().then_some(lifts)
}

fn over(pause: &WorkPauseSheet) -> String {
    format!("{} {}", pause.scope, pause.target)
        .trim_end()
        .to_owned()
}
