//! What owners were told, as `relink notices list` says it (R-LNK-7).

use super::{Desk, keys};
use serde_json::Value;
use tests::told::plant_notices;

#[tokio::test]
async fn r_lnk_7_the_command_lists_notices_and_says_what_there_is() {
    let desk = Desk::of(2).await;
    plant_notices(&desk.ground).await;
    let list = async |more: &[&str]| {
        let page = desk.json(&[&["notices", "list"], more].concat()).await;
        let rows = page["rows"].as_array().expect("rows").clone();
        (rows, page["next"].as_str().map(ToOwned::to_owned))
    };
    let (rows, next) = list(&["--limit", "1", "--account", "crowd-000"]).await;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(text(&rows[0], "trouble"), "login");
    assert_eq!(
        keys(&rows[0]),
        [
            "account",
            "account_id",
            "created_at",
            "due_at",
            "ended_at",
            "episode",
            "held_at",
            "message_id",
            "reason",
            "sending_at",
            "smtp_code",
            "state",
            "step",
            "tries",
            "trouble",
            "why",
            "workspace",
            "workspace_id"
        ]
    );
    let next = next.expect("another page");
    let (rows, next) = list(&["--limit", "1", "--account", "crowd-000", "--after", &next]).await;
    assert_eq!((text(&rows[0], "state"), next), ("sent".to_owned(), None));
    let (rows, _) = list(&[
        "--state",
        "failed",
        "--step",
        "first",
        "--workspace",
        "First",
    ])
    .await;
    assert_eq!(
        (rows.len(), text(&rows[0], "why")),
        (1, "undeliverable".to_owned())
    );
    is_shown(&desk).await;
    says_what_there_is(&desk).await;
}

async fn is_shown(desk: &Desk) {
    let shown = desk.reads(&["notices", "list"]).await;
    let (titles, rest) = shown.split_once('\n').expect("lines");
    for title in [
        "ACCOUNT", "NAME", "EPISODE", "STEP", "STATE", "WHY", "CODE", "FAILS AT",
    ] {
        assert!(titles.contains(title), "{title}: {titles}");
    }
    let waits = rest.lines().next().unwrap_or_default();
    for part in ["crowd-000", "day_1", "planned", "535", "login"] {
        assert!(waits.contains(part), "{part}: {waits}");
    }
    assert!(!shown.contains('@'), "no address: {shown}");
}

async fn says_what_there_is(desk: &Desk) {
    for (wrong, why) in [
        (["--state", "lost"], "there are planned, sending"),
        (["--step", "2"], "there are first, day_1"),
        (["--account", "nobody"], "nobody"),
        (["--after", "x"], "is not where a page of this list ended"),
    ] {
        let line = [&["notices", "list"][..], &wrong].concat();
        let refused = desk.asked("relink_reader", &line).await;
        assert_ne!(refused.code, Some(0), "{wrong:?}");
        assert!(refused.err.contains(why), "{wrong:?}: {}", refused.err);
    }
}
