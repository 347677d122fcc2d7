//! Traces: from a tick to a call and its commit, told to a real collector.

use crate::FIXTURE;
use policy::campaigns::OnSenderLoss;
use std::time::{Duration, Instant};
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::otlp::{Collector, Told};
use tests::process::Process;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, SWEEP};
use tests::site::Site;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

fn above<'a>(spans: &'a [Told], span: &Told) -> Option<&'a Told> {
    let found = spans.iter().find(|one| one.span == span.parent);
    assert!(
        found.is_some() || span.parent.is_empty(),
        "nobody told of the parent of {span:?}"
    );
    found
}

/// The names of a span and of all above it.
fn path(spans: &[Told], span: &Told) -> Vec<String> {
    let mut names = vec![span.name.clone()];
    let mut at = span;
    while let Some(found) = above(spans, at) {
        assert_eq!(found.trace, span.trace);
        names.push(found.name.clone());
        at = found;
    }
    names
}

/// What a real fleet tells until it has sent something.
async fn told_of_a_send() -> Vec<Told> {
    let collector = Collector::start().await;
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let ada = cast.connected("ada");
        cast.sends(ada);
        cast.campaign(OnSenderLoss::default(), &[ada]);
        cast.fleet.campaigns[0].enrollments = 2;
    })
    .await;
    let sql = "update relink.enrollments set step = 1";
    run.owner.batch_execute(sql).await.expect("all invited");
    let mut settings = run.settings();
    settings.push((ENDPOINT.to_owned(), collector.base().to_owned()));
    let with = |name: &str, value: String| {
        let mut with = settings.clone();
        with.push((name.to_owned(), value));
        with
    };
    let url = run.site().database_url("relink_scheduler");
    let scheduling = with("RELINK_DATABASE_URL", url);
    let mut scheduler = Process::relink("scheduler", &["scheduler"], &scheduling);
    let working = with("OTEL_SERVICE_NAME", "senders".to_owned());
    let mut worker = Process::relink("worker", &["worker", "sends", "sweeps"], &working);
    eventually("a send is settled", PATIENCE, || async {
        let sent = "select count(*) from relink.sends where state = 'sent'";
        (run.number(sent, &[]).await > 0).then_some(())
    })
    .await;
    for process in [&mut worker, &mut scheduler] {
        process.terminate();
        assert!(process.ended(PATIENCE).await.success());
    }
    collector.spans()
}

#[tokio::test]
async fn one_trace_leads_from_the_tick_through_the_job_to_the_call_and_the_commit() {
    let spans = told_of_a_send().await;
    let call = spans
        .iter()
        .find(|span| span.name == "provider send")
        .expect("the call");
    assert_eq!((call.kind, call.service.as_str()), (3, "senders"));
    let expected = [
        "provider send",
        "process sends",
        "create sends",
        "process sweeps",
        "create sweeps",
        "tick sends.dispatch",
    ];
    assert_eq!(path(&spans, call), expected);
    let process = above(&spans, call).expect("its run");
    let create = above(&spans, process).expect("its creation");
    assert_eq!((process.kind, create.kind), (5, 4));
    assert_eq!(process.links, [(create.trace.clone(), create.span.clone())]);
    for (key, value) in [
        ("messaging.system", "rabbitmq"),
        ("messaging.destination.name", "sends"),
        ("messaging.operation.name", "process"),
        ("messaging.operation.type", "process"),
        ("relink.job.kind", "sends.execute"),
        ("relink.job.attempt", "1"),
    ] {
        assert_eq!(process.attributes[key], value, "{key}");
    }
    assert_eq!(
        process.attributes["relink.job.id"],
        create.attributes["relink.job.id"]
    );
    // Its start and its settlement are committed below the run, its ring is below its creation.
    let below = |name: &str, above: &Told| {
        let found = spans
            .iter()
            .filter(|span| span.name == name && span.parent == above.span);
        found.count()
    };
    assert_eq!(below("commit", process), 2);
    assert_eq!(below("send sends", create), 1);
    let of_scheduler = spans
        .iter()
        .filter(|span| span.service == "relink-scheduler")
        .count();
    for span in &spans {
        above(&spans, span);
    }
    println!(
        "{} spans, {of_scheduler} of the scheduler, all parents told; {expected:?}",
        spans.len()
    );
}

#[tokio::test]
async fn a_batch_of_several_traces_links_to_each_and_a_later_attempt_still_does() {
    let collector = Collector::start().await;
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set_other(ENDPOINT, collector.base());
    let run_at = rig.now().await;
    for act in [Act::Effect, Act::Effect, Act::Effect, Act::PanicOnce] {
        let job = rig.job(SWEEP, act, run_at);
        // A transaction each, and so a trace each.
        rig.enqueue(&[job]).await;
    }
    // What is no traceparent is no error, and no link.
    rig.sql("update relink.jobs set traceparent = '00-nonsense' where cause like '%test-1'")
        .await;
    let scheduler = rig.scheduler();
    let worker = rig.worker(&["sweeps"]);
    rig.done(4, PATIENCE).await;
    for pid in [worker, scheduler] {
        rig.process(pid).terminate();
        assert!(rig.process(pid).ended(PATIENCE).await.success());
    }
    let rows = rig
        .owner
        .query("select split_part(traceparent, '-', 2), split_part(traceparent, '-', 3), failures from relink.jobs where traceparent not like '%nonsense'", &[])
        .await
        .expect("the rows");
    let created: Vec<(String, String, i16)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect();
    let spans = collector.spans();
    let runs: Vec<&Told> = spans
        .iter()
        .filter(|span| span.name == "process sweeps")
        .collect();
    let batch = runs
        .iter()
        .find(|span| {
            span.attributes
                .get("messaging.batch.message_count")
                .is_some_and(|count| count == "4")
        })
        .expect("the batch");
    assert!(batch.parent.is_empty() && batch.is_error, "{batch:?}");
    assert_eq!(batch.links.len(), 3);
    for (trace, span, failures) in &created {
        let link = (trace.clone(), span.clone());
        assert!(batch.links.contains(&link) && batch.trace != *trace);
        let alone: Vec<&&Told> = runs.iter().filter(|run| run.trace == *trace).collect();
        let attempts = usize::try_from(*failures).expect("a count") + 1;
        assert_eq!(alone.len(), attempts, "{alone:?}");
        for run in alone {
            assert_eq!((&run.links, &run.parent), (&vec![link.clone()], span));
        }
    }
    println!(
        "a batch of 4 traces: 3 links, 1 no traceparent; runs {}",
        runs.len()
    );
}

#[tokio::test]
async fn a_collector_that_is_away_holds_up_neither_work_nor_the_end() {
    let mut rig = Rig::shared(FIXTURE).await;
    // Nothing listens there.
    rig.set_other(ENDPOINT, "http://127.0.0.1:9");
    rig.ask(SWEEP, Act::Effect, 500).await;
    rig.scheduler();
    let worker = rig.worker(&["sweeps"]);
    rig.done(500, PATIENCE).await;
    let asked = Instant::now();
    rig.process(worker).terminate();
    assert!(rig.process(worker).ended(PATIENCE).await.success());
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    let log = rig.process(worker).log();
    let told = log
        .lines()
        .filter(|line| line.contains("traces are lost"))
        .count();
    assert_eq!(told, 1, "told once: {log}");
}
