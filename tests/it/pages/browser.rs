//! A real browser going an owner's whole way: link, lose, mail, page, link again, and once more; on a desk and on a phone, with
//! scripts and without (R-LNK-3, R-LNK-7). By name alone: `tests/run pages`, which leaves pictures in `target/pages`.

use super::scene::{SECRET, keys, listening, token};
use jiff::SignedDuration;
use linking::PublicUrls;
use mailing::{Mailer, Server};
use policy::ids::AccountId;
use policy::jobs::Queue;
use simulator::control::{Change, Health};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tests::browser::{Browser, Screen, Scripts};
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::liar::{Liar, Mail};
use tests::process::Process;
use tests::provider::KEY;
use tests::site::Site;
use tests::size::is_full;
use tokio_util::sync::{CancellationToken, DropGuard};

const SOON: Duration = Duration::from_mins(2);
/// Longest that the provider may take to answer beside browsers that fill the machine.
const CALL_MAX: Duration = Duration::from_secs(15);
const OWNER: &str = "ada@example.net";

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

/// An owner with a browser and a mailbox, and everything that they meet.
struct Way {
    run: FleetRun,
    browser: Browser,
    mailbox: Liar,
    /// Where owners' pages are.
    pages: String,
    pictures: PathBuf,
    screen: &'static str,
    account: AccountId,
    _api: Process,
    _worker: DropGuard,
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
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        account = Some(cast.waiting("ada", |it| it.attempt = None));
    })
    .await;
    let account = account.expect("planted");
    let mut way = Way::begin(run, screen, scripts, name, account).await;
    let stop = CancellationToken::new();
    let scheduling = way.run.schedule(&stop);
    way.links_for_the_first_time().await;
    way.loses_the_session().await;
    way.links_again_by_another_link().await;
    way.loses_the_session().await;
    way.links_again_after_a_strangers_login().await;
    way.comes_back_to_old_links().await;
    way.wants_no_more_mails().await;
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
        let owned =
            format!("update relink.accounts set owner_email = '{OWNER}', zone = 'Europe/Berlin'");
        run.owner.batch_execute(&owned).await.expect("an owner");
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
        let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pages");
        std::fs::create_dir_all(&pictures).expect("make a directory");
        let mailbox = Liar::start().await;
        let tools = duties::mail_tools(&Queue::ALL, Some(postbox(&mailbox, &pages)));
        let worker = run.work_with(&Queue::ALL, run.provider.unipile_within(CALL_MAX), tools);
        run.settle().await;
        Self {
            _worker: worker,
            run,
            browser: Browser::start(screen, scripts).await,
            mailbox,
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
        self.browser.reads("h1", "Connect your account").await;
        self.browser.write("#handle", "ada").await;
        self.browser.press("#sign_in").await;
        self.sees("03-connected", "Connected").await;
        self.is("connected").await;
    }

    async fn loses_the_session(&mut self) {
        let sql = "select session_id from relink.accounts where id = $1";
        let session = self.run.words(sql, &[&self.account.0]).await.concat();
        let lost = Change {
            health: Some(Health::Credentials),
            ..Change::default()
        };
        self.run.provider.change(&session, lost).await;
        // Five minutes later: the next look of the watch.
        self.run.beat().await;
        self.is("reconnect_needed").await;
    }

    /// From a mail: the provider's page is lost on the way, and another one is asked for.
    async fn links_again_by_another_link(&mut self) {
        let page = link_after(&self.mail(1).await, "Sign in again: ");
        self.browser.open(&page).await;
        self.sees("04-lost", "LinkedIn asks you to sign in again")
            .await;
        self.fits().await;
        self.browser.press("#sign-in").await;
        self.browser.reads("h1", "Connect your account").await;
        self.picture("05-provider").await;
        self.browser.open(&page).await;
        self.sees("06-begun", "A sign-in was begun").await;
        self.fits().await;
        self.browser.press("#dead").await;
        self.browser.reads("h1", "Connect your account").await;
        self.browser.press("#sign_in").await;
        self.sees("07-connected-again", "Connected").await;
        self.is("connected").await;
    }

    /// From the next mail: somebody else is signed in to the provider in that browser.
    async fn links_again_after_a_strangers_login(&mut self) {
        let page = link_after(&self.mail(2).await, "Sign in again: ");
        self.browser.open(&page).await;
        self.browser
            .reads("h1", "LinkedIn asks you to sign in again")
            .await;
        self.browser.press("#sign-in").await;
        self.browser.reads("h1", "Connect your account").await;
        self.browser.press("#sign_in_as_another").await;
        self.sees("08-a-strangers", "This was another login").await;
        self.fits().await;
        self.browser.press("#sign-in").await;
        self.browser.reads("h1", "Connect your account").await;
        self.browser.press("#sign_in").await;
        self.sees("09-connected-once-more", "Connected").await;
        self.is("connected").await;
    }

    /// Nothing to do, whichever of the links is opened.
    async fn comes_back_to_old_links(&self) {
        for episode in [0, self.episode().await] {
            self.opens_the_page(episode).await;
            self.sees("10-nothing-to-do", "Connected").await;
            assert_eq!(self.browser.text("#sign-in").await, None);
        }
    }

    async fn wants_no_more_mails(&mut self) {
        let way_off = link_after(&self.mail(2).await, "No more mails about it: ");
        self.browser.open(&way_off).await;
        self.sees("11-no-more", "No more mails?").await;
        let stops = "select count(*) from relink.mail_stops";
        assert_eq!(self.run.number(stops, &[]).await, 0);
        self.browser.press("#yes").await;
        self.sees("12-no-more-mails", "No more mails").await;
        assert_eq!(self.run.number(stops, &[]).await, 1);
    }

    /// The mail of that number, from 1, of which there are no more; it comes within minutes of the fleet's.
    async fn mail(&mut self, number: usize) -> Mail {
        for _ in 0..5 {
            let mut mails = self.mailbox.mails_for(OWNER);
            assert!(mails.len() <= number, "{mails:?}");
            if mails.len() == number {
                return mails.pop().expect("a mail");
            }
            self.run.later(SignedDuration::from_mins(1)).await;
        }
        panic!("no mail came");
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

/// Whatever mails owners, by way of that mailbox.
fn postbox(mailbox: &Liar, pages: &str) -> duties::Postbox {
    let server = Server::parse(&mailbox.url().into(), "Relink <notices@example.com>", None);
    duties::Postbox {
        mailer: Mailer::new(server.expect("a server")),
        keys: keys(),
        urls: PublicUrls::parse(pages, pages).expect("addresses"),
    }
}

/// Address that follows those words in a mail's text.
fn link_after(mail: &Mail, words: &str) -> String {
    let said = mail.said();
    let (_, rest) = said.split_once(words).unwrap_or_else(|| panic!("{said}"));
    rest.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}
