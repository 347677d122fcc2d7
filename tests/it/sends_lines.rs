//! R-CAP-2, R-CAP-5: who may write sends, and along which lines only.

use policy::ids::SendId;
use tests::sends::{Ground, ask, reserve};

#[tokio::test]
async fn r_cap_2_nobody_writes_sends_but_the_functions_and_not_even_an_owner_against_the_lines() {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    let send = ground.planned(account, "invite", 1).await[0];
    let mut refused = 0;
    for role in ["relink_worker", "relink_scheduler", "relink_reader"] {
        let client = ground.database.client(role).await;
        for statement in [
            "insert into relink.sends (account_id, id, workspace_id, action, target, due_at, planned_at, slot_at) select account_id, gen_random_uuid(), workspace_id, action, target, due_at, planned_at, slot_at from relink.sends",
            "update relink.sends set state = 'reserved', counted_at = relink.clock()",
            "update relink.sends set counted_at = null, refunded_at = relink.clock()",
            "delete from relink.sends",
            "truncate relink.sends",
            "update relink.send_audit set code = 'x'",
            "delete from relink.send_audit",
            "insert into relink.send_audit (account_id, send_id, event, from_state, to_state, action, actor) select account_id, id, 'intent', state, state, action, 'x' from relink.sends",
            "update relink.send_caps set day = 999, week = 999",
            "alter table relink.sends disable trigger all",
        ] {
            assert!(
                client.batch_execute(statement).await.is_err(),
                "{role}: {statement}"
            );
            refused += 1;
        }
    }
    // A superuser may; the table's own lines hold.
    for statement in [
        "update relink.sends set state = 'sending', sending_at = relink.clock()",
        "update relink.sends set state = 'sent'",
        "update relink.sends set counted_at = relink.clock()",
        "update relink.sends set action = 'message'",
        "delete from relink.sends",
        "truncate relink.sends",
        "set session_replication_role = replica; update relink.sends set state = 'sent'",
        "set session_replication_role = replica; delete from relink.sends",
    ] {
        assert!(
            ground.owner.batch_execute(statement).await.is_err(),
            "superuser: {statement}"
        );
        ground
            .owner
            .batch_execute("reset session_replication_role")
            .await
            .expect("reset");
        refused += 1;
    }
    let state: String = ground
        .owner
        .query_one("select state from relink.sends where id = $1", &[&send.0])
        .await
        .expect("read")
        .get(0);
    assert_eq!(state, "planned");
    println!("attempts on sends refused: {refused} of {refused}");
}

#[tokio::test]
async fn r_cap_5_capacity_is_given_back_once_and_never_by_what_was_unknown() {
    let ground = Ground::of(1).await;
    let (account, store) = (ground.accounts[0], ground.worker());
    let sends = ground.planned(account, "invite", 2).await;
    let settle = |send: SendId, from: &'static str, to: &'static str, refund: bool| {
        let owner = &ground.owner;
        async move {
            let sql = "select * from relink.settle_sends(array[$1::uuid], array[$2::uuid], array[$3::text], array[$4::text], array[$5::boolean],
                         array['x'], array[null]::text[], array[''], array[null]::text[], array[null]::text[], array[null]::smallint[], array[null]::timestamptz[],
                         array['keep'], array[null]::timestamptz[], array[false], array[null]::text[], relink.clock(), 'worker:test', null)";
            owner
                .query(sql, &[&account.0, &send.0, &from, &to, &refund])
                .await
                .map(|rows| rows.len())
        }
    };
    for send in &sends {
        reserve(&store, &[ask(account, *send)])
            .await
            .expect("reserve");
        let tx = store.begin().await.expect("begin");
        tx.start_send(account, *send)
            .await
            .expect("ask")
            .won()
            .expect("it starts");
        tx.finish().await.expect("commit");
        if *send == sends[0] {
            assert_eq!(
                settle(*send, "sending", "failed", true)
                    .await
                    .expect("settle"),
                1
            );
            assert_eq!(
                settle(*send, "sending", "failed", true)
                    .await
                    .expect("again"),
                0,
                "once"
            );
        } else {
            assert_eq!(
                settle(*send, "sending", "unknown", false)
                    .await
                    .expect("settle"),
                1
            );
            assert!(
                settle(*send, "unknown", "failed", true).await.is_err(),
                "an unknown one gives nothing back"
            );
            assert_eq!(
                settle(*send, "unknown", "failed", false)
                    .await
                    .expect("settle"),
                1
            );
        }
    }
    assert_eq!(ground.rolling_max(account, "invite", 24).await, 1);
    let unpaired = "select count(*) from relink.sends s where s.state <> 'planned' and 1 <> (select count(*) from relink.send_audit a where a.send_id = s.id and a.event = 'intent' and a.id = s.intent_id)";
    let unpaired: i64 = ground
        .owner
        .query_one(unpaired, &[])
        .await
        .expect("count")
        .get(0);
    assert_eq!(unpaired, 0);
}
