use super::sight::{ListedRun, ShownLoss, runs_of};
use super::*;
use serde_json::{Value, json};

fn alert(code: &str, detail: Value) -> AlertLine {
    AlertLine {
        code: code.to_owned(),
        subject: "status.watch".to_owned(),
        times: 1,
        last_at: Timestamp::UNIX_EPOCH,
        detail,
    }
}

/// Sessions `s0`, `s1`, … that say these words, so many each.
fn sessions(words: &[(&str, usize)]) -> Vec<SessionView> {
    let words = words.iter().flat_map(|&(word, count)| vec![word; count]);
    let of = |(number, word): (usize, &str)| {
        let view = json!({
            "id": format!("s{number}"), "kind": "LINKEDIN", "name": "", "identity": "", "handle": "", "tier": "free",
            "created_at": Timestamp::UNIX_EPOCH, "words": [word], "presence": "live",
        });
        serde_json::from_value(view).expect("a session")
    };
    words.enumerate().map(of).collect()
}

/// Losses of the sessions `s0`, `s1`, … in these states, so many each.
fn losses(states: &[(&str, usize)]) -> Vec<ShownLoss> {
    let states = states.iter().flat_map(|&(state, count)| vec![state; count]);
    let of = |(number, state): (usize, &str)| ShownLoss {
        account_id: Uuid::from_u128(number as u128),
        session: format!("s{number}"),
        state: state.to_owned(),
    };
    states.enumerate().map(of).collect()
}

fn run() -> Timestamp {
    "2026-03-01T10:05:00Z".parse().expect("an instant")
}

#[test]
fn r_wat_3_what_is_stopped_is_answered_once() {
    let dir = std::env::temp_dir().join(format!("relink-operator-{}", std::process::id()));
    let mut operator = Operator::on_duty(&dir, &dir).expect("a log");
    std::fs::remove_dir_all(&dir).expect("it was made here");
    let open = [
        alert("verify_stuck", json!({ "run": "another", "losses": 3 })),
        alert(STOPPED, json!({ "run": run(), "losses": 56 })),
        alert(STOPPED, json!({ "account": Uuid::from_u128(1) })),
        alert(STOPPED, json!({ "sample": [] })),
    ];
    let account = Stopped::Account(Uuid::from_u128(1));
    assert_eq!(operator.unanswered(&open), [Stopped::Run(run()), account]);
    operator.answered.insert(Stopped::Run(run()));
    assert_eq!(operator.unanswered(&open), [account]);
    let words = account.words();
    assert_eq!(words, ["--account", &Uuid::from_u128(1).to_string()]);
    assert_eq!(Stopped::Run(run()).words(), ["2026-03-01T10:05:00Z"]);
}

#[test]
fn r_wat_3_what_is_not_open_any_more_is_left_alone_and_said() {
    let one = |state: &str| Sight::new(Stopped::Account(Uuid::nil()), losses(&[(state, 2)]));
    assert!(one("open").is_open());
    for state in ["accepted", "refused", "applied", "withdrawn"] {
        assert!(!one(state).is_open(), "{state}");
        let said = format!("`relink watch show` says 1 {state}");
        assert_eq!(one(state).to_string(), said);
    }
    let nothing = Sight::new(Stopped::Account(Uuid::nil()), vec![]);
    assert!(!nothing.is_open());
    let said = "`relink watch list` has no open loss of it";
    assert_eq!(nothing.to_string(), said);
    let all = Sight::new(
        Stopped::Run(run()),
        losses(&[("open", 3), ("withdrawn", 52)]),
    );
    assert!(all.is_open());
    assert_eq!(
        all.to_string(),
        "`relink watch show` says 3 open, 52 withdrawn"
    );
}

#[test]
fn r_wat_3_an_accounts_loss_is_looked_for_in_the_newest_runs_with_open_ones() {
    let listed = |second: i64, open| ListedRun {
        run: Timestamp::from_second(second).expect("an instant"),
        open,
    };
    let all = [
        listed(50, 0),
        listed(40, 1),
        listed(30, 2),
        listed(20, 0),
        listed(10, 7),
        listed(5, 7),
    ];
    let found = runs_of(Stopped::Account(Uuid::nil()), &all);
    let seconds: Vec<i64> = found.into_iter().map(Timestamp::as_second).collect();
    assert_eq!(seconds, [40, 30, 10]);
    assert_eq!(runs_of(Stopped::Run(run()), &all), [run()]);
}

#[test]
fn r_wat_3_what_comes_back_by_itself_is_not_accepted() {
    let open = [("open", 100)];
    let withdrawn = [("withdrawn", 60), ("open", 40)];
    for (states, words, is_true) in [
        (&open[..], vec![("CREDENTIALS", 95), ("OK", 100)], true),
        (
            &open,
            vec![("ERROR", 30), ("CREDENTIALS", 21), ("OK", 49)],
            true,
        ),
        (&open, vec![("CONNECTING", 90), ("CREDENTIALS", 10)], false),
        (&open, vec![("CREDENTIALS", 50), ("OK", 50)], false),
        // Other sessions are lost, and not those of which it is asked.
        (&open, vec![("OK", 100), ("CREDENTIALS", 100)], false),
        (&withdrawn, vec![("CREDENTIALS", 60), ("OK", 40)], false),
        (&withdrawn, vec![("OK", 60), ("CREDENTIALS", 40)], true),
        // Whom the provider does not show does not come back.
        (&open, vec![], true),
    ] {
        let sight = Sight::new(Stopped::Run(run()), losses(states));
        let judged = sight.are_lost(&sessions(&words));
        assert_eq!(judged, is_true, "{words:?}");
    }
}
