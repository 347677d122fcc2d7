//! What the team hears of losses and returns, and when owners are told (R-WAT-6, R-WAT-7).

mod bursts;
mod feed;

use jiff::Timestamp;
use policy::account::{Cause, Flip, Status};
use policy::decision::Decision;
use policy::ids::AccountId;
use store::{Store, Tx};
use tests::sends::BY;

/// A transaction that flips these accounts and is not committed yet.
async fn flipping(store: &Store, accounts: &[AccountId], to: Status, cause: Cause) -> Tx {
    let tx = store.begin().await.expect("begin");
    let at = tx.now().at;
    let mut decision = Decision::nothing(at);
    for account in accounts {
        let row = tx.account(*account).await.expect("read").expect("it");
        decision
            .status
            .flips
            .push(flip(*account, row.version, (row.status, to), (cause, at)));
    }
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    assert_eq!(applied.moved, 0);
    tx
}

fn flip(
    account: AccountId,
    version: i64,
    (from, to): (Status, Status),
    (cause, at): (Cause, Timestamp),
) -> Flip {
    Flip {
        account,
        version,
        from,
        to,
        cause,
        observed_at: at,
        evidence: serde_json::json!({}),
        link: None,
        checkpoint: None,
    }
}

/// Flips them in one transaction.
async fn flips(store: &Store, accounts: &[AccountId], to: Status, cause: Cause) {
    let tx = flipping(store, accounts, to, cause).await;
    tx.finish().await.expect("commit");
}
