//! An operator's act: one transaction with its audit row (R-AUD-4), or a refusal in words. Asked for a dry run it does
//! the very same and rolls it back.

use super::table::one_line;
use super::{Failure, configure};
use clap::Args;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use std::process::ExitCode;
use store::operators::Act;
use store::{Store, StoreError, Tx};

/// What every act is asked with.
#[derive(Args)]
pub(crate) struct How {
    /// Why; it is kept with the act for good.
    #[arg(long)]
    reason: String,
    /// Checks everything, says what would be done, and writes nothing.
    #[arg(long)]
    dry_run: bool,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

/// What an act did, in a sentence that begins with a participle, and what it made.
pub(crate) struct Done {
    says: String,
    made: Vec<(&'static str, String)>,
}

impl Done {
    pub(crate) fn new(says: impl Into<String>) -> Self {
        let (says, made) = (says.into(), vec![]);
        Self { says, made }
    }

    /// Adds something that exists only if this is no dry run.
    pub(crate) fn with(mut self, name: &'static str, value: &impl ToString) -> Self {
        self.made.push((name, value.to_string()));
        self
    }

    /// For the log.
    pub(crate) fn in_short(&self, dry_run: bool) -> String {
        let audit = self.made.iter().find(|(name, _)| *name == "audit");
        match audit {
            Some((_, id)) if !dry_run => format!("done, audit {id}"),
            _ => "dry run".to_owned(),
        }
    }
}

/// Why nothing was done, for the person who asked.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl Refused {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self(words(&error))
    }
}

/// A refusal of the database in its own words, every other error with its causes.
pub(crate) fn words(error: &StoreError) -> String {
    if error.constraint() == Some("removals_of_a_session") {
        return "session: a removal of it is open, or it was removed already; see `relink removals list`".to_owned();
    }
    match error.refusal() {
        Some(said) if said.starts_with("permission denied") => {
            format!("{said} (RELINK_DATABASE_URL must log in as relink_operator)")
        }
        Some(said) => said.to_owned(),
        None => fleet::chain(error),
    }
}

/// Why somebody acts; blank is no answer.
pub(crate) fn reason(text: &str) -> Result<&str, Failure> {
    match text.trim() {
        "" => Err(Failure::new("--reason: say why; it is blank")),
        reason => Ok(reason),
    }
}

/// The database, as an operator reads it.
pub(crate) fn store() -> Result<Store, Failure> {
    let config = configure(|reader| reader.database("relink-operator"))?;
    Ok(Store::new(config)?)
}

/// Does `act` with the operator's token. `what` names it in the one line that each act leaves in the log (R-DEL-5).
pub(crate) async fn perform(
    how: &How,
    what: &str,
    act: impl AsyncFnOnce(&Tx, &Act<'_>) -> Result<Done, Refused>,
) -> Result<ExitCode, Failure> {
    let reason = reason(&how.reason)?;
    let (config, token): (store::Config, SecretString) = configure(|reader| {
        let token = reader.secret("RELINK_OPERATOR_TOKEN", "the operator's token, rlo_…");
        (reader.database("relink-operator"), token)
    })?;
    let store = Store::new(config)?;
    let tx = store.begin().await?;
    let asked = Act::new(&token, reason);
    let done = match act(&tx, &asked).await {
        Err(refused) => {
            tx.abandon().await;
            if !how.dry_run {
                alert(&store, &token, what, &refused).await;
            }
            return Ok(refuse(what, &refused));
        }
        Ok(done) if how.dry_run => {
            tx.abandon().await;
            done
        }
        Ok(done) => match tx.finish().await {
            Ok(()) => done.with("audit", &asked.audit),
            Err(error) => {
                let refused = error.into();
                alert(&store, &token, what, &refused).await;
                return Ok(refuse(what, &refused));
            }
        },
    };
    tell(what, how, &done);
    Ok(ExitCode::SUCCESS)
}

/// Tells other operators of a refused act. That it was refused stands, also where nobody can be told.
async fn alert(store: &Store, token: &SecretString, what: &str, Refused(why): &Refused) {
    let told = async {
        let tx = store.begin().await?;
        tx.note_refused_act(token, what, why).await?;
        tx.finish().await
    };
    if let Err(error) = told.await {
        eprintln!("relink: nobody was alerted of it: {}", words(&error));
    }
}

/// Says in the log that an act was refused.
pub(crate) fn refuse(what: &str, Refused(why): &Refused) -> ExitCode {
    log(what, &format!("refused: {why}"));
    ExitCode::FAILURE
}

fn tell(what: &str, how: &How, done: &Done) {
    log(what, &done.in_short(how.dry_run));
    print!("{}", answer(how.json, how.dry_run, done));
}

/// The one line of an act. A name with a line feed in it does not make two.
pub(crate) fn log(what: &str, ended: &str) {
    eprintln!("[SENSITIVE-OP] {}", one_line(&format!("{what}: {ended}")));
}

/// The answer on standard output.
pub(crate) fn answer(as_json: bool, dry_run: bool, done: &Done) -> String {
    let made = done.made.iter().filter(|_| !dry_run);
    if as_json {
        let mut view: Map<String, Value> = made
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        view.insert("done".to_owned(), json!(!dry_run));
        view.insert("dry_run".to_owned(), json!(dry_run));
        view.insert("says".to_owned(), json!(done.says));
        return format!("{:#}\n", Value::Object(view));
    }
    if dry_run {
        return format!("dry run, nothing is written; would have {}\n", done.says);
    }
    let lines: Vec<String> = made
        .map(|(name, value)| format!("  {name:<8} {value}\n"))
        .collect();
    format!("done: {}\n{}", done.says, lines.concat())
}
