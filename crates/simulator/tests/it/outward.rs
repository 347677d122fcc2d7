//! How the tests act outward, and ask the referee about it.

use crate::rig::{Answer, KEY, Rig};
use serde_json::{Value, json};
use simulator::control::{EffectLine, Kind, NewSession, Verdict};
use std::fmt::Write as _;

const BOUNDARY: &str = "----a-boundary-of-the-tests";

/// A body of `multipart/form-data`.
pub(crate) fn multipart(fields: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        let head = format!("content-disposition: form-data; name=\"{name}\"");
        write!(body, "--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").expect("a string takes it");
    }
    body + "--" + BOUNDARY + "--\r\n"
}

impl Rig {
    /// Posts a form.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = reqwest::Client::builder().no_proxy().build();
        let request = request.expect("a client").post(self.url(path));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let answer = request
            .header("X-API-KEY", KEY)
            .header("content-type", kind)
            .body(multipart(fields))
            .send()
            .await
            .expect("an answer");
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("a text"),
        }
    }

    pub(crate) async fn invite(&self, session: &str, target: &str) -> Answer {
        let body = json!({ "account_id": session, "provider_id": target });
        self.post("/api/v1/users/invite", body).await
    }

    pub(crate) async fn message(&self, session: &str, target: &str, text: &str) -> Answer {
        let fields = [
            ("account_id", session),
            ("attendees_ids", target),
            ("text", text),
        ];
        self.form("/api/v1/chats", &fields).await
    }

    pub(crate) async fn mailbox(&self) -> String {
        let new = NewSession {
            kind: Kind::Google,
            ..NewSession::default()
        };
        self.sessions(&[new]).await.remove(0).id
    }

    /// A control call that is to succeed.
    pub(crate) async fn steer(&self, method: &str, what: &str, body: Value) -> Value {
        let answer = self
            .call(method, &format!("/control/{what}"), Some(body))
            .await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text);
        answer.json()
    }

    pub(crate) async fn ahead(&self, seconds: i64) {
        self.steer("POST", "clock", json!({ "ahead_seconds": seconds }))
            .await;
    }

    pub(crate) async fn effects(&self) -> Vec<EffectLine> {
        let answer = self.get("/control/effects").await;
        let lines = answer.text.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("an effect"))
            .collect()
    }

    pub(crate) async fn verdict(&self) -> Verdict {
        serde_json::from_value(self.get("/control/verdict").await.json()).expect("a verdict")
    }
}

/// Every item of a list's first page.
pub(crate) async fn items(rig: &Rig, path: &str) -> Vec<Value> {
    let answer = rig.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()["items"].as_array().expect("items").clone()
}

/// The status and the type of a refusal.
#[track_caller]
pub(crate) fn refusal(answer: &Answer) -> (u16, String) {
    let kind = answer.json()["type"].as_str().expect("a type").to_owned();
    (answer.status, kind)
}

/// As [`refusal`] tells it.
pub(crate) fn error(status: u16, kind: &str) -> (u16, String) {
    (status, format!("errors/{kind}"))
}
