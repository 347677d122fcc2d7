//! What only the database knows: counted by the leading scheduler, exported by no other. Ages and times are by the
//! database's clock.

use super::Metric;
use crate::labels::{
    ACTION, ALERT_CLASS, CAMPAIGN_PAUSE, CAMPAIGN_STATE, CASE_STATE, CODE, DEPTH, DUTY, FLEET_GATE,
    HOLD, PAUSE_MODE, PAUSE_ORIGIN, PAUSE_SCOPE, QUEUE, REMOVAL_STATE, SCHEDULE, STATUS, USED,
};

pub(super) const METRICS: &[Metric] = &[
    Metric::census(
        "relink_census_timestamp_seconds",
        "When the fleet was counted; everything of the census is as old as this",
    ),
    Metric::census(
        "relink_scheduler_epoch",
        "Epoch of the leading scheduler's lease; each takeover is one more",
    ),
    Metric::census(
        "relink_queue_depth",
        "Open jobs by where they stand, each count up to 10000: one that says so is a lower bound",
    )
    .labels(&[QUEUE, DEPTH]),
    Metric::census(
        "relink_queue_depth_is_more",
        "1 while more waits in the queue than was counted",
    )
    .labels(&[QUEUE]),
    Metric::census(
        "relink_queue_oldest_due_age_seconds",
        "How long the oldest due job waits that no pause covers; 0 without one",
    )
    .labels(&[QUEUE]),
    Metric::census(
        "relink_queue_oldest_paused_age_seconds",
        "How long the oldest due job waits that a pause covers; 0 without one",
    )
    .labels(&[QUEUE]),
    Metric::census("relink_queue_paused", "1 while a pause covers the whole queue").labels(&[QUEUE]),
    Metric::census("relink_dead_letters", "Dead letters that nobody dealt with, up to 10000").labels(&[QUEUE]),
    Metric::census(
        "relink_jobs_left_behind",
        "Waiting jobs of a kind or version that a worker left for more than 15 minutes, of each up to 10000",
    ),
    Metric::census(
        "relink_oldest_snapshot_transactions",
        "Transactions since the oldest snapshot that anybody holds of the database; dead rows are kept for it",
    ),
    Metric::census("relink_jobs_dead_rows", "Dead rows of the table of jobs, which every look reads past"),
    Metric::census("relink_pauses", "Pauses in force").labels(&[PAUSE_SCOPE, PAUSE_MODE, PAUSE_ORIGIN]),
    Metric::census("relink_pauses_endless", "Pauses in force that no time ends").labels(&[PAUSE_ORIGIN]),
    Metric::census(
        "relink_pause_oldest_timestamp_seconds",
        "Since when the oldest pause is in force; 0 without one",
    )
    .labels(&[PAUSE_ORIGIN]),
    Metric::census("relink_schedule_period_seconds", "How often a schedule is due").labels(&[SCHEDULE]),
    Metric::census(
        "relink_schedule_last_success_timestamp_seconds",
        "When a job of the schedule last ended well; 0 if none is on record",
    )
    .labels(&[SCHEDULE]),
    Metric::census(
        "relink_schedule_skips",
        "Ticks skipped in a row because a run is unfinished",
    )
    .labels(&[SCHEDULE]),
    Metric::census(
        "relink_schedule_held",
        "1 while a pause covers the schedule, its queue or a kind that it needs, whether or not a job waits",
    )
    .labels(&[SCHEDULE]),
    Metric::census(
        "relink_duty_last_conclusive_timestamp_seconds",
        "When the duty last ended having decided what there was to decide; 0 if never",
    )
    .labels(&[DUTY]),
    Metric::census(
        "relink_duty_counted_from_timestamp_seconds",
        "Since when a conclusive run of the duty is owed at the earliest: first declared, last paused, last without anything to do",
    )
    .labels(&[DUTY]),
    Metric::census(
        "relink_duty_blind",
        "1 while the duty has decided nothing for 3 periods and 5 minutes that no pause explains",
    )
    .labels(&[DUTY]),
    Metric::census("relink_accounts", "Accounts by status").labels(&[STATUS]),
    Metric::census("relink_accounts_held", "Accounts that a hold keeps from sending").labels(&[HOLD]),
    Metric::census("relink_campaigns", "Campaigns by whether they run").labels(&[CAMPAIGN_STATE]),
    Metric::census("relink_campaigns_paused", "Campaigns with a pause, by reason; one may have several")
        .labels(&[CAMPAIGN_PAUSE]),
    Metric::census(
        "relink_cap_accounts",
        "Accounts that sent in the last 24 hours, by how much of their day's cap of an action is used",
    )
    .labels(&[ACTION, USED]),
    Metric::census("relink_sends_unknown", "Sends of which nobody knows whether they happened"),
    Metric::census(
        "relink_sends_unknown_oldest_age_seconds",
        "Since when the oldest of them was called; 0 without one",
    ),
    Metric::census(
        "relink_sends_by_hand",
        "What accounts did by hand in the last 24 hours, or the provider counts beyond ours, and is subtracted",
    )
    .labels(&[ACTION]),
    Metric::census(
        "relink_cases",
        "Open cases, and the cases of the last 24 hours by their verdict",
    )
    .labels(&[CASE_STATE]),
    Metric::census(
        "relink_removal_gate_open",
        "1 where this gate of the interlock would let a removal pass now, as far as the fleet goes",
    )
    .labels(&[FLEET_GATE]),
    Metric::census("relink_removal_latch_tripped", "1 while the latch stops every removal"),
    Metric::census(
        "relink_removal_flag_ends_timestamp_seconds",
        "When the removals flag ends; 0 while it is off",
    ),
    Metric::census("relink_removal_suspects", "Sessions suspected gone in the last 24 hours (gate 2)"),
    Metric::census("relink_removal_intents", "Removals permitted in the last 24 hours (gate 4 allows 3)"),
    Metric::census("relink_removals", "Removals on record by state").labels(&[REMOVAL_STATE]),
    Metric::census("relink_guards_missing", "Guards of the record that are missing or changed (gate 6); must be 0"),
    Metric::census(
        "relink_audit_unpaired",
        "Changes of status without their audit row, and the other way round, that the newest look found; must be 0",
    ),
    Metric::census("relink_alerts_open", "Alerts that no operator acknowledged").labels(&[CODE, ALERT_CLASS]),
];
