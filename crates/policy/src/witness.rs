//! Whether this database is the fleet's own, or a restored copy of it (R-RES-1).
//!
//! The leader raises a number in the database and puts it into a queue of the broker, whose message it then holds: whoever else
//! asks finds it held, or raised by another. So a copy of this minute is told apart too, before it has raised anything.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// How often the number is raised, by the database's clock.
pub const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Longest time without a raise after which a missing witness was the broker's fault.
const GAP_MAX: SignedDuration = SignedDuration::from_mins(15);
/// That of the machine, where the database's clock is a faster one.
const GAP_OF_MACHINE_S: f64 = 60.0;
/// Numbers by which the witness may be behind: the last ones did not reach the broker.
const BEHIND_MAX: usize = 2;

/// What the broker holds: the number that was put there last, and its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Witness {
    /// Number, raised once a minute.
    pub number: i64,
    /// Drawn with the number.
    pub mark: Uuid,
}

/// What was found in the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing that can be read.
    Missing,
    /// Another leader holds it, for so long that nobody could have died with it, or not yet.
    Held {
        /// Whether a dead leader's hold would have ended by now.
        is_lasting: bool,
    },
    /// Ours to compare.
    Said(Witness),
}

/// What this database knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Number that it was raised to.
    pub number: i64,
    /// Marks of the newest numbers, the newest first.
    pub marks: Vec<Uuid>,
    /// When; null: never.
    pub raised_at: Option<Timestamp>,
    /// Whether that was in this cluster: a dump lies in another one.
    pub is_of_cluster: bool,
    /// What tells that it is a copy, which nobody adopted; null: it is not known to be one.
    pub copy_why: Option<String>,
    /// A person adopted it, and the broker does not know yet.
    pub is_adopting: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the fleet's own: raise to this number, and put it into the broker.
    Raise(i64),
    /// It is the fleet's own, and the broker has not heard the last number: put it there again.
    PutAgain(Witness),
    /// Nobody knows yet: look again soon.
    Wait,
    /// It is a copy, and this says what tells so.
    Copy(String),
    /// It is known to be a copy for this reason: only a person goes on.
    Rest(String),
}

/// Compares a database with its witness at `now` of a clock that runs `rate` times as fast as the machine's.
pub fn compare(own: &Own, seen: Seen, now: Timestamp, rate: f64) -> Verdict {
    if let Some(why) = &own.copy_why {
        return Verdict::Rest(why.clone());
    }
    match seen {
        Seen::Held { is_lasting: false } => Verdict::Wait,
        Seen::Held { is_lasting: true } => Verdict::Copy(
            "another fleet's scheduler holds the witness of this one in the broker".to_owned(),
        ),
        // A person said so: whatever the broker tells is of the past.
        Seen::Missing if own.is_adopting => Verdict::Raise(own.number + 1),
        Seen::Said(witness) if own.is_adopting => {
            Verdict::Raise(own.number.max(witness.number) + 1)
        }
        Seen::Missing => missing(own, now, rate),
        Seen::Said(witness) => said(own, witness, now, rate),
    }
}

/// The broker was lost, and says nothing of this database; but neither could it of a copy.
fn missing(own: &Own, now: Timestamp, rate: f64) -> Verdict {
    match own.raised_at {
        Some(at) if is_after_gap(at, now, rate) => Verdict::Copy(format!(
            "the broker has no witness, and number {} was raised at {at}",
            own.number
        )),
        Some(_) if !own.is_of_cluster => Verdict::Copy(format!(
            "the broker has no witness, and number {} was raised in another cluster",
            own.number
        )),
        _ => Verdict::Raise(own.number + 1),
    }
}

fn said(own: &Own, witness: Witness, now: Timestamp, rate: f64) -> Verdict {
    let behind = own.number - witness.number;
    let Ok(behind) = usize::try_from(behind) else {
        return Verdict::Copy(format!(
            "the witness in the broker is at {}, and this database at {}",
            witness.number, own.number
        ));
    };
    match own.marks.get(behind) {
        Some(mark) if *mark != witness.mark => {
            Verdict::Copy(format!("another database raised number {}", witness.number))
        }
        Some(_) if behind == 0 => Verdict::Raise(own.number + 1),
        Some(_) if behind <= BEHIND_MAX => Verdict::PutAgain(Witness {
            number: own.number,
            mark: own.marks[0],
        }),
        // The broker's data is older than this database's.
        _ => missing(own, now, rate),
    }
}

fn is_after_gap(at: Timestamp, now: Timestamp, rate: f64) -> bool {
    let stretched = SignedDuration::try_from_secs_f64(GAP_OF_MACHINE_S * rate);
    now.duration_since(at) > GAP_MAX.max(stretched.unwrap_or(SignedDuration::MAX))
}

#[cfg(test)]
mod tests;
