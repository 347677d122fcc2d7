//! Cases whose verdict the breaker stops.

use super::*;

/// R-WAT-3, R-DEL-3: what the breaker stops is held at once and told once, and ends by an answer of somebody's.
#[test]
fn r_wat_3_a_stopped_case_holds_its_account_until_somebody_answers() {
    let of = |leave| CaseFacts {
        suspects: 6,
        leave,
        ..three()
    };
    let decision = decide(&of(CaseLeave::Breaker));
    let [hold] = decision.sends.holds.as_slice() else {
        panic!("one hold: {decision:?}");
    };
    assert_eq!(
        (hold.account, hold.reason),
        (account(1), HoldReason::SessionGone)
    );
    assert!(decision.cases.stopped[0].why.contains("6 sessions"));
    let typed = decision.alerts[0].detail["type"].to_string();
    assert!(
        typed.contains(&format!("relink cases confirm {CASE} --reason")),
        "{typed}"
    );

    let again = decide(&of(CaseLeave::Stopped));
    assert_eq!(
        (
            again.alerts.len(),
            again.sends.holds.len(),
            again.cases.stopped.len()
        ),
        (0, 0, 0)
    );
    let ended = EndedHold {
        account: account(1),
        reason: HoldReason::SessionGone,
    };
    for (leave, by) in [
        (CaseLeave::Run, "three runs"),
        (CaseLeave::Operator("ada".to_owned()), "ada"),
    ] {
        check(&of(leave.clone()), Some(Verdict::Confirmed), None, &[]);
        let decision = decide(&of(leave.clone()));
        assert_eq!(decision.status.ended_holds, [ended]);
        assert_eq!(decision.status.flips[0].evidence["let_go_by"], json!(by));
        let mut present = of(leave);
        present.this.answer = Answer::Present;
        check(&present, Some(Verdict::Recovered), None, &[]);
        assert_eq!(decide(&present).status.ended_holds, [ended]);
    }
}

/// In a fleet of one nobody is known good: an operator's word stands for the control, and nothing else does.
#[test]
fn r_wat_3_without_any_control_only_an_operator_ends_a_case() {
    let alone = |leave| {
        let mut facts = three();
        for poll in facts.earlier.iter_mut().chain([&mut facts.this]) {
            poll.control = None;
            poll.control_answer = unclear();
        }
        facts.fleet = 1;
        CaseFacts { leave, ..facts }
    };
    let hour = Some(123 + 3_600);
    check(&alone(CaseLeave::Breaker), None, hour, &["missing_breaker"]);
    check(&alone(CaseLeave::Stopped), None, hour, &[]);
    check(&alone(CaseLeave::Run), None, hour, &[]);
    let operator = CaseLeave::Operator("ada".to_owned());
    check(&alone(operator), Some(Verdict::Confirmed), None, &[]);
}

/// Fleets of any size, in the rule's own words: more than 5, or more than 25 %, and nobody goes missing unasked.
#[test]
fn r_wat_3_in_every_fleet_too_many_suspects_wait_and_fewer_do_not() {
    for fleet in [3, 10, 20, 200, 20_000, 1_000_000] {
        for suspects in 1..=7 {
            let facts = CaseFacts {
                fleet,
                suspects,
                ..three()
            };
            let over = suspects > 5 || suspects * 100 > fleet * 25;
            let flips = decide(&facts).status.flips.len();
            assert_eq!(flips, usize::from(!over), "{suspects} of {fleet}");
        }
    }
}
