//! Ends that are nobody's failure: aims reached, notes refused, calls that never arrived.

use super::*;

#[test]
fn r_cap_7_an_aim_that_is_reached_already_goes_on_and_is_nobodys_failure() {
    let gone = refusal(Class::ProspectGone, "resource_not_found");
    let reached = refusal(Class::AimReached, "already_connected");
    for (action, outcome, goes_on) in [
        (Action::Invite, &reached, true),
        (Action::WithdrawInvite, &gone, true),
        (Action::RemoveConnection, &gone, true),
        (Action::Invite, &gone, false),
        (Action::Message, &gone, false),
    ] {
        let facts = SettleFacts {
            action,
            recent: vec![Some(Blame::Account); 2],
            ..facts()
        };
        let (settlement, settled) = one(&facts, outcome);
        assert_eq!(
            settlement.enrollment == NextStep::Advance,
            goes_on,
            "{action:?}"
        );
        assert_eq!(settlement.blame.is_none(), goes_on, "{action:?}");
        assert_eq!(settled.decision.sends.holds, []);
    }
}

#[test]
fn r_cap_7_a_refused_note_rests_notes_alone_and_goes_again_without() {
    let noted = SettleFacts {
        has_scarce_note: true,
        note_streak: 1,
        cooldown_streak: 4,
        ..facts()
    };
    let (settlement, settled) = one(&noted, &refusal(Class::AccountCap, "cannot_resend_yet"));
    let [cooldown] = settled.decision.sends.cooldowns.as_slice() else {
        panic!("one cooldown: {settled:?}");
    };
    assert_eq!((cooldown.cooled, cooldown.streak), (Cooled::Notes, 2));
    assert_eq!(cooldown.until, plus(now(), hours(12)));
    assert_eq!(settlement.enrollment, again(SignedDuration::from_mins(5)));
}

#[test]
fn r_cap_1_what_is_given_back_rests_the_account_ever_longer_and_is_told() {
    for (streak, minutes) in [(0, 1), (1, 2), (3, 8), (5, 32), (6, 60), (u16::MAX, 60)] {
        let facts = SettleFacts {
            silence_streak: streak,
            ..facts()
        };
        for outcome in [
            not_sent_one(),
            refusal(Class::OurKey, "missing_credentials"),
            refusal(Class::Gone, "resource_not_found"),
        ] {
            let (_, settled) = one(&facts, &outcome);
            let [silence] = settled.decision.sends.silences.as_slice() else {
                panic!("one silence: {settled:?}");
            };
            assert_eq!(
                silence.until,
                plus(now(), SignedDuration::from_mins(minutes))
            );
            assert_eq!(silence.streak, streak.saturating_add(1));
        }
        let (_, settled) = one(&facts, &not_sent_one());
        let told = alerts(&settled).contains(&("nothing_leaves", "sends".to_owned()));
        assert_eq!(told, 3 <= streak, "{streak}");
        // Whatever arrives ends it.
        let (_, settled) = one(&facts, &Outcome::Sent(receipt()));
        let ended: Vec<u16> = settled
            .decision
            .sends
            .silences
            .iter()
            .map(|it| it.streak)
            .collect();
        assert_eq!(ended, if streak == 0 { vec![] } else { vec![0] });
    }
}
