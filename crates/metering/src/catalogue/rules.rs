//! What was decided and committed.

use super::{Exporter, Metric};
use crate::labels::{
    ACTION, ANSWER, ATTEMPT_OUTCOME, CAUSE, CODE, HOLD, LANDED_BY, LANDED_SINCE, NOTICE_END,
    NOTICE_STEP, PURPOSE, REFUSAL, RESTART_STATE, RETURNED_BY, RULE, SEND_STATE, VERDICT,
};
use policy::jobs::Queue;

pub(super) const METRICS: &[Metric] = &[
    Metric::counter(
        "relink_flips_total",
        "Changes of account status by cause, each with its audit row",
    )
    .labels(&[CAUSE]),
    Metric::counter(
        "relink_flips_dropped_total",
        "Changes of status dropped because their row had moved on",
    ),
    Metric::counter(
        "relink_restarts_total",
        "Restarts of stopped sessions that were called, by how their calls ended",
    )
    .labels(&[RESTART_STATE]),
    Metric::counter(
        "relink_returns_total",
        "Accounts that were connected again after an episode, by who brought them back",
    )
    .labels(&[RETURNED_BY]),
    Metric::counter(
        "relink_return_seconds_total",
        "Seconds that those accounts could not send before; by returns it is the mean",
    )
    .labels(&[RETURNED_BY]),
    Metric::counter(
        "relink_link_landed_by_total",
        "Logins of links that connected an account, by what told of them; fewer callbacks than looks are an address of ours \
         that the provider does not reach",
    )
    .labels(&[LANDED_BY]),
    Metric::histogram(
        "relink_link_seconds",
        "Time until a login connected its account, since its callback was kept or since its session was made, by the \
         database's clock",
    )
    .labels(&[LANDED_BY, LANDED_SINCE]),
    Metric::counter(
        "relink_notices_total",
        "Notices to owners that ended, by step and by what became of them",
    )
    .labels(&[NOTICE_STEP, NOTICE_END])
    .only_on(Queue::Notices),
    Metric::counter(
        "relink_link_attempts_total",
        "Attempts to link an account that have ended, by purpose and outcome",
    )
    .labels(&[PURPOSE, ATTEMPT_OUTCOME]),
    Metric::counter(
        "relink_campaigns_healed_total",
        "Campaigns whose pause for their senders was lifted",
    ),
    Metric::counter(
        "relink_cases_opened_total",
        "Cases opened for sessions that a whole list did not hold",
    ),
    Metric::counter(
        "relink_cases_closed_total",
        "Cases closed, by their verdict",
    )
    .labels(&[VERDICT]),
    Metric::counter(
        "relink_confirm_polls_total",
        "Polls of cases by what the session's own answer was",
    )
    .labels(&[ANSWER]),
    Metric::counter(
        "relink_sends_total",
        "Ends of outward calls and of unknown outcomes, by the state that they gave",
    )
    .labels(&[SEND_STATE]),
    Metric::counter(
        "relink_send_refusals_total",
        "Outward calls that the provider refused, by what its refusal means",
    )
    .labels(&[REFUSAL])
    .only_on(Queue::Sends),
    Metric::counter(
        "relink_send_denials_total",
        "Reservations of sends that the database refused, by the rule that refused",
    )
    .labels(&[RULE])
    .only_on(Queue::Sends),
    Metric::counter(
        "relink_send_cooldowns_total",
        "Actions that the provider refused for the whole account",
    )
    .labels(&[ACTION]),
    Metric::counter("relink_holds_total", "Accounts held, by reason").labels(&[HOLD]),
    Metric::counter(
        "relink_alerts_total",
        "Alerts raised by this process, by code",
    )
    .labels(&[CODE])
    .by(&[Exporter::Worker, Exporter::Scheduler]),
];
