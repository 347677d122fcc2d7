//! Gate 1: the process's kill switch.

use removal::KillSwitch;

#[test]
fn r_del_1_gate_1_only_the_exact_word_turns_removals_on() {
    assert!(KillSwitch::at_start(Some("true")).is_on());
    let others = [
        "", "TRUE", "True", "1", "yes", "on", "t", " true", "true ", "true\n", "\"true\"", "truee",
        "tru", "false", "0",
    ];
    for text in others.map(Some).into_iter().chain([None]) {
        let switch = KillSwitch::at_start(text);
        assert!(!switch.is_on(), "{text:?}");
        let why = switch.why_off().expect("a reason");
        assert!(why.contains("RELINK_REMOVALS_ENABLED"), "{why}");
    }
}

#[test]
fn r_del_1_gate_1_who_turns_it_off_turns_it_off_for_all_and_for_good() {
    let switch = KillSwitch::at_start(Some("true"));
    let (one, other) = (switch.clone(), switch.clone());
    assert_eq!((other.is_on(), other.why_off()), (true, None));
    one.turn_off("a self-test failed");
    other.turn_off("the process stops");
    for held in [&switch, &one, &other] {
        assert!(!held.is_on());
        assert_eq!(held.why_off(), Some("a self-test failed"));
    }
    // Another process's switch is another one.
    assert!(KillSwitch::at_start(Some("true")).is_on());
}

#[test]
fn r_del_1_gate_1_whoever_comes_first_is_believed_when_many_turn_it_off_at_once() {
    let switch = KillSwitch::at_start(Some("true"));
    std::thread::scope(|scope| {
        for number in 0..8 {
            let held = switch.clone();
            scope.spawn(move || held.turn_off(number.to_string()));
        }
    });
    let why = switch.why_off().expect("a reason").to_owned();
    assert!(!switch.is_on());
    switch.turn_off("later");
    assert_eq!(switch.why_off(), Some(why.as_str()));
}
