//! Commands that are said twice (R-API-2): scripts repeat what they do not know the end of.

use super::Desk;
use serde_json::Value;
use tests::database::SUPERUSER;
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

/// The secret of a token is shown once, whoever asks again; to take back twice is to take back once.
#[tokio::test]
async fn r_api_2_a_token_is_handed_out_and_taken_back_once_for_a_key() {
    let desk = Desk::of(1).await;
    let line = |words: &[&'static str], key: &'static str| {
        let hand = ["--by", "root", "--reason", "a test", "--idempotency-key"];
        [words, &hand, &[key, "--json"]].concat()
    };
    let says = |out: &str| -> Value { serde_json::from_str(out).expect("JSON") };
    let add = line(&["operator", "add", "kim"], "hand-1");
    let first = desk.asked(SUPERUSER, &add).await;
    assert_eq!(first.code, Some(0), "{}", first.err);
    let token = says(&first.out)["token"].as_str().expect("one").to_owned();
    let again = desk.asked(SUPERUSER, &add).await;
    assert_eq!(again.code, Some(0), "{}", again.err);
    let (first, again) = (says(&first.out), says(&again.out));
    for name in ["id", "ends_at", "audit"] {
        assert_eq!(first[name], again[name], "{name}");
    }
    assert!(again["token"].is_null(), "its secret is kept nowhere");
    let secret = token.rsplit_once('_').expect("a secret").1;
    assert!(!again.to_string().contains(secret));
    let other = desk
        .asked(SUPERUSER, &line(&["operator", "add", "eve"], "hand-1"))
        .await;
    assert_eq!(other.code, Some(1));
    assert!(
        other.err.contains("it was used for another act"),
        "{}",
        other.err
    );
    let back = line(&["operator", "revoke", "kim"], "back-1");
    let revoked = desk.asked(SUPERUSER, &back).await;
    assert_eq!(revoked.code, Some(0), "{}", revoked.err);
    let twice = desk.asked(SUPERUSER, &back).await;
    assert_eq!(
        (twice.code, says(&twice.out)),
        (Some(0), says(&revoked.out)),
        "{}",
        twice.err
    );
    let none = line(&["operator", "revoke", "kim"], "back-2");
    assert_eq!(desk.asked(SUPERUSER, &none).await.code, Some(1));
    let acts = "select count(*) from relink.operator_audit
                 where detail ->> 'key' in ('hand-1', 'back-1') and action like 'operator.%'";
    assert_eq!(desk.ground.number(acts).await, 2);
    let kept =
        "select count(*) from relink.idempotency_keys where key in ('hand-1', 'back-1', 'back-2')";
    assert_eq!(
        desk.ground.number(kept).await,
        2,
        "what took nobody back keeps no key"
    );
}
