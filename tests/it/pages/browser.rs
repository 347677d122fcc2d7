//! A real browser going an owner's whole way: link, lose, page, link again; on a desk and on a phone, with scripts and without
//! (R-LNK-3, R-LNK-7). By name alone: `tests/run pages`.

use super::scene::{SECRET, keys, listening, token};
use policy::ids::AccountId;
use simulator::control::{Change, Health};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;
use tests::browser::{Browser, Screen, Scripts};
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::provider::KEY;
use tests::size::is_full;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_mins(1);

#[tokio::test]
async fn r_lnk_7_a_browser_goes_the_whole_way_at_a_desk() {
    goes_the_whole_way(Screen::Desktop, Scripts::Run, "desktop").await;
}

#[tokio::test]
async fn r_lnk_7_a_browser_goes_the_whole_way_on_a_phone() {
    goes_the_whole_way(Screen::Phone, Scripts::Run, "phone").await;
}

#[tokio::test]
async fn r_lnk_7_a_browser_goes_the_whole_way_without_scripts() {
    goes_the_whole_way(Screen::Phone, Scripts::Blocked, "plain").await;
}

/// An owner with a browser, and everything that they meet.
struct Way {
    run: FleetRun,
    browser: Browser,
    /// Where owners' pages are.
    pages: String,
    pictures: PathBuf,
    screen: &'static str,
    account: AccountId,
    _api: Process,
}

async fn goes_the_whole_way(screen: Screen, scripts: Scripts, name: &'static str) {
    if !is_full() {
        return;
    }
    assert!(
        Browser::is_installed(),
        "deploy/local/install --browser installs Chromium"
    );
    let mut account = None;
    let run = FleetRun::start(|cast| {
        account = Some(cast.waiting("ada", |it| it.attempt = None));
    })
    .await;
    let account = account.expect("planted");
    let stop = CancellationToken::new();
    let scheduling = run.schedule(&stop);
    let way = Way::begin(run, screen, scripts, name, account).await;
    way.links_for_the_first_time().await;
    way.loses_the_session().await;
    way.links_again().await;
    way.comes_back_to_an_old_link().await;
    let complaints = way.browser.complaints().await;
    let policies = complaints
        .iter()
        .filter(|it| it.contains("Content Security Policy"));
    assert_eq!(policies.count(), 0, "{complaints:?}");
    stop.cancel();
    scheduling.await.expect("the scheduler ends").expect("well");
    way.run.is_sound().await;
}

impl Way {
    async fn begin(
        run: FleetRun,
        screen: Screen,
        scripts: Scripts,
        name: &'static str,
        account: AccountId,
    ) -> Self {
        let mut run = run;
        let (links, pages) = {
            // Nobody else asks for a port of their choice here.
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            let address = free.local_addr().expect("its address");
            (address.to_string(), format!("http://{address}"))
        };
        let settings = [
            (
                "RELINK_DATABASE_URL",
                run.site().database_url("relink_operator"),
            ),
            ("RELINK_PROVIDER_URL", run.provider.base().to_owned()),
            ("RELINK_PROVIDER_API_KEY", KEY.to_owned()),
            ("RELINK_SECRETS_KEY", SECRET.to_owned()),
            ("RELINK_PUBLIC_URL", pages.clone()),
            ("RELINK_API_PRODUCT_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_API_OPS_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_API_WEBHOOKS_ADDRESS", links),
            ("RELINK_HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
            ("RELINK_STAND_IN_CLOCK", "true".to_owned()),
        ];
        let settings: Vec<_> = settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut api = Process::relink("api", &["api"], &settings);
        listening(&mut api, "webhooks").await;
        let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
        std::fs::create_dir_all(&pictures).expect("make a directory");
        Self {
            run,
            browser: Browser::start(screen, scripts).await,
            pages,
            pictures,
            screen: name,
            account,
            _api: api,
        }
    }

    /// A first link: a stranger's login is refused by name, the right one connects.
    async fn links_for_the_first_time(&self) {
        self.opens_the_page(0).await;
        self.sees("01-first", "Connect your LinkedIn account").await;
        self.fits().await;
        self.browser.press("#sign-in").await;
        self.browser.reads("h1", "Connect your account").await;
        self.browser.press("#give_up").await;
        self.sees("02-given-up", "Not connected").await;
        self.browser.press("#sign-in").await;
        self.browser.write("#handle", "ada").await;
        self.browser.press("#sign_in").await;
        self.sees("03-connected", "Connected").await;
        self.is("connected").await;
    }

    async fn loses_the_session(&self) {
        let sql = "select session_id from relink.accounts where id = $1";
        let session = self.run.words(sql, &[&self.account.0]).await.concat();
        let lost = Change {
            health: Some(Health::Credentials),
            ..Change::default()
        };
        self.run.provider.change(&session, lost).await;
        // The next look of the watch, five minutes of it away, is asked for now.
        let sql = "update relink.schedules set last_slot = last_slot - interval '5 minutes' where kind = 'status.watch'";
        self.run.owner.execute(sql, &[]).await.expect("ask");
        self.is("reconnect_needed").await;
    }

    async fn links_again(&self) {
        self.opens_the_page(self.episode().await).await;
        self.sees("04-lost", "LinkedIn asks you to sign in again")
            .await;
        self.fits().await;
        self.browser.press("#sign-in").await;
        self.browser.reads("h1", "Connect your account").await;
        self.picture("05-provider").await;
        self.browser.press("#sign_in").await;
        self.sees("06-connected-again", "Connected").await;
        self.is("connected").await;
    }

    /// Nothing to do, whichever of the links is opened.
    async fn comes_back_to_an_old_link(&self) {
        for episode in [0, self.episode().await] {
            self.opens_the_page(episode).await;
            self.sees("07-nothing-to-do", "Connected").await;
            assert_eq!(self.browser.text("#sign-in").await, None);
        }
    }

    async fn opens_the_page(&self, episode: i64) {
        let ticket = token(
            &keys(),
            self.account,
            episode,
            Duration::from_hours(30 * 24),
        );
        self.browser
            .open(&format!("{}/r/{ticket}", self.pages))
            .await;
    }

    async fn sees(&self, name: &str, title: &str) {
        self.browser.reads("h1", title).await;
        self.picture(name).await;
    }

    async fn picture(&self, name: &str) {
        let file = self.pictures.join(format!("{}-{name}.png", self.screen));
        self.browser.picture(&file).await;
    }

    /// A button as large as a thumb, and nothing that is wider than the window.
    async fn fits(&self) {
        let ((_, height), (whole, shown)) = self.browser.measured("#sign-in").await;
        assert!(44.0 <= height, "a button of {height} px");
        assert!(whole <= shown, "{whole} px in a window of {shown}");
    }

    async fn is(&self, status: &str) {
        eventually(&format!("it is {status}"), SOON, || async {
            (self.run.status(self.account).await == status).then_some(())
        })
        .await;
    }

    async fn episode(&self) -> i64 {
        let sql = "select max(began_version) from relink.episodes where account_id = $1";
        self.run.number(sql, &[&self.account.0]).await
    }
}
