//! Answers over HTTP to what breakers stopped (R-WAT-3).

use super::{ADA, Acts, BOB, post};
use reqwest::Method;
use serde_json::json;

const RUN: &str = "2026-03-01T10:00:00Z";

impl Acts {
    pub(super) async fn stops(&mut self) {
        let ids: Vec<String> = (4..8)
            .map(|it| self.ground.accounts[it].0.to_string())
            .collect();
        let sql = format!(
            "insert into relink.watch_runs (slot, started_at) values ('{RUN}', '{RUN}');
             insert into relink.stopped_losses (account_id, id, session_id, version, from_status, to_status, cause, first_run,
                                                last_run, runs, observed_at, words)
             select id, id, session_id, status_version, status, 'recovering', 'provider_error', '{RUN}', '{RUN}', 1, '{RUN}', '{{}}'
               from relink.accounts where id in ('{}', '{}');
             insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence, stopped_at, stopped_why)
             select id, id, session_id, status_version, '{RUN}', '{{}}', '{RUN}', 'a test'
               from relink.accounts where id in ('{}', '{}')",
            ids[0], ids[1], ids[2], ids[3]
        );
        self.ground.owner.batch_execute(&sql).await.expect("stops");
        let seen = self.desk.ops(&format!("/v1/watch/runs/{RUN}/losses"));
        let token = secrecy::ExposeSecret::expose_secret(&self.ground.tokens[ADA]).to_owned();
        let listed = self.desk.ask(Method::GET, &seen, &token, None).await;
        assert_eq!(listed.is(200).body["rows"][1]["state"], "open");

        let accept = "/v1/watch/acceptances";
        let one = json!({ "accounts": [ids[0]] });
        let done = self.does(
            ADA,
            post(accept),
            (accept, one),
            ("watch.accept", ids[0].as_str()),
        );
        assert_eq!(done.await["accepted"], 1);
        let refuse = "/v1/watch/refusals";
        let done = self.does(
            BOB,
            post(refuse),
            (refuse, json!({ "run": RUN })),
            ("watch.refuse", RUN),
        );
        assert_eq!(done.await["refused"], 1);
        let confirm = "/v1/cases/confirmations";
        let one = json!({ "cases": [ids[2]] });
        self.does(
            ADA,
            post(confirm),
            (confirm, one),
            ("case.confirm", ids[2].as_str()),
        )
        .await;
        let dismiss = "/v1/cases/dismissals";
        let one = json!({ "cases": [ids[3]] });
        self.does(
            BOB,
            post(dismiss),
            (dismiss, one),
            ("case.dismiss", ids[3].as_str()),
        )
        .await;
        self.refuses(&ids).await;
    }

    /// Each refusal names the field and what is wrong with it.
    async fn refuses(&self, ids: &[String]) {
        let [accept, refuse, confirm, dismiss] = [
            "/v1/watch/acceptances",
            "/v1/watch/refusals",
            "/v1/cases/confirmations",
            "/v1/cases/dismissals",
        ];
        let one = json!({ "cases": [ids[3]] });
        for (path, body, status, why) in [
            (accept, json!({}), 422, "run: name the run"),
            (
                accept,
                json!({ "run": RUN, "accounts": [ids[0]] }),
                422,
                "and not both",
            ),
            (
                refuse,
                json!({ "accounts": [ids[0]] }),
                404,
                "accounts: no loss of account",
            ),
            (dismiss, one, 409, "case: case"),
            (
                confirm,
                json!({ "cases": [] }),
                422,
                "cases: name at least one",
            ),
        ] {
            let mut body = body;
            body["reason"] = json!("x");
            let answer = self.asks(ADA, &Method::POST, path, body).await;
            assert!(answer.problem(status).contains(why), "{}", answer.body);
        }
    }

    /// R-RES-1: the copy is adopted, and nothing else may come after it.
    pub(super) async fn restored_copy(&mut self) {
        let declared = "select relink.declare_copy(gen_random_uuid(), 'a test')";
        let owner = &self.ground.owner;
        owner.execute(declared, &[]).await.expect(declared);
        let adopt = "/v1/adoptions";
        let over = json!({ "ramp": "1m" });
        let done = self
            .does(ADA, post(adopt), (adopt, over), ("database.adopt", ""))
            .await;
        assert!(done["copy_since"].is_string(), "{done}");
    }
}
