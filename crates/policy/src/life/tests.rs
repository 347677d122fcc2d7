use super::*;
use crate::account::{AccountKind, allowed};
use crate::watch::{Class, pairs};
use std::collections::BTreeSet;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/transitions.md");

fn cells() -> impl Iterator<Item = (Status, AttemptState, Answer, Cell)> {
    let rows = Status::ALL
        .into_iter()
        .flat_map(|status| AttemptState::ALL.map(|attempt| (status, attempt)));
    rows.flat_map(|(status, attempt)| {
        Answer::ALL.map(|answer| (status, attempt, answer, cell(status, attempt, answer)))
    })
}

#[test]
fn r_st_5_every_cell_has_a_way_out_that_needs_no_luck() {
    for (status, attempt, answer, cell) in cells() {
        let at = format!("{status}, attempt {attempt}, {answer}: {cell:?}");
        let way = cell.way;
        assert!(
            !matches!(way.then, WayOut::Provider | WayOut::Fleet),
            "{at}"
        );
        if [way.first, way.then].contains(&WayOut::Time) {
            let rests = match cell.step {
                Step::Flip(to, _) => to,
                _ => status,
            };
            let (to, _) = time_out(rests, answer).expect(&at);
            assert_eq!(allowed(Some(rests), to), Ok(()), "{at}");
        }
        let settled = status == Status::Connected && answer == Answer::Ok;
        assert_eq!(way.first == WayOut::Settled, settled, "{at}");
        let codes = [
            "owner_reconnect",
            "owner_confirm",
            "wait",
            "none",
            "ask_support",
        ];
        assert!(codes.contains(&way.first.action()), "{at}");
    }
}

#[test]
fn r_st_5_every_kind_of_account_names_what_its_owner_does() {
    for act in OwnerAct::ALL {
        let words: BTreeSet<_> = AccountKind::ALL
            .map(|kind| act.in_words(kind))
            .into_iter()
            .collect();
        assert!(words.iter().all(|it| !it.is_empty()), "{act}");
    }
    for kind in AccountKind::ALL {
        assert_eq!(AccountKind::parse(kind.as_str()), Some(kind));
    }
}

#[test]
fn r_st_1_every_step_of_the_table_is_an_allowed_transition() {
    for (status, attempt, answer, cell) in cells() {
        let to = match cell.step {
            Step::Flip(to, _) => to,
            Step::Verify => Status::Connected,
            Step::OpenCase => Status::Missing,
            Step::Nothing | Step::Alert | Step::Hold => continue,
        };
        assert_eq!(
            allowed(Some(status), to),
            Ok(()),
            "{status}, {attempt}, {answer}"
        );
        if let Step::Flip(to, _) = cell.step {
            let again = super::cell(to, attempt, answer).step;
            assert!(
                !matches!(again, Step::Flip(..)),
                "{status}, {attempt}, {answer} flips twice"
            );
        }
    }
}

#[test]
fn r_lnk_10_an_open_attempt_shields_its_account_from_every_loss() {
    for (status, _, answer, cell) in cells().filter(|it| it.1 == AttemptState::Open) {
        let lost = match cell.step {
            Step::Flip(to, _) => to != Status::ActionRequired,
            Step::OpenCase => true,
            Step::Nothing | Step::Alert | Step::Verify | Step::Hold => false,
        };
        assert!(!lost || status == Status::Connected, "{status}, {answer}");
    }
}

#[test]
fn r_st_6_a_stranger_is_held_in_every_status_but_disconnected() {
    for (status, attempt, answer, cell) in cells() {
        let strange = answer == Answer::Stranger && status != Status::Disconnected;
        assert_eq!(
            cell.step == Step::Hold,
            strange,
            "{status}, {attempt}, {answer}"
        );
    }
}

#[test]
fn r_st_3_an_unknown_word_is_alerted_and_flips_nobody() {
    for (status, attempt, _, cell) in cells().filter(|it| it.2 == Answer::Unknown) {
        let step = match status {
            Status::Disconnected => Step::Nothing,
            _ => Step::Alert,
        };
        assert_eq!(cell.step, step, "{status}, {attempt}");
    }
}

#[test]
fn r_st_5_the_watch_proposes_what_the_table_says_and_nothing_else() {
    for pair in pairs() {
        let step = cell(pair.status, pair.attempt, pair.answer).step;
        let class = match step {
            Step::Flip(to, cause) => {
                assert_eq!((pair.to, pair.cause), (Some(to), Some(cause)));
                Class::Flip
            }
            Step::Verify => Class::Verify,
            Step::Alert => Class::Unknown,
            Step::OpenCase => Class::Absent,
            Step::Nothing | Step::Hold => panic!("nothing to propose: {pair:?}"),
        };
        assert_eq!(pair.class, class, "{pair:?}");
    }
}

#[test]
fn r_st_5_the_docs_print_the_table_of_the_code() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no configuration to read the wish from"
    )]
    let update = std::env::var_os("UPDATE_DOCS");
    if update.is_some_and(|it| it == "1") {
        std::fs::write(PAGE, page_markdown()).expect("write the page");
    }
    let page = std::fs::read_to_string(PAGE).expect("read the page");
    assert_eq!(page, page_markdown(), "run this test with UPDATE_DOCS=1");
}
