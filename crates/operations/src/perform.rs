//! An operator's act: one transaction with its audit row (R-AUD-4), or a refusal in words. Asked for a dry run it does
//! the very same and rolls it back.

use crate::asked::OperationRequest;
use crate::done::Done;
use crate::refused::{Refused, words};
use crate::text::one_line;
use secrecy::SecretString;
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

/// Does `operation` with the operator's token. The answer names the act's audit row as `audit`.
pub async fn perform<O: Operation>(
    store: &Store,
    asked: &OperationRequest<'_>,
    operation: &O,
) -> Result<Done, Refused> {
    let what = operation.what();
    let ended = attempt(store, asked, operation).await;
    match &ended {
        Ok(done) => tell(asked, &what, &done.in_short(asked.dry_run)),
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
    operation: &O,
) -> Result<Done, Refused> {
    let reason = asked.reason.trim();
    if reason.is_empty() {
        return Err(Refused::invalid("reason: say why; it is blank"));
    }
    let tx = store.begin().await?;
    let act = Act::new(asked.token, reason);
    match operation.act(&tx, &act).await {
        Ok(done) if !asked.dry_run => {
            tx.finish().await?;
            Ok(done.with("audit", &act.audit))
        }
        ended => {
            tx.abandon().await;
            ended
        }
    }
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
