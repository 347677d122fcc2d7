//! Which queues and jobs there are: `docs/jobs.md` is printed from `duties`, and what queues have in `deploy/` from that.

use policy::jobs::{KINDS, Queue};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tests::printed::is_as_printed;

#[test]
fn every_kind_of_job_says_everything_about_itself() {
    let mut names = BTreeSet::new();
    for queue in Queue::ALL {
        let roster = duties::on_queue(queue).roster;
        assert!(!roster.is_empty(), "{queue:?} has no job");
        for entry in roster {
            let spec = entry.spec;
            let name = spec.kind.name;
            assert!(names.insert(name), "{name} stands twice");
            assert!(KINDS.contains(&spec.kind), "{name} is not in KINDS");
            assert_eq!(spec.kind.queue, queue, "{name} stands in another's crate");
            let verb = name.split_once('.');
            assert!(
                verb.is_some_and(|(area, verb)| !area.is_empty() && !verb.is_empty()),
                "{name} is not area.verb"
            );
            assert!(spec.kind.version >= 1, "{name} has no version");
            assert!(
                spec.doc.len() > 10 && !spec.doc.ends_with('.') && !spec.doc.contains('\n'),
                "{name} has no line of documentation"
            );
            assert!((1..=1_000).contains(&spec.batch_max), "{name} has no batch");
            let limits = Duration::from_secs(1)..=Duration::from_mins(1);
            assert!(limits.contains(&spec.limit), "{name}: R-WAT-1 allows 60 s");
            assert!((1..=20).contains(&spec.failures_max), "{name} has no limit");
            assert!(spec.retry_base > Duration::ZERO, "{name} has no delay");
            assert!(
                !spec.is_sharded || spec.every.is_some(),
                "{name} is sharded, but nobody cuts it"
            );
        }
    }
    assert_eq!(names.len(), KINDS.len(), "a kind that nobody does");
}

#[test]
fn what_queues_have_in_deploy_is_printed_from_the_catalogue() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kubernetes/queues");
    let checked = Command::new(program).arg("--check").output();
    let checked = checked.expect("run deploy/kubernetes/queues");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
}

#[test]
fn the_catalogue_of_jobs_is_what_the_docs_show() {
    is_as_printed("jobs.md", &page(), "the rosters");
}

fn page() -> String {
    let mut page = "# Every queue and every kind of job\n\n\
        Printed from `duties` by `tests/it/catalogue.rs`, which keeps this page equal to it; `UPDATE_DOCS=1` rewrites it.\n\
        `deploy/kubernetes/queues` then prints what each queue has in `deploy/`.\n\n\
        ## Queues\n\n\
        A queue is a worker crate `worker-NAME`, an argument of `relink worker`, a label of metrics and a Deployment.\n\n\
        | queue | what its jobs do | what they need |\n\
        |---|---|---|\n"
        .to_owned();
    for queue in Queue::ALL {
        let (name, sentence) = (queue.as_str(), queue.sentence());
        let needs = duties::on_queue(queue).needs.iter();
        let needs: Vec<String> = needs.map(|need| format!("`{}`", need.as_str())).collect();
        let needs = if needs.is_empty() {
            "–".to_owned()
        } else {
            needs.join(", ")
        };
        writeln!(page, "| `{name}` | {sentence} | {needs} |").expect("write to a string");
    }
    page.push_str(
        "\n## Kinds of job\n\n\
        Times of `every` are by the database's clock, limits by the machine's.\n\n\
        | kind | queue | every | sharded | batch | limit | failures | version | does |\n\
        |---|---|---|---|---|---|---|---|---|\n",
    );
    for entry in duties::roster() {
        let spec = entry.spec;
        let every = spec.every.map_or("when asked".to_owned(), |every| {
            span(every.period().as_secs())
        });
        let limit = i64::try_from(spec.limit.as_secs()).expect("a short limit");
        writeln!(
            page,
            "| `{}` | {} | {every} | {} | {} | {} | {} | {} | {} |",
            spec.kind.name,
            spec.kind.queue.as_str(),
            if spec.is_sharded { "yes" } else { "no" },
            spec.batch_max,
            span(limit),
            spec.failures_max,
            spec.kind.version,
            spec.doc
        )
        .expect("write to a string");
    }
    page
}

fn span(seconds: i64) -> String {
    match seconds {
        day if day % 86_400 == 0 => format!("{} d", day / 86_400),
        hour if hour % 3_600 == 0 => format!("{} h", hour / 3_600),
        minute if minute % 60 == 0 => format!("{} min", minute / 60),
        second => format!("{second} s"),
    }
}
