//! Asking the provider whether a session is well and whose it is (R-LNK-6).

use fleet::{JobError, Look};
use policy::confirm::Answer;
use policy::identity::Family;
use policy::ids::SessionId;
use policy::session::Session;
use policy::verify::{OwnerProbe, Probe, Verification};
use provider::{Class, ProviderError};

/// `GET /accounts/{id}`, then, only if it answered, `GET /users/me`.
pub(crate) async fn verification(
    look: &Look,
    session: &SessionId,
) -> Result<Verification, JobError> {
    let observed_at = look.now().await?;
    let answered = probe(look, session).await;
    let owner = match &answered {
        Probe::Answered(seen) => owner(look, session, seen).await,
        _ => OwnerProbe::Inconclusive("the session itself did not answer".to_owned()),
    };
    Ok(Verification {
        session: answered,
        owner,
        observed_at,
    })
}

/// `GET /accounts/{id}`.
pub(crate) async fn probe(look: &Look, session: &SessionId) -> Probe {
    match look.provider.get_session(session).await {
        Ok(answered) => Probe::Answered(answered),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ProviderError) -> Probe {
    if let Some(word) = checkpoint(error) {
        return Probe::Checkpoint(word);
    }
    match error.answer() {
        Answer::Gone => Probe::Gone,
        Answer::Inconclusive { why } => Probe::Inconclusive(why),
        Answer::Present => Probe::Inconclusive("contradicts itself".to_owned()),
    }
}

/// `GET /users/me` for that session, whose own answer is `seen`.
pub(crate) async fn owner(look: &Look, session: &SessionId, seen: &Session) -> OwnerProbe {
    let error = match look.provider.me(session).await {
        Ok(owner) => {
            return match owner.beside(seen.identity.as_ref()) {
                Some(identity) => OwnerProbe::Answered {
                    identity: identity.clone(),
                },
                None => OwnerProbe::Unnamed,
            };
        }
        Err(error) => error,
    };
    if let Some(word) = checkpoint(&error) {
        return OwnerProbe::Checkpoint(word);
    }
    // Where mailboxes have no profile, the session itself says whose it is: by an address, which is who signed in.
    if error.status == Some(501) && Family::of(&seen.kind) == Family::Mailbox {
        return OwnerProbe::Unnamed;
    }
    let why = in_short(&error);
    match error.class() {
        Class::Reconnect => OwnerProbe::Refused(why),
        // What LinkedIn restricts, and a product that does not work, no signing in mends: it proves nothing, and operators
        // hear of it.
        _ => OwnerProbe::Inconclusive(why),
    }
}

/// Word of the checkpoint that the owner must pass, empty where the provider has none for it.
fn checkpoint(error: &ProviderError) -> Option<String> {
    let word = error.checkpoint.as_deref().unwrap_or_default();
    (error.class() == Class::Checkpoint).then(|| word.to_owned())
}

/// Status and type: words that a row may keep.
fn in_short(error: &ProviderError) -> String {
    match error.answer() {
        Answer::Inconclusive { why } => why,
        Answer::Gone | Answer::Present => "its session is gone".to_owned(),
    }
}
