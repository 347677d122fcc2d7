//! The six gates, judged twice, as a worker's attempt would be now.

use crate::text::{one_line, utc};
use jiff::Timestamp;
use policy::ids::{RemovalId, SessionId};
use policy::interlock::{Gate, Verdict, judge};
use serde::Serialize;
use std::fmt;
use store::guards::ClockKind;
use store::operators::RemovalLine;
use store::removals::{Judgement, Process};
use store::{StoreError, Tx};
use utoipa::ToSchema;

/// States in which a removal is not over.
const OPEN: [&str; 4] = ["requested", "permitted", "calling", "unknown"];

/// Gate 1 is a process's own.
const ELSEWHERE: &str =
    "each worker has its own RELINK_REMOVALS_ENABLED: its metric relink_removals_enabled";

/// The fleet's gates, or one removal's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// What this process says of itself. A worker's environment is its own.
    pub switch_here: bool,
    /// The fleet and each open removal, or one removal.
    pub subjects: Vec<Subject>,
    /// The two judges agree about every subject.
    pub agree: bool,
}

/// What the gates were asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Subject {
    /// None: the fleet.
    #[schema(value_type = Option<Uuid>)]
    removal: Option<RemovalId>,
    #[schema(value_type = Option<String>)]
    session: Option<SessionId>,
    state: Option<String>,
    about: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    gates: Vec<GateView>,
    #[schema(value_type = Vec<String>)]
    sql_refuses: Vec<Gate>,
    #[schema(value_type = Vec<String>)]
    program_refuses: Vec<Gate>,
    agree: bool,
}

/// One gate.
#[derive(Debug, Serialize, ToSchema)]
pub struct GateView {
    /// From 1 to 6.
    number: usize,
    #[schema(value_type = String)]
    gate: Gate,
    /// Its present value, for people.
    value: String,
    /// Why it refuses; none: it lets pass.
    refusal: Option<String>,
    /// What it would say, in words.
    says: String,
}

/// The gates of one removal, or of the fleet and each open removal. `switch` is gate 1 of this process.
pub async fn status(
    tx: &Tx,
    only: Option<RemovalId>,
    switch: bool,
    clock: ClockKind,
) -> Result<Status, StoreError> {
    let mut self_test = tx.check_guards(clock).await?;
    // The gates look for triggers themselves.
    self_test.retain(|finding| !finding.starts_with("trigger "));
    let process = Process { switch, self_test };
    let lines = tx.removals().await?;
    let mut subjects = vec![];
    if let Some(removal) = only {
        let line = lines.iter().find(|line| line.id == removal.0);
        subjects.push(of_removal(tx, removal, line, &process).await?);
    } else {
        let judgement = tx.removal_gates(None, &process).await?;
        subjects.push(Subject::of(None, "the fleet".to_owned(), judgement));
        for line in lines
            .iter()
            .filter(|line| OPEN.contains(&line.state.as_str()))
        {
            subjects.push(of_removal(tx, RemovalId(line.id), Some(line), &process).await?);
        }
    }
    Ok(Status {
        switch_here: switch,
        agree: subjects.iter().all(|subject| subject.agree),
        subjects,
    })
}

async fn of_removal(
    tx: &Tx,
    removal: RemovalId,
    line: Option<&RemovalLine>,
    process: &Process,
) -> Result<Subject, StoreError> {
    let judgement = tx.removal_gates(Some(removal), process).await?;
    let mut subject = Subject::of(Some(removal), format!("removal {removal}"), judgement);
    subject.state = tx.removal(removal).await?.map(|found| found.state);
    if let Some(line) = line {
        subject.about = about(line);
    }
    Ok(subject)
}

/// What it is, and how far.
fn about(line: &RemovalLine) -> String {
    let (id, session, state) = (line.id, one_line(&line.session_id), &line.state);
    let (by, reason) = (one_line(&line.requested_by), one_line(&line.reason));
    let at = utc(line.requested_at);
    let note = if line.note.is_empty() {
        String::new()
    } else {
        format!(" ({})", one_line(&line.note))
    };
    let over = match state.as_str() {
        "requested" | "permitted" => "",
        "calling" => "; its one call is being made, and no command stops it",
        "unknown" => "; its call was made, and is being proved by looking: it is never made again",
        _ => "; it is over, and the gates below are as for a new one",
    };
    format!(
        "removal {id} of session {session}, {state}{note}{over}\n  asked for by {by} at {at}: {reason}"
    )
}

impl Subject {
    fn of(removal: Option<RemovalId>, about: String, judgement: Judgement) -> Self {
        let verdicts = judge(&judgement.facts);
        let program_refuses: Vec<Gate> = verdicts
            .iter()
            .filter(|verdict| verdict.refusal.is_some())
            .map(|verdict| verdict.gate)
            .collect();
        let gates = verdicts.into_iter().enumerate();
        Self {
            session: removal.map(|_| judgement.facts.session),
            removal,
            state: None,
            about,
            at: judgement.facts.at,
            agree: program_refuses == judgement.refused,
            gates: gates
                .map(|(before, verdict)| GateView::of(before + 1, verdict, removal.is_none()))
                .collect(),
            sql_refuses: judgement.refused,
            program_refuses,
        }
    }
}

impl GateView {
    fn of(number: usize, mut verdict: Verdict, of_fleet: bool) -> Self {
        if of_fleet && verdict.gate == Gate::Confirmation {
            // No session, no looks.
            "asked of each removal".clone_into(&mut verdict.value);
            verdict.refusal = Some("no session is named".to_owned());
        }
        if verdict.gate == Gate::Switch {
            verdict.value += " in this process";
        }
        let says = match (&verdict.refusal, verdict.gate) {
            (None, Gate::Switch) => format!("passes here; {ELSEWHERE}"),
            (Some(_), Gate::Switch) => format!("refuses here; {ELSEWHERE}"),
            (None, _) => "passes".to_owned(),
            (Some(why), _) => format!("refuses: {why}"),
        };
        Self {
            number,
            gate: verdict.gate,
            value: verdict.value,
            refusal: verdict.refusal,
            says,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (before, subject) in self.subjects.iter().enumerate() {
            if before > 0 {
                writeln!(f)?;
            }
            write!(f, "{subject}")?;
        }
        if self
            .subjects
            .iter()
            .all(|subject| subject.removal.is_none())
        {
            writeln!(f, "\nno removal is open")?;
        }
        Ok(())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n  gates at {}", self.about, utc(self.at))?;
        let width = self
            .gates
            .iter()
            .map(|gate| gate.value.chars().count())
            .max();
        let width = width.unwrap_or(0);
        for view in &self.gates {
            let (number, gate) = (view.number, view.gate.as_str());
            let (value, says) = (one_line(&view.value), one_line(&view.says));
            writeln!(f, "  {number} {gate:<12} {value:<width$}  {says}")?;
        }
        if !self.agree {
            let names = |gates: &[Gate]| match gates {
                [] => "nothing".to_owned(),
                gates => gates
                    .iter()
                    .map(|gate| gate.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            let (sql, program) = (names(&self.sql_refuses), names(&self.program_refuses));
            writeln!(
                f,
                "  DISAGREEMENT: the database refuses by {sql}; this program by {program}."
            )?;
            writeln!(
                f,
                "  Nothing is permitted while the two judges differ. Trip the latch, and find out which one is wrong."
            )?;
        }
        Ok(())
    }
}
