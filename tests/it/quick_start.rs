//! The product's quick start (`docs/product.md`), typed as it stands: from an empty database to a connected account.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use store::operators::{NewToken, Scope};
use tempfile::TempDir;
use tests::database::SUPERUSER;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::links::SECRETS_KEY;
use tests::process::{Process, trust_setting};
use tests::site::Site;
use tokio::process::Command;
use uuid::Uuid;

/// Calls that the page promises.
const CALLS: usize = 6;
/// Longer than the six take on a loaded machine.
const WITHIN: Duration = Duration::from_mins(2);

/// Every block of the page that is typed.
pub(crate) fn typed(page: &str) -> Vec<&str> {
    let blocks = page.split("```sh\n").skip(1);
    let ends = blocks.filter_map(|rest| Some(rest.split_once("```")?.0));
    ends.collect()
}

/// The answer that the page ends with.
fn printed(page: &str) -> &str {
    let after = page
        .split("```\n")
        .filter(|block| block.starts_with("Signed in"));
    after.last().expect("the last answer")
}

/// The real processes over an empty database.
struct Fleet {
    run: FleetRun,
    processes: Vec<Process>,
    product: String,
}

impl Fleet {
    async fn start() -> Self {
        let mut run = FleetRun::without_workers(Site::shared().await, |_| {}).await;
        let [links] = servers::free_ports().expect("a port");
        let of = |run: &mut FleetRun, role: &str, more: &[(&str, String)]| {
            let mut settings = run.settings();
            settings.retain(|(name, _)| {
                name != "RELINK_DATABASE_URL" && !more.iter().any(|it| it.0 == name)
            });
            let url = run.site().database_url(role);
            settings.push(("RELINK_DATABASE_URL".to_owned(), url));
            settings.push(("RELINK_STAND_IN_CLOCK".to_owned(), "true".to_owned()));
            settings.push(("RELINK_SECRETS_KEY".to_owned(), SECRETS_KEY.to_owned()));
            settings.push((
                "RELINK_PUBLIC_URL".to_owned(),
                format!("http://127.0.0.1:{links}"),
            ));
            settings.extend(
                more.iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone())),
            );
            settings
        };
        let anywhere = || "127.0.0.1:0".to_owned();
        let api = of(
            &mut run,
            "relink_operator",
            &[
                ("RELINK_API_PRODUCT_ADDRESS", anywhere()),
                ("RELINK_API_OPS_ADDRESS", anywhere()),
                ("RELINK_API_WEBHOOKS_ADDRESS", format!("127.0.0.1:{links}")),
                ("RELINK_LOG_FORMAT", "json".to_owned()),
            ],
        );
        let worker = of(&mut run, "relink_worker", &[]);
        let scheduler = of(&mut run, "relink_scheduler", &[]);
        let arguments = ["worker", "watches", "sweeps"];
        let processes = vec![
            Process::relink("api", &["api"], &api),
            Process::relink("worker", &arguments, &worker),
            Process::relink("scheduler", &["scheduler"], &scheduler),
        ];
        let product = eventually("the product listener", WITHIN, || {
            let log = processes[0].log();
            async move { listening(&log) }
        });
        Self {
            product: product.await,
            run,
            processes,
        }
    }

    /// An operator's token, as somebody has one before any tenant is there.
    async fn operator(&mut self) -> String {
        let secret = [Uuid::now_v7(), Uuid::now_v7()].map(|it| it.simple().to_string());
        let (id, secret) = ("0a1b2c3d4e5f", secret.concat());
        let new = NewToken {
            id,
            secret: &secret,
            operator: "you",
            scopes: &[Scope::Read, Scope::Operate],
            workspace: None,
            life: Duration::from_hours(1),
        };
        let owner = self.run.site().database(SUPERUSER);
        let why = ("test", "the first operator");
        store::operators::add(&owner, &new, why)
            .await
            .expect("a token");
        format!("rlo_{id}_{secret}")
    }
}

fn listening(log: &str) -> Option<String> {
    let mut lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let line = lines.find(|it| it["message"] == "listening" && it["listener"] == "product")?;
    Some(format!("http://{}", line["address"].as_str()?))
}

/// A directory with the program under its name, to be typed in.
pub(crate) fn desk() -> (TempDir, PathBuf) {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where the program is"
    )]
    let program = std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
    let program = Path::new(&program).canonicalize().expect("the program");
    let desk = TempDir::new().expect("a directory");
    std::os::unix::fs::symlink(program, desk.path().join("relink")).expect("its name");
    let path = desk.path().to_owned();
    (desk, path)
}

#[tokio::test]
async fn r_api_1_the_quick_start_connects_an_account_in_six_calls() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/product.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let blocks = typed(&page);
    assert_eq!(blocks.len(), CALLS, "a block a call");
    let mut fleet = Fleet::start().await;
    let token = fleet.operator().await;
    let (_kept, desk) = desk();
    let mut typing = Command::new("bash");
    typing
        .args(["-euo", "pipefail", "-c", &blocks.concat()])
        .current_dir(&desk)
        .env_clear()
        .envs(trust_setting())
        .env(
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin", desk.display()),
        )
        .env(
            "RELINK_DATABASE_URL",
            fleet.run.site().database_url("relink_operator"),
        )
        .env(
            "OWNER_DATABASE_URL",
            fleet.run.site().database_url(SUPERUSER),
        )
        .env("RELINK_OPERATOR_TOKEN", &token)
        .env("API", &fleet.product)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(WITHIN, typing.output()).await;
    let ended = ended.expect("the page's calls end").expect("bash");
    let (out, err) = texts(&ended);
    assert!(ended.status.success(), "{out}{err}");
    assert!(out.starts_with("Connected"), "{out}{err}");
    assert!(out.ends_with(printed(&page)), "{out}{err}");
    let counts = fleet.run.provider.counts().await;
    assert_eq!((counts.links_minted, counts.links_completed), (1, 1));
    assert_eq!(fleet.processes.len(), 3);
}

fn texts(ended: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&ended.stdout), text(&ended.stderr))
}
