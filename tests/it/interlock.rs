//! One removal as it should go, from an operator's request to a proved end (docs/removals.md).

use std::time::Duration;
use tests::interlock::Ground;

#[tokio::test]
async fn r_del_1_a_session_that_is_gone_is_removed_where_all_six_gates_pass() {
    let mut ground = Ground::of(20).await;
    let worker = ground.worker(true);
    let session = ground.gone(0).await;
    ground.flag(Duration::from_hours(2)).await.expect("a flag");
    let removal = ground.request(&session).await.expect("a request");
    ground.looks(&worker).await;
    assert_eq!(
        ground.state(removal).await.0,
        "deleted",
        "{:?}",
        ground.state(removal).await
    );
    assert_eq!(ground.deletes().await, 1);
    ground.is_recorded().await;
}

#[tokio::test]
async fn r_del_4_a_live_duplicate_is_removed_by_two_operators() {
    let mut ground = Ground::of(20).await;
    let worker = ground.worker(true);
    let session = ground.duplicate(3).await;
    ground.flag(Duration::from_hours(2)).await.expect("a flag");
    let warrant = ground.issue(&session).await.expect("a warrant");
    let removal = ground.approve(warrant).await.expect("its removal");
    ground.looks(&worker).await;
    assert_eq!(
        ground.state(removal).await.0,
        "deleted",
        "{:?}",
        ground.state(removal).await
    );
    assert_eq!(ground.deletes().await, 1);
    ground.is_recorded().await;
}
