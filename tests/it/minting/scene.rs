//! One account, its session at the provider, and whoever mints links of it.

use crate::FIXTURE;
use jiff::{SignedDuration, Timestamp};
use linking::{AttemptName, Keys, LinkAsk, Minted, Minter, NotMinted};
use policy::account::{Cause, Flip, Status, StatusChanges};
use policy::decision::Decision;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use secrecy::ExposeSecret as _;
use simulator::control::Change;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::attempts::AttemptRow;
use store::{Author, Store};
use tests::cast::Cast;
use tests::clock;
use tests::database::{Database, SUPERUSER};
use tests::links;
use tests::process::Process;
use tests::provider::{KEY, SimulatedProvider};
use tokio::sync::OnceCell;
use tokio_postgres::Client;

/// On whose behalf the fleet decides in these tests.
pub(crate) const BY: Author<'static> = Author {
    actor: "worker:test",
    job: None,
    schedule: None,
    traceparent: None,
};

/// Every session of one account, in a database of its own or in one that tests of one function share.
pub(crate) struct Scene {
    pub(crate) provider: SimulatedProvider,
    pub(crate) owner: Client,
    pub(crate) worker: Store,
    pub(crate) minter: Minter,
    pub(crate) account: AccountId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) other_workspace: WorkspaceId,
    database: Arc<Database>,
    session: String,
    ahead_s: i64,
}

/// Database and provider of scenes that stand side by side.
static SHARED: OnceCell<(Arc<Database>, SimulatedProvider)> = OnceCell::const_new();

impl Scene {
    /// An account of that status, alone.
    pub(crate) async fn of(status: Status) -> Self {
        let database = Arc::new(Database::fresh().await);
        let at = clock_of(&database).await;
        let provider = SimulatedProvider::start(at).await;
        Self::within((database, provider), at, status).await
    }

    /// An account of that status, beside those of other such scenes of this process.
    pub(crate) async fn beside(status: Status) -> Self {
        let shared = SHARED.get_or_init(async || {
            let database = Arc::new(Database::fresh().await);
            let at = clock_of(&database).await;
            (database, SimulatedProvider::start(at).await)
        });
        let shared = shared.await.clone();
        let at = clock_of(&shared.0).await;
        Self::within(shared, at, status).await
    }

    async fn within(
        (database, provider): (Arc<Database>, SimulatedProvider),
        at: Timestamp,
        status: Status,
    ) -> Self {
        let hour_ago = at.checked_sub(SignedDuration::from_hours(1));
        let mut cast = Cast::new(hour_ago.expect("an hour ago"));
        let name = format!("ada-{}", uuid::Uuid::now_v7().simple());
        let account = cast.connected(&name);
        let (workspace, other_workspace) = (cast.fleet.workspaces[0].0, cast.second_workspace());
        store::seed::plant(&database.config(SUPERUSER), &cast.fleet, cast.at)
            .await
            .expect("plant the cast");
        provider.create(cast.sessions).await;
        let operator = database.store("relink_operator");
        let scene = Self {
            minter: links::minter(operator, provider.unipile_within(Duration::from_secs(5))),
            owner: database.owner().await,
            worker: database.store("relink_worker"),
            session: format!("s-{name}"),
            provider,
            account,
            workspace,
            other_workspace,
            database,
            ahead_s: 0,
        };
        if status != Status::Connected {
            scene.lead_to(status).await;
        }
        scene
    }

    /// Walks the account to a status along the table of transitions.
    async fn lead_to(&self, status: Status) {
        let way: &[Status] = match status {
            Status::Connecting => &[Status::ReconnectNeeded, Status::Connecting],
            _ => &[status],
        };
        for to in way {
            self.flip(*to).await;
        }
    }

    /// Flips the account as the fleet does.
    pub(crate) async fn flip(&self, to: Status) {
        let tx = self.worker.begin().await.expect("begin");
        let at = tx.now().at;
        let row = tx.mint_row(self.account, at).await.expect("the account");
        let row = row.expect("it exists");
        let flip = Flip {
            account: self.account,
            version: row.version,
            from: row.facts.status,
            to,
            cause: Cause::Credentials,
            observed_at: at,
            evidence: serde_json::json!({}),
            link: None,
            checkpoint: None,
        };
        let decision = Decision {
            status: StatusChanges {
                flips: vec![flip],
                ..StatusChanges::default()
            },
            ..Decision::nothing(at)
        };
        let applied = tx.apply(&decision, &BY).await.expect("apply");
        assert_eq!((applied.changed, applied.moved), (1, 0));
        tx.finish().await.expect("commit");
    }

    /// Time passes.
    pub(crate) async fn pass(&mut self, by: SignedDuration) {
        self.ahead_s += by.as_secs();
        let at = clock::step(&self.owner, self.ahead_s).await;
        self.provider.clock(at).await;
    }

    pub(crate) fn ask(&self) -> LinkAsk {
        links::ask(self.account, self.workspace)
    }

    pub(crate) async fn mint(&self, ask: &LinkAsk) -> Result<Minted, NotMinted> {
        self.minter.mint(ask).await
    }

    /// A process that makes so many calls at once.
    pub(crate) fn process(&self, calls: usize) -> Calling {
        self.process_before(self.provider.base(), calls)
    }

    /// The same, with another way to the provider.
    pub(crate) fn process_before(&self, base: &str, calls: usize) -> Calling {
        let settings = [
            ("DATABASE_URL", self.database.url("relink_operator")),
            ("PROVIDER_URL", base.to_owned()),
            ("PROVIDER_API_KEY", KEY.to_owned()),
        ]
        .map(|(name, value)| (format!("RELINK_{name}"), value));
        let (account, workspace) = (self.account.to_string(), self.workspace.to_string());
        let calls = calls.to_string();
        let arguments = ["mint", &account, &workspace, &calls];
        Calling(Process::start(
            "mint",
            Path::new(FIXTURE),
            &arguments,
            &settings,
        ))
    }

    /// A minter with another way to the provider.
    pub(crate) fn minter_before(&self, base: &str) -> Minter {
        let config = provider::Config::new(base.to_owned(), KEY.into());
        let provider = provider::Unipile::new(config).expect("a client");
        links::minter(self.database.store("relink_operator"), Arc::new(provider))
    }

    /// Links that the referee saw minted.
    pub(crate) async fn minted(&self) -> u64 {
        self.provider.counts().await.links_minted
    }

    /// Attempts of the account, the newest first.
    pub(crate) async fn attempts(&self) -> Vec<AttemptRow> {
        let read = self
            .worker
            .reading(async |tx| tx.attempts_of(self.account, 100).await);
        read.await.expect("the attempts")
    }

    /// Status of the account, and the cause of its newest flip.
    pub(crate) async fn status(&self) -> (String, String) {
        let sql = "select a.status::text, u.cause from relink.accounts a
            join relink.account_audit u on u.account_id = a.id and u.version = a.status_version where a.id = $1";
        let row = self.owner.query_one(sql, &[&self.account.0]).await;
        let row = row.expect("the account");
        (row.get(0), row.get(1))
    }

    /// How often the account became `connecting`.
    pub(crate) async fn flips(&self) -> i64 {
        let sql = "select count(*) from relink.account_audit where account_id = $1 and cause = 'link_started'";
        self.count(sql).await
    }

    pub(crate) async fn cases(&self) -> i64 {
        self.count("select count(*) from relink.cases where account_id = $1")
            .await
    }

    /// Episodes of the account, open or not.
    pub(crate) async fn episodes(&self) -> i64 {
        self.count("select count(*) from relink.episodes where account_id = $1")
            .await
    }

    async fn count(&self, sql: &str) -> i64 {
        let row = self.owner.query_one(sql, &[&self.account.0]).await;
        row.expect("count").get(0)
    }

    /// Looks that were asked for after an attempt's link.
    pub(crate) async fn looks(&self, attempt: AttemptId) -> i64 {
        let sql = "select count(*) from relink.jobs where kind = 'links.look' and payload ->> 'attempt' = $1
                      and account_id = $2 and workspace_id = $3";
        let asked = attempt.to_string();
        let row = self
            .owner
            .query_one(sql, &[&asked, &self.account.0, &self.workspace.0])
            .await;
        row.expect("count").get(0)
    }

    /// The provider forgets the session.
    pub(crate) async fn lose_session(&self) {
        let gone = Change {
            gone: true,
            ..Change::default()
        };
        self.provider.change(&self.session, gone).await;
    }

    /// The names that the provider got are those of the rows, and are proved by the key.
    pub(crate) async fn names_are_proved(&self) {
        let (keys, attempts) = (links::keys(), self.attempts().await);
        for link in self.provider.hosted_links().await {
            let parsed = Keys::parse_name(&link.name.expect("a name")).expect("ours");
            let row = attempts.iter().find(|it| it.id == parsed.attempt);
            let name = AttemptName {
                attempt: parsed.attempt,
                account: self.account,
                workspace: self.workspace,
                name_ends_at: row.expect("its row").name_ends_at,
            };
            assert!(keys.proves(&parsed, &name));
            let told = link.notify_url.expect("an address");
            assert_eq!(told, format!("{}/v1/callbacks/link", links::PUBLIC_URL));
        }
    }

    /// No row holds a URL in the clear, and only an open attempt holds one at all.
    pub(crate) async fn urls_are_sealed(&self, urls: &[String]) {
        let sql = "select state, url_sealed from relink.link_attempts where account_id = $1";
        let rows = self.owner.query(sql, &[&self.account.0]).await;
        for row in rows.expect("the attempts") {
            let (state, sealed): (String, Option<Vec<u8>>) = (row.get(0), row.get(1));
            assert_eq!(sealed.is_some(), state == "open", "{state}");
            let text = sealed.map(|it| String::from_utf8_lossy(&it).into_owned());
            let text = text.unwrap_or_default();
            assert!(urls.iter().all(|url| !text.contains(url.as_str())));
        }
    }
}

/// Calls of a process of their own.
pub(crate) struct Calling(pub(crate) Process);

impl Calling {
    /// What each call came to, a line each, once all have ended.
    pub(crate) async fn ended(mut self) -> Vec<String> {
        let status = self.0.ended(Duration::from_mins(1)).await;
        let log = self.0.log();
        assert!(status.success(), "{log}");
        log.lines().map(str::to_owned).collect()
    }
}

pub(crate) fn url(minted: &Minted) -> String {
    minted.url.expose_secret().to_owned()
}

async fn clock_of(database: &Database) -> Timestamp {
    let owner = database.owner().await;
    clock::lay(&owner).await;
    clock::step(&owner, 0).await
}
