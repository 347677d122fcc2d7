//! The links listener of the real process, over an account that was lost, one that is well, and the simulator.

use jiff::Timestamp;
use linking::{Keys, OptOut, PageTicket};
use policy::ids::AccountId;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::SecretString;
use std::time::Duration;
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};
use tests::eventually::eventually;
use tests::process::Process;
use tests::provider::{KEY, SimulatedProvider};
use tokio_postgres::Client as Owner;

const SOON: Duration = Duration::from_secs(15);
/// 32 bytes, and nobody's.
pub(super) const SECRET: &str = "5f0d8a6e1c3b47925f0d8a6e1c3b47925f0d8a6e1c3b47925f0d8a6e1c3b4792";
/// The one of before, which is good for what it signed.
const SECRET_PREVIOUS: &str = "11d2c4a9077e5b38f6e1d0c9b8a7f6e5d4c3b2a190887766554433221100ffee";
/// Headers of every answer of a page.
const GUARDS: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-robots-tag", "noindex, nofollow, noarchive"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Process, provider, accounts.
pub(super) struct Scene {
    process: Process,
    base: String,
    client: Client,
    owner: Owner,
    provider: SimulatedProvider,
    keys: Keys,
    /// Connected once, and lost.
    pub(super) lost: AccountId,
    /// Connected, and well.
    pub(super) connected: AccountId,
    /// Name of the lost account's episode.
    pub(super) episode: i64,
    _database: Database,
}

/// An answer, read to its end.
pub(super) struct Answer {
    status: StatusCode,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn is(&self, status: StatusCode) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Nobody keeps it, frames it, indexes it, or hears where it was; nothing runs in it but what it came with.
    #[track_caller]
    pub(super) fn is_guarded(&self) {
        for (name, value) in GUARDS {
            assert_eq!(self.headers[name], value, "{name}");
        }
        let policy = self.headers["content-security-policy"].to_str();
        let policy = policy.expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{policy}"
        );
        assert!(!self.headers.contains_key("set-cookie"));
    }

    /// The state that the page says.
    #[track_caller]
    pub(super) fn state(&self) -> &str {
        let after = self.text.split_once("data-state=\"");
        let (_, after) = after.unwrap_or_else(|| panic!("no state: {}", self.text));
        after.split('"').next().unwrap_or_default()
    }
}

impl Scene {
    pub(super) async fn start() -> Self {
        let database = Database::fresh().await;
        let owner = database.owner().await;
        let now: Timestamp = owner
            .query_one("select relink.clock()", &[])
            .await
            .expect("read the clock")
            .get(0);
        let mut cast = Cast::new(now);
        let (lost, connected) = (cast.connected("ada-lost"), cast.connected("bo-well"));
        store::seed::plant(&database.config(SUPERUSER), &cast.fleet, cast.at)
            .await
            .expect("plant the cast");
        let provider = SimulatedProvider::start(now).await;
        provider.create(cast.sessions).await;
        let settings = [
            ("RELINK_DATABASE_URL", database.url("relink_operator")),
            ("RELINK_PROVIDER_URL", provider.base().to_owned()),
            ("RELINK_PROVIDER_API_KEY", KEY.to_owned()),
            ("RELINK_SECRETS_KEY", SECRET.to_owned()),
            ("RELINK_SECRETS_KEY_PREVIOUS", SECRET_PREVIOUS.to_owned()),
            ("RELINK_PUBLIC_URL", "http://links.example".to_owned()),
            ("RELINK_API_PRODUCT_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_API_OPS_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_API_WEBHOOKS_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_API_RATE_PER_MINUTE", "600000".to_owned()),
            ("RELINK_LOG", "trace".to_owned()),
        ];
        let settings: Vec<_> = settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut process = Process::relink("api", &["api"], &settings);
        let base = listening(&mut process, "webhooks").await;
        let mut scene = Self {
            process,
            base,
            client: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
            owner,
            provider,
            keys: keys(),
            lost,
            connected,
            episode: 0,
            _database: database,
        };
        scene
            .run("update relink.workspaces set support_address = 'help@first.example'")
            .await;
        scene.put(lost, "status = 'reconnect_needed'").await;
        let began = "select max(began_version)::text from relink.episodes where ended_at is null";
        scene.episode = scene.text(began).await.parse().expect("an open episode");
        scene
    }

    /// Ticket for a page of that account, for a month.
    pub(super) fn token(&self, account: AccountId, episode: i64) -> String {
        self.token_until(account, episode, Duration::from_hours(30 * 24))
    }

    pub(super) fn token_until(&self, account: AccountId, episode: i64, left: Duration) -> String {
        token(&self.keys, account, episode, left)
    }

    /// Token of the way off the list, by the key of now.
    pub(super) fn way_off(&self, account: AccountId) -> String {
        self.keys.opt_out(&OptOut { account })
    }

    /// The same, by the key of before and by one that nobody has.
    pub(super) fn ways_off_by_others(account: AccountId) -> [String; 2] {
        let nobodys = SECRET.replace('5', "6");
        [SECRET_PREVIOUS, &nobodys].map(|key| {
            let keys = Keys::parse(&SecretString::from(key), None).expect("a key");
            keys.opt_out(&OptOut { account })
        })
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(super) async fn sent(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a page");
        Answer {
            status,
            headers,
            text,
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.sent(self.request(Method::GET, path)).await
    }

    /// Presses the button, as a browser does.
    pub(super) async fn pressed(&self, token: &str, form: &'static str) -> Answer {
        let request = self
            .request(Method::POST, &format!("/r/{token}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.sent(request.body(form)).await
    }

    /// Presses the button; the provider's page that the browser is sent to.
    pub(super) async fn press(&self, token: &str, form: &'static str) -> String {
        let answer = self.pressed(token, form).await;
        answer.is(StatusCode::SEE_OTHER).is_guarded();
        let place = answer.headers["location"].to_str().expect("an address");
        let hosted = format!("{}/hosted/", self.provider.base());
        assert!(place.starts_with(&hosted), "{place}");
        place.to_owned()
    }

    /// Links that the provider was asked for.
    pub(super) async fn mints(&self) -> u64 {
        self.provider.counts().await.links_minted
    }

    /// One text of the database's.
    pub(super) async fn text(&self, sql: &str) -> String {
        let row = self.owner.query_one(sql, &[]).await;
        row.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    pub(super) async fn run(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect(sql);
    }

    /// Changes an account by hand, with its audit row and its episode, as the fleet's one writer does.
    pub(super) async fn put(&self, account: AccountId, change: &str) {
        let id = account.0;
        let sql = format!(
            "with put as (
                update relink.accounts a set {change}, status_since = relink.clock()
                  from relink.accounts b where a.id = '{id}' and b.id = a.id
                returning a.id, a.status_version, a.status, b.status as before),
             began as (
                insert into relink.episodes (account_id, began_version, began_at, cause)
                select id, status_version, relink.clock(), 'credentials' from put
                 where before = 'connected' and status not in ('connected', 'disconnected')),
             ended as (
                update relink.episodes e set ended_at = relink.clock() from put
                 where e.account_id = put.id and e.ended_at is null and put.status in ('connected', 'disconnected'))
             insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
             select id, status_version, relink.clock(), before, status, 'put', 'test', '{{}}' from put"
        );
        self.run(&sql).await;
    }

    /// Neither the ticket nor a hosted page stands in the log, at its most talkative.
    pub(super) fn log_is_clean(&self, token: &str) {
        let log = self.process.log();
        let route = format!(
            "/{}/{{token}}",
            if token.starts_with('o') { 'o' } else { 'r' }
        );
        assert!(log.contains(&route), "{route} is named");
        assert!(!log.contains(token), "the ticket is in the log");
        assert!(!log.contains("/hosted/"), "a hosted page is in the log");
        assert!(!log.contains("ada-lost"), "a name is in the log");
    }
}

/// The keys that those processes sign with.
pub(super) fn keys() -> Keys {
    Keys::parse(&SecretString::from(SECRET), None).expect("a key")
}

pub(super) fn token(keys: &Keys, account: AccountId, episode: i64, left: Duration) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "the ticket ends by the machine's clock, which these databases show"
    )]
    let now = Timestamp::now();
    let left = jiff::SignedDuration::try_from(left).expect("a short time");
    keys.page(&PageTicket {
        account,
        episode,
        step: 0,
        ends_at: now.checked_add(left).expect("soon"),
    })
}

/// Where a listener of a process is.
pub(super) async fn listening(process: &mut Process, listener: &str) -> String {
    eventually("the API listens", SOON, || {
        let (log, ended) = (process.log(), process.exited());
        assert!(ended.is_none(), "it ended: {log}");
        async move {
            log.lines().find_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).ok()?;
                let is_it = line["message"] == "listening" && line["listener"] == listener;
                is_it.then(|| format!("http://{}", line["address"].as_str().unwrap_or_default()))
            })
        }
    })
    .await
}
