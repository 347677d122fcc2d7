//! An operator's act: one transaction with its audit row (R-AUD-4), or a refusal in words. Asked for a dry run it does
//! the very same and rolls it back. Asked for with a key it is done once (R-API-2).

use crate::asked::OperationRequest;
use crate::done::Done;
use crate::keys::key_refused;
use crate::refused::{Refused, words};
use crate::text::one_line;
use secrecy::SecretString;
use store::keys::{ActKey, KeyState};
use store::operators::{Act, Scope};
use store::{Store, Tx};

/// One thing that operators may do, with all that it is asked with.
pub trait Operation: Sync {
    /// What a token needs for it; the database asks for the same.
    const SCOPE: Scope;

    /// Names it in the log and in alerts, like the command: `latch trip`.
    fn what(&self) -> String;

    /// Does it, in a transaction that the caller ends.
    fn act(&self, tx: &Tx, act: &Act<'_>) -> impl Future<Output = Result<Done, Refused>> + Send;
}

/// Act that was done, and when.
#[derive(Clone, Debug)]
pub enum Performed {
    /// Done by this request.
    Now(Done),
    /// Done by an earlier request with the same key; its answer.
    Before(Done),
}

impl Performed {
    /// Deeds, whoever did them.
    pub fn into_done(self) -> Done {
        match self {
            Self::Now(done) | Self::Before(done) => done,
        }
    }
}

/// Does `operation` with the operator's token. The answer names the act's audit row as `audit`.
pub async fn perform<O: Operation>(
    store: &Store,
    asked: &OperationRequest<'_>,
    operation: &O,
) -> Result<Done, Refused> {
    let performed = perform_once(store, asked, None, operation).await?;
    Ok(performed.into_done())
}

/// As [`perform`]; with a key it is done by the first request that has it, and every other one gets that one's answer. A dry run
/// needs none.
pub async fn perform_once<O: Operation>(
    store: &Store,
    asked: &OperationRequest<'_>,
    key: Option<&ActKey>,
    operation: &O,
) -> Result<Performed, Refused> {
    let what = operation.what();
    let ended = attempt(store, asked, key, operation).await;
    match &ended {
        Ok(Performed::Now(done)) => tell(asked, &what, &done.in_short(asked.dry_run)),
        Ok(Performed::Before(done)) => {
            let says = format!("asked again with its key; {}", done.in_short(false));
            tell(asked, &what, &says);
        }
        Err(refused) => refuse(store, asked, (&what, O::SCOPE), refused).await,
    }
    ended
}

/// Tells of an act that is refused: in the log, and unless it was a dry run or a mistyped one, to other operators (R-DEL-5).
/// For whoever refuses before there is an operation to [`perform`]; `what` has its name and the scope that it needs.
pub async fn refuse(
    store: &Store,
    asked: &OperationRequest<'_>,
    (what, scope): (&str, Scope),
    refused: &Refused,
) {
    tell(asked, what, &format!("refused: {refused}"));
    let code = refused.alert(scope).filter(|_| !asked.dry_run);
    if let Some(code) = code {
        alert(store, asked, what, (code, &refused.why)).await;
    }
}

/// A name with a line feed in it does not make two lines.
fn tell(asked: &OperationRequest<'_>, what: &str, says: &str) {
    let line = one_line(&format!("{what}: {says}"));
    (asked.log)(&format!("[SENSITIVE-OP] {line}"));
}

async fn attempt<O: Operation>(
    store: &Store,
    asked: &OperationRequest<'_>,
    key: Option<&ActKey>,
    operation: &O,
) -> Result<Performed, Refused> {
    if asked.reason.trim().is_empty() {
        return Err(Refused::invalid("reason: say why; it is blank"));
    }
    let tx = store.begin().await?;
    match act_in(&tx, asked, key, operation).await {
        Ok(Performed::Now(done)) if !asked.dry_run => {
            tx.finish().await?;
            Ok(Performed::Now(done))
        }
        ended => {
            tx.abandon().await;
            ended
        }
    }
}

/// Takes the key, acts, and keeps the answer: what the caller commits or rolls back is all of it.
async fn act_in<O: Operation>(
    tx: &Tx,
    asked: &OperationRequest<'_>,
    key: Option<&ActKey>,
    operation: &O,
) -> Result<Performed, Refused> {
    let mut act = Act::new(asked.token, asked.reason.trim());
    if asked.dry_run {
        return operation.act(tx, &act).await.map(Performed::Now);
    }
    if let Some(key) = key {
        match tx.take_key(asked.token, O::SCOPE, key).await? {
            KeyState::Free { audit, cut_off: _ } => act.audit = audit,
            KeyState::Answered(kept) => return Ok(Performed::Before(Done::of_kept(&kept))),
            taken => return Err(key_refused(taken)),
        }
    }
    let done = operation.act(tx, &act).await?.with("audit", &act.audit);
    if let Some(key) = key {
        tx.keep_answer(asked.token, (key, act.audit, None), &done.to_kept())
            .await?;
    }
    Ok(Performed::Now(done))
}

/// Tells other operators of a refused act. That it was refused stands, also where nobody can be told.
async fn alert(
    store: &Store,
    asked: &OperationRequest<'_>,
    what: &str,
    (code, why): (&'static str, &str),
) {
    let token: &SecretString = asked.token;
    let told = async {
        let tx = store.begin().await?;
        tx.note_refused_act(token, what, (code, why)).await?;
        tx.finish().await
    };
    if let Err(error) = told.await {
        (asked.log)(&format!(
            "relink: nobody was alerted of it: {}",
            words(&error)
        ));
    }
}
