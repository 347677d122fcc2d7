//! `orphan.link` (R-ORP-1, R-ORP-2, R-LNK-5, R-LNK-6): verifies and links one account that `orphans.watch` found.

use crate::asking::verification;
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::ORPHAN_LINK;
use policy::orphans::{LinkFacts, LinkOrphan, Waiting, link, person_to_link, session_to_verify};
use store::StoreError;

/// Asks for one session and its owner, and links it to the account that it is proven to belong to.
pub(crate) struct OrphanLink;

impl Decide for OrphanLink {
    const SPEC: Spec = Spec::new(
        ORPHAN_LINK,
        "Verifies the session of one account that never landed, and links it",
    )
    .batch(16);
    type Payload = LinkOrphan;
    type Facts = LinkFacts;

    async fn gather(look: &Look, asked: LinkOrphan) -> Result<LinkFacts, JobError> {
        let near = look.store.reading(async |tx| {
            let near = tx.neighbourhood(&[asked.account]).await?;
            Ok::<_, StoreError>((near, tx.verification_facts(asked.account).await?))
        });
        let (neighbourhood, known) = near.await?;
        let mut facts = LinkFacts {
            prior: known.and_then(|known| known.prior),
            verification: None,
            owners: vec![],
            earlier: vec![],
            neighbourhood,
            asked,
        };
        if let Some(session) = session_to_verify(&facts, look.now().await?) {
            facts.verification = Some(verification(look, &session).await?);
            // Only now is it known who the person is: whom nobody had named may be somebody's.
            if let Some(person) = person_to_link(&facts) {
                let of = |it: &&Waiting| it.row.account == facts.asked.account;
                let waiting = facts.neighbourhood.waiting.iter().find(of);
                let workspace = waiting.map(|it| it.row.workspace);
                let read = look.store.reading(async |tx| {
                    let owners = tx.owners_of(&person).await?;
                    let earlier = match workspace {
                        Some(workspace) => tx.earlier_rows(workspace, &person).await?,
                        None => vec![],
                    };
                    Ok::<_, StoreError>((owners, earlier))
                });
                (facts.owners, facts.earlier) = read.await?;
            }
        }
        Ok(facts)
    }

    fn decide(facts: LinkFacts, now: Timestamp) -> Decision {
        link(&facts, now)
    }
}
