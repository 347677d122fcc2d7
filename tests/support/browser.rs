//! Debian's Chromium without a window, led over WebDriver by its own driver, and what a person does in it.

use crate::eventually::eventually;
use crate::process::{Process, marked};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Client;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The driver, of Debian's package `chromium-driver`.
const DRIVER: &str = "/usr/bin/chromedriver";
/// The browser, of Debian's package `chromium`.
const CHROMIUM: &str = "/usr/bin/chromium";
/// Start of a browser on a busy machine; nothing on a page takes as long.
const PATIENCE: Duration = Duration::from_mins(2);
/// Longest that a killed browser is waited for.
const ENDS_WITHIN: Duration = Duration::from_secs(20);
/// Name under which WebDriver wraps an element's id.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// 1280 by 900.
    Desktop,
    /// 360 by 740, touched.
    Phone,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As browsers come.
    Run,
    /// As some people set them.
    Blocked,
}

/// A browser; it ends with this.
pub struct Browser {
    client: Client,
    session: String,
    driver: Option<Process>,
    profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.driver.take());
        // A browser that is ending still writes to its profile, which goes after this.
        let since = Instant::now();
        while !marked(&self.home()).is_empty() && since.elapsed() < ENDS_WITHIN {
            pause();
        }
    }
}

impl Browser {
    /// Whether this machine has one.
    pub fn is_installed() -> bool {
        Path::new(DRIVER).exists() && Path::new(CHROMIUM).exists()
    }

    /// Starts one.
    ///
    /// # Panics
    /// Without Debian's packages `chromium` and `chromium-driver`.
    pub async fn start(screen: Screen, scripts: Scripts) -> Self {
        crate::site::secure();
        let profile = tempfile::tempdir().expect("make a directory");
        let home = profile.path().to_string_lossy().into_owned();
        let settings = [
            ("HOME".to_owned(), home.clone()),
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
        ];
        let mut driver =
            Process::start("chromedriver", Path::new(DRIVER), &["--port=0"], &settings);
        let port = eventually("the driver listens", PATIENCE, || {
            let (log, ended) = (driver.log(), driver.exited());
            assert!(ended.is_none(), "it ended: {log}");
            async move {
                let (_, port) = log.split_once("started successfully on port ")?;
                port.split('.').next()?.parse::<u16>().ok()
            }
        })
        .await;
        let client = Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .expect("a client");
        let base = format!("http://127.0.0.1:{port}/session");
        let asked = capabilities(screen, scripts, &home);
        let opened = ask(&client, &base, &asked).await;
        let id = opened["sessionId"].as_str().expect("a session");
        Self {
            session: format!("{base}/{id}"),
            client,
            driver: Some(driver),
            profile,
        }
    }

    /// Directory of this browser alone, which each of its processes names.
    pub fn home(&self) -> String {
        self.profile.path().to_string_lossy().into_owned()
    }

    /// Opens an address, and waits until its page is there.
    pub async fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url })).await;
    }

    /// What is written in the first element of that selector; none where there is no such.
    pub async fn text(&self, selector: &str) -> Option<String> {
        let element = self.find(selector).await?;
        let text = self.look(&format!("element/{element}/text")).await?;
        text.as_str().map(ToOwned::to_owned)
    }

    /// Presses the first element of that selector.
    pub async fn press(&self, selector: &str) {
        let element = self.find(selector).await;
        let element = element.unwrap_or_else(|| panic!("no {selector}"));
        self.post(&format!("element/{element}/click"), &json!({}))
            .await;
    }

    /// Types into the first element of that selector.
    pub async fn write(&self, selector: &str, text: &str) {
        let element = self.find(selector).await;
        let element = element.unwrap_or_else(|| panic!("no {selector}"));
        let body = json!({ "text": text });
        self.post(&format!("element/{element}/value"), &body).await;
    }

    /// Waits until the first element of that selector has this text.
    pub async fn reads(&self, selector: &str, text: &str) {
        let what = format!("{selector} reads {text}");
        eventually(&what, PATIENCE, || async {
            (self.text(selector).await.as_deref() == Some(text)).then_some(())
        })
        .await;
    }

    /// Width and height of an element in CSS pixels, and the width of the whole page against the window's.
    pub async fn measured(&self, selector: &str) -> ((f64, f64), (f64, f64)) {
        let element = self.find(selector).await.expect("the element");
        let of = self.get(&format!("element/{element}/rect")).await;
        let root = self.find("html").await.expect("a page");
        let wide = |name: &str| format!("element/{root}/property/{name}");
        let (whole, shown) = (
            self.get(&wide("scrollWidth")).await,
            self.get(&wide("clientWidth")).await,
        );
        let number = |value: &Value| value.as_f64().expect("a number");
        (
            (number(&of["width"]), number(&of["height"])),
            (number(&whole), number(&shown)),
        )
    }

    /// Writes a picture of the whole window.
    pub async fn picture(&self, file: &Path) {
        let picture = self.get("screenshot").await;
        let picture = picture.as_str().expect("a picture");
        let bytes = BASE64_STANDARD.decode(picture);
        std::fs::write(file, bytes.expect("base64")).expect("write the picture");
    }

    /// What the browser complained of: policies that were broken, scripts that failed.
    pub async fn complaints(&self) -> Vec<String> {
        let lines = self.post("se/log", &json!({ "type": "browser" })).await;
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .filter_map(|line| line["message"].as_str().map(ToOwned::to_owned))
            .collect()
    }

    async fn find(&self, selector: &str) -> Option<String> {
        let using = json!({ "using": "css selector", "value": selector });
        let found = self.post("elements", &using).await;
        found[0][ELEMENT].as_str().map(ToOwned::to_owned)
    }

    async fn post(&self, what: &str, body: &Value) -> Value {
        ask(&self.client, &format!("{}/{what}", self.session), body).await
    }

    async fn get(&self, what: &str) -> Value {
        let sent = self.client.get(format!("{}/{what}", self.session)).send();
        let answer = answered(sent.await).await;
        answer.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// As [`Self::get`], of an element that may be gone with its page by now.
    async fn look(&self, what: &str) -> Option<Value> {
        let sent = self.client.get(format!("{}/{what}", self.session)).send();
        match answered(sent.await).await {
            Ok(found) => Some(found),
            Err(error) if error["error"] == "stale element reference" => None,
            // The same, where the page went while the driver was looking.
            Err(error) if is_of_a_page_before(&error) => None,
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "no runtime to wait in, and no event tells of processes that are not ours"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

fn is_of_a_page_before(error: &Value) -> bool {
    let said = error["message"].as_str();
    said.is_some_and(|it| it.contains("does not belong to the document"))
}

async fn ask(client: &Client, url: &str, body: &Value) -> Value {
    let answer = answered(client.post(url).json(body).send().await).await;
    answer.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// What the driver answers; an error is its own, by name.
async fn answered(sent: reqwest::Result<reqwest::Response>) -> Result<Value, Value> {
    let answer = sent.expect("the driver answers");
    let is_well = answer.status().is_success();
    let mut body: Value = answer.json().await.expect("JSON");
    let value = body["value"].take();
    if is_well { Ok(value) } else { Err(value) }
}

fn capabilities(screen: Screen, scripts: Scripts, home: &str) -> Value {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        // The suite runs as root in containers, where Chromium's own sandbox cannot stand.
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--no-first-run".to_owned(),
        format!("--user-data-dir={home}/profile"),
    ];
    let mut options = json!({ "binary": CHROMIUM });
    match screen {
        Screen::Desktop => arguments.push("--window-size=1280,900".to_owned()),
        Screen::Phone => {
            // The driver's touch never ends where scripts are blocked; its mouse does.
            let touch = scripts == Scripts::Run;
            options["mobileEmulation"] = json!({ "deviceMetrics": {
                "width": 360, "height": 740, "pixelRatio": 2.0, "touch": touch, "mobile": true,
            } });
        }
    }
    if scripts == Scripts::Blocked {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    options["args"] = json!(arguments);
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    } } })
}
