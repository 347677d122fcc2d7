//! Webhooks at the provider: registered once, listed with how they stand, made anew for another secret.

use super::{Answer, Desk};
use serde_json::Value;
use std::process::Stdio;
use tests::provider::{KEY, SimulatedProvider};

const FIRST: &str = "webhook-secret-canary-one";
const SECOND: &str = "webhook-secret-canary-two";
const REASON: [&str; 2] = ["--reason", "a test"];

/// An operator who has the provider's key and the webhooks' secret.
struct Post {
    desk: Desk,
    provider: SimulatedProvider,
}

impl Post {
    async fn asked(&self, secret: &str, arguments: &[&str]) -> Answer {
        let mut command = self.desk.command("relink_operator", arguments);
        let output = command
            .env("RELINK_PROVIDER_URL", self.provider.base())
            .env("RELINK_PROVIDER_API_KEY", KEY)
            .env("RELINK_PUBLIC_URL", "https://links.example/relink")
            .env("RELINK_WEBHOOK_SECRET", secret)
            .stdin(Stdio::null())
            .output()
            .await
            .expect("run it");
        let [out, err] =
            [output.stdout, output.stderr].map(|it| String::from_utf8(it).expect("text"));
        println!("$ relink {}\n{out}{err}", arguments.join(" "));
        for hidden in [FIRST, SECOND, KEY] {
            assert!(
                !out.contains(hidden) && !err.contains(hidden),
                "a secret was printed"
            );
        }
        let code = output.status.code();
        Answer { code, out, err }
    }

    async fn ensure(&self, secret: &str, more: &[&str]) -> Answer {
        let answer = self
            .asked(
                secret,
                &[&["webhooks", "ensure"], &REASON[..], more].concat(),
            )
            .await;
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        answer
    }

    /// States of all of them, in order; and whether each source has a current one.
    async fn states(&self, secret: &str) -> (Vec<String>, bool) {
        let answer = self.asked(secret, &["webhooks", "list", "--json"]).await;
        let found: Value = serde_json::from_str(&answer.out).expect("JSON");
        let all = found["webhooks"].as_array().expect("webhooks").iter();
        let mut states: Vec<String> = all
            .map(|it| it["state"].as_str().expect("a state").to_owned())
            .collect();
        states.sort_unstable();
        let is_well = found["lacking"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(answer.code, Some(i32::from(!is_well)));
        (states, is_well)
    }

    async fn audited(&self) -> i64 {
        let owner = self.desk.ground.database.owner().await;
        let sql = "select count(*) from relink.operator_audit where action = 'webhooks.register'";
        owner.query_one(sql, &[]).await.expect("count").get(0)
    }
}

#[tokio::test]
async fn r_lnk_2_webhooks_are_registered_once_for_a_secret_with_an_audit_row() {
    let at = "2026-11-20T08:00:00Z".parse().expect("an instant");
    let post = Post {
        desk: Desk::of(1).await,
        provider: SimulatedProvider::start(at).await,
    };
    assert_eq!(post.states(FIRST).await, (vec![], false));
    post.ensure(FIRST, &["--dry-run"]).await;
    assert_eq!(
        (post.states(FIRST).await, post.audited().await),
        ((vec![], false), 0)
    );
    post.ensure(FIRST, &[]).await;
    let again = post.ensure(FIRST, &[]).await;
    assert!(again.out.contains("nothing is registered"), "{}", again.out);
    assert_eq!(
        post.states(FIRST).await,
        (vec!["current".to_owned(); 3], true)
    );
    assert_eq!(post.audited().await, 1);
    // Another secret: those of before are named, and a person takes them away.
    assert_eq!(
        post.states(SECOND).await,
        (vec!["stale".to_owned(); 3], false)
    );
    let made = post.ensure(SECOND, &[]).await;
    assert_eq!(
        made.err.matches("bears another secret").count(),
        3,
        "{}",
        made.err
    );
    let (states, is_well) = post.states(SECOND).await;
    assert!(is_well && states.len() == 6, "{states:?}");
    assert_eq!(post.audited().await, 2);
    let short = post.asked("too-short", &["webhooks", "list"]).await;
    assert_eq!(short.code, Some(1));
    assert!(
        short.err.contains("use 24 or more") && !short.err.contains("too-short"),
        "{}",
        short.err
    );
}
