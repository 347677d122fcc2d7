//! Words of enums and checks in the schema are those of `policy`.

use policy::account::{AttemptOutcome, AttemptPhase, AttemptPurpose, Status};
use policy::campaigns::{OnSenderLoss, PauseReason};
use policy::confirm::Verdict;
use policy::holds::HoldReason;
use policy::interlock::Seen;
use policy::jobs::Queue;
use policy::losses::SecondLook;
use policy::notices::{MailStop, NoticeState, NoticeWhy, ServerTrouble};
use policy::owners::NoticesPolicy;
use policy::restarts::{RestartState, ReturnedBy};
use policy::sends::Action;
use policy::session::Health;
use policy::watch::RunOutcome;
use policy::watch::StopState;
use std::collections::BTreeSet;
use store::jobs::FailureKind;
use tests::database::Database;

#[expect(clippy::too_many_lines, reason = "a list, one column an entry")]
#[tokio::test]
async fn words_in_the_schema_are_the_words_of_the_policy() {
    let database = Database::fresh().await;
    let superuser = database.owner().await;
    let enums = [
        ("account_status", Status::ALL.map(Status::as_str).to_vec()),
        (
            "job_state",
            vec!["waiting", "leased", "done", "dead", "discarded"],
        ),
    ];
    for (name, words) in enums {
        let row = superuser
            .query_one(
                "select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e
                   join pg_type t on t.oid = e.enumtypid where t.typname = $1",
                &[&name],
            )
            .await
            .expect("the enum");
        assert_eq!(row.get::<_, Vec<String>>(0), words, "{name}");
    }
    let checks = [
        (
            "campaign_pauses",
            "reason",
            PauseReason::ALL.map(PauseReason::as_str).to_vec(),
        ),
        (
            "campaigns",
            "on_sender_loss",
            OnSenderLoss::ALL.map(OnSenderLoss::as_str).to_vec(),
        ),
        (
            "workspaces",
            "on_sender_loss",
            OnSenderLoss::ALL.map(OnSenderLoss::as_str).to_vec(),
        ),
        (
            "workspaces",
            "notices",
            NoticesPolicy::ALL.map(NoticesPolicy::as_str).to_vec(),
        ),
        (
            "link_attempts",
            "purpose",
            AttemptPurpose::ALL.map(AttemptPurpose::as_str).to_vec(),
        ),
        (
            "link_attempts",
            "state",
            AttemptPhase::ALL.map(AttemptPhase::as_str).to_vec(),
        ),
        (
            "link_attempts",
            "outcome",
            AttemptOutcome::ALL.map(AttemptOutcome::as_str).to_vec(),
        ),
        (
            "sessions_seen",
            "health",
            Health::ALL.map(Health::as_str).to_vec(),
        ),
        (
            "stopped_losses",
            "state",
            StopState::ALL.map(StopState::as_str).to_vec(),
        ),
        (
            "send_limits",
            "action",
            Action::ALL.map(Action::as_str).to_vec(),
        ),
        (
            "account_holds",
            "reason",
            HoldReason::ALL.map(HoldReason::as_str).to_vec(),
        ),
        (
            "watch_runs",
            "outcome",
            [RunOutcome::Applied, RunOutcome::Aborted]
                .map(RunOutcome::as_str)
                .into_iter()
                .chain(["inconclusive"])
                .collect(),
        ),
        (
            "cases",
            "verdict",
            Verdict::ALL.map(Verdict::as_str).to_vec(),
        ),
        (
            "watch_proposals",
            "class",
            vec![
                "loss", "verify", "absent", "unknown", "stranger", "returned",
            ],
        ),
        (
            "case_polls",
            "answer",
            vec!["present", "gone", "inconclusive"],
        ),
        (
            "case_polls",
            "control_answer",
            vec!["present", "gone", "inconclusive"],
        ),
        (
            "removal_looks",
            "seen",
            Seen::ALL.map(Seen::as_str).to_vec(),
        ),
        (
            "notices",
            "state",
            NoticeState::ALL.map(NoticeState::as_str).to_vec(),
        ),
        (
            "notices",
            "why",
            NoticeWhy::ALL.map(NoticeWhy::as_str).to_vec(),
        ),
        (
            "notices",
            "trouble",
            ServerTrouble::ALL.map(ServerTrouble::as_str).to_vec(),
        ),
        (
            "mail_stops",
            "reason",
            MailStop::ALL.map(MailStop::as_str).to_vec(),
        ),
        (
            "notices",
            "dropped_why",
            [SecondLook::CameBack, SecondLook::Disconnected]
                .map(SecondLook::as_str)
                .to_vec(),
        ),
        (
            "restarts",
            "state",
            RestartState::ALL.map(RestartState::as_str).to_vec(),
        ),
        (
            "episodes",
            "returned_by",
            ReturnedBy::ALL.map(ReturnedBy::as_str).to_vec(),
        ),
        // `vanished` is the rescue's own word.
        (
            "job_failures",
            "fault",
            FailureKind::ALL
                .map(FailureKind::as_str)
                .into_iter()
                .chain(["vanished"])
                .collect(),
        ),
    ];
    for (table, column, words) in checks {
        let allowed = words_of(&superuser, table, column).await;
        let wanted: BTreeSet<String> = words.into_iter().map(str::to_owned).collect();
        assert_eq!(allowed, wanted, "{table}.{column}");
    }
    let queues = Queue::ALL.map(Queue::as_str);
    assert!(queues.iter().all(|queue| Queue::parse(queue).is_some()));
}

/// The quoted words of a column's CHECK.
async fn words_of(client: &tokio_postgres::Client, table: &str, column: &str) -> BTreeSet<String> {
    let row = client
        .query_one(
            "select pg_get_constraintdef(c.oid) from pg_constraint c
               join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
              where c.contype = 'c' and c.conrelid = ('relink.' || $1)::regclass and a.attname = $2",
            &[&table, &column],
        )
        .await
        .unwrap_or_else(|error| panic!("{table}.{column}: {error:?}"));
    let text: String = row.get(0);
    let quoted = text.split('\'').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}
