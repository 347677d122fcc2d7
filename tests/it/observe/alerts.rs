//! Alerts: promtool is content, each is tested both ways, and each asks only for what is told.

use super::files::{files, name_of, read, rules};
use super::unknown;
use policy::alerts::{ALERT_CODES, AlertClass, PAGE_RULE, TICKET_RULE};
use std::collections::{BTreeMap, BTreeSet};
use tests::prometheus::promtool;
use tests::promql::selectors;

#[test]
fn promtool_is_content_with_the_configuration_the_rules_and_their_tests() {
    let rules: Vec<String> = files("deploy/prometheus", ".rules.yaml")
        .iter()
        .map(|path| name_of(path))
        .collect();
    let cases: Vec<String> = files("deploy/prometheus/tests", ".yaml")
        .iter()
        .map(|path| format!("tests/{}", name_of(path)))
        .collect();
    let listed = |head: [&'static str; 2], names: &[String]| {
        let names = names.iter().map(String::as_str);
        let arguments: Vec<&str> = head.into_iter().chain(names).collect();
        let (is_content, said) = promtool(&arguments, "");
        assert!(is_content, "{said}");
        println!("promtool {}: {}", head.join(" "), summary(&said));
    };
    listed(["check", "config"], &["prometheus.yaml".to_owned()]);
    listed(["check", "rules"], &rules);
    listed(["test", "rules"], &cases);
}

fn summary(said: &str) -> String {
    format!("{} times SUCCESS", said.matches("SUCCESS").count())
}

#[test]
fn every_alert_is_tested_firing_and_not_firing() {
    let mut tested: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for path in files("deploy/prometheus/tests", ".yaml") {
        let text = read(&path);
        let mut alert = String::new();
        for line in text.lines().map(str::trim_start) {
            if let Some(name) = line.strip_prefix("- alertname: ") {
                name.clone_into(&mut alert);
            } else if let Some(wanted) = line.strip_prefix("exp_alerts:") {
                let counts = tested.entry(alert.clone()).or_default();
                if wanted.trim() == "[]" {
                    counts.1 += 1;
                } else {
                    counts.0 += 1;
                }
            }
        }
    }
    let mut wrong = vec![];
    let alerts: Vec<String> = rules()
        .into_iter()
        .filter(|rule| rule.is_alert)
        .map(|rule| rule.name)
        .collect();
    for alert in &alerts {
        match tested.remove(alert) {
            Some((1.., 1..)) => {}
            Some((0, _)) => wrong.push(format!("{alert} is never seen firing")),
            _ => wrong.push(format!("{alert} is never seen not firing")),
        }
    }
    wrong.extend(tested.keys().map(|name| format!("there is no {name}")));
    assert_eq!(wrong, [] as [String; 0]);
    println!("alerts {}, each tested firing and not firing", alerts.len());
}

#[test]
fn every_alert_says_what_is_seen_and_asks_only_for_what_is_told() {
    let mut wrong = vec![];
    let mut pages = 0;
    for rule in rules() {
        let name = &rule.name;
        let (summary, description) = (rule.says("summary"), rule.says("description"));
        let found = unknown(&rule.expr, &[summary, description]);
        wrong.extend(found.iter().map(|it| format!("{name}: {it}")));
        if !rule.is_alert {
            continue;
        }
        pages += usize::from(rule.severity() == "page");
        if !["page", "ticket"].contains(&rule.severity()) {
            wrong.push(format!("{name}: its severity"));
        }
        if summary.len() < 10 || !description.ends_with('.') {
            wrong.push(format!("{name}: its words"));
        }
        let runbook = rule.says("runbook_url");
        let wanted = format!("/docs/runbooks/{}", rule.runbook());
        if !runbook.starts_with("https://relink.example/") || !runbook.ends_with(&wanted) {
            wrong.push(format!("{name}: its runbook {runbook}"));
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
    println!("{pages} of the alerts page");
}

/// Rules that call for alert rows by their class, and the class of each.
const OF_CLASSES: [(&str, AlertClass); 2] = [
    (PAGE_RULE, AlertClass::Page),
    (TICKET_RULE, AlertClass::Ticket),
];

#[test]
fn r_wat_7_every_code_of_an_alert_calls_a_person_by_its_class() {
    let rules = rules();
    let find = |name: &str| rules.iter().find(|rule| rule.is_alert && rule.name == name);
    let mut wrong = vec![];
    for it in ALERT_CODES {
        let Some(name) = it.rule else { continue };
        match find(name) {
            None => wrong.push(format!("{}: there is no {name}", it.code)),
            Some(rule) if rule.severity() != it.class.as_str() => {
                wrong.push(format!("{}: {name} is a {}", it.code, rule.severity()));
            }
            Some(_) => {}
        }
    }
    for (name, class) in OF_CLASSES {
        let rule = find(name).expect("a rule for the class");
        let of_class = ALERT_CODES.iter().filter(|it| it.class == class);
        let own: BTreeSet<&str> = of_class
            .filter(|it| it.rule != Some(name))
            .map(|it| it.code)
            .collect();
        let matched: Vec<(String, String)> = selectors(&rule.expr)
            .into_iter()
            .flat_map(|it| it.matchers)
            .collect();
        let left: BTreeSet<&str> = matched
            .iter()
            .filter(|it| it.0 == "code")
            .map(|it| it.1.as_str())
            .collect();
        assert_eq!(
            left, own,
            "{name} leaves out what has a rule of its own, and nothing else"
        );
        assert!(
            matched.contains(&("class".to_owned(), class.to_string()))
                && rule.expr.contains("code!~")
        );
    }
    assert_eq!(wrong, [] as [String; 0]);
}
