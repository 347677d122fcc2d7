use super::*;
use ConsumerState::{Connecting, Consuming, Stopped};

fn line(
    queue: &str,
    state: ConsumerState,
    since: Instant,
    why: Option<&str>,
) -> QueueHealth<ConsumerState> {
    let mut line = QueueHealth::new(queue.into(), state);
    line.since = since;
    line.tick = Some(since);
    line.why = why.map(str::to_owned);
    line.is_reached = state == Consuming || why.is_some_and(|why| why != "refused");
    line
}

#[test]
fn r_q_5_a_worker_is_ready_while_one_queue_is_heard() {
    let start = Instant::now();
    let now = start + Duration::from_secs(12);
    let well = || line("sends", Consuming, start, None);
    let broken = || line("removals", Connecting, start, Some("other arguments"));
    let away = |queue| line(queue, Connecting, start, Some("refused"));
    let named = "queue removals cannot be used for 12 s: other arguments";
    for (lines, expected) in [
        (vec![well(), well()], Ok("")),
        (vec![well(), broken()], Ok(named)),
        (vec![broken()], Err(named)),
        (
            vec![away("sends"), away("removals")],
            Err("not connected to the broker"),
        ),
        (vec![line("sends", Stopped, start, None)], Err("draining")),
    ] {
        let said = hears(&lines, now);
        let said = said.as_deref().map_err(String::as_str);
        assert_eq!(said, expected, "{lines:?}");
    }
    let deaf = hears(&[well()], start + DEAF_AFTER);
    assert_eq!(deaf, Err("queue sends: connected, but deaf".to_owned()));
}

#[test]
fn r_wat_7_a_broken_queue_is_alerted_once_each_time() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut broken = BrokenQueues::default();
    let mut codes = |since: u64, why: &str, now: u64| -> Vec<String> {
        let lines = [line("removals", Connecting, at(since), Some(why))];
        let alerts = broken.news(&lines, at(now));
        alerts.into_iter().map(|alert| alert.subject).collect()
    };
    assert_eq!(codes(0, "541", 59), [""; 0], "most mend themselves");
    assert_eq!(codes(0, "refused", 600), [""; 0], "no queue's fault");
    assert_eq!(codes(0, "541", 60), ["removals"]);
    assert_eq!(codes(0, "406", 600), [""; 0], "told");
    assert_eq!(codes(700, "541", 720), [""; 0], "it mended and broke again");
    assert_eq!(codes(700, "541", 760), ["removals"]);
}
