//! What operators say over HTTP of when, how much and whether an account sends.

use super::{ADA, Acts, BOB, post};
use reqwest::Method;
use serde_json::{Value, json};

impl Acts {
    pub(super) async fn settings(&mut self) {
        let id = self.ground.accounts[2].0.to_string();
        let of = |what: &str| format!("/v1/accounts/{id}/{what}");
        let route = post("/v1/accounts/{id}/holds");
        let (path, asked) = (of("holds"), json!({ "for": "2h" }));
        let held = ("account.hold", id.as_str());
        let done = self.does(ADA, route, (&path, asked), held).await;
        assert!(done["ends_at"].is_string(), "{done}");

        let route = (Method::PATCH, "/v1/accounts/{id}/caps/{action}");
        let (path, asked) = (of("caps/invite"), json!({ "day": 200, "lift": true }));
        let capped = ("account.cap", id.as_str());
        let done = self.does(BOB, route, (&path, asked), capped).await;
        assert_eq!(done["caps"]["day"], 200);
        self.wrong(&path, json!({ "day": -1 }), "day: ").await;
        self.wrong(&path, json!({ "day": 201 }), "day: ").await;
        self.wrong(&path, json!({}), "day: ").await;
        self.wrong(&of("caps/wave"), json!({ "day": 1 }), "action: ")
            .await;

        let route = (Method::PATCH, "/v1/accounts/{id}/rules");
        let (path, asked) = (
            of("rules"),
            json!({ "window": "22:00-06:00", "ramp": "3+1", "zone": null }),
        );
        let ruled = ("account.rules", id.as_str());
        let done = self.does(ADA, route, (&path, asked), ruled).await;
        assert_eq!(done["rules"]["window"], "22:00-06:00");
        self.wrong(&path, json!({ "zone": "Mars/Phobos" }), "zone: ")
            .await;
        self.wrong(&path, json!({ "ramp": "0+1" }), "ramp: ").await;

        let route = post("/v1/accounts/{id}/tier");
        let (path, asked) = (of("tier"), json!({ "tier": "premium" }));
        let tiered = ("account.tier", id.as_str());
        self.does(BOB, route, (&path, asked), tiered).await;
    }

    async fn wrong(&self, path: &str, mut body: Value, why: &str) {
        body["reason"] = json!("x");
        let answer = self.asks(ADA, &Method::PATCH, path, body).await;
        let said = answer.problem(422);
        assert!(said.starts_with(why), "{said}");
    }
}
