//! What the real processes tell at `/metrics`: all of the catalogue and nothing else, bounded, and the census by one
//! scheduler alone.

use crate::metrics::{SERIES_MAX, expected};
use fleet::counted_kinds;
use metering::bound;
use metering::catalogue::{Exporter, Start, of};
use policy::campaigns::OnSenderLoss;
use policy::jobs::Queue;
use rustix::process::Signal;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::cast::Cast;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::process::Process;
use tests::scraped::{Labels, Scraped, address_of, scrape};
use tests::site::Site;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_mins(2);

/// A fleet of real processes.
pub(crate) struct Told {
    pub(crate) run: FleetRun,
    worker: String,
    schedulers: [(Process, String); 2],
    _worker: Process,
}

impl Told {
    pub(crate) async fn start(cast: impl FnOnce(&mut Cast)) -> Self {
        Self::over(FleetRun::without_workers(Site::shared().await, cast).await).await
    }

    /// Starts a worker and two schedulers over what is planted.
    async fn over(mut run: FleetRun) -> Self {
        let mut settings = run.settings();
        // Else its self-test finds the stepped clock, rightly, and pages.
        settings.push(("RELINK_STAND_IN_CLOCK".to_owned(), "true".to_owned()));
        let queues = Queue::ALL.map(Queue::as_str);
        let arguments: Vec<&str> = std::iter::once("worker").chain(queues).collect();
        let worker = Process::relink("worker", &arguments, &settings);
        for (name, value) in &mut settings {
            if name == "RELINK_DATABASE_URL" {
                *value = run.site().database_url("relink_scheduler");
            }
        }
        settings.push(("RELINK_SCHEDULER_LEASE_SECONDS".to_owned(), "2".to_owned()));
        let schedulers =
            ["first", "second"].map(|name| Process::relink(name, &["scheduler"], &settings));
        let [first, second] = schedulers;
        let (at_first, at_second) = (address_of(&first).await, address_of(&second).await);
        Self {
            run,
            worker: address_of(&worker).await,
            schedulers: [(first, at_first), (second, at_second)],
            _worker: worker,
        }
    }

    /// Where each process tells: the schedulers, then the worker.
    pub(crate) fn addresses(&self) -> [&str; 3] {
        let [first, second] = &self.schedulers;
        [&first.1, &second.1, &self.worker]
    }

    /// The scheduler that tells the census, once one does and the other one follows: of two that begin at once, the one that
    /// sits in the chair takes over from the one that asked sooner.
    async fn leader(&self) -> (usize, Scraped) {
        eventually("one scheduler tells the census", PATIENCE, || async {
            for (index, (_, address)) in self.schedulers.iter().enumerate() {
                let told = scrape(address).await;
                if is_census(&told) && self.follows(1 - index).await {
                    return Some((index, told));
                }
            }
            None
        })
        .await
    }

    async fn follows(&self, index: usize) -> bool {
        let told = scrape(&self.schedulers[index].1).await;
        told.value("relink_scheduler_leads", &[]) == Some(0.0)
    }
}

fn is_census(told: &Scraped) -> bool {
    told.value("relink_census_timestamp_seconds", &[]).is_some()
}

/// Names of the metrics that a process tells, and those of the catalogue that it should.
fn names(told: &Scraped) -> BTreeSet<&str> {
    told.series
        .keys()
        .map(|(name, _)| told.metric_of(name))
        .collect()
}

/// Series as the catalogue writes them: a histogram's are one.
fn sets(told: &Scraped) -> BTreeSet<(String, Labels)> {
    let without_end = told.series.keys().map(|(name, labels)| {
        let mut labels = labels.clone();
        if told.metric_of(name) != name {
            labels.remove("le");
        }
        (told.metric_of(name).to_owned(), labels)
    });
    without_end.collect()
}

#[track_caller]
fn is_all_of_the_catalogue(exporter: Exporter, told: &Scraped, starts: &[Start]) {
    let wanted: BTreeSet<&str> = of(exporter)
        .filter(|metric| starts.contains(&metric.start))
        .map(|metric| metric.name)
        .collect();
    assert_eq!(names(told), wanted, "{exporter:?}");
    let mut known: BTreeSet<(String, Labels)> = BTreeSet::new();
    for start in starts {
        let sets_of = expected(exporter, *start);
        if *start != Start::Known {
            let found = sets(told);
            let missing: Vec<_> = sets_of.difference(&found).collect();
            assert!(missing.is_empty(), "{exporter:?} does not tell {missing:?}");
        }
        known.extend(sets_of);
    }
    let foreign: Vec<_> = sets(told)
        .into_iter()
        .filter(|(name, _)| name != "relink_build_info")
        .filter(|set| !known.contains(set))
        .collect();
    assert_eq!(
        foreign,
        [],
        "no label says what the catalogue does not know"
    );
    let most = bound(exporter, &counted_kinds(&duties::roster()), &Queue::ALL);
    println!(
        "{}: {} series, at most {most}",
        exporter.as_str(),
        told.series.len()
    );
    assert!(told.series.len() <= most && most <= SERIES_MAX);
}

#[tokio::test]
async fn every_process_tells_all_of_its_catalogue_from_the_start_and_nothing_else() {
    let told = Told::start(|cast| {
        let accounts: Vec<_> = cast.crowd(30).into_iter().map(|one| one.0).collect();
        cast.campaign(OnSenderLoss::PauseCampaign, &accounts);
        for account in accounts {
            cast.sends(account);
        }
    })
    .await;
    let (leader, census) = told.leader().await;
    is_all_of_the_catalogue(
        Exporter::Scheduler,
        &census,
        &[Start::Zero, Start::Known, Start::Census],
    );
    assert_eq!(census.value("relink_scheduler_leads", &[]), Some(1.0));
    assert_eq!(
        census.value("relink_accounts", &[("status", "connected")]),
        Some(30.0)
    );
    assert_eq!(census.value("relink_audit_unpaired", &[]), Some(0.0));
    assert_eq!(census.value("relink_guards_missing", &[]), Some(0.0));
    assert_eq!(
        census.value("relink_removal_gate_open", &[("gate", "flag")]),
        Some(0.0)
    );
    assert_eq!(
        census.value("relink_removal_gate_open", &[("gate", "audit")]),
        Some(1.0)
    );
    let other = scrape(&told.schedulers[1 - leader].1).await;
    is_all_of_the_catalogue(Exporter::Scheduler, &other, &[Start::Zero, Start::Known]);
    assert_eq!(other.value("relink_scheduler_leads", &[]), Some(0.0));
    let worker = eventually("the first ticks are done", PATIENCE, || async {
        let worker = scrape(&told.worker).await;
        let is_done =
            worker.sum("relink_schedule_runs_total") + worker.sum("relink_jobs_total") >= 10.0;
        (is_done && worker.sum("relink_sends_total") >= 1.0).then_some(worker)
    })
    .await;
    is_all_of_the_catalogue(Exporter::Worker, &worker, &[Start::Zero, Start::Known]);
    assert_eq!(
        worker.value("relink_broker_up", &[("role", "consumer")]),
        Some(1.0)
    );
    assert!(
        worker.value(
            "relink_provider_calls_total",
            &[("route", "GET /accounts"), ("outcome", "ok")]
        ) >= Some(1.0)
    );
    assert!(worker.sum("relink_worker_slots") >= 5.0);
    // What was counted agrees with the record.
    let sent = told
        .run
        .number(
            "select count(*) from relink.send_audit where event = 'outcome'",
            &[],
        )
        .await;
    let counted = scrape(&told.worker).await.sum("relink_sends_total");
    assert!(
        counted <= f64::from(u32::try_from(sent + 30).expect("few")),
        "{counted} sends told of {sent}"
    );
}

#[tokio::test]
#[ignore = "plants 100,000 accounts: minutes; `cargo nextest run -p tests --run-ignored only -E 'test(/100_000/)'`"]
async fn with_100_000_accounts_no_process_tells_more_series_than_with_one() {
    let began = Instant::now();
    let told = Told::start(|cast| {
        cast.crowd(100_000);
        // Their sessions are not the point; an empty list flips nothing.
        cast.sessions.clear();
    })
    .await;
    println!("100,000 accounts planted in {:.0?}", began.elapsed());
    let (leader, _) = told.leader().await;
    let census = eventually("the fleet is counted", Duration::from_secs(90), || async {
        let census = scrape(&told.schedulers[leader].1).await;
        let connected = census.value("relink_accounts", &[("status", "connected")]);
        (connected == Some(100_000.0)).then_some(census)
    })
    .await;
    let counts = census.value("relink_census_duration_seconds_count", &[]);
    let took = census.value("relink_census_duration_seconds_sum", &[]);
    println!("{counts:?} counts of the fleet took {took:?} s");
    is_all_of_the_catalogue(
        Exporter::Scheduler,
        &census,
        &[Start::Zero, Start::Known, Start::Census],
    );
    let worker = scrape(&told.worker).await;
    is_all_of_the_catalogue(Exporter::Worker, &worker, &[Start::Zero, Start::Known]);
}

#[tokio::test]
async fn a_scheduler_that_stood_still_past_its_lease_tells_no_census() {
    let told = Told::start(|cast| {
        cast.connected("ada");
    })
    .await;
    let (leader, _) = told.leader().await;
    let (process, address) = &told.schedulers[leader];
    process.signal(Signal::STOP);
    let (_, heir) = &told.schedulers[1 - leader];
    let taken = eventually("the other tells the census", PATIENCE, || async {
        let census = scrape(heir).await;
        is_census(&census).then_some(census)
    })
    .await;
    // These wait in its socket, and are answered first of all.
    let asked = (0..10).map(|_| {
        let address = address.clone();
        async move { scrape(&address).await }
    });
    let asked: JoinSet<Scraped> = asked.collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    process.signal(Signal::CONT);
    for stale in asked.join_all().await {
        assert!(!is_census(&stale), "two schedulers tell the census");
        assert_eq!(stale.value("relink_scheduler_leads", &[]), Some(0.0));
    }
    // At once, before it can have asked whether it leads still.
    let began = Instant::now();
    let mut looks = 0;
    while began.elapsed() < Duration::from_secs(2) {
        let stale = scrape(address).await;
        assert!(!is_census(&stale), "two schedulers tell the census");
        assert_eq!(stale.value("relink_scheduler_leads", &[]), Some(0.0));
        looks += 1;
    }
    println!("{looks} looks at a scheduler that had lost the lease: no census in any");
    assert!(taken.value("relink_scheduler_epoch", &[]) >= Some(2.0));
}
