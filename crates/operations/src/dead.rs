//! Driving dead letters again, and giving them up (R-Q-3).

use crate::text::is_blank;
use crate::{Done, Life, Operation, Refused};
use policy::ids::JobId;
use serde_json::json;
use std::time::Duration;
use store::Tx;
use store::dead::{DeadFilter, DeadMatches};
use store::operators::{Act, Scope};
use uuid::Uuid;

/// The most that one act takes.
pub const LIMIT_MAX: u32 = 10_000;
/// What one act takes unless told otherwise.
pub const LIMIT: u32 = 100;
/// As many a second come due, unless a spread is asked for.
const PER_SECOND: u32 = 50;

/// Which dead letters.
#[derive(Clone, Debug)]
pub enum DeadLetterSelector {
    /// These; one that is not dead refuses all.
    Jobs(Vec<JobId>),
    /// The newest that fit, at most so many.
    Fitting(DeadFilter, u32),
}

impl DeadLetterSelector {
    fn words(&self) -> String {
        match self {
            Self::Jobs(jobs) => {
                let names: Vec<String> = jobs.iter().take(3).map(ToString::to_string).collect();
                let more = if names.len() < jobs.len() {
                    ", …"
                } else {
                    ""
                };
                format!("{}{more}", names.join(", "))
            }
            Self::Fitting(filter, limit) => format!("{} (at most {limit})", json!(filter)),
        }
    }

    fn filter(&self) -> DeadFilter {
        match self {
            Self::Jobs(_) => DeadFilter::default(),
            Self::Fitting(filter, _) => filter.clone(),
        }
    }

    /// The jobs, and how many fit.
    async fn find(&self, tx: &Tx) -> Result<(Vec<Uuid>, DeadMatches), Refused> {
        match self {
            Self::Jobs(jobs) if jobs.is_empty() => {
                Err(Refused::invalid("jobs: say which, by ids or by a filter"))
            }
            Self::Jobs(jobs) => {
                let mut ids: Vec<Uuid> = jobs.iter().map(|job| job.0).collect();
                ids.sort_unstable();
                ids.dedup();
                let fit = i64::try_from(ids.len()).unwrap_or(i64::MAX);
                let is_more = false;
                Ok((ids, DeadMatches { fit, is_more }))
            }
            Self::Fitting(filter, _) if filter.is_empty() => Err(Refused::invalid(
                "filter: say at least one of queue, kind, workspace, account, since, error",
            )),
            Self::Fitting(_, limit) if *limit == 0 || LIMIT_MAX < *limit => Err(Refused::invalid(
                format!("limit: 1 to {LIMIT_MAX}, not {limit}"),
            )),
            Self::Fitting(filter, limit) => {
                refuse_blank("filter.error", filter.error.as_deref())?;
                let (found, fit) = tx.dead(filter, i64::from(*limit)).await?;
                if found.is_empty() {
                    let older = if fit.is_more {
                        "; older ones were not looked at: say queue, kind or workspace, too"
                    } else {
                        ""
                    };
                    return Err(Refused::missing(format!("no dead letter fits{older}")));
                }
                Ok((found.into_iter().map(|one| one.id).collect(), fit))
            }
        }
    }
}

/// Lets dead letters wait again, as the jobs that they are: what was done is not done twice.
pub struct Redrive {
    /// Which.
    pub which: DeadLetterSelector,
    /// Over how long they come due; none: 50 a second.
    pub spread: Option<Life>,
}

impl Operation for Redrive {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("dead redrive {}", self.which.words())
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (jobs, fit) = self.which.find(tx).await?;
        let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        let usual = || Duration::from_secs((count / PER_SECOND).into());
        let spread = self.spread.map_or_else(usual, |it| it.0);
        let driven = tx.redrive(act, &jobs, &self.which.filter(), spread).await?;
        let over = match spread.as_secs() {
            0 => String::new(),
            _ => format!(", spread over {}", Life(spread)),
        };
        Ok(told("redriven", driven, fit, &over, &jobs))
    }
}

/// Gives dead letters up: they are listed and counted no more, and kept.
pub struct Discard {
    /// Which.
    pub which: DeadLetterSelector,
}

impl Operation for Discard {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("dead discard {}", self.which.words())
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (jobs, fit) = self.which.find(tx).await?;
        let gone = tx.discard(act, &jobs, &self.which.filter()).await?;
        Ok(told("discarded", gone, fit, "", &jobs))
    }
}

/// Refuses a text that every error has in it.
pub fn refuse_blank(field: &str, text: Option<&str>) -> Result<(), Refused> {
    match text {
        Some(text) if is_blank(text) => {
            let why = format!("{field}: say a text of the error; it is blank");
            Err(Refused::invalid(why))
        }
        _ => Ok(()),
    }
}

fn told(verb: &str, count: i64, all: DeadMatches, how: &str, jobs: &[Uuid]) -> Done {
    let letters = if count == 1 {
        "dead letter"
    } else {
        "dead letters"
    };
    let of = if count < all.fit || all.is_more {
        format!(" of {all} that fit")
    } else {
        String::new()
    };
    Done::new(format!("{verb} {count} {letters}{of}{how}"))
        .with_json("count", json!(count))
        .with_json("jobs", json!(jobs))
}
