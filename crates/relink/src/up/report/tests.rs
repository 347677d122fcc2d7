//! A report that cannot say no proves nothing.

mod against;
mod owners;

use super::*;
use crate::up::witness::Witness;
use jiff::Timestamp;
use owners::links;
use simulator::control::ActionVerdict;
use store::report::Totals;

fn rows() -> Rows {
    Rows {
        totals: Totals::default(),
        alerts: vec![],
        sends: SendTotals {
            sends_settled: 12,
            sends_sent: 10,
            sends_failed: 2,
            sends_unknown: 4,
            sends_unknown_resolved: 2,
            sends_unknown_looked_for: 1,
            sends_unknown_alerted: 1,
            sends_sent_in_run: 10,
            sends_open_in_run: 2,
            ..SendTotals::default()
        },
        windows: vec![Windows {
            action: "invite".to_owned(),
            counted: 14,
            day_most: 15,
            day_cap: 15,
            week_most: 15,
            week_cap: 80,
            violations: 0,
        }],
        odd_jobs: vec![],
    }
}

fn verdict() -> Verdict {
    Verdict {
        at: Timestamp::UNIX_EPOCH,
        effects: 11,
        actions: [(Action::Invite, ActionVerdict::default())].into(),
        duplicated: 0,
        duplicates: vec![],
        violated: 0,
        violations: vec![],
        repeats_refused: 0,
        full: false,
    }
}

fn intact() -> Verification {
    Verification {
        rows: 0,
        accounts: 0,
        wrong: 0,
        findings: vec![],
    }
}

fn report(rows: &Rows, verdict: &Verdict) -> Report {
    report_of(rows, verdict, 0, links())
}

fn report_of(rows: &Rows, verdict: &Verdict, clock_off_s: i64, links: Links) -> Report {
    let provider = Provider {
        counts: Counts::default(),
        verdict: verdict.clone(),
        clock_off_s,
        lost_at_once: 56,
    };
    let judged = Judged {
        standings: nobody_astray(),
        causes: no_stops(),
        pace: pace(),
        links,
    };
    Report::new(rows, &intact(), &provider, &judged, vec![])
}

fn nobody_astray() -> Standings {
    Standings {
        accounts: vec![],
        sessions: vec![],
    }
}

fn no_stops() -> Causes {
    Causes {
        holds: vec![],
        pauses: vec![],
        witness: Witness::default(),
        restricted: BTreeMap::new(),
    }
}

fn pace() -> Pace {
    Pace {
        at: Timestamp::UNIX_EPOCH,
        speed: 60.0,
        runs: vec![],
    }
}

#[test]
fn nothing_is_judged_by_a_provider_whose_clock_is_off() {
    for (off, judged) in [(60, true), (61, false), (-60, true), (-61, false)] {
        let report = report_of(&rows(), &verdict(), off, links());
        let shown = report.to_string();
        assert_eq!(report.is_good(), judged, "{shown}");
        assert_eq!(shown.contains("What must hold"), judged, "{shown}");
        assert_eq!(shown.contains("Not judged"), !judged, "{shown}");
    }
}

#[test]
fn r_st_5_an_account_astray_is_said_and_named() {
    let mut report = report(&rows(), &verdict());
    report.accounts_astray = vec!["Ada: missing".to_owned()];
    assert_eq!(
        no(&report),
        ["every account whose session is well is connected"]
    );
    assert!(report.to_string().contains("Ada: missing"));
}

#[test]
fn r_cap_8_what_is_held_or_paused_without_a_cause_is_said_and_named() {
    let mut report = report(&rows(), &verdict());
    report.stopped_without_cause = vec!["Ada: held protective since 1970".to_owned()];
    assert_eq!(
        no(&report),
        ["no account held and no campaign paused without a true cause"]
    );
    let shown = report.to_string();
    let named = "true cause\n         Ada: held protective since 1970\n";
    assert!(shown.contains(named), "{shown}");
    assert!(shown.contains("accounts held        none"), "{shown}");
}

/// What a report says no to.
fn no(report: &Report) -> Vec<&'static str> {
    let checks = report.checks().into_iter();
    let against: Vec<_> = checks.filter(|it| !it.holds()).collect();
    assert_eq!(report.is_good(), against.is_empty());
    let shown = report.to_string();
    for it in &against {
        // And what speaks against it right below.
        let why = &it.against[0];
        let lines = format!("\n  NO   {}\n         {why}\n", it.what);
        assert!(shown.contains(&lines), "{shown}");
    }
    against.iter().map(|it| it.what).collect()
}

#[test]
fn a_run_in_which_everything_holds_has_only_yes_lines() {
    assert_eq!(no(&report(&rows(), &verdict())), [] as [&str; 0]);
}

#[test]
fn r_wat_3_what_an_operator_answered_is_said() {
    let report = report(&rows(), &verdict());
    let shown = report.to_string();
    assert!(
        shown.contains("lost at once         56 sessions"),
        "{shown}"
    );
    assert!(shown.contains("operator             nothing was stopped"));
    let answered = report.with_answers(vec!["`relink watch accept`: done".to_owned()]);
    let line = "operator             `relink watch accept`: done";
    assert!(answered.to_string().contains(line));
    assert!(answered.is_good());
}

#[test]
fn r_cap_2_a_cap_broken_in_either_log_is_said_and_counted() {
    let mut broken = rows();
    broken.windows[0].violations = 3;
    let broken = report(&broken, &verdict());
    assert_eq!(no(&broken), ["no cap is broken (database)"]);
    let seen = Verdict {
        violated: 2,
        ..verdict()
    };
    let seen = report(&rows(), &seen);
    assert_eq!(no(&seen), ["no cap is broken (provider's log)"]);
    assert_eq!((broken.cap_violations, seen.cap_violations), (3, 2));
}

#[test]
fn r_cap_5_a_duplicate_in_either_log_is_said_and_counted() {
    let mut twice = rows();
    twice.sends.duplicated = 1;
    let twice = report(&twice, &verdict());
    assert_eq!(no(&twice), ["nothing was sent twice"]);
    let seen = Verdict {
        duplicated: 2,
        ..verdict()
    };
    let seen = report(&rows(), &seen);
    assert_eq!(no(&seen), ["nothing was sent twice"]);
    assert_eq!((twice.sends_duplicated, seen.sends_duplicated), (1, 2));
}

#[test]
fn r_cap_6_an_outcome_that_nobody_looks_for_and_a_send_that_nobody_ends_are_said() {
    let mut lost = rows();
    lost.sends.sends_unknown_looked_for = 0;
    let mut adrift = rows();
    adrift.sends.sends_adrift = 1;
    for rows in [lost, adrift] {
        assert_eq!(
            no(&report(&rows, &verdict())),
            ["every outcome is known, looked for, or alerted"]
        );
    }
}

#[test]
fn r_cap_5_a_send_without_its_audit_rows_is_said() {
    let mut unaudited = rows();
    unaudited.sends.sends_unaudited = 1;
    assert_eq!(
        no(&report(&unaudited, &verdict())),
        ["every send has its audit rows"]
    );
}

#[test]
fn r_cap_5_what_the_provider_did_beyond_the_rows_or_short_of_them_is_said() {
    for (effects, good) in [(9, false), (10, true), (12, true), (13, false)] {
        let seen = Verdict {
            effects,
            ..verdict()
        };
        let said = no(&report(&rows(), &seen));
        assert_eq!(said.is_empty(), good, "{effects}: {said:?}");
    }
}
