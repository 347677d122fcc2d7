//! `relink removals status`: six gates, in order, judged twice.

use super::{ADA, Desk, id_of};
use serde_json::Value;
use tests::interlock::BETWEEN_LOOKS;

const WHY: [&str; 2] = ["--reason", "because"];
const GATES: [&str; 6] = ["switch", "sanity", "confirmation", "cap", "flag", "audit"];

/// What a subject's six gates say, `passes` or why not, in order.
fn says(subject: &Value) -> Vec<String> {
    let gates = subject["gates"].as_array().expect("gates");
    let names: Vec<&str> = gates
        .iter()
        .filter_map(|gate| gate["gate"].as_str())
        .collect();
    assert_eq!(names, GATES);
    let words = gates
        .iter()
        .map(|gate| gate["refusal"].as_str().unwrap_or("passes").to_owned());
    words.collect()
}

/// The lines of the gates, as an operator sees them.
fn lines(text: &str) -> Vec<&str> {
    let is_gate = |line: &&str| {
        GATES.iter().any(|gate| {
            line.get(4..)
                .is_some_and(|it| it.starts_with(&format!("{gate} ")))
        })
    };
    text.lines().filter(is_gate).collect()
}

#[tokio::test]
async fn r_del_1_status_prints_the_six_gates_of_the_fleet_and_of_each_open_removal() {
    let mut desk = Desk::of(20).await;
    let fleet = desk.reads(&["removals", "status"]).await;
    let shown = lines(&fleet);
    assert_eq!(shown.len(), 6, "{fleet}");
    for (nth, line) in shown.iter().enumerate() {
        assert!(
            line.starts_with(&format!("  {} {}", nth + 1, GATES[nth])),
            "{line}"
        );
    }
    assert!(
        shown[0].contains("off in this process")
            && shown[0].contains("metric relink_removals_enabled")
    );
    assert!(shown[1].contains("0 suspects of 20 in 24 h  ") && shown[1].ends_with("passes"));
    assert!(shown[2].contains("asked of each removal"));
    assert!(shown[3].contains("0 of 3 in 24 h") && shown[3].ends_with("passes"));
    assert!(shown[4].ends_with("refuses: nobody has enabled the flag"));
    assert!(shown[5].contains("the record's guards stand") && shown[5].ends_with("passes"));
    assert!(fleet.ends_with("\nno removal is open\n"), "{fleet}");

    desk.does(
        ADA,
        &["flag", "enable", "removals", "--for", "2h", WHY[0], WHY[1]],
    )
    .await;
    let session = desk.ground.gone(0).await;
    let done = desk
        .does(ADA, &["removals", "request", &session.0, WHY[0], WHY[1]])
        .await;
    let removal = id_of(&done, "removal").to_string();
    let worker = desk.ground.worker(false);
    desk.ground.run_due(&worker).await;
    desk.ground.later(BETWEEN_LOOKS).await;
    desk.ground.run_due(&worker).await;
    let text = desk.reads(&["removals", "status"]).await;
    assert_eq!(lines(&text).len(), 12, "{text}");
    let shown = lines(text.split_once("\n\n").expect("two subjects").1);
    assert!(shown[1].contains("1 suspects of 20 in 24 h"), "{text}");
    assert!(
        shown[2].contains("2 of 3 looks") && shown[2].ends_with("refuses: 1 more must count"),
        "{text}"
    );
    assert!(
        shown[4].contains("enabled by ada from ") && shown[4].ends_with("passes"),
        "{text}"
    );
    let json: Value = serde_json::from_str(
        &desk
            .reads(&["removals", "status", &removal, "--json"])
            .await,
    )
    .expect("JSON");
    let subject = &json["subjects"][0];
    assert_eq!(subject["state"], "requested");
    assert_eq!(
        subject["sql_refuses"],
        serde_json::json!(["switch", "confirmation"])
    );
    assert_eq!(subject["sql_refuses"], subject["program_refuses"]);
    assert_eq!(says(subject)[2], "1 more must count");
    assert_eq!(json["agree"], true);
}

#[tokio::test]
async fn r_del_1_gate_5_a_flag_ends_by_itself_and_every_command_says_so() {
    let mut desk = Desk::of(20).await;
    desk.does(
        ADA,
        &["flag", "enable", "removals", "--for", "2h", WHY[0], WHY[1]],
    )
    .await;
    desk.ground.later(2 * 3_600 - 60).await;
    let listed = desk.reads(&["flag", "list"]).await;
    assert!(listed.contains("ON, 0 min left"), "{listed}");
    let status = desk.reads(&["removals", "status"]).await;
    assert!(lines(&status)[4].ends_with("passes"), "{status}");
    desk.ground.later(60).await;
    let listed = desk.reads(&["flag", "list"]).await;
    assert!(
        listed.contains("ran out") && !listed.contains("ON,"),
        "{listed}"
    );
    let status = desk.reads(&["removals", "status"]).await;
    assert!(
        lines(&status)[4].contains("refuses: the flag ended at "),
        "{status}"
    );
}

#[tokio::test]
async fn r_del_1_each_gates_present_value_is_the_facts_and_the_latch_stops_all() {
    let desk = Desk::of(20).await;
    desk.does(ADA, &["latch", "trip", "--reason", "smoke"])
        .await;
    let status = desk.reads(&["removals", "status"]).await;
    assert!(
        lines(&status)[1]
            .ends_with("refuses: the latch is set until a person clears it: ada: smoke"),
        "{status}"
    );
    desk.does(ADA, &["latch", "clear", WHY[0], WHY[1]]).await;
    // Three intents of the last day, for the fleet as for a removal.
    let sql = "insert into relink.removal_audit (removal_id, session_id, event, to_state, facts, note, actor)
               select id, session_id, 'intent', 'permitted', '{}', '', 'test' from relink.removals, generate_series(1, 3)";
    let gone = desk.ground.gone(0).await;
    let other = desk.ground.gone(1).await;
    desk.ground.request(&gone).await.expect("a removal");
    desk.ground.sql(sql).await;
    let removal = desk
        .ground
        .request(&other)
        .await
        .expect("another")
        .to_string();
    desk.ground
        .sql("alter table relink.removal_audit disable trigger no_change")
        .await;
    let json: Value =
        serde_json::from_str(&desk.reads(&["removals", "status", "--json"]).await).expect("JSON");
    let subjects = json["subjects"].as_array().expect("subjects");
    assert_eq!(subjects.len(), 3);
    let most = "3 removals a day are the most: wait until the oldest of them is a day old";
    for subject in subjects {
        let own = subject["removal"].as_str().is_some_and(|it| it != removal);
        assert_eq!(
            says(subject)[3],
            if own { "passes" } else { most },
            "its own intents are not counted"
        );
        assert!(
            says(subject)[5].contains("trigger no_change on relink.removal_audit is not always on"),
            "{subject}"
        );
        assert_eq!(subject["agree"], true);
    }
}

#[tokio::test]
async fn r_del_1_a_worker_of_this_environment_would_pass_gate_1_and_another_clock_is_told_by_gate_6()
 {
    let mut desk = Desk::of(20).await;
    desk.ground.later(60).await;
    let url = desk.ground.database.url("relink_reader");
    for (enabled, clock, refuses) in [
        ("true", "true", &["confirmation", "flag"][..]),
        ("false", "true", &["switch", "confirmation", "flag"]),
        ("true", "false", &["confirmation", "flag", "audit"]),
    ] {
        let settings = [
            ("RELINK_DATABASE_URL", url.as_str()),
            ("RELINK_REMOVALS_ENABLED", enabled),
            ("RELINK_STAND_IN_CLOCK", clock),
        ];
        let answer = desk
            .asked(&settings, &["removals", "status", "--json"])
            .await;
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        let json: Value = serde_json::from_str(&answer.out).expect("JSON");
        assert_eq!(
            json["subjects"][0]["program_refuses"],
            serde_json::json!(refuses)
        );
        assert_eq!(json["switch_here"], enabled == "true");
    }
}

#[tokio::test]
async fn r_del_1_two_judges_that_differ_are_shown_loudly_and_fail_the_command() {
    let desk = Desk::of(20).await;
    // A database that forgot the fifth gate.
    desk.ground
        .sql(
            "alter function relink.removal_gates(uuid, boolean, text[]) rename to removal_gates_was;
             create function relink.removal_gates(p_removal uuid, p_switch boolean, p_self_test text[]) returns jsonb
                 language sql security definer as $$ select jsonb_set(f, '{refused}', (f -> 'refused') - 'flag')
                     from relink.removal_gates_was(p_removal, p_switch, p_self_test) f $$;
             grant execute on function relink.removal_gates(uuid, boolean, text[]) to relink_operator",
        )
        .await;
    let answer = desk.with("", &["removals", "status"]).await;
    assert_eq!(answer.code, Some(1));
    let shown = "DISAGREEMENT: the database refuses by switch, confirmation, audit; this program by switch, confirmation, flag, audit";
    assert!(answer.out.contains(shown), "{}", answer.out);
    assert!(answer.out.contains("Trip the latch"), "{}", answer.out);
    let answer = desk.with("", &["removals", "status", "--json"]).await;
    assert_eq!(answer.code, Some(1));
    let json: Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!(
        (&json["agree"], &json["subjects"][0]["agree"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
}
