//! When the fleet's accounts send, what its campaigns say, and what goes wrong at the provider.

use policy::ids::{AccountId, CampaignId};
use policy::sends::Action;
use policy::sends::sender::SendingRules;
use simulator::control::{ActionFault, ActionFaultKind, Faults, Rate};
use std::time::Duration;
use store::seed::{OwnCaps, Sequence, StepPlan};

/// Where accounts live that send around the clock.
const ZONES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "Europe/London",
    "Asia/Tokyo",
];
const EVERY_DAY: u8 = 0b111_1111;
const WEEKDAYS: u8 = 0b1_1111;

/// Most send at any hour, so that there is something to see; two in ten keep office hours, one in ten is very new.
pub(super) fn rules(number: u32) -> SendingRules {
    let zone = ZONES[number as usize % ZONES.len()].to_owned();
    let any_hour = SendingRules {
        zone,
        start_minute: 0,
        end_minute: 1440,
        days: EVERY_DAY,
        ramp_start: 40,
        ramp_step: 10,
    };
    match number % 10 {
        7 | 8 => SendingRules {
            start_minute: 9 * 60,
            end_minute: 18 * 60,
            days: WEEKDAYS,
            ramp_start: 10,
            ramp_step: 5,
            ..any_hour
        },
        9 => SendingRules {
            ramp_start: 3,
            ramp_step: 2,
            ..any_hour
        },
        _ => any_hour,
    }
}

/// A few accounts have caps of their own: lower ones, or higher ones that somebody lifted and said why.
pub(super) fn own_caps(number: u32, account: AccountId) -> Option<OwnCaps> {
    let of = |action, (day, week), lifted_by, note| OwnCaps {
        account,
        action,
        day,
        week,
        lifted_by,
        note,
    };
    match number % 20 {
        4 => Some(of(Action::Invite, (4, 15), None, "its owner is careful")),
        11 => Some(of(
            Action::Message,
            (6, 30),
            None,
            "warned by the network last spring",
        )),
        14 => Some(of(
            Action::Invite,
            (18, 100),
            Some("operator:demo"),
            "ten years old and never warned",
        )),
        _ => None,
    }
}

/// What a campaign does. Waits are short, so that its enrollments move while one looks.
pub(super) fn sequence(number: usize, campaign: CampaignId, is_mail: bool) -> Sequence {
    let steps = match (is_mail, number / 3 % 3) {
        (true, _) => vec![
            email(
                0,
                "A question, {{first_name}}",
                "Hello {{first_name}}, may I ask you something?",
            ),
            email(
                15,
                "Once more, {{first_name}}",
                "Hello {{first_name}}, is this still of interest?",
            ),
            email(
                30,
                "The last one",
                "{{first_name}}, I shall not write again.",
            ),
        ],
        (false, 0) => vec![
            step(Action::ProfileView, 0, None),
            step(
                Action::Invite,
                3,
                Some("Hello {{first_name}}, shall we connect?"),
            ),
            step(
                Action::Message,
                8,
                Some("Thank you for connecting, {{first_name}}."),
            ),
            step(
                Action::Message,
                20,
                Some("Is this still of interest, {{first_name}}?"),
            ),
        ],
        (false, 1) => vec![
            step(
                Action::Invite,
                0,
                Some("Hello {{first_name}}, we met at the fair."),
            ),
            step(Action::WithdrawInvite, 25, None),
        ],
        (false, _) => vec![
            step(
                Action::Message,
                0,
                Some("Hello {{first_name}}, how have you been?"),
            ),
            step(Action::ProfileView, 10, None),
            step(
                Action::Message,
                10,
                Some("Shall we talk about {{company | \"your plans\"}} next week, {{first_name}}?"),
            ),
        ],
    };
    Sequence {
        campaign,
        steps,
        variables: &["company"],
    }
}

fn step(action: Action, minutes: u64, body: Option<&'static str>) -> StepPlan {
    StepPlan {
        action,
        wait: Duration::from_mins(minutes),
        subject: None,
        body,
    }
}

fn email(minutes: u64, subject: &'static str, body: &'static str) -> StepPlan {
    StepPlan {
        subject: Some(subject),
        ..step(Action::Email, minutes, Some(body))
    }
}

/// One outward call in a hundred goes wrong, most of them after it was done, so that nobody knows its outcome.
/// Silences are shorter than the client's patience, so that a short demonstration sees their ends.
pub(super) fn faults() -> Faults {
    let fault = |kind, rate, ms| ActionFault {
        kind,
        route: None,
        action: None,
        rate: Rate(rate),
        times: None,
        ms,
    };
    // The first owner who asks for a link gets none, and asks again.
    let mint = ActionFault {
        route: Some("POST /hosted/accounts/link".to_owned()),
        times: Some(1),
        ..fault(ActionFaultKind::ErrorBefore, 1.0, None)
    };
    Faults {
        actions: vec![
            mint,
            fault(ActionFaultKind::ErrorAfter, 0.004, None),
            fault(ActionFaultKind::ResetAfter, 0.002, None),
            fault(ActionFaultKind::SilenceAfter, 0.001, Some(3_000)),
            fault(ActionFaultKind::SlowAfter, 0.001, Some(1_500)),
            fault(ActionFaultKind::UndecodableAfter, 0.001, None),
            fault(ActionFaultKind::ResetBefore, 0.001, None),
        ],
        ..Faults::default()
    }
}
