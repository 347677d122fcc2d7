use super::limits::{FREE_NOTE_MAX, NOTE_MAX, length};
use super::person::{Person, first_name};
use super::render::{Facts, Fault, StepTexts, Stop, Texts, texts};
use super::template::{Template, has_braces};
use crate::sends::{Action, Tier};
use proptest::prelude::*;

fn person(name: &str, variables: &[(&str, &str)]) -> Person {
    Person {
        name: name.to_owned(),
        variables: variables
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

fn said(subject: Option<&str>, body: &str, to: Person) -> Result<Texts, Stop> {
    let action = if subject.is_some() {
        Action::Email
    } else {
        Action::Message
    };
    texts(&Facts {
        action,
        tier: Tier::Premium,
        step: Some(StepTexts {
            subject: subject.map(str::to_owned),
            body: Some(body.to_owned()),
        }),
        is_note_refused: false,
        person: to,
    })
}

#[track_caller]
fn renders(body: &str, to: Person, expected: &str) {
    let texts = said(None, body, to).expect("a text");
    assert_eq!(texts.body.as_deref(), Some(expected), "{body}");
}

#[track_caller]
fn stops(subject: &str, body: &str, to: Person, expected: &str) {
    let stop = said(Some(subject), body, to).expect_err("a stop");
    assert_eq!(stop.to_string(), expected, "{subject} / {body}");
}

#[test]
fn r_tpl_1_placeholders_are_read_in_any_case_and_with_any_blanks() {
    for written in [
        "{{first_name}}",
        "{{ first_name }}",
        "{{firstName}}",
        "{{ First_Name }}",
        "{{FIRST NAME}}",
        "{{\tfirst-name\n}}",
        "{{first_name|\"x\"}}",
        "{{ first_name || 'x' }}",
        "{{ first_name | default(\"x\") }}",
    ] {
        renders(
            &format!("Hello {written}!"),
            person("Ada Petrov", &[]),
            "Hello Ada!",
        );
    }
    let ada = person("Ada Petrov", &[("Company Name", " Acme ")]);
    renders(
        "{{name}} of {{companyName}}{{ x | \"\" }}",
        ada,
        "Ada Petrov of Acme",
    );
    let own = person("Adelheid Petrov", &[("first_name", "Heidi")]);
    renders("{{first_name}}", own, "Heidi");
}

#[test]
fn r_tpl_1_a_first_name_is_a_word_and_no_title() {
    for (name, expected) in [
        ("Ada Petrov", Some("Ada")),
        ("  Ada Petrov", Some("Ada")),
        ("Dr. Ada Petrov", Some("Ada")),
        ("Prof. Dr. med. Ada Petrov", Some("Ada")),
        ("Dipl.-Ing. Ada Petrov", Some("Ada")),
        ("Mrs Ada Petrov", Some("Ada")),
        ("Ada\u{a0}Petrov", Some("Ada")),
        ("Ada\u{3000}Petrov", Some("Ada")),
        ("\u{200b}Ada\u{feff} Petrov", Some("Ada")),
        ("Ada\r\nBcc: eve@evil.example", Some("Ada")),
        ("🚀 Ada Petrov", Some("Ada")),
        ("(Ada) Petrov, PhD", Some("Ada")),
        ("Jean-Luc Picard", Some("Jean-Luc")),
        ("O'Neil Cruz", Some("O'Neil")),
        ("Andre\u{301} Petrov", Some("Andre\u{301}")),
        ("Mag Ruffman", Some("Mag")),
        ("Mag. Ada Ruffman", Some("Ada")),
        ("Dr. Petrov", Some("Petrov")),
        ("山田 太郎", Some("山田")),
        ("Dr.", None),
        ("", None),
        (" \u{a0}\u{200b}", None),
        ("🚀🚀", None),
        ("--", None),
        ("LinkedIn Member", None),
        ("null", None),
    ] {
        assert_eq!(first_name(name).as_deref(), expected, "{name:?}");
    }
}

#[test]
fn r_tpl_1_who_lacks_a_value_is_stopped_and_a_fallback_speaks() {
    stops(
        "{{first_name}},",
        "x",
        person("", &[]),
        "missing value: firstname",
    );
    stops(
        "x",
        "{{company}}",
        person("Ada", &[]),
        "unknown placeholder: company",
    );
    stops(
        "x",
        "{{company}}",
        person("Ada", &[("company", " \u{200b}")]),
        "missing value: company",
    );
    stops(
        "x",
        "{{company}}",
        person("Ada", &[("company", "NULL")]),
        "missing value: company",
    );
    renders(
        "Hello {{first_name | \"there\"}} of {{company|'your company'}}",
        person(" ", &[]),
        "Hello there of your company",
    );
    assert_eq!(Stop::Missing(String::new()).fault(), Fault::Person);
    assert_eq!(Stop::Unknown(String::new()).fault(), Fault::Step);
}

#[test]
fn r_tpl_1_subjects_stay_on_one_line_and_braces_never_leave() {
    let forged = || person("Ada\r\nBcc: eve@evil.example", &[("team", "A\u{2028}B")]);
    stops("{{name}}", "x", forged(), "control character in name");
    stops("x", "{{name}}", forged(), "control character in name");
    stops("{{team}}", "x", forged(), "control character in subject");
    let subject = said(Some(" {{first_name}} "), "x", forged()).expect("texts");
    assert_eq!(subject.subject.as_deref(), Some("Ada"));
    stops(
        "x",
        "bell \u{7}",
        person("Ada", &[]),
        "control character in body",
    );
    renders("a\r\n\tb", person("Ada", &[]), "a\r\n\tb");
    for name in ["{{name}}", "}} Ada", "{% if %}"] {
        stops(
            "x",
            "Dear {{name}}",
            person(&format!("Ada {name}"), &[]),
            "braces in body",
        );
    }
}

#[test]
fn r_tpl_1_a_step_past_the_check_stops_its_own_people() {
    let ada = || person("Ada", &[]);
    stops("x", "{{name", ada(), "step broken: {{ and }} do not pair");
    stops("{{first_name}}", " ", ada(), "no text");
    stops(" ", "x", ada(), "no subject");
    let gone = Facts {
        action: Action::Message,
        tier: Tier::Free,
        step: None,
        is_note_refused: false,
        person: ada(),
    };
    assert_eq!(texts(&gone), Err(Stop::StepGone));
}

#[test]
fn r_tpl_1_notes_have_the_length_that_their_tier_allows() {
    let note = |tier, text: String| {
        texts(&Facts {
            action: Action::Invite,
            tier,
            step: Some(StepTexts {
                subject: None,
                body: Some(text),
            }),
            is_note_refused: false,
            person: person("Ada", &[]),
        })
    };
    let too_long = |max| Err(Stop::TooLong { part: "body", max });
    for (tier, max) in [(Tier::Free, FREE_NOTE_MAX), (Tier::Premium, NOTE_MAX)] {
        let fits = "{{name}}".to_owned() + &"é".repeat(max - 3);
        assert_eq!(
            note(tier, fits.clone()).map(|it| it.body.map(|it| length(&it))),
            Ok(Some(max)),
        );
        assert_eq!(note(tier, fits + "x"), too_long(max));
        assert_eq!(note(tier, "😀".repeat(max / 2 + 1)), too_long(max));
        assert_eq!(note(tier, " ".to_owned()), Ok(Texts::default()));
    }
    let refused = |action, tier| {
        texts(&Facts {
            action,
            tier,
            step: Some(StepTexts {
                subject: None,
                body: Some("Hello".to_owned()),
            }),
            is_note_refused: true,
            person: person("Ada", &[]),
        })
        .map(|it| it.body.is_some())
    };
    assert_eq!(refused(Action::Invite, Tier::Free), Ok(false), "without it");
    assert_eq!(refused(Action::Invite, Tier::Premium), Ok(true));
    assert_eq!(refused(Action::Message, Tier::Free), Ok(true));
    let view = Facts {
        action: Action::ProfileView,
        tier: Tier::Free,
        step: Some(StepTexts {
            subject: Some("{{x".to_owned()),
            body: Some("{{x".to_owned()),
        }),
        is_note_refused: false,
        person: person("", &[]),
    };
    assert_eq!(texts(&view), Ok(Texts::default()), "it says nothing");
}

proptest! {
    /// Whatever a stranger wrote: nothing that is rendered has braces, a broken subject or too many signs.
    #[test]
    fn r_tpl_1_what_leaves_is_whole(
        subject in ".{0,40}",
        template in "(a|\\{|\\}|\\{\\{ ?name ?\\}\\}|\\{\\{x\\|'y'\\}\\}){0,12}",
        name in ".{0,30}",
        x in ".{0,400}",
    ) {
        let own = [("x", x.as_str()), ("name", name.as_str())];
        if let Ok(texts) = said(Some(&format!("{subject}{{{{x}}}}")), &template, person(&name, &own)) {
            let (subject, body) = (texts.subject.unwrap_or_default(), texts.body.unwrap_or_default());
            prop_assert!(!has_braces(&subject) && !has_braces(&body));
            prop_assert!(!subject.contains(char::is_control) && !subject.trim().is_empty());
        }
        drop(Template::parse(&x));
    }
}
