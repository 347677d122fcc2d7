//! What operators do over HTTP: the same acts as the commands', each with its audit row and a dry run without a trace.

mod links;
mod notices;
mod people;
mod refusals;
mod settings;
mod stops;
mod tenants;

use super::{Answer, Desk};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::interlock::Ground;
use uuid::Uuid;

const ADA: usize = 0;
const BOB: usize = 1;

/// A fleet, its API, and which acts were done.
struct Acts {
    ground: Ground,
    desk: Desk,
    document: Value,
    done: BTreeSet<(String, &'static str)>,
}

impl Acts {
    async fn of(accounts: usize) -> Self {
        let ground = Ground::of(accounts).await;
        let desk = Desk::over(&ground.database, &[]).await;
        let [_, (_, document)] = api::documents();
        let done = BTreeSet::new();
        Self {
            ground,
            desk,
            document,
            done,
        }
    }

    async fn asks(&self, who: usize, method: &Method, path: &str, body: Value) -> Answer {
        let (url, token) = (self.desk.ops(path), self.ground.tokens[who].expose_secret());
        self.desk.ask(method.clone(), &url, token, Some(body)).await
    }

    /// Everything that acts write, as text.
    async fn rows(&self) -> String {
        let mut all = String::new();
        for table in [
            "operator_audit",
            "operator_tokens",
            "flags",
            "removal_latch",
            "warrants",
            "removals",
            "removal_audit",
            "jobs",
            "pauses",
            "admin_alerts",
            "campaigns",
            "campaign_pauses",
            "campaign_senders",
            "enrollments",
            "sends",
            "account_holds",
            "stopped_losses",
            "cases",
            "workspaces",
            "contacts",
            "subscriptions",
            "accounts",
            "send_limits",
            "send_rules",
        ] {
            let sql = format!(
                "select coalesce(string_agg(t::text, '\n' order by t::text), '') from relink.{table} t"
            );
            let found = self.ground.owner.query_one(&sql, &[]).await;
            all += &found.expect("the rows").get::<_, String>(0);
        }
        all
    }

    /// First as a dry run, which leaves no trace; then for good, which leaves the act's audit row.
    async fn does(
        &mut self,
        who: usize,
        (method, route): (Method, &'static str),
        (path, mut body): (&str, Value),
        (action, subject): (&str, &str),
    ) -> Value {
        body["reason"] = json!("  why not ");
        body["dry_run"] = json!(true);
        let before = self.rows().await;
        let dry = self.asks(who, &method, path, body.clone()).await;
        assert_eq!(dry.is(200).body["dry_run"], true, "{}", dry.body);
        assert_eq!(dry.body["done"], false);
        assert!(dry.body["audit"].is_null(), "{}", dry.body);
        assert_eq!(
            self.rows().await,
            before,
            "a dry run of {route} wrote something"
        );
        body["dry_run"] = json!(false);
        let answer = self.asks(who, &method, path, body).await;
        assert_eq!(answer.is(200).body["done"], true);
        let audit: Uuid = answer.text("audit").parse().expect("an id");
        let sql = "select actor, action, subject, reason from relink.operator_audit where id = $1";
        let row = self
            .ground
            .owner
            .query_one(sql, &[&audit])
            .await
            .expect("its audit row");
        let found: [String; 4] = [0, 1, 2, 3].map(|column| row.get(column));
        let subject = if subject.is_empty() {
            &found[2]
        } else {
            subject
        };
        self.is_said(&method, route, &answer.body);
        let who = ["ada", "bob"][who];
        assert_eq!(found, [who, action, subject, "why not"], "R-AUD-4: {route}");
        self.done.insert((method.to_string(), route));
        answer.body
    }
}

impl Acts {
    /// What an act made is in the document, each field of it.
    fn is_said(&self, method: &Method, route: &str, answer: &Value) {
        let name = method.as_str().to_lowercase();
        let operation = &self.document["paths"][route][&name];
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let place = schema["$ref"].as_str().expect("by name");
        let schema = self.document.pointer(place.trim_start_matches('#'));
        let said = schema.expect("a schema")["properties"].as_object();
        let said = said.expect("fields");
        for field in answer.as_object().expect("an object").keys() {
            assert!(said.contains_key(field), "{method} {route} answers {field}");
        }
    }
}

const fn post(route: &'static str) -> (Method, &'static str) {
    (Method::POST, route)
}

const fn delete(route: &'static str) -> (Method, &'static str) {
    (Method::DELETE, route)
}

impl Acts {
    async fn flags_and_latch(&mut self) {
        let flag = "/v1/flags/removals";
        let route = "/v1/flags/{name}";
        let on = (flag, json!({ "for": "2h" }));
        self.does(ADA, post(route), on, ("flag.enable", "")).await;
        // A name that is none ends nothing, and nobody reads that it did.
        let typo = "/v1/flags/removal";
        let none = json!({ "reason": "stop it" });
        let none = self.asks(BOB, &Method::DELETE, typo, none).await;
        assert!(none.problem(422).contains("there is no such flag"));
        let off = ("flag.disable", "removals");
        self.does(BOB, delete(route), (flag, json!({})), off).await;
        let latch = "/v1/latch";
        let tripped = ("latch.trip", "");
        self.does(ADA, post(latch), (latch, json!({})), tripped)
            .await;
        let cleared = ("latch.clear", "");
        self.does(ADA, delete(latch), (latch, json!({})), cleared)
            .await;
    }

    async fn removals(&mut self) {
        let (all, gone) = ("/v1/removals", self.ground.gone(0).await.0);
        let asked = (all, json!({ "session": gone }));
        let requested = ("removal.request", "");
        let made = self.does(ADA, post(all), asked, requested).await;
        let twice = json!({ "session": gone, "reason": "again" });
        let again = self.asks(ADA, &Method::POST, all, twice).await;
        assert!(again.problem(409).starts_with("session: "));
        let removal = made["removal"].as_str().expect("an id");
        let path = format!("/v1/removals/{removal}");
        let withdrawn = ("removal.withdraw", removal);
        let route = "/v1/removals/{removal}";
        self.does(BOB, delete(route), (&path, json!({})), withdrawn)
            .await;
    }

    async fn warrants(&mut self) {
        let (all, twin) = ("/v1/warrants", self.ground.duplicate(1).await.0);
        let named = (all, json!({ "session": twin }));
        let issued = ("warrant.issue", "");
        let made = self.does(ADA, post(all), named, issued).await;
        let warrant = made["warrant"].as_str().expect("an id");
        let path = format!("/v1/warrants/{warrant}");
        let yes = format!("{path}/approval");
        let mine = json!({ "reason": "mine" });
        let own = self.asks(ADA, &Method::POST, &yes, mine).await;
        assert!(own.problem(403).contains("another operator"));
        let nobody = format!("/v1/warrants/{}", Uuid::nil());
        let why = json!({ "reason": "typed wrongly" });
        let none = self.asks(ADA, &Method::DELETE, &nobody, why.clone()).await;
        assert!(none.problem(404).contains("there is no warrant"));
        let none = format!("{nobody}/approval");
        let none = self.asks(ADA, &Method::POST, &none, why).await;
        assert!(none.problem(404).contains("there is no warrant"));
        let approved = ("warrant.approve", warrant);
        let route = "/v1/warrants/{warrant}/approval";
        self.does(BOB, post(route), (&yes, json!({})), approved)
            .await;
        let revoked = ("warrant.revoke", warrant);
        let route = "/v1/warrants/{warrant}";
        self.does(ADA, delete(route), (&path, json!({})), revoked)
            .await;
        for (method, path, says) in [
            (Method::POST, &yes, "is revoked already"),
            (Method::DELETE, &path, "is revoked already"),
        ] {
            let why = json!({ "reason": "again" });
            let again = self.asks(BOB, &method, path, why).await;
            assert!(again.problem(409).contains(says), "{}", again.body);
        }
    }
}

impl Acts {
    async fn pauses(&mut self) {
        let all = "/v1/pauses";
        let asked = json!({ "scope": "queue", "target": "sends", "for": "2h" });
        let made = self
            .does(ADA, post(all), (all, asked), ("pause.begin", ""))
            .await;
        let pause = made["pause"].as_str().expect("an id");
        let path = format!("{all}/{pause}");
        let lifted = ("pause.lift", pause);
        let ramp = json!({ "ramp": "10m" });
        self.does(BOB, delete("/v1/pauses/{id}"), (&path, ramp), lifted)
            .await;
        for (wrong, status, why) in [
            (
                json!({ "scope": "queue", "target": "nonsense" }),
                404,
                "queue: there is no queue nonsense",
            ),
            (json!({ "scope": "queue" }), 422, "target: say which queue"),
            (json!({ "scope": "all" }), 422, "scope: \"all\" is none"),
        ] {
            let mut body = wrong;
            body["reason"] = json!("x");
            let answer = self.asks(ADA, &Method::POST, all, body).await;
            assert!(answer.problem(status).contains(why), "{}", answer.body);
        }
    }

    async fn dead_letters(&mut self) {
        let sql = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, state, run_at, finished_at, attempt, failures)
                   select gen_random_uuid(), 'sweeps', 'holds.release', 1, 'planted ' || n, '00000000-0000-0000-0000-000000000000', '{}',
                          'dead', relink.clock(), relink.clock(), 3, 3 from generate_series(1, 2) n returning id";
        let rows = self
            .ground
            .owner
            .query(sql, &[])
            .await
            .expect("dead letters");
        let ids: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
        let again = "/v1/dead/redrive";
        let one = json!({ "jobs": [ids[0]] });
        let done = self
            .does(ADA, post(again), (again, one), ("dead.redrive", ""))
            .await;
        assert_eq!(done["count"], 1);
        let gone = "/v1/dead/discard";
        let fitting = json!({ "filter": { "kind": "holds.release" } });
        let done = self
            .does(BOB, post(gone), (gone, fitting), ("dead.discard", ""))
            .await;
        assert_eq!(done["jobs"], json!([ids[1]]));
    }

    async fn lifting(&mut self) {
        let account = self.ground.accounts[0].0;
        let sql = format!(
            "insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
             select id, workspace_id, 'One', relink.clock(), relink.clock() from relink.accounts where id = '{account}';
             insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
             values (gen_random_uuid(), '{account}', 'stuck_loop', relink.clock(), 'worker:test');
             insert into relink.account_holds (account_id, reason, since) values ('{account}', 'restricted', relink.clock())"
        );
        self.ground.owner.batch_execute(&sql).await.expect("stops");
        let id = account.to_string();
        let path = format!("/v1/campaigns/{id}/pauses/stuck_loop");
        let route = delete("/v1/campaigns/{id}/pauses/{pause}");
        let resumed = ("campaign.resume", id.as_str());
        self.does(ADA, route, (&path, json!({})), resumed).await;
        let path = format!("/v1/accounts/{id}/holds/restricted");
        let route = delete("/v1/accounts/{id}/holds/{hold}");
        let released = ("account.release", id.as_str());
        self.does(BOB, route, (&path, json!({})), released).await;
        self.restart().await;
        for (path, status, why) in [
            (
                format!("/v1/campaigns/{id}/pauses/subscription"),
                409,
                "no person lifts",
            ),
            (
                format!("/v1/accounts/{id}/holds/nonsense"),
                422,
                "is none that a person ends",
            ),
            (
                format!("/v1/accounts/{}/holds/restricted", Uuid::nil()),
                404,
                "there is no account",
            ),
        ] {
            let answer = self.asks(ADA, &Method::DELETE, &path, json!({ "reason": "x" }));
            assert!(answer.await.problem(status).contains(why), "{path}");
        }
    }

    async fn alerts(&mut self) {
        let sql = "select relink.raise_alert('wrong_account', 'a', '{}', relink.clock())";
        self.ground
            .owner
            .batch_execute(sql)
            .await
            .expect("an alert");
        let ack = "/v1/alerts/ack";
        let of_code = json!({ "code": "wrong_account" });
        let done = self
            .does(ADA, post(ack), (ack, of_code), ("alert.ack", ""))
            .await;
        assert_eq!(done["alerts"].as_array().map(Vec::len), Some(1), "{done}");
    }
}

#[tokio::test]
async fn r_aud_4_every_act_over_http_is_audited_with_the_tokens_owner_and_a_dry_run_writes_nothing()
{
    let mut acts = Acts::of(20).await;
    acts.flags_and_latch().await;
    acts.removals().await;
    acts.warrants().await;
    acts.pauses().await;
    acts.dead_letters().await;
    acts.lifting().await;
    acts.alerts().await;
    acts.stops().await;
    acts.adoption().await;
    acts.people().await;
    acts.workspaces().await;
    acts.links().await;
    acts.notices().await;
    acts.settings().await;
    acts.restored_copy().await;
    // A new act of the table needs a line above.
    let routes = api::ops_routes().into_iter();
    let routes = routes.filter(|it| it.method != Method::GET);
    let all: BTreeSet<_> = routes.map(|it| (it.method.to_string(), it.path)).collect();
    assert_eq!(acts.done, all, "every act of the table was done here");
}
