//! Account sheet as text.

use super::AccountView;
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
            first_connected_at,
            last_activity_at,
            checked_at,
            working_since,
            episode,
            session,
            subscription,
            rules,
            holds,
            notice,
            restarts,
            open_sends,
            unknown_sends,
            campaigns,
            actions,
        } = self;
        writeln!(f, "{name}, {kind} ({tier}), workspace {workspace}")?;
        writeln!(f, "  account    {id}")?;
        writeln!(f, "  now        {}", utc(*now))?;
        writeln!(f, "  pill       {pill}")?;
        if let Some(line) = pill_second_line {
            writeln!(f, "             {line}")?;
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
        let session = session.as_deref().unwrap_or("none");
        writeln!(f, "  session    {session}")?;
        subscription::show(subscription.as_ref(), f)?;
        let lists = [
            ("notice", notice.as_slice()),
            ("rule", rules.as_slice()),
            ("hold", holds),
            ("restart", restarts),
            ("open send", open_sends),
            ("unknown", unknown_sends),
            ("campaign", campaigns),
        ];
        lines(lists, f)?;
        for action in actions {
            writeln!(f, "\n{}", action.answer)?;
            for detail in &action.details {
                writeln!(f, "    {detail}")?;
            }
        }
        Ok(())
    }
}

fn lines(lists: [(&str, &[String]); 7], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (title, all) in lists {
        for one in all {
            writeln!(f, "  {title:<10} {one}")?;
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
