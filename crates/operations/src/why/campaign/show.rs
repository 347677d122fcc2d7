//! Campaign sheet as text.

use super::{CampaignView, PauseView};
use crate::text::one_line;
use crate::why::subscription;
use crate::why::words::{noted, utc};
use std::fmt;

impl fmt::Display for CampaignView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            now,
            id,
            name,
            workspace,
            active,
            runs,
            on_sender_loss,
            subscription,
            pauses,
            senders,
            steps,
            stops,
            next_sends,
            work_pauses,
            remedies,
        } = self;
        let [name, workspace] = [name, workspace].map(|it| one_line(it));
        writeln!(f, "{name}, workspace {workspace}")?;
        writeln!(f, "  campaign   {id}")?;
        writeln!(f, "  now        {}", utc(*now))?;
        let state = match (active, runs) {
            (false, _) => "not active: its owner has not started it, or ended it",
            (true, true) if !work_pauses.is_empty() => "runs, and its work is paused",
            (true, true) => "runs",
            (true, false) => "does not run",
        };
        writeln!(f, "  state      {state} (a lost sender: {on_sender_loss})")?;
        subscription::show(subscription.as_ref(), f)?;
        for pause in work_pauses {
            writeln!(f, "  held by    {}", one_line(pause))?;
        }
        for pause in pauses {
            let PauseView {
                reason,
                since,
                by,
                note,
                cleared_by,
            } = pause;
            let (since, note, by) = (utc(*since), one_line(&noted(note)), one_line(by));
            writeln!(f, "  paused     {reason} since {since} by {by}{note}")?;
            writeln!(f, "             cleared by {}", one_line(cleared_by))?;
        }
        for (title, all) in [("step", steps), ("ended", stops), ("next send", next_sends)] {
            for one in all {
                writeln!(f, "  {title:<10} {}", one_line(one))?;
            }
        }
        for remedy in remedies {
            writeln!(f, "  clear      {remedy}")?;
        }
        for sender in senders {
            let turn = if sender.in_rotation {
                "in the rotation"
            } else {
                "out of the rotation"
            };
            let name = one_line(&sender.name);
            writeln!(f, "\n{name} ({}, {turn})", sender.status)?;
            for action in &sender.actions {
                writeln!(f, "    {}", one_line(&action.answer))?;
                if let Some(remedy) = &action.remedy {
                    writeln!(f, "      clear {remedy}")?;
                }
            }
        }
        Ok(())
    }
}
