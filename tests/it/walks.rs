//! The nights of docs/operations.md, typed as they stand on a running fleet: from the alert to what its answer does (R-WAT-3,
//! R-WAT-5, R-JOB-3, R-Q-1).

use crate::duties::into;
use crate::duties_confirm::gone;
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use simulator::control::{Faults, Health, Rate};
use std::path::Path;
use std::process::Stdio;
use store::Store;
use store::operators::Scope;
use tempfile::TempDir;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tokio::process::Command;

/// The fleet, whose operator sits before the page.
struct Night {
    run: FleetRun,
    /// As the scheduler's role.
    store: Store,
    sessions: Vec<String>,
    blocks: std::vec::IntoIter<String>,
    typing: Typing,
}

/// Surroundings of what is typed.
struct Typing {
    desk: TempDir,
    url: String,
    token: String,
}

impl Typing {
    /// Types one block; what it printed, and the code that it ended with.
    async fn types(&self, block: &str) -> (String, Option<i32>) {
        let mut shell = Command::new("bash");
        shell
            .args(["-c", block])
            .current_dir(self.desk.path())
            .env_clear()
            .env(
                "PATH",
                format!(
                    "{}:/usr/local/bin:/usr/bin:/bin",
                    self.desk.path().display()
                ),
            )
            .env("RELINK_DATABASE_URL", &self.url)
            .env("RELINK_OPERATOR_TOKEN", &self.token)
            .env("RELINK_STAND_IN_CLOCK", "true")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let ended = shell.output().await.expect("bash");
        let [out, err] =
            [ended.stdout, ended.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        println!("{block}{out}{err}");
        // Each act is written to the log too; a refusal would stand there as well.
        let is_act = |line: &str| line.starts_with("[SENSITIVE-OP] ");
        assert!(err.lines().all(is_act), "nothing of it is refused: {err}");
        (out, ended.status.code())
    }
}

impl Night {
    async fn falls() -> Self {
        let mut crowd = vec![];
        let mut run = FleetRun::start(|cast| crowd = cast.crowd(40)).await;
        let desk = Desk::of(run.site(), "kim", &[Scope::Operate, Scope::Read]).await;
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let (_, nights) = page.split_once("## Five nights").expect("the nights");
        let (nights, _) = nights.split_once("\n## ").expect("what follows them");
        let blocks = crate::quick_start::typed(nights);
        let blocks: Vec<String> = blocks.into_iter().map(str::to_owned).collect();
        assert_eq!(blocks.len(), 6, "each is typed below");
        let (kept, _) = crate::quick_start::desk();
        Self {
            store: Store::new(run.site().database("relink_scheduler")).expect("a store"),
            sessions: crowd.into_iter().map(|it| it.1).collect(),
            blocks: blocks.into_iter(),
            typing: Typing {
                desk: kept,
                url: run.site().database_url("relink_operator"),
                token: desk.token.expose_secret().to_owned(),
            },
            run,
        }
    }

    /// Types the page's next block, in which each of these words is printed.
    async fn types(&mut self, code: i32, words: &[&str]) {
        let block = self.blocks.next().expect("another block");
        let (out, ended) = self.typing.types(&block).await;
        assert_eq!(ended, Some(code), "{out}");
        for words in words {
            assert!(out.contains(words), "{words}: {out}");
        }
    }

    async fn count(&self, status: &str) -> i64 {
        let sql = "select count(*) from relink.accounts where status::text = $1";
        self.run.number(sql, &[&status]).await
    }

    /// What the leader does every few seconds.
    async fn leader_looks(&self) {
        let looked = scheduler::watch_duties(&self.store, scheduler::Leader::Settled).await;
        looked.expect("look at duties");
    }
}

#[tokio::test]
async fn r_wat_3_r_wat_5_r_q_3_the_nights_of_the_page_end_as_it_says() {
    let mut night = Night::falls().await;
    a_stopped_run(&mut night).await;
    gone_sessions(&mut night).await;
    a_blind_watch(&mut night).await;
    a_dead_letter(&mut night).await;
    let all = "select count(*) from relink.jobs where state = 'leased'";
    night
        .types(
            0,
            &["drained: nothing of it runs", "kim", "resumed queue sends"],
        )
        .await;
    assert_eq!(night.run.number(all, &[]).await, 0);
    let open = "select count(*) from relink.pauses where lifted_at is null";
    assert_eq!(night.run.number(open, &[]).await, 0);
    assert_eq!(night.blocks.len(), 0, "all is typed");
    let acts = "select action from relink.operator_audit where actor = 'kim' order by id";
    let expected = [
        "watch.accept",
        "alert.ack",
        "case.confirm",
        "alert.ack",
        "alert.ack",
        "dead.redrive",
        "alert.ack",
        "pause.begin",
        "pause.lift",
    ];
    assert_eq!(night.run.words(acts, &[]).await, expected);
    night.run.is_sound_apart_from("column payload").await;
}

async fn a_stopped_run(night: &mut Night) {
    let lost = night.sessions[..12].to_vec();
    let credentials = into(Health::Credentials);
    night.run.provider.change_all(&lost, &credentials).await;
    night.run.beat().await;
    assert_eq!(night.count("reconnect_needed").await, 0, "it is stopped");
    night
        .types(0, &["page", "mass_change", "accepted 12 losses", "audit "])
        .await;
    night.run.settle().await;
    assert_eq!(night.count("reconnect_needed").await, 12, "and accepted");
}

async fn gone_sessions(night: &mut Night) {
    let six = night.sessions[12..18].to_vec();
    night.run.provider.change_all(&six, &gone()).await;
    night.run.beat().await;
    let a_poll = SignedDuration::from_secs(61);
    for _ in 0..2 {
        night.run.later(a_poll).await;
    }
    assert_eq!(night.count("missing").await, 0, "none has its verdict");
    night
        .types(0, &["page", "missing_breaker", "confirmed 6 cases"])
        .await;
    night.run.later(a_poll).await;
    assert_eq!(night.count("missing").await, 6);
}

async fn a_blind_watch(night: &mut Night) {
    let broken = Faults {
        rate_5xx: Rate(1.0),
        ..Faults::default()
    };
    night.run.provider.faults(&broken).await;
    for _ in 0..5 {
        night.run.beat().await;
        night.leader_looks().await;
    }
    let why = "GET /accounts: answered 50";
    night
        .types(
            1,
            &[
                "page",
                "duty_blind",
                "BLIND since",
                why,
                "status.watch has decided nothing since",
            ],
        )
        .await;
    night.run.provider.faults(&Faults::default()).await;
    night.run.beat().await;
    night.leader_looks().await;
    night.types(0, &["status.watch", "acknowledged"]).await;
    let blind =
        "select count(*) from relink.duties where duty = 'status.watch' and inconclusive > 0";
    assert_eq!(night.run.number(blind, &[]).await, 0, "it sees again");
}

/// Beside two jobs that are well, one whose payload no program reads.
async fn a_dead_letter(night: &mut Night) {
    let plant = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
        select gen_random_uuid(), queue, kind, version, 'odd' || n, workspace_id,
               case n when 2 then payload || '{\"n\": 1e400}' else payload end, relink.clock()
          from (select * from relink.jobs where kind = 'campaigns.heal' order by created_at limit 1) j, generate_series(1, 3) n";
    night.run.owner.execute(plant, &[]).await.expect("plant");
    night.run.settle().await;
    let done = "select count(*) from relink.jobs where cause like 'odd%' and state = 'done'";
    assert_eq!(night.run.number(done, &[]).await, 2, "the others go on");
    let mend =
        "update relink.jobs set payload = payload - 'n' where cause = 'odd2' and state = 'dead'";
    let mended = night.run.owner.execute(mend, &[]).await;
    assert_eq!(mended.expect("mend"), 1);
    night
        .types(
            0,
            &[
                "ticket",
                "read column payload",
                "redriven 1 dead letter",
                "audit ",
            ],
        )
        .await;
    night.run.settle().await;
    assert_eq!(night.run.number(done, &[]).await, 3);
}
