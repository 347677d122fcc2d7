//! Commands that are said twice (R-API-2): scripts repeat what they do not know the end of.

use super::Desk;
use uuid::Uuid;

#[tokio::test]
async fn r_api_2_a_command_said_twice_with_a_key_acts_once() {
    let desk = Desk::of(1).await;
    let key = Uuid::now_v7().to_string();
    let line = [
        "pause",
        "queue",
        "sweeps",
        "--for",
        "2h",
        "--reason",
        "a test",
        "--idempotency-key",
        &key,
    ];
    let first = desk.asked("relink_operator", &line).await;
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(first.out.contains(&key), "it names its audit row");
    let again = desk.asked("relink_operator", &line).await;
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(again.out, first.out, "word for word");
    assert!(
        again.err.contains("asked again with its key"),
        "{}",
        again.err
    );
    let json = desk
        .asked("relink_operator", &[&line[..], &["--json"]].concat())
        .await;
    assert_eq!(
        json.code,
        Some(0),
        "the form of the answer is no part of it"
    );
    assert!(json.out.contains(&key), "{}", json.out);
    let mut other = line;
    other[2] = "sends";
    let refused = desk.asked("relink_operator", &other).await;
    assert_eq!(refused.code, Some(1));
    let why = "this key was used for another request: relink pause queue sweeps";
    assert!(refused.err.contains(why), "{}", refused.err);
    let mut odd = line;
    odd[8] = "two words";
    let odd = desk.asked("relink_operator", &odd).await;
    assert!(odd.err.contains("visible ASCII"), "{}", odd.err);
    assert_eq!(
        desk.ground
            .number("select count(*) from relink.pauses")
            .await,
        1
    );
}
