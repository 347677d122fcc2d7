//! Each act and its audit row.

use super::{ADA, BOB, Desk, id_of};
use serde_json::Value;
use std::time::Duration;

impl Desk {
    /// The act's audit row says who, what and why, and one transaction wrote it and `row`.
    pub(super) async fn is_audited(
        &self,
        done: &Value,
        actor: &str,
        action: &str,
        subject: &str,
        row: &str,
    ) {
        let (who, what, which, why, xid) = self.audit(done).await;
        assert_eq!(
            (who.as_str(), what.as_str(), which.as_str()),
            (actor, action, subject)
        );
        assert_eq!(why, "because");
        // A row's xmin is the lower half of the transaction's number.
        let sql =
            format!("select xmin::text::bigint = $1::text::bigint & 4294967295 from relink.{row}");
        let found = self.ground.owner.query_one(&sql, &[&xid]).await;
        let same: bool = found.expect("the row").get(0);
        assert!(same, "{action}: another transaction wrote relink.{row}");
    }
}

const WHY: [&str; 2] = ["--reason", " because "];

#[tokio::test]
async fn r_aud_4_flag_and_latch_commands_write_their_audit_rows_in_the_same_transaction() {
    let desk = Desk::of(20).await;
    let enable = [
        "flag", "enable", "removals", "--for", "1h30m", WHY[0], WHY[1],
    ];
    let done = desk.does(ADA, &enable).await;
    let flag = "flags where ended_at is null";
    let sql = "select id::text, ends_at - enabled_at between interval '89 minutes 59 seconds' and '90 minutes', enabled_by, reason from relink.flags";
    let row = desk
        .ground
        .owner
        .query_one(sql, &[])
        .await
        .expect("the flag");
    let (id, lives, by, reason): (String, bool, String, String) =
        (row.get(0), row.get(1), row.get(2), row.get(3));
    assert_eq!(
        (lives, by.as_str(), reason.as_str()),
        (true, "ada", "because")
    );
    desk.is_audited(&done, "ada", "flag.enable", &id, flag)
        .await;

    // Another operator's flag ends the first; both rows are audited.
    desk.does(BOB, &enable).await;
    let ended = format!(
        "select count(*) from relink.operator_audit where action = 'flag.end' and actor = 'bob' and subject = '{id}'"
    );
    assert_eq!(desk.ground.number(&ended).await, 1);

    let done = desk
        .does(ADA, &["flag", "disable", "removals", WHY[0], WHY[1]])
        .await;
    let last = "flags order by enabled_at desc limit 1";
    desk.is_audited(&done, "ada", "flag.disable", "removals", last)
        .await;
    let again = desk
        .does(ADA, &["flag", "disable", "removals", WHY[0], WHY[1]])
        .await;
    assert_eq!(again["says"], "found the flag removals not enabled");

    let done = desk.does(BOB, &["latch", "trip", WHY[0], WHY[1]]).await;
    desk.is_audited(&done, "bob", "latch.trip", "", "removal_latch")
        .await;
    assert!(
        desk.reads(&["latch", "show"])
            .await
            .contains(": bob: because")
    );
    let done = desk.does(ADA, &["latch", "clear", WHY[0], WHY[1]]).await;
    desk.is_audited(&done, "ada", "latch.clear", "", "removal_latch")
        .await;
    assert_eq!(desk.reads(&["latch", "show"]).await, "not tripped\n");
}

#[tokio::test]
async fn r_aud_4_r_del_4_requests_and_warrants_write_theirs_and_begin_a_look() {
    let desk = Desk::of(20).await;
    let session = desk.ground.gone(0).await.0;
    let done = desk
        .does(ADA, &["removals", "request", &session, WHY[0], WHY[1]])
        .await;
    let removal = id_of(&done, "removal").to_string();
    let row = format!("removals where id = '{removal}'");
    desk.is_audited(&done, "ada", "removal.request", &removal, &row)
        .await;
    let job = format!("jobs where cause = 'removals.look@{removal}/1'");
    desk.is_audited(&done, "ada", "removal.request", &removal, &job)
        .await;
    let done = desk
        .does(BOB, &["removals", "withdraw", &removal, WHY[0], WHY[1]])
        .await;
    desk.is_audited(&done, "bob", "removal.withdraw", &removal, &row)
        .await;
    assert_eq!(
        desk.ground
            .number(&format!(
                "select count(*) from relink.{row} and state = 'withdrawn'"
            ))
            .await,
        1
    );

    let session = desk.ground.duplicate(3).await.0;
    let done = desk
        .does(ADA, &["warrant", "issue", &session, WHY[0], WHY[1]])
        .await;
    let warrant = id_of(&done, "warrant").to_string();
    let row = format!("warrants where id = '{warrant}'");
    desk.is_audited(&done, "ada", "warrant.issue", &warrant, &row)
        .await;
    let done = desk
        .does(BOB, &["warrant", "approve", &warrant, WHY[0], WHY[1]])
        .await;
    desk.is_audited(&done, "bob", "warrant.approve", &warrant, &row)
        .await;
    let removal = id_of(&done, "removal");
    let job = format!("jobs where cause = 'removals.look@{removal}/1'");
    desk.is_audited(&done, "bob", "warrant.approve", &warrant, &job)
        .await;
    let done = desk
        .does(ADA, &["warrant", "revoke", &warrant, WHY[0], WHY[1]])
        .await;
    desk.is_audited(&done, "ada", "warrant.revoke", &warrant, &row)
        .await;
    assert!(
        done["says"]
            .as_str()
            .is_some_and(|says| says.ends_with("its removal is withdrawn")),
        "{done}"
    );
    desk.ground.is_recorded().await;
}

#[tokio::test]
async fn r_aud_4_a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let desk = Desk::of(20).await;
    let gone = desk.ground.gone(0).await;
    let requested = desk
        .ground
        .request(&gone)
        .await
        .expect("a removal")
        .to_string();
    let other = desk.ground.gone(1).await.0;
    let duplicate = desk.ground.duplicate(3).await;
    let warrant = desk
        .ground
        .issue(&duplicate)
        .await
        .expect("a warrant")
        .to_string();
    desk.ground
        .flag(Duration::from_mins(30))
        .await
        .expect("a flag");
    let another = desk.ground.duplicate(4).await.0;
    let before = desk.rows().await;
    for arguments in [
        &["flag", "enable", "removals", "--for", "2h"][..],
        &["flag", "disable", "removals"],
        &["latch", "trip"],
        &["latch", "clear"],
        &["removals", "request", &other],
        &["removals", "withdraw", &requested],
        &["warrant", "issue", &another],
        &["warrant", "approve", &warrant],
        &["warrant", "revoke", &warrant],
    ] {
        let dry = [arguments, &["--dry-run", WHY[0], WHY[1]]].concat();
        let answer = desk.with(desk.token(BOB), &dry).await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        assert!(
            answer
                .out
                .starts_with("dry run, nothing is written; would have "),
            "{}",
            answer.out
        );
        assert!(
            answer.err.starts_with("[SENSITIVE-OP] ") && answer.err.ends_with(": dry run\n"),
            "{}",
            answer.err
        );
        assert_eq!(desk.rows().await, before, "{arguments:?} wrote something");
        desk.refused("rlo_000000000000_nobody", &dry, "operator token: unknown")
            .await;
    }
}
