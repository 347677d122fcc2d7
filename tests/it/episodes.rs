//! Episodes (R-LNK-7): when each begins and ends, what is told in it, and the first send after it (R-LNK-6).

use jiff::SignedDuration;
use policy::account::{Cause, Flip, Link, Status, StatusChanges, TRANSITIONS};
use policy::decision::Decision;
use policy::ids::{AccountId, SendId, SessionId};
use policy::sends::SendState;
use policy::sends::decided::{NextStep, SendChanges, Settlement};
use std::collections::BTreeSet;
use store::Store;
use store::sends::Verdict;
use tests::sends::{BY, Ground, ask, reserve};

/// Flips of every walk.
const STEPS: usize = 4;
/// Version that a planted account has: it was connected by its second flip.
const PLANTED: i64 = 2;

/// Every way of so many allowed flips out of `connected`.
fn walks() -> Vec<Vec<Status>> {
    let mut walks = vec![vec![Status::Connected]];
    for _ in 0..STEPS {
        let longer = walks.iter().flat_map(|walk| {
            let last = walk.last().copied();
            let next = TRANSITIONS.iter().filter(move |it| it.from == last);
            next.map(move |it| [walk.as_slice(), &[it.to]].concat())
        });
        walks = longer.collect();
    }
    walks
}

/// A disconnected account has no session left: it comes back with another.
fn again(account: AccountId, walk: &[Status]) -> Option<Link> {
    let (to, before) = walk.split_last()?;
    let is_new = *to == Status::Connected && before.contains(&Status::Disconnected);
    is_new.then(|| Link {
        session: SessionId(format!("again-{account}")),
        identity: None,
        attempt: None,
    })
}

/// Flips these accounts in one transaction, each from its status at `step` to the next.
async fn flip(store: &Store, accounts: &[(AccountId, &[Status])], step: usize) {
    let tx = store.begin().await.expect("begin");
    let at = tx.now().at;
    let flips = accounts.iter().map(|(account, walk)| Flip {
        account: *account,
        version: PLANTED + i64::try_from(step).expect("few steps"),
        from: walk[step],
        to: walk[step + 1],
        cause: Cause::Verified,
        observed_at: at,
        evidence: serde_json::json!({}),
        link: again(*account, &walk[..=step + 1]),
        checkpoint: None,
    });
    let status = StatusChanges {
        flips: flips.collect(),
        ..StatusChanges::default()
    };
    let decision = Decision {
        status,
        ..Decision::nothing(at)
    };
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    assert_eq!(applied.moved, 0);
    tx.finish().await.expect("commit");
}

/// Episodes (began, whether ended) and what was told in which, as the words of the rule have it.
fn expected(walk: &[Status]) -> (Vec<(i64, bool)>, BTreeSet<i64>) {
    let (mut episodes, mut told) = (Vec::<(i64, bool)>::new(), BTreeSet::new());
    for (version, pair) in (PLANTED + 1..).zip(walk.windows(2)) {
        let ends = matches!(pair[1], Status::Connected | Status::Disconnected);
        if pair[0] == Status::Connected {
            episodes.push((version, ends));
        } else if let Some(open) = episodes.last_mut().filter(|it| !it.1) {
            open.1 = ends;
        }
        if pair[1] == Status::Missing {
            told.insert(episodes.last().map_or(0, |it| it.0));
        }
    }
    (episodes, told)
}

#[tokio::test]
async fn r_lnk_7_on_every_way_an_episode_is_one_and_tells_once() {
    let walks = walks();
    let ground = Ground::of(walks.len()).await;
    let store = ground.worker();
    let accounts: Vec<_> = ground
        .accounts
        .iter()
        .copied()
        .zip(walks.iter().map(Vec::as_slice))
        .collect();
    for step in 0..STEPS {
        flip(&store, &accounts, step).await;
    }
    let read = async |sql: &str| {
        let rows = ground.owner.query(sql, &[]).await.expect("read");
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect::<BTreeSet<(uuid::Uuid, i64, bool)>>()
    };
    let episodes =
        read("select account_id, began_version, ended_at is not null from relink.episodes").await;
    let notices = read("select account_id, episode, true from relink.notices").await;
    let (mut wanted, mut told) = (BTreeSet::new(), BTreeSet::new());
    for (account, walk) in &accounts {
        let (theirs, words) = expected(walk);
        wanted.extend(
            theirs
                .iter()
                .map(|(began, ended)| (account.0, *began, *ended)),
        );
        told.extend(words.iter().map(|episode| (account.0, *episode, true)));
    }
    assert!(accounts.len() > 100, "{} ways", accounts.len());
    assert_eq!(episodes, wanted);
    assert_eq!(notices, told);
}

#[tokio::test]
async fn r_lnk_7_a_click_that_leads_nowhere_begins_no_episode_and_tells_nothing_again() {
    use Status::{Connected, Connecting, Missing, ReconnectNeeded};
    let ground = Ground::of(1).await;
    let walk = [
        Connected,
        ReconnectNeeded,
        Missing,
        Connecting,
        ReconnectNeeded,
        Missing,
        Connecting,
        ReconnectNeeded,
        Connected,
        ReconnectNeeded,
        Missing,
    ];
    let account = [(ground.accounts[0], &walk[..])];
    for step in 0..walk.len() - 1 {
        flip(&ground.worker(), &account, step).await;
    }
    let sql = "select episode from relink.notices order by episode";
    let rows = ground.owner.query(sql, &[]).await.expect("notices");
    let told: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        told,
        [PLANTED + 1, PLANTED + 9],
        "once in each of two episodes"
    );
}

/// An account with forty sends that are due, lost and back again.
struct Back {
    ground: Ground,
    account: AccountId,
    sends: Vec<SendId>,
}

async fn lost_and_back(ground: &Ground, account: AccountId, step: usize) {
    use Status::{Connected, ReconnectNeeded};
    let walk = [
        Connected,
        ReconnectNeeded,
        Connected,
        ReconnectNeeded,
        Connected,
    ];
    for step in [step, step + 1] {
        flip(&ground.worker(), &[(account, &walk)], step).await;
    }
}

impl Back {
    async fn with_sends() -> Self {
        let ground = Ground::of(1).await;
        let account = ground.accounts[0];
        ground.cap(account, "message", 1_000, 1_000).await;
        let sends = ground.planned(account, "message", 40).await;
        lost_and_back(&ground, account, 0).await;
        Self {
            ground,
            account,
            sends,
        }
    }

    /// Asks for all that are planned, in one call; the one that got its capacity, and how many did.
    async fn reserves(&self) -> Vec<SendId> {
        let asks: Vec<_> = self.sends.iter().map(|it| ask(self.account, *it)).collect();
        let verdicts = reserve(&self.ground.worker(), &asks).await.expect("ask");
        let of = |word: &Verdict| {
            let those = self
                .sends
                .iter()
                .filter(|it| verdicts.get(it) == Some(word));
            those.copied().collect::<Vec<_>>()
        };
        let reserved = of(&Verdict::Reserved);
        let waiting = ["probing", "busy"].map(|word| of(&Verdict::Refused(word.to_owned())).len());
        let settled = of(&Verdict::Settled);
        let told = reserved.len() + waiting[0] + waiting[1] + settled.len();
        assert_eq!(told, 40, "{verdicts:?}");
        reserved
    }

    async fn starts(&self, send: SendId) {
        let tx = self.ground.worker().begin().await.expect("begin");
        let start = tx.start_send(self.account, send).await.expect("ask");
        start.won().expect("it starts");
        tx.finish().await.expect("commit");
    }

    async fn ends(&self, send: SendId, from: SendState, to: SendState) {
        let tx = self.ground.worker().begin().await.expect("begin");
        let at = tx.now().at;
        let look_at = at.checked_add(SignedDuration::from_mins(5)).ok();
        let states = (from, to);
        let settlement = Settlement {
            look_at: look_at.filter(|_| to == SendState::Unknown),
            ..Settlement::plain((self.account, send), states, "x", NextStep::Keep)
        };
        let sends = SendChanges {
            settlements: vec![settlement],
            ..SendChanges::default()
        };
        let decision = Decision {
            sends,
            ..Decision::nothing(at)
        };
        tx.apply(&decision, &BY).await.expect("settle");
        tx.finish().await.expect("commit");
    }

    async fn working_since(&self) -> i64 {
        let sql =
            "select count(*) from relink.episodes where account_id = $1 and proved_at >= ended_at";
        let row = self.ground.owner.query_one(sql, &[&self.account.0]).await;
        row.expect("read").get(0)
    }
}

#[tokio::test]
async fn r_lnk_6_of_forty_due_sends_one_is_reserved_until_it_is_sent() {
    let back = Back::with_sends().await;
    let first = back.reserves().await;
    assert_eq!(first.len(), 1, "in one call");
    // Asked again it is still that one, and the others still wait.
    assert_eq!(back.reserves().await, first);
    back.starts(first[0]).await;
    assert!(back.reserves().await.is_empty(), "while it is called");
    back.ends(first[0], SendState::Sending, SendState::Refused)
        .await;
    assert_eq!(back.working_since().await, 0);
    // A refused probe opens nothing: the next goes alone again.
    let second = back.reserves().await;
    assert_eq!(second.len(), 1);
    back.starts(second[0]).await;
    back.ends(second[0], SendState::Sending, SendState::Unknown)
        .await;
    assert!(back.reserves().await.is_empty(), "nobody knows yet");
    back.ends(second[0], SendState::Unknown, SendState::Sent)
        .await;
    assert_eq!(back.working_since().await, 1);
    assert_eq!(back.reserves().await.len(), 38, "and now all the rest");
}

#[tokio::test]
async fn r_lnk_6_an_unknown_probe_that_nobody_looks_for_holds_nothing_up() {
    let back = Back::with_sends().await;
    let first = back.reserves().await;
    back.starts(first[0]).await;
    back.ends(first[0], SendState::Sending, SendState::Unknown)
        .await;
    assert!(back.reserves().await.is_empty());
    let given_up = "update relink.sends set look_at = null where state = 'unknown'";
    back.ground
        .owner
        .execute(given_up, &[])
        .await
        .expect("give it up");
    assert_eq!(back.reserves().await.len(), 1, "another probe, alone");
    assert_eq!(back.working_since().await, 0);
}

#[tokio::test]
async fn r_lnk_6_what_was_reserved_or_called_before_the_loss_proves_nothing() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    ground.cap(account, "message", 1_000, 1_000).await;
    let sends = ground.planned(account, "message", 40).await;
    let back = Back {
        ground,
        account,
        sends,
    };
    let before = back.reserves().await;
    assert_eq!(
        before.len(),
        40,
        "an account that was never lost waits for none"
    );
    back.starts(before[0]).await;
    back.ends(before[0], SendState::Sending, SendState::Unknown)
        .await;
    lost_and_back(&back.ground, account, 0).await;
    let tx = back.ground.worker().begin().await.expect("begin");
    let start = tx.start_send(account, before[1]).await.expect("ask");
    assert!(start.won().is_none(), "its reservation is of before");
    tx.abandon().await;
    back.ends(before[0], SendState::Unknown, SendState::Sent)
        .await;
    assert_eq!(back.working_since().await, 0, "called before the loss");
    assert_eq!(back.reserves().await.len(), 1);
}

#[tokio::test]
async fn r_lnk_6_an_account_lost_before_its_probe_still_needs_one() {
    let back = Back::with_sends().await;
    lost_and_back(&back.ground, back.account, 2).await;
    let first = back.reserves().await;
    assert_eq!(first.len(), 1);
    back.starts(first[0]).await;
    back.ends(first[0], SendState::Sending, SendState::Sent)
        .await;
    assert_eq!(back.working_since().await, 2, "one send proves both");
    assert_eq!(back.reserves().await.len(), 39);
}

#[tokio::test]
async fn r_cap_8_a_probe_that_is_proved_absent_is_followed_by_another() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    ground.cap(account, "message", 1_000, 1_000).await;
    let over = "insert into relink.account_holds (account_id, reason, since, ends_at, ended_at)
                values ($1, 'protective', relink.clock() - interval '6 hours', relink.clock() - interval '1 second', relink.clock())";
    ground
        .owner
        .execute(over, &[&account.0])
        .await
        .expect("a hold");
    let sends = ground.planned(account, "message", 40).await;
    let back = Back {
        ground,
        account,
        sends,
    };
    let first = back.reserves().await;
    assert_eq!(first.len(), 1, "the database itself lets one go");
    back.starts(first[0]).await;
    back.ends(first[0], SendState::Sending, SendState::Unknown)
        .await;
    assert!(back.reserves().await.is_empty());
    back.ends(first[0], SendState::Unknown, SendState::Failed)
        .await;
    assert_eq!(back.reserves().await.len(), 1, "not held up for ever");
}
