//! The mass-change breaker (R-WAT-3).

use super::RunVerdict;
use crate::decision::Alert;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

/// Loss flips that are always believed, however small the fleet.
const LOSSES_ALWAYS: i64 = 20;
/// One in so many of the watched fleet is believed beyond that.
const LOSSES_FRACTION: i64 = 4;

/// What a whole run found, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunCounts {
    /// The run.
    pub slot: Timestamp,
    /// Sessions that the provider listed.
    pub sessions_listed: i64,
    /// Accounts with a linked session.
    pub watched: i64,
    /// Proposed changes to a worse status.
    pub losses: i64,
    /// Watched accounts whose session the list did not hold, where a case could be opened: those that are `missing`
    /// already would hold the breaker open for ever.
    pub absent: i64,
    /// Watched accounts with a word that we do not know, and with nothing else to be done.
    pub unknown: i64,
    /// Words that we do not know, the most frequent first, whatever else was found of their accounts.
    pub odd: Vec<OddWord>,
    /// Accounts to verify.
    pub verifiable: i64,
    /// Some of the accounts that are lost or absent, for the alert.
    pub sample: Vec<String>,
}

/// A word of the provider's that we do not know (R-ST-3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OddWord {
    /// The word; empty for a session without any.
    pub word: String,
    /// Accounts with it.
    pub accounts: i64,
    /// Some of them.
    pub sample: Vec<String>,
}

/// Judgement of a run, with its alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Whether losses are applied and cases opened.
    pub verdict: RunVerdict,
    /// What operators must hear.
    pub alerts: Vec<Alert>,
}

/// The largest number of losses that a run may apply: 20, or 25 % of the watched fleet where that is more.
pub fn loss_threshold(watched: i64) -> i64 {
    // Rounding down is exact: a whole number exceeds a quarter exactly when it exceeds the quarter rounded down.
    LOSSES_ALWAYS.max(watched / LOSSES_FRACTION)
}

/// Judges a whole run before any of it is applied (R-WAT-3).
///
/// Absent sessions count as losses: a list that is half empty is the provider's trouble, not that of half the fleet.
pub fn judge(counts: &RunCounts) -> Judgement {
    let empty = counts.sessions_listed == 0 && counts.watched > 0;
    let lost = counts.losses.saturating_add(counts.absent);
    let mass = lost > loss_threshold(counts.watched);
    let alerts = [
        empty.then(|| alert("empty_list", counts)),
        (mass && !empty).then(|| alert("mass_change", counts)),
    ];
    let odd = counts.odd.iter().map(|odd| odd_word(odd, counts.slot));
    Judgement {
        verdict: if empty || mass {
            RunVerdict::Abort
        } else {
            RunVerdict::Apply
        },
        alerts: alerts.into_iter().flatten().chain(odd).collect(),
    }
}

/// One alert a word: its accounts come and go, and it is the word that somebody must explain.
fn odd_word(odd: &OddWord, slot: Timestamp) -> Alert {
    let OddWord {
        word,
        accounts,
        sample,
    } = odd;
    let shown = if word.is_empty() { "no word" } else { word };
    Alert {
        code: "unknown_status",
        subject: format!("word {shown}"),
        detail: json!({ "run": slot, "word": word, "accounts": accounts, "sample": sample }),
    }
}

/// The subject is the watch and not the run, so that trouble that lasts counts one alert up.
fn alert(code: &'static str, counts: &RunCounts) -> Alert {
    Alert {
        code,
        subject: "status.watch".to_owned(),
        detail: json!({
            "run": counts.slot,
            "sessions_listed": counts.sessions_listed,
            "watched": counts.watched,
            "losses": counts.losses,
            "absent": counts.absent,
            "unknown": counts.unknown,
            "threshold": loss_threshold(counts.watched),
            "sample": counts.sample,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::RunVerdict::{Abort, Apply};
    use super::*;
    use crate::samples::at;
    use proptest::prelude::*;

    fn counts(watched: i64, losses: i64, absent: i64) -> RunCounts {
        RunCounts {
            slot: at(0),
            sessions_listed: watched,
            watched,
            losses,
            absent,
            unknown: 0,
            odd: vec![],
            verifiable: 0,
            sample: vec!["account 1".to_owned()],
        }
    }

    fn codes(counts: &RunCounts) -> Vec<&'static str> {
        judge(counts).alerts.iter().map(|it| it.code).collect()
    }

    #[test]
    fn r_wat_3_the_breaker_opens_just_above_twenty_or_a_quarter() {
        for (watched, losses, absent, applies) in [
            (0, 0, 0, true),
            (10, 10, 0, true),
            (80, 20, 0, true),
            (80, 21, 0, false),
            (83, 10, 10, true),
            (83, 10, 11, false),
            (84, 21, 0, true),
            (84, 21, 1, false),
            (87, 21, 0, true),
            (87, 22, 0, false),
            (100, 0, 25, true),
            (100, 0, 26, false),
            (1_000_000, 125_000, 125_000, true),
            (1_000_000, 125_000, 125_001, false),
            (i64::MAX, i64::MAX, i64::MAX, false),
        ] {
            let judgement = judge(&counts(watched, losses, absent));
            let verdict = if applies { Apply } else { Abort };
            assert_eq!(
                judgement.verdict, verdict,
                "{losses} + {absent} of {watched}"
            );
        }
    }

    #[test]
    fn r_wat_3_an_aborted_run_names_what_it_would_have_changed() {
        let judgement = judge(&counts(100, 20, 6));
        let [alert] = judgement.alerts.as_slice() else {
            panic!("one alert: {judgement:?}");
        };
        assert_eq!(
            (alert.code, &alert.detail["sample"]),
            ("mass_change", &json!(["account 1"]))
        );
        assert_eq!(alert.detail["threshold"], 25);
    }

    #[test]
    fn r_wat_3_an_empty_list_is_inconclusive() {
        let empty = RunCounts {
            sessions_listed: 0,
            ..counts(3, 0, 3)
        };
        let judgement = judge(&empty);
        assert_eq!(judgement.verdict, Abort);
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
        assert_eq!(judgement.verdict, Apply);
        let subjects = judgement.alerts.iter().map(|it| it.subject.as_str());
        assert!(subjects.eq(["word RECONNECTING", "word no word"]));
        assert_eq!(judgement.alerts[0].detail["sample"], json!(["account 1"]));
    }

    proptest! {
        #[test]
        fn r_wat_3_nothing_is_applied_above_the_threshold_and_all_at_it(
            watched in 0_i64..2_000_000, losses in 0_i64..600_000, absent in 0_i64..600_000,
        ) {
            // By the words of the rule: more than 20, and more than 25 %.
            let over = losses + absent > 20 && (losses + absent) * 100 > watched * 25;
            let empty = watched == 0;
            let judgement = judge(&RunCounts { sessions_listed: i64::from(!empty), ..counts(watched, losses, absent) });
            prop_assert_eq!(judgement.verdict, if over { Abort } else { Apply });
            prop_assert_eq!(judgement.alerts.len(), usize::from(over));
        }
    }
}
