//! The transaction after the provider's call: a link that is handed out, or an attempt that ends (R-LNK-1).

use crate::ask::Minted;
use crate::call::Failure;
use crate::failure::NotMinted;
use crate::minter::{MintEnd, Minter};
use crate::turn::Grant;
use jiff::Timestamp;
use policy::account::{AttemptOutcome, Status};
use policy::ids::WorkspaceId;
use policy::life::{MintedFacts, Opening, first_looks, opening};
use provider::HostedLink;
use secrecy::SecretString;
use store::Tx;
use store::attempts::OpenedAttempt;

impl Minter {
    /// The transaction after the call: the link becomes known, and the account `connecting`.
    pub(crate) async fn hand_out(
        &self,
        grant: &Grant,
        link: &HostedLink,
        end: &impl MintEnd,
    ) -> Result<Minted, NotMinted> {
        let tx = self.store.begin().await?;
        match self.open(&tx, grant, link, end).await {
            Ok(opened) => {
                tx.finish().await?;
                match opened {
                    Opened::Handed(minted) => Ok(minted),
                    Opened::Ended(why) => Err(why),
                }
            }
            Err(error) => {
                tx.abandon().await;
                Err(error)
            }
        }
    }

    /// What is to be committed, or an error for which nothing is.
    async fn open(
        &self,
        tx: &Tx,
        grant: &Grant,
        link: &HostedLink,
        end: &impl MintEnd,
    ) -> Result<Opened, NotMinted> {
        let of = (grant.account, grant.attempt);
        let at = tx.lock_for_link(of.0).await?.ok_or(NotMinted::Missing)?;
        let row = tx.mint_row(of.0, at).await?.ok_or(NotMinted::Missing)?;
        let newest = row.facts.newest.filter(|it| it.attempt == of.1);
        let newest = newest.ok_or(NotMinted::Busy)?;
        let facts = MintedFacts {
            status: row.facts.status,
            version: row.version,
            phase: newest.phase,
            mint_no: newest.mint_no,
        };
        let ended = match opening(&facts, (grant.purpose, grant.base), grant.mint_no) {
            Opening::Open { flip } => {
                let minted = minted(grant, link);
                self.write_open(tx, (grant, row.workspace), (link, flip), at)
                    .await?;
                end.write(tx, &minted).await?;
                return Ok(Opened::Handed(minted));
            }
            Opening::Overtaken => return Err(NotMinted::Busy),
            Opening::Repaired => (AttemptOutcome::Repaired, NotMinted::AlreadyConnected),
            Opening::Cancelled => (AttemptOutcome::Cancelled, NotMinted::Disconnected),
        };
        let (outcome, why) = ended;
        tx.end_mint(of, grant.mint_no, (outcome, None)).await?;
        Ok(Opened::Ended(why))
    }

    /// Writes the sealed link, the flip and the looks.
    async fn write_open(
        &self,
        tx: &Tx,
        (grant, workspace): (&Grant, WorkspaceId),
        (link, flip): (&HostedLink, Option<(Status, i64)>),
        at: Timestamp,
    ) -> Result<(), NotMinted> {
        let of = (grant.account, grant.attempt);
        let sealed = self.keys().seal_url(grant.attempt, &link.url);
        let opened = OpenedAttempt {
            account: grant.account,
            attempt: grant.attempt,
            mint_no: grant.mint_no,
            sealed: &sealed,
            at,
            flip,
        };
        if !tx.open_attempt(&opened).await? {
            return Err(NotMinted::Busy);
        }
        let looks = first_looks((workspace, of.0, of.1), grant.mint_no, at);
        tx.look_after_link(of, &looks).await?;
        Ok(())
    }

    /// Ends the attempt of a call that brought no link: the next call tries at once.
    pub(crate) async fn give_up(
        &self,
        grant: &Grant,
        failure: Failure,
    ) -> Result<Minted, NotMinted> {
        let word = failure.word();
        let why = NotMinted::of_word(&word);
        let tx = self.store.begin().await?;
        let ended = (AttemptOutcome::MintFailed, Some(word.as_str()));
        tx.lock_for_link(grant.account).await?;
        tx.end_mint((grant.account, grant.attempt), grant.mint_no, ended)
            .await?;
        tx.finish().await?;
        Err(why)
    }
}

/// End of a mint that is to be committed.
enum Opened {
    /// The link is handed out.
    Handed(Minted),
    /// The account changed meanwhile, and the attempt ends.
    Ended(NotMinted),
}

fn minted(grant: &Grant, link: &HostedLink) -> Minted {
    Minted {
        attempt: grant.attempt,
        url: SecretString::from(link.url.as_str()),
        purpose: grant.purpose,
        expires_at: grant.link_ends_at,
        is_reused: false,
    }
}
