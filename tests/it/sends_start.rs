//! R-CAP-3: what forbids a send after it was reserved forbids its call.

use policy::sends::Action;
use store::sends::{Start, Verdict};
use tests::sends::{Ground, ask, reserve};

/// What is forbidden within the minute that a reservation is kept for, with the word that both answers say.
const FORBIDS: [(&str, &str); 3] = [
    (
        "hold",
        "insert into relink.account_holds (account_id, reason, since, note)
         values ($1, 'operator', relink.clock(), 'a test')",
    ),
    (
        "cooldown",
        "insert into relink.send_cooldowns (account_id, action, until, code, streak)
         values ($1, 'invite', relink.clock() + interval '1 h', 'limit_exceeded', 1)",
    ),
    (
        "cooldown",
        "insert into relink.send_cooldowns (account_id, action, until, code, streak)
         values ($1, 'invite_note', relink.clock() + interval '1 h', 'cannot_resend_yet', 1)",
    ),
];

#[tokio::test]
async fn r_cap_3_what_forbids_a_reserved_send_forbids_its_call() {
    let ground = Ground::of(FORBIDS.len() + 1).await;
    let store = ground.worker();
    for (account, (word, sql)) in ground.accounts.iter().copied().zip(FORBIDS) {
        let send = ground.planned(account, Action::Invite.as_str(), 1).await[0];
        let asked = [ask(account, send)];
        let first = reserve(&store, &asked).await.expect("reserve");
        assert_eq!(first[&send], Verdict::Reserved, "{sql}");
        ground.owner.execute(sql, &[&account.0]).await.expect(sql);
        let tx = store.begin().await.expect("begin");
        let start = tx.start_send(account, send).await.expect("ask");
        tx.finish().await.expect("commit");
        assert!(
            matches!(&start, Start::Refused(why) if why == word),
            "{sql}: {start:?}"
        );
        // The job asks for its reservation again, and is told the same, young as it is; so it is taken back.
        let again = reserve(&store, &asked).await.expect("reserve again");
        assert_eq!(again[&send], Verdict::Refused(word.to_owned()), "{sql}");
    }
    // What nothing forbids is kept, and starts.
    let account = ground.accounts[FORBIDS.len()];
    let send = ground.planned(account, Action::Invite.as_str(), 1).await[0];
    for _ in 0..2 {
        let kept = reserve(&store, &[ask(account, send)])
            .await
            .expect("reserve");
        assert_eq!(kept[&send], Verdict::Reserved);
    }
    let tx = store.begin().await.expect("begin");
    assert!(
        tx.start_send(account, send)
            .await
            .expect("ask")
            .won()
            .is_some()
    );
    tx.finish().await.expect("commit");
}
