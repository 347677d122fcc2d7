//! Account sheet as text.

use super::{AccountView, ActionView};
use crate::text::one_line;
use crate::why::Remedy;
use crate::why::subscription;
use crate::why::words::utc;
use jiff::Timestamp;
use std::fmt;

impl fmt::Display for AccountView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            now,
            id,
            name,
            kind,
            tier,
            workspace,
            status,
            since,
            cause,
            pill,
            pill_second_line,
            action,
            action_url: _,
            first_connected_at,
            last_activity_at,
            checked_at,
            working_since,
            episode,
            session,
            subscription,
            work_pauses,
            rules,
            holds,
            notice,
            restarts,
            open_sends,
            unknown_sends,
            campaigns,
            remedies,
            actions,
            episode_version: _,
        } = self;
        let [name, kind, workspace] = [name, kind, workspace].map(|it| one_line(it));
        writeln!(f, "{name}, {kind} ({tier}), workspace {workspace}")?;
        writeln!(f, "  account    {id}")?;
        writeln!(f, "  now        {}", utc(*now))?;
        writeln!(f, "  pill       {pill}")?;
        if let Some(line) = pill_second_line {
            writeln!(f, "             {}", one_line(line))?;
        }
        let cause = cause.as_deref().unwrap_or("unknown");
        writeln!(f, "  status     {status} since {} ({cause})", utc(*since))?;
        writeln!(f, "  action     {action}")?;
        if let Some(episode) = episode {
            let began = utc(episode.began_at);
            writeln!(f, "  episode    since {began} ({})", episode.cause)?;
        }
        let known = [
            first_connected_at,
            last_activity_at,
            checked_at,
            working_since,
        ];
        times(known, f)?;
        let session = one_line(session.as_deref().unwrap_or("none"));
        writeln!(f, "  session    {session}")?;
        subscription::show(subscription.as_ref(), f)?;
        let lists = [
            ("held by", work_pauses.as_slice()),
            ("notice", notice.as_slice()),
            ("rule", rules),
            ("hold", holds),
            ("restart", restarts),
            ("open send", open_sends),
            ("unknown", unknown_sends),
            ("campaign", campaigns),
        ];
        lines(lists, f)?;
        obstacles(remedies, actions, f)
    }
}

fn obstacles(
    remedies: &[Remedy],
    actions: &[ActionView],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for remedy in remedies {
        writeln!(f, "  clear      {remedy}")?;
    }
    for action in actions {
        writeln!(f, "\n{}", one_line(&action.answer))?;
        for detail in &action.details {
            writeln!(f, "    {}", one_line(detail))?;
        }
        if let Some(remedy) = &action.remedy {
            writeln!(f, "    clear {remedy}")?;
        }
    }
    Ok(())
}

fn lines(lists: [(&str, &[String]); 8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (title, all) in lists {
        for one in all {
            writeln!(f, "  {title:<10} {}", one_line(one))?;
        }
    }
    Ok(())
}

fn times(known: [&Option<Timestamp>; 4], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let titles = ["connected", "active", "checked", "working"];
    for (title, at) in titles.into_iter().zip(known) {
        if let Some(at) = at {
            writeln!(f, "  {title:<10} {}", utc(*at))?;
        }
    }
    Ok(())
}
