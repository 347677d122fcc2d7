//! The transaction before the provider is called: whose turn it is to mint (R-LNK-1).

use crate::ask::{LinkAsk, Minted};
use crate::failure::NotMinted;
use crate::minter::{MintEnd, Minter};
use jiff::{SignedDuration, Timestamp};
use policy::account::AttemptPurpose;
use policy::ids::{AccountId, AttemptId};
use policy::life::{
    LINK_LIFE, LastLink, LinkTarget, MINT_LEASE, MintRefusal, MintStep, NAME_LIFE, mint_step,
};
use secrecy::SecretString;
use std::time::{Duration, Instant};
use store::Tx;
use store::attempts::{MintRow, MintTime, NewAttempt};
use uuid::Uuid;

/// What a call has come to.
pub(crate) enum Turn {
    /// It has a link, and its transaction is committed.
    Has(Minted),
    /// It mints.
    Mints(Grant),
    /// Another call mints that attempt.
    Waits(AttemptId, Duration),
}

/// Permission to call the provider for one attempt, once; the lease began when it was committed.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) account: AccountId,
    pub(crate) attempt: AttemptId,
    pub(crate) purpose: AttemptPurpose,
    pub(crate) target: LinkTarget,
    pub(crate) mint_no: i32,
    /// `status_version` of the account.
    pub(crate) base: i64,
    /// The provider's type of the account.
    pub(crate) kind: String,
    /// Name of the account's open episode; 0 where there is none.
    pub(crate) episode: i64,
    pub(crate) link_ends_at: Timestamp,
    pub(crate) name_ends_at: Timestamp,
    /// When the lease began, by this process's stopwatch.
    pub(crate) leased: Instant,
}

impl Minter {
    /// Decides what a call comes to, and writes it. `waited` is the attempt that the call has waited for.
    pub(crate) async fn take_turn(
        &self,
        ask: &LinkAsk,
        waited: Option<AttemptId>,
        end: &impl MintEnd,
    ) -> Result<Turn, NotMinted> {
        let leased = Instant::now();
        let tx = self.store.begin().await?;
        let turn = self.turn(&tx, ask, (waited, leased), end).await;
        match turn {
            Ok(Turn::Waits(attempt, most)) => {
                tx.abandon().await;
                Ok(Turn::Waits(attempt, most))
            }
            Ok(turn) => {
                tx.finish().await?;
                Ok(turn)
            }
            Err(error) => {
                tx.abandon().await;
                Err(error)
            }
        }
    }

    async fn turn(
        &self,
        tx: &Tx,
        ask: &LinkAsk,
        (waited, leased): (Option<AttemptId>, Instant),
        end: &impl MintEnd,
    ) -> Result<Turn, NotMinted> {
        let at = tx.lock_for_link(ask.account).await?;
        let at = at.ok_or(NotMinted::Missing)?;
        let row = tx.mint_row(ask.account, at).await?;
        let row = row.filter(|it| it.workspace == ask.workspace && !it.is_over);
        let row = row.ok_or(NotMinted::Missing)?;
        if let Some(into) = row.merged_into {
            return Err(NotMinted::Merged(into));
        }
        if let Some(failed) = failed_meanwhile(&row, waited) {
            return Err(failed);
        }
        // Whoever has waited gets a link that it was never given, and has nothing to say of it.
        let last = waited.map_or(ask.last_link, |_| LastLink::Unsaid);
        match mint_step(&row.facts, ask.intent, last) {
            MintStep::Refuse(refusal) => Err(refused(refusal, at)),
            MintStep::Wait { attempt, until } => {
                let left = until.duration_since(at).unsigned_abs();
                Ok(Turn::Waits(attempt, left))
            }
            MintStep::Reuse(attempt) => {
                if let Some(minted) = self.again(&row, attempt) {
                    end.write(tx, &minted).await?;
                    return Ok(Turn::Has(minted));
                }
                // Sealed with a key that is in force no longer: as good as dead.
                let dead = mint_step(&row.facts, ask.intent, LastLink::Dead);
                let begun = Begun::of(dead).ok_or(NotMinted::Busy)?;
                begin(tx, ask, &row, (begun, leased)).await
            }
            step @ (MintStep::Begin { .. } | MintStep::TakeOver { .. }) => {
                let begun = Begun::of(step).ok_or(NotMinted::Busy)?;
                begin(tx, ask, &row, (begun, leased)).await
            }
        }
    }

    /// The open link of an attempt once more; null where no key in force opens it.
    fn again(&self, row: &MintRow, attempt: AttemptId) -> Option<Minted> {
        let newest = row.facts.newest.as_ref()?;
        Some(Minted {
            attempt,
            url: SecretString::from(self.keys().open_url(attempt, row.url_sealed.as_deref()?)?),
            purpose: newest.purpose,
            expires_at: newest.link_ends_at,
            is_reused: true,
        })
    }
}

/// Attempt that a call mints: a new one, or one that it takes over with the number of its mint.
struct Begun {
    purpose: AttemptPurpose,
    target: LinkTarget,
    supersedes: Option<AttemptId>,
    taken: Option<(AttemptId, i32)>,
}

impl Begun {
    /// What a step begins; none where it begins nothing.
    fn of(step: MintStep) -> Option<Self> {
        match step {
            MintStep::Begin {
                purpose,
                target,
                supersedes,
            } => Some(Self {
                purpose,
                target,
                supersedes,
                taken: None,
            }),
            MintStep::TakeOver {
                attempt,
                purpose,
                target,
                mint_no,
            } => Some(Self {
                purpose,
                target,
                supersedes: None,
                taken: Some((attempt, mint_no)),
            }),
            MintStep::Refuse(_) | MintStep::Wait { .. } | MintStep::Reuse(_) => None,
        }
    }
}

async fn begin(
    tx: &Tx,
    ask: &LinkAsk,
    row: &MintRow,
    (begun, leased): (Begun, Instant),
) -> Result<Turn, NotMinted> {
    let at = row.facts.at;
    let time = mint_time(tx, at);
    let named = row.name_ends_at.filter(|_| begun.taken.is_some());
    let name_ends_at = named.unwrap_or_else(|| later(at, NAME_LIFE));
    let (attempt, mint_no) = begun
        .taken
        .unwrap_or_else(|| (AttemptId(Uuid::now_v7()), 1));
    let new = NewAttempt {
        account: ask.account,
        attempt,
        supersedes: begun.supersedes,
        is_dead: ask.last_link == LastLink::Dead,
        purpose: begun.purpose,
        by: &ask.by,
        at,
        name_ends_at,
        time,
    };
    if begun.taken.is_none() {
        tx.begin_attempt(&new).await?;
    } else if !tx.renew_mint(&new, (mint_no - 1, mint_no)).await? {
        return Err(NotMinted::Busy);
    }
    Ok(Turn::Mints(Grant {
        account: ask.account,
        attempt,
        purpose: begun.purpose,
        target: begun.target,
        mint_no,
        base: row.version,
        kind: row.kind.clone(),
        episode: row.episode,
        link_ends_at: time.link_ends_at,
        name_ends_at,
        leased,
    }))
}

/// Ends of a mint that begins at `at`. What belongs to machines is stretched by the rate of the clock.
pub(crate) fn mint_time(tx: &Tx, at: Timestamp) -> MintTime {
    let lease = MINT_LEASE.as_secs_f64() * tx.now().rate;
    let lease = SignedDuration::try_from_secs_f64(lease).unwrap_or(MINT_LEASE);
    MintTime {
        link_ends_at: later(at, LINK_LIFE),
        lease_ends_at: later(at, lease),
    }
}

/// The failure of the mint that a call has waited for: it is that call's own.
fn failed_meanwhile(row: &MintRow, waited: Option<AttemptId>) -> Option<NotMinted> {
    let newest = row.facts.newest.as_ref()?;
    let is_it = Some(newest.attempt) == waited;
    let word = row.failure.as_deref().filter(|_| is_it)?;
    Some(NotMinted::of_word(word))
}

fn refused(refusal: MintRefusal, at: Timestamp) -> NotMinted {
    match refusal {
        MintRefusal::AlreadyConnected => NotMinted::AlreadyConnected,
        MintRefusal::InProgress => NotMinted::InProgress,
        MintRefusal::Disconnected => NotMinted::Disconnected,
        MintRefusal::TooManyDead(room) => {
            NotMinted::TooManyDead(room.duration_since(at).unsigned_abs())
        }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
