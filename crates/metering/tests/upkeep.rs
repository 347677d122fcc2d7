//! Memory of a process that nobody scrapes.

use metering::catalogue::Exporter;
use metrics::histogram;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const UPKEEP_EVERY: Duration = Duration::from_millis(10);
/// Samples recorded, in rounds between which some time passes.
const SAMPLES: u64 = 1_000_000;
const ROUNDS: u64 = 20;
/// Growth allowed, in KiB; without upkeep a million samples take 16,000.
const GROWTH_KIB_MAX: u64 = 4_000;

#[tokio::test]
async fn r_job_7_a_million_samples_that_nobody_scrapes_take_no_memory() {
    let scrape = metering::install(Exporter::Worker, vec![]).expect("the only recorder");
    let over = CancellationToken::new();
    let recording = async {
        // The first round makes the series and what the allocator keeps.
        record(SAMPLES / ROUNDS).await;
        let before = rss_kib();
        for _ in 1..ROUNDS {
            record(SAMPLES / ROUNDS).await;
        }
        over.cancel();
        rss_kib().saturating_sub(before)
    };
    let (grown, ()) = tokio::join!(recording, scrape.keep_up(UPKEEP_EVERY, &over));
    assert!(grown < GROWTH_KIB_MAX, "grew by {grown} KiB");
    let counted = format!("relink_job_wait_seconds_count{{queue=\"sweeps\"}} {SAMPLES}");
    assert!(scrape.render().contains(&counted), "no sample is lost");
}

/// Records samples, then lets some rounds of upkeep pass.
async fn record(samples: u64) {
    let waited = histogram!("relink_job_wait_seconds", "queue" => "sweeps");
    for _ in 0..samples {
        waited.record(0.25);
    }
    tokio::time::sleep(3 * UPKEEP_EVERY).await;
}

/// Resident memory of this process, in KiB.
fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process's status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kib.expect("its resident memory")
}
