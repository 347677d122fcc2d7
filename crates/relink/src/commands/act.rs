//! An operator's act from the command line; what it does stands in crate `operations`.

use super::{Failure, configure};
use clap::Args;
use operations::keys::{ActKey, KEY_BYTES_MAX};
use operations::text::{REASON_MAX, is_blank};
use operations::{Done, Operation, OperationRequest, Performed};
use secrecy::SecretString;
use std::process::ExitCode;
use store::Store;

pub(crate) use operations::words;

/// What every act is asked with.
#[derive(Args)]
pub(crate) struct OperationArgs {
    /// Why; it is kept with the act for good.
    #[arg(long)]
    reason: String,
    /// Checks everything, says what would be done, and writes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Does it once: said again with the same key, the same command line answers as it did, and does nothing.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// The answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl OperationArgs {
    /// Reason as it was given.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Arguments of an act that is asked in its own words.
    pub(crate) fn of(
        reason: String,
        dry_run: bool,
        json: bool,
        idempotency_key: Option<String>,
    ) -> Self {
        Self {
            reason,
            dry_run,
            idempotency_key,
            json,
        }
    }

    fn key(&self, what: &str) -> Result<Option<ActKey>, Failure> {
        key_of_line(self.idempotency_key.as_deref(), what)
    }
}

/// Key of the act `what`, which stands for the whole command line but for the form of its answer.
pub(crate) fn key_of_line(text: Option<&str>, what: &str) -> Result<Option<ActKey>, Failure> {
    let Some(text) = text else {
        return Ok(None);
    };
    let line: Vec<_> = std::env::args_os()
        .skip(1)
        .filter(|it| it != "--json")
        .collect();
    let line: Vec<_> = line.iter().map(|it| it.as_encoded_bytes()).collect();
    let key = ActKey::of(text, &format!("relink {what}"), &line);
    key.map(Some).ok_or_else(|| {
        let why = format!("--idempotency-key: 1 to {KEY_BYTES_MAX} visible ASCII characters");
        Failure::new(why)
    })
}

/// Why somebody acts; blank is no answer.
pub(crate) fn reason(text: &str) -> Result<&str, Failure> {
    if is_blank(text) {
        return Err(Failure::new("--reason: say why; it is blank"));
    }
    if REASON_MAX < text.chars().count() {
        let why = format!("--reason: at most {REASON_MAX} letters");
        return Err(Failure::new(why));
    }
    Ok(text.trim())
}

/// The database, as an operator reads it.
pub(crate) fn store() -> Result<Store, Failure> {
    let config = configure(|reader| reader.database("relink-operator"))?;
    Ok(Store::new(config)?)
}

/// Does `operation` with the operator's token, and says what it did.
pub(crate) async fn perform<O: Operation>(
    how: &OperationArgs,
    operation: &O,
) -> Result<ExitCode, Failure> {
    Ok(match attempt(how, operation).await? {
        Some((_, done)) => {
            print!("{}", answer(how.json, how.dry_run, &done));
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    })
}

/// The same, for who has more to say of it. None: it was refused, and the log line said why.
pub(crate) async fn attempt<O: Operation>(
    how: &OperationArgs,
    operation: &O,
) -> Result<Option<(Store, Done)>, Failure> {
    let reason = reason(&how.reason)?;
    let (config, token): (store::Config, SecretString) = configure(|reader| {
        let token = reader.secret("RELINK_OPERATOR_TOKEN", "the operator's token, rlo_…");
        (reader.database("relink-operator"), token)
    })?;
    let asked = OperationRequest {
        token: &token,
        reason,
        dry_run: how.dry_run,
        log,
    };
    let key = how.key(&operation.what())?;
    let store = Store::new(config)?;
    let performed = operations::perform_once(&store, &asked, key.as_ref(), operation).await;
    let done = performed.ok().map(Performed::into_done);
    Ok(done.map(|done| (store, done)))
}

/// A line for the log of a command: standard error.
pub(crate) fn log(line: &str) {
    eprintln!("{line}");
}

/// The answer on standard output.
pub(crate) fn answer(as_json: bool, dry_run: bool, done: &Done) -> String {
    if as_json {
        format!("{:#}\n", done.json(dry_run))
    } else {
        done.lines(dry_run)
    }
}
