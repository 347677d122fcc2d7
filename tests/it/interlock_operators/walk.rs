//! One removal on purpose, by the commands that `docs/removals.md` names, in its order.

use super::{ADA, BOB, Desk, id_of};

const WHY: [&str; 2] = ["--reason", "ticket 4711: stop billing for it"];

async fn allow(desk: &Desk) {
    let enable = ["flag", "enable", "removals", "--for", "2h", WHY[0], WHY[1]];
    desk.does(ADA, &enable).await;
}

#[tokio::test]
async fn r_del_3_a_session_that_is_gone_is_removed_on_purpose_by_the_commands_alone() {
    let mut desk = Desk::of(20).await;
    let session = desk.ground.gone(0).await.0;
    let worker = desk.ground.worker(true);
    desk.reads(&["latch", "show"]).await;
    let request = ["removals", "request", &session, WHY[0], WHY[1]];
    let answer = desk
        .with(desk.token(ADA), &[&request[..], &["--dry-run"]].concat())
        .await;
    assert_eq!(answer.code, Some(0));
    let answer = desk.with(desk.token(ADA), &request).await;
    assert_eq!(answer.code, Some(0));
    assert!(
        answer.out.starts_with(&format!(
            "done: requested the removal of session {session};"
        )),
        "{}",
        answer.out
    );
    let removal = answer
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("removal  "));
    let removal = removal.expect("its id").to_owned();
    // R-DEL-5: one line, which names the audit row.
    let audit = answer
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("audit    "));
    let logged = format!(
        "[SENSITIVE-OP] removals request {session}: done, audit {}\n",
        audit.expect("its id")
    );
    assert_eq!(answer.err, logged);
    allow(&desk).await;
    desk.reads(&["removals", "status", &removal]).await;
    desk.ground.looks(&worker).await;
    let listed = desk.reads(&["removals", "list"]).await;
    assert!(listed.contains("deleted at "), "{listed}");
    assert_eq!(desk.ground.deletes().await, 1);
    let status = desk.reads(&["removals", "status", &removal]).await;
    assert!(
        status.contains("it is over, and the gates below are as for a new one"),
        "{status}"
    );
    let done = desk
        .does(ADA, &["flag", "disable", "removals", WHY[0], WHY[1]])
        .await;
    assert_eq!(
        done["says"],
        "ended the flag removals: no removal is permitted or begun any more"
    );
    desk.reads(&["flag", "list"]).await;
    desk.ground.is_recorded().await;
}

#[tokio::test]
async fn r_del_4_a_live_duplicate_is_removed_on_purpose_by_two_operators_commands() {
    let mut desk = Desk::of(20).await;
    let session = desk.ground.duplicate(3).await.0;
    let worker = desk.ground.worker(true);
    let issue = ["warrant", "issue", &session, WHY[0], WHY[1]];
    let answer = desk.with(desk.token(ADA), &issue).await;
    let warrant = answer
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("warrant  "));
    let warrant = warrant.expect("its id").to_owned();
    allow(&desk).await;
    let done = desk
        .does(BOB, &["warrant", "approve", &warrant, WHY[0], WHY[1]])
        .await;
    let removal = id_of(&done, "removal");
    desk.ground.looks(&worker).await;
    let listed = desk.reads(&["warrant", "list"]).await;
    assert!(listed.contains(&format!("{removal} deleted")), "{listed}");
    assert_eq!(desk.ground.deletes().await, 1);
    desk.ground.is_recorded().await;
}

#[tokio::test]
async fn r_del_5_what_a_worker_refused_is_told_by_the_lists_in_words() {
    let mut desk = Desk::of(20).await;
    let session = desk.ground.gone(0).await.0;
    let worker = desk.ground.worker(false);
    let done = desk
        .does(ADA, &["removals", "request", &session, WHY[0], WHY[1]])
        .await;
    let removal = id_of(&done, "removal").to_string();
    desk.ground.looks(&worker).await;
    let listed = desk.reads(&["removals", "list"]).await;
    assert!(
        listed.contains("refused at ") && listed.contains("refused by switch, flag"),
        "{listed}"
    );
    assert_eq!(desk.ground.deletes().await, 0);
    let why = format!("removal {removal} is refused already");
    desk.refused(
        desk.token(BOB),
        &["removals", "withdraw", &removal, WHY[0], WHY[1]],
        &why,
    )
    .await;
}
