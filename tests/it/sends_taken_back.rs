//! R-CAP-2, R-CAP-4: what is taken back before its call gives its capacity back, and others are looked at for it at once.

use policy::sends::Action;
use policy::sends::decided::Closed;
use store::sends::Verdict;
use tests::sends::{BY, Ground, ask, reserve};

#[tokio::test]
async fn r_cap_2_what_is_taken_back_reopens_its_action_and_no_other() {
    let ground = Ground::of(1).await;
    let (account, store) = (ground.accounts[0], ground.worker());
    let invites = ground.planned(account, "invite", 2).await;
    let [message] = ground.planned(account, "message", 1).await[..] else {
        panic!("one message");
    };
    let verdicts = reserve(&store, &[ask(account, invites[0])]).await;
    assert_eq!(verdicts.expect("reserve")[&invites[0]], Verdict::Reserved);
    let open = async || -> Vec<String> {
        let sql =
            "select action from relink.send_closed where until <= relink.clock() order by action";
        let rows = ground.owner.query(sql, &[]).await.expect("open actions");
        rows.iter().map(|row| row.get(0)).collect()
    };

    let tx = store.begin().await.expect("begin");
    let until = tx.now().at + jiff::SignedDuration::from_hours(5);
    let closed = [Action::Invite, Action::Message].map(|action| Closed {
        account,
        action,
        until,
        rule: "daily_cap",
    });
    tx.close_actions(&closed).await.expect("close");
    tx.finish().await.expect("commit");
    assert!(open().await.is_empty());

    // What was only planned had taken nothing.
    for (send, opened) in [
        (message, vec![]),
        (invites[1], vec![]),
        (invites[0], vec!["invite"]),
    ] {
        let tx = store.begin().await.expect("begin");
        let taken = [(account, send, "later".to_owned())];
        assert_eq!(tx.cancel_sends(&taken, &BY).await.expect("cancel"), 1);
        tx.finish().await.expect("commit");
        assert_eq!(open().await, opened);
    }
    let counted = ground.rolling_max(account, "invite", 24).await;
    assert_eq!(counted, 0, "its capacity is back");
}
