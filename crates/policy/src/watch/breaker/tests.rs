use super::RunVerdict::{Abort, Apply};
use super::*;
use crate::samples::at;
use proptest::prelude::*;

fn counts(watched: i64, new_losses: i64, lost_before: i64) -> RunCounts {
    RunCounts {
        slot: at(0),
        sessions_listed: watched,
        watched,
        new_losses,
        lost_before,
        absent: 0,
        unknown: 0,
        odd: vec![],
        verifiable: 0,
        sample: vec!["account 1".to_owned()],
        shares: vec![],
    }
}

fn codes(counts: &RunCounts) -> Vec<&'static str> {
    judge(counts).alerts.iter().map(|it| it.code).collect()
}

#[test]
fn r_wat_3_the_breaker_opens_just_above_five_or_a_quarter() {
    for (watched, losses, before, verdict) in [
        (3, 3, 0, Apply),
        (10, 5, 0, Apply),
        (10, 6, 0, Abort),
        (20, 5, 0, Apply),
        (20, 1, 5, Abort),
        (23, 5, 0, Apply),
        (23, 6, 0, Abort),
        (24, 6, 0, Apply),
        (24, 3, 4, Abort),
        (200, 50, 0, Apply),
        (200, 40, 11, Abort),
        (20_000, 5_000, 0, Apply),
        (20_000, 1, 5_000, Abort),
        (1_000_000, 125_000, 125_000, Apply),
        (1_000_000, 125_000, 125_001, Abort),
        (i64::MAX, i64::MAX, i64::MAX, Abort),
        // Nothing new: what was lost before stops nobody.
        (20, 0, 20, Apply),
    ] {
        let judgement = judge(&counts(watched, losses, before));
        let what = format!("{losses} after {before} of {watched}");
        assert_eq!(judgement.verdict, Some(verdict), "{what}");
        assert_eq!(
            judgement.alerts.len(),
            usize::from(verdict == Abort),
            "{what}"
        );
    }
}

#[test]
fn r_wat_3_the_alert_names_run_number_sample_and_what_to_type() {
    let judgement = judge(&counts(100, 20, 6));
    let [alert] = judgement.alerts.as_slice() else {
        panic!("one alert: {judgement:?}");
    };
    let detail = &alert.detail;
    assert_eq!(
        (alert.code, &detail["sample"]),
        ("mass_change", &json!(["account 1"]))
    );
    assert_eq!(
        (&detail["losses"], &detail["threshold"]),
        (&json!(20), &json!(25))
    );
    let slot = at(0);
    let typed = format!("relink watch accept {slot} --reason …");
    assert_eq!(
        (&detail["run"], &detail["type"][1]),
        (&json!(slot), &json!(typed))
    );
}

#[test]
fn r_wat_3_absent_sessions_are_no_losses_and_an_empty_list_says_nothing() {
    let half = RunCounts {
        absent: 50,
        ..counts(100, 0, 0)
    };
    assert_eq!(judge(&half).verdict, Some(Apply));
    let empty = RunCounts {
        sessions_listed: 0,
        ..half
    };
    assert_eq!(judge(&empty).verdict, None);
    assert_eq!(codes(&empty), ["empty_list"]);
    assert_eq!(codes(&counts(0, 0, 0)), [] as [&str; 0]);
}

#[test]
fn r_st_3_unknown_words_are_alerted_and_stop_nothing() {
    let word = |word: &str, accounts| OddWord {
        word: word.to_owned(),
        accounts,
        sample: vec!["account 1".to_owned()],
    };
    let strange = RunCounts {
        unknown: 1,
        odd: vec![word("RECONNECTING", 2), word("", 1)],
        ..counts(100, 3, 0)
    };
    let judgement = judge(&strange);
    assert_eq!(codes(&strange), ["unknown_status"; 2]);
    assert_eq!(judgement.verdict, Some(Apply));
    let subjects = judgement.alerts.iter().map(|it| it.subject.as_str());
    assert!(subjects.eq(["word RECONNECTING", "word no word"]));
    assert_eq!(judgement.alerts[0].detail["sample"], json!(["account 1"]));
}

proptest! {
    #[test]
    fn r_wat_3_new_losses_are_stopped_exactly_above_the_threshold(
        watched in 1_i64..2_000_000, losses in 0_i64..600_000, before in 0_i64..600_000, absent in 0_i64..600_000,
    ) {
        // By the words of the rule: more than 5, and more than 25 %, with the hour before.
        let sum = losses + before;
        let over = losses > 0 && sum > 5 && sum * 100 > watched * 25;
        let judgement = judge(&RunCounts { absent, ..counts(watched, losses, before) });
        prop_assert_eq!(judgement.verdict, Some(if over { Abort } else { Apply }));
        prop_assert_eq!(judgement.alerts.len(), usize::from(over));
    }
}
