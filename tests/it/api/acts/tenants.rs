//! What operators do with workspaces and accounts over HTTP.

use super::{ADA, Acts, BOB, delete, post};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

impl Acts {
    pub(super) async fn workspaces(&mut self) {
        let all = "/v1/workspaces";
        let asked = json!({ "settings": { "name": "Acme", "contacts": [{ "address": "ada@acme.example", "name": "Ada" }] } });
        let made = self
            .does(ADA, post(all), (all, asked), ("workspace.create", ""))
            .await;
        let id = made["workspace"].as_str().expect("an id");
        let path = format!("{all}/{id}");
        let one = "/v1/workspaces/{id}";
        let settings =
            json!({ "version": 1, "settings": { "zone": "Asia/Tokyo", "window": null } });
        let changes = (Method::PATCH, one);
        let set = ("workspace.set", id);
        let done = self.does(BOB, changes, (&path, settings), set).await;
        assert_eq!(done["version"], 2);
        let stale = json!({ "version": 1, "settings": { "zone": null }, "reason": "x" });
        let refused = self.asks(ADA, &Method::PATCH, &path, stale).await;
        assert!(refused.problem(412).starts_with("version: "));
        let ends = json!({ "ends_at": "2030-01-01T00:00:00Z" });
        let (until, route) = (
            format!("{path}/subscription"),
            "/v1/workspaces/{id}/subscription",
        );
        let subscribed = ("workspace.subscribe", id);
        self.does(ADA, post(route), (&until, ends), subscribed)
            .await;
        let ended = ("workspace.end", id);
        self.does(BOB, delete(one), (&path, json!({})), ended).await;
        let sql = "select id from relink.accounts limit 1";
        let account: Uuid = self
            .ground
            .owner
            .query_one(sql, &[])
            .await
            .expect("one")
            .get(0);
        let (route, path) = (
            "/v1/accounts/{id}/zone",
            format!("/v1/accounts/{account}/zone"),
        );
        let subject = account.to_string();
        let (zone, noted) = (
            json!({ "zone": "Europe/Berlin" }),
            ("account.zone", subject.as_str()),
        );
        self.does(ADA, post(route), (&path, zone), noted).await;
        let wrong = json!({ "zone": "Mars/Phobos", "reason": "x" });
        let refused = self.asks(ADA, &Method::POST, &path, wrong).await;
        assert!(refused.problem(422).starts_with("zone: "));
    }

    pub(super) async fn restart(&mut self) {
        let account = self.ground.accounts[1].0;
        let path = format!("/v1/accounts/{account}/restart");
        let refused = self.asks(ADA, &Method::POST, &path, json!({ "reason": "x" }));
        let refused = refused.await;
        let why = refused.problem(409);
        assert!(why.starts_with("status: the account is connected"), "{why}");
        let sql = format!(
            "with put as (
                update relink.accounts set status = 'recovering', status_since = relink.clock() where id = '{account}'
                returning id, status_version, session_id)
             , seen as (update relink.sessions_seen s set health = 'error' from put where s.session_id = put.session_id)
             insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
             select id, status_version, relink.clock(), 'connected', 'recovering', 'put', 'test', '{{}}' from put"
        );
        self.ground.owner.batch_execute(&sql).await.expect("stops");
        let (id, route) = (account.to_string(), post("/v1/accounts/{id}/restart"));
        let restarted = ("account.restart", id.as_str());
        self.does(ADA, route, (&path, json!({})), restarted).await;
    }

    pub(super) async fn adoption(&mut self) {
        let listed = "with run as (
                insert into relink.watch_runs (slot, started_at, listed_at) values (relink.clock(), relink.clock(), relink.clock())
                returning slot)
            insert into relink.sessions_seen
                (session_id, slot, seen_at, first_seen, kind, name, health, words, identity, created_at)
            select 'free-1', slot, slot, slot, 'LINKEDIN', 'Free', 'ok', '{OK}', 'id-free-1', slot from run";
        let owner = &self.ground.owner;
        owner.execute(listed, &[]).await.expect("a listing");
        let sql = "select id from relink.workspaces order by id limit 1";
        let row = owner.query_one(sql, &[]).await.expect("a workspace");
        let workspace: Uuid = row.get(0);
        let asked = json!({ "workspace": workspace, "name": "Free" });
        let path = "/v1/sessions/free-1/account";
        let adopted = ("account.adopt", "");
        let route = "/v1/sessions/{session}/account";
        self.does(ADA, post(route), (path, asked), adopted).await;
    }
}
