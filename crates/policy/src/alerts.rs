//! Every code of an alert row, and how urgently it calls a person (R-WAT-7). A code that is not here raises no alert.

use AlertClass::{Feed, Page, Ticket};

crate::words! {
    /// Urgency of an alert.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum AlertClass {
        /// A person must act tonight: called at once.
        Page = "page",
        /// A person must act tomorrow: called after minutes, without waking anybody.
        Ticket = "ticket",
        /// Nobody is called for it alone; read in `relink alerts list`, and reminded of after a day.
        Feed = "feed",
    }
}

/// Rule that calls for pages without a rule of their own.
pub const PAGE_RULE: &str = "RelinkAlertsPage";
/// Rule that calls for tickets without a rule of their own.
pub const TICKET_RULE: &str = "RelinkAlertsTicket";

/// Line of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertCode {
    /// Code in `admin_alerts`; never changed or reused.
    pub code: &'static str,
    /// Urgency.
    pub class: AlertClass,
    /// Rule of `deploy/prometheus` that calls a person; null in the feed.
    pub rule: Option<&'static str>,
    /// Reason for the urgency: the harm meanwhile, or why nobody is called.
    pub why: &'static str,
}

const fn page(code: &'static str, why: &'static str) -> AlertCode {
    called(code, Page, PAGE_RULE, why)
}

const fn ticket(code: &'static str, why: &'static str) -> AlertCode {
    called(code, Ticket, TICKET_RULE, why)
}

const fn feed(code: &'static str, why: &'static str) -> AlertCode {
    AlertCode {
        code,
        class: Feed,
        rule: None,
        why,
    }
}

/// An alert for which a rule calls that knows more than its row: it says what to do, or counts the trouble itself.
const fn called(
    code: &'static str,
    class: AlertClass,
    rule: &'static str,
    why: &'static str,
) -> AlertCode {
    AlertCode {
        code,
        class,
        rule: Some(rule),
        why,
    }
}

/// Catalogue of codes, in their order.
#[rustfmt::skip] // A table: a line a code.
pub const ALERT_CODES: &[AlertCode] = &[
    ticket("account_degraded", "One product of an account does not work; its owner or the provider must mend it"),
    feed("account_merged", "A person signed in anew on another row; the row of before came back, and nothing is left to do"),
    called("account_missing", Ticket, "RelinkAccountsMissing", "A session is gone: its owner must link the account anew"),
    ticket("account_restricted", "Its network restricted an account, and only a person lifts the hold"),
    ticket("audit_partitions", "Audit rows go to the default partition until somebody makes the missing ones"),
    ticket("callback_replayed", "A signed name came with a second session, which was not linked: a mistake of the provider's, or somebody tries names"),
    ticket("case_expired", "A session was suspected for a day without a verdict; a person must look"),
    called("claims_refused", Ticket, "RelinkClaimsRefused", "Jobs of a queue wait until a person gives the database what its claims need"),
    called("clock_ahead", Ticket, "RelinkClockAhead", "The database's clock was ahead: what it wrote is undone, but a clock that jumps once jumps again"),
    ticket("cursor_loop", "The provider's list goes round; if it lasts, duty_blind pages"),
    called("dead_letter", Ticket, "RelinkDeadLetters", "Work that will not happen until a person drives it again"),
    feed("duplicate_sessions", "A list for a quiet hour: duplicates are billed and harm nobody, and it comes again every six hours"),
    called("duty_blind", Page, "RelinkDutyBlind", "Nobody watches meanwhile: losses are not seen and nothing heals"),
    called("duty_failing", Ticket, "RelinkDutyFailing", "A duty of the scheduler fails; the others go on, and what it looks after waits"),
    called("empty_list", Page, "RelinkMassChangeStopped", "The provider lists no session: nothing is applied until a person looks"),
    ticket("failure_rate", "A campaign is paused until a person resumes it"),
    ticket("forbidden_transition", "A rule decided what the table of statuses forbids; nothing was changed"),
    feed("ghost_sessions", "A list for a quiet hour: sessions of nobody are billed and harm nobody, and it comes again each half hour"),
    called("loss_burst", Ticket, "RelinkLossBurst", "One cause takes many accounts at once; owners are told after a second look"),
    ticket("mail_server", "The mail server is not reached, or takes no mails of ours: owners hear of nothing, and each mail is tried again"),
    called("mass_change", Page, "RelinkMassChangeStopped", "Losses are stopped: accounts may be used that are lost, until a person looks"),
    called("missing_breaker", Page, "RelinkMassChangeStopped", "Sessions are not called missing until a person looks"),
    page("nothing_leaves", "Nothing of what is sent reaches the provider: a network, a name, a certificate; every account waits"),
    ticket("notice_undeliverable", "A reader's address takes no mails: the team is told instead, until its product says another one"),
    page("notices_held", "Very many owners are to be told of one cause: a person has half an hour to see whether it is theirs at all"),
    page("operator_refused", "Somebody used a token that is not good, or for what it may not do"),
    ticket("orphan_ambiguous", "An account cannot be linked by itself; a person must choose"),
    ticket("overdue_steps", "People wait at a step that is too late to go unasked; a person sends, skips or ends"),
    feed("people_unplannable", "People of a campaign stopped for their own name or values; the others go on, and the campaign shows the reasons"),
    feed("protective_hold", "The hold ends by itself after 6 hours; RelinkProtectiveHolds calls when they are many"),
    called("provider_key", Page, "RelinkProviderKeyRefused", "The provider refuses our key: nothing is watched or sent"),
    called("queue_broken", Page, "RelinkQueueBroken", "A worker reaches the broker and not this queue; when no other consumes it, its jobs wait"),
    feed("removal_act_refused", "Whoever typed it reads the refusal; R-DEL-5 wants a row of each"),
    feed("removal_calling", "A step of what a named operator asked for and watches"),
    called("removal_deleted", Ticket, "RelinkRemovalHappened", "A session is gone for good; somebody must have wanted it"),
    page("removal_guards", "The record is not protected: somebody changed its guards"),
    ticket("removal_kept", "A removal was called and the session is still there"),
    called("removal_latch", Page, "RelinkLatchTripped", "Too many sessions seemed gone, or a clock leapt; no removal passes"),
    ticket("removal_not_sent", "A removal that an operator waits for did not happen"),
    feed("removal_permitted", "A step of what a named operator asked for and watches"),
    ticket("removal_refused", "The gates refused a removal: what an operator believed is not so"),
    feed("removal_requested", "A step of what a named operator asked for and watches"),
    called("removal_unknown", Ticket, "RelinkRemovalUnknown", "Nobody knows whether a session is gone; it is only looked at"),
    ticket("removal_unproved", "A removal's end could not be proved in a day"),
    feed("removal_withdrawn", "A step of what a named operator asked for and watches"),
    page("restored_copy", "This database is a restored copy: nothing is sent, and everything waits until a person adopts it"),
    ticket("row_set_aside", "A row that cannot be read, planned or taken stands aside; its tenant waits until a person mends it"),
    ticket("same_person", "A person is linked twice; somebody must say which account stays"),
    called("schedule_skipped", Ticket, "RelinkScheduleSkipping", "A run does not end; if it lasts, duty_blind pages"),
    feed("send_abandoned", "The send is taken up by itself; RelinkDeadLetters calls for the job that died"),
    feed("send_assumed", "A profile view of unknown outcome is taken as made; one too many or too few harms nobody"),
    ticket("send_contradicted", "A call's own answer came after somebody had decided otherwise: a step goes twice or is left out"),
    called("send_unclear", Ticket, "RelinkSendsUnclear", "A send may have happened; a person must look at the account"),
    ticket("session_claimed", "A session or a person belongs to another account; a person must decide"),
    called("session_unlisted", Ticket, "RelinkSessionsContradict", "A session answers and no list holds it: nobody sees what becomes of it"),
    ticket("step_unplannable", "A step cannot be said to anybody and stops each who comes to it, until a person mends it"),
    ticket("stuck_loop", "A campaign pauses and resumes in a circle; only a person clears it"),
    called("undecodable_message", Ticket, "RelinkMessagesRejected", "Somebody else writes to our queues; no job is lost"),
    called("unknown_kind", Ticket, "RelinkJobsLeftBehind", "Jobs wait for a worker of another build"),
    ticket("unknown_status", "The provider says a word that this build does not know; nothing is decided by it"),
    ticket("unreadable_list", "Items of the list cannot be read; absences may count no more"),
    called("verify_stuck", Ticket, "RelinkSessionsContradict", "An account stays out although its session looks well"),
    ticket("webhooks_refused", "No webhook bears a secret in force: what the provider tells by itself is lost, and the watches see it minutes later"),
    feed("webhooks_unlinked", "Events of sessions that are nobody's; each new session sends some, and ghosts do for ever"),
    ticket("wrong_account", "Another person signed in to an account; it sends nothing until a person decides"),
];

/// Code that this build knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeName(&'static str);

impl crate::words::Word for CodeName {
    fn members() -> Vec<Self> {
        ALERT_CODES.iter().map(|it| Self(it.code)).collect()
    }

    fn word(self) -> &'static str {
        self.0
    }
}

/// Finds a code's line; none for a code of a later build.
pub fn find_alert(code: &str) -> Option<&'static AlertCode> {
    ALERT_CODES.iter().find(|it| it.code == code)
}

/// Urgency of a code. What this build does not know is looked at by a person.
pub fn alert_class(code: &str) -> AlertClass {
    find_alert(code).map_or(Ticket, |it| it.class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_wat_7_each_code_has_one_class_and_a_reason() {
        let codes: Vec<&str> = ALERT_CODES.iter().map(|it| it.code).collect();
        assert!(
            codes.windows(2).all(|pair| pair[0] < pair[1]),
            "in order, each once"
        );
        for AlertCode {
            code,
            class,
            rule,
            why,
        } in ALERT_CODES
        {
            assert_eq!(rule.is_none(), *class == Feed, "{code}");
            assert!(why.len() > 20 && !why.ends_with('.'), "{code}: {why}");
        }
        assert_eq!(alert_class("duty_blind"), Page);
        assert_eq!(alert_class("of a later build"), Ticket);
    }
}
