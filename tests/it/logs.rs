//! Log lines of jobs: whose they are, and one line at each end.

use crate::FIXTURE;
use serde_json::Value;
use std::collections::BTreeMap;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{ACT, Act, DECIDE, Quoted, SWEEP};

/// What a worker has logged so far, and every line must be JSON.
fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_default()
}

/// The trace that a job's row names.
async fn traces(rig: &Rig) -> BTreeMap<String, String> {
    let sql = "select id::text, split_part(traceparent, '-', 2) from relink.jobs";
    let rows = rig.owner.query(sql, &[]).await.expect("read the jobs");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Checks a line inside a job; of a failed run's one line, which run it was and how it failed.
fn named(
    line: &Value,
    kind: &str,
    queue: &str,
    traces: &BTreeMap<String, String>,
) -> Option<String> {
    let job = line.get("job").and_then(Value::as_str)?;
    assert_eq!(text(line, "kind"), kind, "{line}");
    assert!(line["attempt"].is_u64(), "{line}");
    assert_eq!(text(line, "trace_id").len(), 32, "{line}");
    let is_single = line.get("jobs").is_none();
    if is_single {
        assert_eq!(text(line, "trace_id"), traces[job], "{line}");
    } else {
        let several = line["jobs"].as_u64() > Some(0) && line["batch"].is_string();
        assert!(several, "{line}");
    }
    let outcome = line.get("outcome").and_then(Value::as_str)?;
    let said = (text(line, "job_id"), text(line, "queue"));
    assert_eq!(said, (job, queue), "{line}");
    let measured = line["duration_ms"].is_u64() && line["wait_ms"].is_u64();
    assert!(measured, "{line}");
    let level = match outcome {
        "done" => "DEBUG",
        "failed" => "INFO",
        _ => "WARN",
    };
    assert_eq!(text(line, "level"), level, "{line}");
    if outcome == "done" || !is_single {
        return None;
    }
    assert!(!text(line, "error").is_empty(), "{line}");
    let (attempt, kind) = (&line["attempt"], text(line, "error_kind"));
    Some(format!("{job}/{attempt}/{outcome}/{kind}"))
}

#[tokio::test]
async fn every_line_of_a_job_names_it_and_its_trace_and_each_run_has_one_line_at_its_end() {
    for (kind, queue) in [(SWEEP, "sweeps"), (DECIDE, "watches"), (ACT, "sends")] {
        let mut rig = Rig::shared(FIXTURE).await;
        rig.set("LOG_FORMAT", &"json");
        rig.set("LOG", &"debug");
        let run_at = rig.now().await;
        let secret = Quoted(7_355_608_135_711);
        let jobs = [
            rig.job(kind, Act::Effect, run_at),
            rig.job(kind, Act::Effect, run_at),
            rig.job(kind, Act::Panic, run_at),
            rig.job(kind, Act::PanicQuoting { secret }, run_at),
            rig.job(kind, Act::HangOnce { for_ms: 6_000 }, run_at),
        ];
        rig.enqueue(&jobs).await;
        rig.scheduler();
        let worker = rig.worker(&[queue]);
        rig.until("3 done, 2 dead", PATIENCE, |it| {
            it.done == 3 && it.dead == 2
        })
        .await;
        rig.process(worker).terminate();
        rig.process(worker).ended(PATIENCE).await;
        let log = rig.process(worker).log();
        assert!(
            !log.contains(&secret.0.to_string()),
            "{}: a panic's message",
            kind.name
        );
        let lines = lines(&log);
        let traces = traces(&rig).await;
        let failed = "select f.job_id::text || '/' || f.attempt || '/' || case when f.retry_at is null then 'dead' else 'failed' end
                             || '/' || f.fault from relink.job_failures f order by 1";
        let failed = rig.owner.query(failed, &[]).await.expect("the failures");
        let mut failed: Vec<String> = failed.iter().map(|row| row.get(0)).collect();
        failed.sort();
        let mut told: Vec<String> = lines
            .iter()
            .filter_map(|line| named(line, kind.name, queue, &traces))
            .collect();
        told.sort();
        assert_eq!(
            told, failed,
            "{}: one line for each failed attempt",
            kind.name
        );
        let done = lines.iter().filter(|line| line["outcome"] == "done");
        let done: u64 = done.map(|line| line["jobs"].as_u64().unwrap_or(1)).sum();
        assert_eq!(done, 3, "{}: one line for what is done", kind.name);
        // Where it panicked is told, in lines that name the job.
        let panics: Vec<&Value> = lines
            .iter()
            .filter(|line| line["message"] == "a panic")
            .collect();
        assert!(panics.len() >= 6, "{}: {}", kind.name, panics.len());
        for line in &panics {
            assert!(
                line["job"].is_string() && text(line, "at").contains("roster.rs:"),
                "{line}"
            );
        }
        println!(
            "{}: {} lines, {} failed attempts, {} panics, all named",
            kind.name,
            lines.len(),
            failed.len(),
            panics.len()
        );
    }
}
