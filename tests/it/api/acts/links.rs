//! What operators do about owners who sign in, over HTTP.

use super::{ADA, Acts, delete};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

impl Acts {
    pub(super) async fn links(&mut self) {
        let account = self.ground.accounts[2].0.0;
        let attempt = Uuid::now_v7();
        let open = format!(
            "insert into relink.link_attempts (account_id, id, started_at, ends_at)
             values ('{account}', '{attempt}', relink.clock(), relink.clock() + interval '24 hours')"
        );
        self.ground
            .owner
            .batch_execute(&open)
            .await
            .expect("an attempt");
        let id = attempt.to_string();
        let path = format!("/v1/attempts/{id}");
        let cancelled = ("attempt.cancel", id.as_str());
        let route = "/v1/attempts/{attempt}";
        self.does(ADA, delete(route), (&path, json!({})), cancelled)
            .await;
        let again = self
            .asks(ADA, &Method::DELETE, &path, json!({ "reason": "x" }))
            .await;
        assert_eq!(
            (again.status.as_u16(), again.text("code")),
            (409, "finished")
        );
        // A link is no act of one transaction: what it comes to, the accounts' own tests see.
        let route = "/v1/accounts/{id}/links";
        let path = format!("/v1/accounts/{account}/links");
        let before = self.rows().await;
        for (renew, status) in [(false, 409), (true, 200)] {
            let asked = json!({ "reason": "x", "renew": renew, "dry_run": true });
            let tried = self.asks(ADA, &Method::POST, &path, asked).await;
            tried.is(status);
        }
        assert_eq!(self.rows().await, before, "a dry run wrote something");
        let meant = json!({ "reason": "helps its owner", "renew": true });
        let none = self.asks(ADA, &Method::POST, &path, meant).await;
        assert_eq!(
            (none.status.as_u16(), none.text("code")),
            (502, "provider_down")
        );
        self.done.insert((Method::POST.to_string(), route));
    }
}
