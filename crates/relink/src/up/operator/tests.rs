use super::*;
use jiff::Timestamp;
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

fn sessions(words: &[(&str, usize)]) -> Vec<SessionView> {
    let of = |&(word, count): &(&str, usize)| {
        let view = json!({
            "id": "s", "kind": "LINKEDIN", "name": "", "identity": "", "handle": "", "tier": "free",
            "created_at": Timestamp::UNIX_EPOCH, "words": [word], "presence": "live",
        });
        vec![serde_json::from_value(view).expect("a session"); count]
    };
    words.iter().flat_map(of).collect()
}

#[test]
fn r_wat_3_what_is_stopped_is_answered_once() {
    let dir = std::env::temp_dir().join(format!("relink-operator-{}", std::process::id()));
    let mut operator = Operator::on_duty(&dir, &dir).expect("a log");
    std::fs::remove_dir_all(&dir).expect("it was made here");
    let open = [
        alert("verify_stuck", json!({ "run": "another", "losses": 3 })),
        alert(
            STOPPED,
            json!({ "run": "2026-03-01T10:05:00Z", "losses": 56 }),
        ),
        alert(STOPPED, json!({ "account": "01a2" })),
        alert(STOPPED, json!({ "sample": [] })),
    ];
    let stopped = |named: &[&str], losses| Stopped {
        named: named.iter().map(|&it| it.to_owned()).collect(),
        losses,
    };
    let run = stopped(&["2026-03-01T10:05:00Z"], 56);
    let account = stopped(&["--account", "01a2"], 1);
    assert_eq!(operator.unanswered(&open), [run.clone(), account.clone()]);
    operator.answered.insert(run.named);
    assert_eq!(operator.unanswered(&open), [account]);
}

#[test]
fn r_wat_3_what_comes_back_by_itself_is_not_accepted() {
    let run = Stopped {
        named: vec![],
        losses: 100,
    };
    for (words, is_true) in [
        (vec![("CREDENTIALS", 95), ("OK", 100)], true),
        (vec![("ERROR", 30), ("CREDENTIALS", 21)], true),
        (vec![("CONNECTING", 100), ("CREDENTIALS", 10)], false),
        (vec![("OK", 190), ("CREDENTIALS", 10)], false),
        (vec![("CREDENTIALS", 50)], false),
    ] {
        assert_eq!(are_lost(&run, &sessions(&words)), is_true, "{words:?}");
    }
}

#[test]
fn a_command_is_written_as_it_is_typed() {
    let words = [
        "watch",
        "accept",
        "2026-03-01T10:05:00Z",
        "--reason",
        "it is true",
    ];
    let line = r#"watch accept 2026-03-01T10:05:00Z --reason "it is true""#;
    assert_eq!(typed(&words), line);
}
