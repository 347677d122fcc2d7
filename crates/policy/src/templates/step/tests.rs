use super::{CheckedStep, StepRefused};
use crate::sends::Action;
use crate::templates::limits::NOTE_MAX;
use crate::templates::template::Flaw;

#[test]
fn r_tpl_1_a_step_with_an_unknown_placeholder_is_not_saved() {
    let check = |body: &str| CheckedStep::check(Action::Message, None, Some(body), &["Company"]);
    let flaw = |body: &str| match check(body) {
        Err(StepRefused::Flawed { flaw, .. }) => flaw,
        other => panic!("{body}: {other:?}"),
    };
    let step = check("Hello {{ First_Name | \"there\" }} of {{company}}").expect("known names");
    assert_eq!(step.action(), Action::Message);
    assert_eq!(
        flaw("{{firm}}"),
        Flaw::Unknown("firm".to_owned()),
        "also with a fallback"
    );
    assert_eq!(flaw("{{firm|'x'}}"), Flaw::Unknown("firm".to_owned()));
    for unpaired in ["{{name", "name}}", "{{name}} }}", "{% if name %}"] {
        assert_eq!(flaw(unpaired), Flaw::Unpaired, "{unpaired}");
    }
    for malformed in [
        "{{}}",
        "{{ }}",
        "{{{name}}}",
        "{{name|there}}",
        "{{name|upper}}",
        "{{name|\"a\" | upper}}",
        "{{name or 'x'}}",
        "{{name.first}}",
        "{{1st}}",
        "{{{{name}}}}",
        "{{name|\"}}\"}}",
    ] {
        assert!(
            matches!(flaw(malformed), Flaw::Malformed(_)),
            "{malformed}: {:?}",
            flaw(malformed)
        );
    }
    for foreign in [
        "{first_name}",
        "[First Name]",
        "%FIRSTNAME%",
        "${name}",
        "<name>",
    ] {
        assert!(matches!(flaw(foreign), Flaw::Foreign(_)), "{foreign}");
    }
    for fine in ["a { b } c", "50 % off [today]", "if a<b and b>c", "{}"] {
        assert!(check(fine).is_ok(), "{fine}: {:?}", check(fine));
    }
}

#[test]
fn r_tpl_1_a_step_must_say_what_its_action_says() {
    let refused = |action, subject, body: Option<&str>| {
        CheckedStep::check(action, subject, body, &[])
            .map(drop)
            .map_err(|it| it.to_string())
    };
    let no = |why: &str| Err(why.to_owned());
    assert_eq!(
        refused(Action::Email, None, Some("x")),
        no("subject of email: nothing")
    );
    assert_eq!(
        refused(Action::Email, Some("a\nb"), Some("x")),
        no("subject of email: a control character")
    );
    assert_eq!(
        refused(Action::Message, None, Some(" ")),
        no("body of message: nothing")
    );
    assert_eq!(
        refused(Action::ProfileView, None, Some("x")),
        no("body of profile_view: it says nothing to anybody")
    );
    assert_eq!(
        refused(Action::Message, Some("x"), Some("x")),
        no("subject of message: it says nothing to anybody")
    );
    let note = "x".repeat(NOTE_MAX + 1);
    assert_eq!(
        refused(Action::Invite, None, Some(&note)),
        no("body of invite: over 300 characters")
    );
    assert_eq!(refused(Action::Invite, None, None), Ok(()));
    assert_eq!(refused(Action::Invite, None, Some(&note[1..])), Ok(()));
}
