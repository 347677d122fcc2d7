//! What has changed between three good looks and the attempt (gate 3, R-DEL-1, R-DEL-4), and what nobody can make of a
//! look afterwards. All other gates are open.

use crate::interlock_looks::{opened, refused};
use policy::account::Status;
use policy::ids::SessionId;
use tests::interlock::BETWEEN_LOOKS;

/// What has changed since three good looks refuses; each with the reason that it must name.
#[tokio::test]
async fn r_del_1_what_changed_between_the_looks_and_the_attempt_refuses() {
    let mut ground = opened(1).await;
    // The control of the newest look lost its link.
    let removal = ground.asked(0).await;
    ground.confirm().await;
    let sql = "select control_session from relink.removal_looks where removal_id = $1 order by number desc limit 1";
    let found = ground.owner.query_one(sql, &[&removal.0]).await;
    let control: String = found.expect("a look").get(0);
    let control = ground.account_of(&control);
    ground.flip(control, Status::ReconnectNeeded, None).await;
    refused(&ground, removal, "the control is not linked now").await;
    ground.flip(control, Status::Connected, None).await;
    // An open link attempt waits for the session.
    let removal = ground.asked(0).await;
    ground.confirm().await;
    let waits = "insert into relink.link_attempts (account_id, id, started_at, ends_at, session_id)
                 select id, gen_random_uuid(), relink.clock(), relink.clock() + interval '1 hour', session_id
                   from relink.accounts where session_id = $1";
    let session = ground.accounts[0].1.clone();
    ground
        .owner
        .execute(waits, &[&session])
        .await
        .expect("an attempt");
    refused(&ground, removal, "an open link attempt waits").await;
    ground
        .sql("update relink.link_attempts set closed_at = relink.clock()")
        .await;
    // The account is connected again; its owner must sign in again; it is linked to another session.
    for (to, link, why) in [
        (Status::Connected, None, "not missing but connected"),
        (
            Status::ReconnectNeeded,
            None,
            "not missing but reconnect_needed",
        ),
        (Status::Connected, Some("s-new"), "not missing but unlinked"),
    ] {
        let removal = ground.asked(0).await;
        ground.confirm().await;
        let link = link.map(|id| SessionId(id.to_owned()));
        ground.flip(0, to, link.as_ref()).await;
        refused(&ground, removal, why).await;
        if link.is_none() {
            ground.flip(0, Status::Missing, None).await;
        }
    }
    println!(
        "since the looks: a control unlinked, a link attempt open, an account connected, waiting for its owner, linked elsewhere: 5 refused"
    );
}

#[tokio::test]
async fn r_del_4_a_warrant_that_no_longer_holds_refuses() {
    let mut ground = opened(0).await;
    // Somebody links the duplicate.
    let (removal, _, session) = ground.warranted(0).await;
    ground.confirm().await;
    ground.flip(4, Status::ReconnectNeeded, None).await;
    ground.flip(4, Status::Connected, Some(&session)).await;
    refused(&ground, removal, "the session is linked to an account").await;
    // The twin is no longer connected: the looks' control.
    let (removal, _, _) = ground.warranted(1).await;
    ground.confirm().await;
    ground.flip(1, Status::ReconnectNeeded, None).await;
    refused(&ground, removal, "the control is not linked now").await;
    // An hour is over; the looks are younger.
    let (removal, _, _) = ground.warranted(2).await;
    ground.confirm().await;
    ground.later(3_600 - 2 * BETWEEN_LOOKS).await;
    refused(&ground, removal, "the warrant ended").await;
    // An operator revokes it: the removal is over, and an attempt finds it so.
    let (removal, warrant, _) = ground.warranted(3).await;
    ground.confirm().await;
    assert!(ground.revoke(warrant).await);
    assert_eq!(ground.attempted(removal).await.0, "withdrawn");
    assert_eq!(ground.deletes().await, 0);
    // And one that holds.
    let (removal, _, _) = ground.warranted(5).await;
    ground.confirm().await;
    assert_eq!(ground.attempted(removal).await.0, "deleted");
    println!(
        "warrants: duplicate linked, twin unlinked, dead: refused; revoked: withdrawn; one that holds: deleted"
    );
}

/// A worker's own clock is nowhere: the database stamps a look, whatever is written, and believes only a worker's.
#[tokio::test]
async fn r_del_2_nobody_sets_the_times_of_a_look() {
    let ground = opened(1).await;
    let removal = ground.asked(0).await;
    let worker = ground.database.client("relink_worker").await;
    let planted = [
        "insert into relink.removal_looks (removal_id, number, started_at) values ($1, 1, relink.clock() - interval '1 hour')",
        "insert into relink.removal_looks (removal_id, number, finished_at, seen) values ($1, 1, relink.clock(), 'gone')",
        "insert into relink.removal_looks (removal_id, number, recorded_by) values ($1, 1, 'relink_worker')",
        "update relink.removal_looks set started_at = relink.clock() - interval '1 hour' where removal_id = $1",
        "update relink.removal_looks set finished_at = relink.clock() - interval '1 hour' where removal_id = $1",
        "delete from relink.removal_looks where removal_id = $1",
    ];
    for sql in planted {
        let error = worker.execute(sql, &[&removal.0]).await.expect_err(sql);
        let code = error.code().map(|code| code.code().to_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error:?}");
    }
    // The superuser may write, and is stamped over, and not believed.
    let control = ground.accounts[7].1.clone();
    for number in 1..=3 {
        let sql = "insert into relink.removal_looks (removal_id, number, control_session, started_at, recorded_by)
                   values ($1, $2, $3, relink.clock() - interval '1 hour', 'relink_worker')";
        let written = ground
            .owner
            .execute(sql, &[&removal.0, &number, &control])
            .await;
        written.expect("a look");
    }
    let sql = "update relink.removal_looks set seen = 'gone', control_good = true, finished_at = started_at where removal_id = $1";
    let written = ground.owner.execute(sql, &[&removal.0]).await;
    assert_eq!(written.expect("ended"), 3);
    let stamped = "select count(*) from relink.removal_looks where recorded_by = session_user
                      and started_at > relink.clock() - interval '1 minute' and finished_at > started_at";
    assert_eq!(ground.number(stamped).await, 3, "stamped over");
    refused(&ground, removal, "no worker wrote it").await;
    println!(
        "planted times: {} refused by rights, 3 looks of the superuser's stamped over and not believed",
        planted.len()
    );
}
