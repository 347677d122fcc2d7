//! R-DEL-4: two people, one session, once, within an hour.

use super::{ADA, BOB, Desk, id_of};

const WHY: [&str; 2] = ["--reason", "because"];

async fn issued(desk: &Desk, who: usize, session: &str) -> String {
    let done = desk
        .does(who, &["warrant", "issue", session, WHY[0], WHY[1]])
        .await;
    id_of(&done, "warrant").to_string()
}

#[tokio::test]
async fn r_del_4_the_issuer_cannot_approve_by_any_of_their_tokens_and_another_can_once() {
    let desk = Desk::of(20).await;
    let session = desk.ground.duplicate(3).await.0;
    let warrant = issued(&desk, ADA, &session).await;
    let approve = ["warrant", "approve", &warrant, WHY[0], WHY[1]];
    let why = "warrant: ada issued it, and another operator must approve it";
    desk.refused(desk.token(ADA), &approve, why).await;
    // A second token does not make a second person.
    let second = desk
        .owner(&[
            "operator", "add", "ADA ", "--scope", "remove", "--by", "root", WHY[0], WHY[1],
            "--json",
        ])
        .await;
    let second: serde_json::Value = serde_json::from_str(&second.out).expect("JSON");
    desk.refused(second["token"].as_str().expect("a token"), &approve, why)
        .await;
    let removal = id_of(&desk.does(BOB, &approve).await, "removal");
    desk.refused(
        desk.token(BOB),
        &approve,
        &format!("warrant: {warrant} is approved already"),
    )
    .await;
    let listed = desk.reads(&["warrant", "list"]).await;
    assert!(
        listed.contains("approved by bob") && listed.contains(&format!("{removal} requested")),
        "{listed}"
    );
}

#[tokio::test]
async fn r_del_4_a_warrant_dies_after_an_hour_approved_or_not() {
    let mut desk = Desk::of(20).await;
    let session = desk.ground.duplicate(3).await.0;
    let approved = desk.ground.duplicate(4).await.0;
    let warrant = issued(&desk, ADA, &session).await;
    let used = issued(&desk, ADA, &approved).await;
    desk.ground.later(59 * 60).await;
    let approve = ["warrant", "approve", &used, WHY[0], WHY[1]];
    let removal = id_of(&desk.does(BOB, &approve).await, "removal").to_string();
    let before = desk.reads(&["removals", "status", &removal]).await;
    assert!(before.contains("3 confirmation 0 of 3 looks"), "{before}");
    assert!(!before.contains("the warrant ended"), "{before}");
    desk.ground.later(60).await;
    let approve = ["warrant", "approve", &warrant, WHY[0], WHY[1]];
    desk.refused(
        desk.token(BOB),
        &approve,
        &format!("warrant: {warrant} is dead already"),
    )
    .await;
    let after = desk.reads(&["removals", "status", &removal]).await;
    assert!(after.contains("refuses: the warrant ended at "), "{after}");
    let listed = desk.reads(&["warrant", "list"]).await;
    assert!(listed.contains("approved by bob, dead"), "{listed}");
}

#[tokio::test]
async fn r_del_4_a_revoked_warrant_is_no_ground_and_its_removal_is_withdrawn() {
    let desk = Desk::of(20).await;
    let session = desk.ground.duplicate(3).await.0;
    let warrant = issued(&desk, ADA, &session).await;
    let revoke = ["warrant", "revoke", &warrant, WHY[0], WHY[1]];
    let removal = id_of(
        &desk
            .does(BOB, &["warrant", "approve", &warrant, WHY[0], WHY[1]])
            .await,
        "removal",
    )
    .to_string();
    desk.does(BOB, &revoke).await;
    desk.refused(desk.token(ADA), &revoke, "is revoked already")
        .await;
    let status = desk.reads(&["removals", "status", &removal]).await;
    assert!(
        status.contains("withdrawn (because)")
            && status.contains("refuses: the warrant is revoked"),
        "{status}"
    );
    let another = issued(&desk, BOB, &session).await;
    desk.does(BOB, &["warrant", "revoke", &another, WHY[0], WHY[1]])
        .await;
    let why = format!("warrant: {another} is revoked already");
    desk.refused(
        desk.token(ADA),
        &["warrant", "approve", &another, WHY[0], WHY[1]],
        &why,
    )
    .await;
}

#[tokio::test]
async fn r_del_4_r_dup_1_a_linked_session_and_one_nobody_saw_get_no_warrant() {
    let desk = Desk::of(20).await;
    let linked = desk.ground.accounts[5].1.clone();
    let issue = ["warrant", "issue", &linked, WHY[0], WHY[1]];
    let why = format!(
        "session: {linked} is linked to account {}; a linked session is never touched",
        desk.ground.accounts[5].0
    );
    desk.refused(desk.token(ADA), &issue, &why).await;
    let why = "session: no listing of the provider held session s-nobody";
    desk.refused(
        desk.token(ADA),
        &["warrant", "issue", "s-nobody", WHY[0], WHY[1]],
        why,
    )
    .await;
    // Names may begin with a dash, as the provider's do.
    let why = "session: no listing of the provider held session -x_y";
    desk.refused(
        desk.token(ADA),
        &["warrant", "issue", "-x_y", WHY[0], WHY[1]],
        why,
    )
    .await;
}
