//! `relink duplicates list` (R-DUP-1): who has several live sessions, which of them is linked, which is inert.

use super::{Failure, configure};
use jiff::Timestamp;
use operations::duplicates::DuplicatesView;
use policy::duplicates::{Duplicates, Standing, Twin, Unknown};
use std::fmt::Write as _;
use std::process::ExitCode;
use store::Store;

/// Prints them; exit code 1 when nobody can say now.
pub(crate) async fn list(people_max: u32, as_json: bool) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-duplicates"))?;
    let store = Store::new(config)?;
    let found = store.reading(async |tx| tx.duplicates(i64::from(people_max)).await);
    let found = found.await?;
    if as_json {
        println!(
            "{}",
            serde_json::to_string(&DuplicatesView::of(found.clone()))?
        );
    } else {
        print!("{}", as_text(&found)?);
    }
    Ok(match found {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn as_text(found: &Result<Duplicates, Unknown>) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            writeln!(text, "not known now: {why}")?;
            return Ok(text);
        }
    };
    writeln!(
        text,
        "{} people with several live sessions: {} sessions, {} of them inert (listed {})",
        found.identities,
        found.sessions,
        found.inert,
        when(found.listed_at)
    )?;
    for one in &found.sample {
        let stand = match one.standing() {
            Standing::OneLinked => "one is linked, the others are inert",
            Standing::NoneLinked => "none is linked, all are inert",
            Standing::SeveralLinked => "several are linked: a person must say which one stays",
        };
        writeln!(
            text,
            "\n{} ({}), {} sessions: {stand}",
            one.identity, one.kind, one.sessions
        )?;
        for twin in &one.twins {
            writeln!(text, "  {}", line(twin))?;
        }
        let more = one.sessions - i64::try_from(one.twins.len()).unwrap_or(i64::MAX);
        if more > 0 {
            writeln!(text, "  and {more} more")?;
        }
    }
    let more = found.identities - i64::try_from(found.sample.len()).unwrap_or(i64::MAX);
    if more > 0 {
        writeln!(text, "\nand {more} more people; --limit lists more")?;
    }
    Ok(text)
}

fn line(twin: &Twin) -> String {
    let linked = twin.linked.as_ref().map(|to| {
        format!(
            "linked to {} (account {}, workspace {})",
            to.name, to.account, to.workspace
        )
    });
    format!(
        "{}  {}, {}, last seen {}, first seen {}",
        twin.session,
        linked.unwrap_or_else(|| "inert".to_owned()),
        twin.health.as_str(),
        when(twin.last_seen),
        when(twin.first_seen)
    )
}

fn when(at: Timestamp) -> String {
    at.strftime("%-d %b %Y %H:%M UTC").to_string()
}
