//! Asking the provider whether a session is well and whose it is (R-LNK-6).

use fleet::{JobError, Look};
use policy::confirm::Answer;
use policy::ids::SessionId;
use policy::verify::{OwnerProbe, Probe, Verification};
use provider::{Class, ProviderError};

/// `GET /accounts/{id}`, then, only if it answered, `GET /users/me`.
pub(crate) async fn verification(
    look: &Look,
    session: &SessionId,
) -> Result<Verification, JobError> {
    let observed_at = look.now().await?;
    let answered = probe(look, session).await;
    let owner = match answered {
        Probe::Answered(_) => owner(look, session).await,
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
    match error.answer() {
        Answer::Gone => Probe::Gone,
        Answer::Inconclusive { why } => Probe::Inconclusive(why),
        Answer::Present => Probe::Inconclusive("contradicts itself".to_owned()),
    }
}

async fn owner(look: &Look, session: &SessionId) -> OwnerProbe {
    match look.provider.me(session).await {
        Ok(owner) => match owner.identity {
            Some(identity) => OwnerProbe::Answered { identity },
            None => OwnerProbe::Inconclusive("the owner's profile has no identity".to_owned()),
        },
        Err(error) => {
            let why = fleet::chain(&error);
            match error.class() {
                Class::Reconnect | Class::Restricted | Class::Degraded => OwnerProbe::Refused(why),
                _ => OwnerProbe::Inconclusive(why),
            }
        }
    }
}
