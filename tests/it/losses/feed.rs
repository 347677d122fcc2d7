//! The feed: each line once, also of what commits late.

use super::{flipping, flips};
use jiff::Timestamp;
use policy::account::{Cause, Status};
use policy::ids::AccountId;
use std::collections::BTreeSet;
use store::Store;
use store::views::{LossFilter, LossPage, LossPlace, LossView};
use tests::sends::Ground;
use uuid::Uuid;

const LOST: (Status, Cause) = (Status::ReconnectNeeded, Cause::Credentials);

/// Losses that are counted apart, so that none waits for another to be committed.
const KINDS: [(Status, Cause); 5] = [
    LOST,
    (Status::ReconnectNeeded, Cause::Permissions),
    (Status::Recovering, Cause::ProviderError),
    (Status::ActionRequired, Cause::Checkpoint),
    (Status::Recovering, Cause::ProviderConnecting),
];

async fn page(store: &Store, place: &LossPlace, limit: u32) -> LossPage {
    let filter = LossFilter::default();
    let read = store.reading(async |tx| tx.loss_page(&filter, place, limit).await);
    read.await.expect("a page")
}

/// Reads to the end of what there is now, some lines a page.
async fn rest(store: &Store, place: &mut LossPlace, limit: u32) -> Vec<LossView> {
    let mut all = vec![];
    loop {
        let read = page(store, place, limit).await;
        assert!(read.rows.len() <= limit as usize);
        all.extend(read.rows);
        // As a caller keeps it: as text.
        *place = read.next.to_string().parse().expect("a place");
        if !read.has_more {
            return all;
        }
    }
}

/// Whose lines they are, in the order of their ids: the order within one transaction is nobody's promise.
fn ids(lines: &[LossView]) -> Vec<AccountId> {
    let ids: BTreeSet<AccountId> = lines
        .iter()
        .map(|line| AccountId(line.account_id))
        .collect();
    assert_eq!(ids.len(), lines.len(), "each once");
    ids.into_iter().collect()
}

#[tokio::test]
async fn r_wat_7_what_commits_late_is_neither_passed_over_nor_waited_for() {
    let ground = Ground::of(8).await;
    let (store, all) = (ground.worker(), &ground.accounts);
    let reader = ground.database.store("relink_reader");
    let mut place = LossPlace::since(Timestamp::UNIX_EPOCH);
    assert_eq!(rest(&reader, &mut place, 3).await, [], "planted is no news");
    // The first draws its ids, and commits after the others.
    let late = flipping(&store, &all[..3], LOST.0, LOST.1).await;
    let never = flipping(&store, &all[7..], KINDS[1].0, KINDS[1].1).await;
    // Of the same cause: it does not wait for the first, nor does whoever reads.
    flips(&store, &all[3..5], LOST.0, LOST.1).await;
    assert_eq!(
        ids(&rest(&reader, &mut place, 1).await),
        all[3..5],
        "at once"
    );
    flips(&store, &all[5..6], Status::Recovering, Cause::ProviderError).await;
    let read = page(&reader, &place, 1).await;
    assert_eq!(ids(&read.rows), all[5..6]);
    late.finish().await.expect("commit");
    never.abandon().await;
    place = read.next;
    let mut heard = rest(&reader, &mut place, 2).await;
    assert_eq!(ids(&heard), all[..3], "each once");
    assert_eq!(rest(&reader, &mut place, 2).await, []);
    // What commits while a set is read in pages is in the next one.
    flips(&store, &all[..2], Status::Connected, Cause::Verified).await;
    let first = page(&reader, &place, 1).await;
    flips(&store, &all[2..3], Status::Missing, Cause::ConfirmedMissing).await;
    place = first.next;
    heard = first.rows;
    heard.extend(rest(&reader, &mut place, 1).await);
    assert_eq!(ids(&heard), all[..3]);
    let news: Vec<_> = heard.iter().map(|line| line.news.as_str()).collect();
    assert_eq!(news, ["returned", "returned", "worse"]);
    let line = &heard[2];
    let said = (
        line.from,
        line.to,
        line.cause.as_str(),
        line.by,
        line.then_by,
    );
    let owner = (
        LOST.0,
        Status::Missing,
        "confirmed_missing",
        "owner",
        "owner",
    );
    assert_eq!(said, owner);
    // All of it, from the beginning, of one workspace or of another.
    let mut place = LossPlace::since(Timestamp::UNIX_EPOCH);
    assert_eq!(rest(&reader, &mut place, 2).await.len(), 9);
    // A place that another server gave out, which counted further: nothing is lost to its reader.
    let (began, ahead) = (Timestamp::UNIX_EPOCH, (1_u64 << 40) + 5);
    for place in [
        format!("{began}~{ahead}:{ahead}:~-~{began}~{ahead}~0"),
        format!("{began}~-~{ahead}:{ahead}:~{began}~{ahead}~7"),
    ] {
        let mut place: LossPlace = place.parse().expect("a place");
        assert_eq!(
            rest(&reader, &mut place, 2).await.len(),
            9,
            "told once more"
        );
        assert_eq!(rest(&reader, &mut place, 2).await, [], "and then no more");
    }
    let filter = LossFilter {
        workspace: Some(Uuid::now_v7()),
    };
    let place = LossPlace::since(Timestamp::UNIX_EPOCH);
    let read = reader.reading(async |tx| tx.loss_page(&filter, &place, 2).await);
    assert_eq!(read.await.expect("a page").rows, []);
}

/// Writers that overlap in every order, and readers of small pages between them.
#[tokio::test]
async fn r_wat_7_no_order_of_commits_loses_or_doubles_a_line() {
    const EACH: usize = 3;
    let ground = Ground::of(30).await;
    let (store, reader) = (ground.worker(), ground.database.store("relink_reader"));
    let mut places = [1, 2, 7].map(|limit| {
        let place = LossPlace::since(Timestamp::UNIX_EPOCH);
        (limit, place, Vec::<AccountId>::new())
    });
    let mut open = vec![];
    for (turn, accounts) in ground.accounts.chunks(EACH).enumerate() {
        let (to, cause) = KINDS[turn % KINDS.len()];
        open.push(flipping(&store, accounts, to, cause).await);
        // Ends now one, now another of those that are open.
        while open.len() > 3 {
            let ending = open.remove((turn * 7) % open.len());
            ending.finish().await.expect("commit");
            for (limit, place, heard) in &mut places {
                let read = page(&reader, place, *limit).await;
                heard.extend(ids(&read.rows));
                *place = read.next;
            }
        }
    }
    for ending in open.into_iter().rev() {
        ending.finish().await.expect("commit");
    }
    let everybody: BTreeSet<_> = ground.accounts.iter().copied().collect();
    for (limit, mut place, mut heard) in places {
        heard.extend(ids(&rest(&reader, &mut place, limit).await));
        assert_eq!(heard.len(), 30, "pages of {limit}");
        assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), everybody);
    }
}

/// A look must not cost more as the feed grows.
#[tokio::test]
async fn r_wat_7_a_page_is_read_in_the_order_of_its_index() {
    let ground = Ground::of(1).await;
    let text = include_str!("../../../crates/store/sql/losses/page.sql");
    let asked = "set enable_seqscan = off; set enable_sort = off; prepare page as ";
    ground
        .owner
        .batch_execute(&format!("{asked}{text}"))
        .await
        .expect("prepare");
    let run = "explain execute page ('2026-01-01', '5:9:', null, '5', 0, null, 2000, 100)";
    let plan = ground.owner.simple_query(run).await.expect("a plan");
    let plan: Vec<String> = plan
        .iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect();
    let plan = plan.join("\n");
    let scanned = plan.split("Nested Loop").next().unwrap_or_default();
    assert!(scanned.contains("Merge Append"), "{plan}");
    assert!(
        scanned.contains("Index Cond: (ROW(xid, id) > ROW("),
        "{plan}"
    );
    assert!(!scanned.contains("Seq Scan on"), "{plan}");
}
