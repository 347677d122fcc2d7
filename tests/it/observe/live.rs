//! A real Prometheus scrapes a real fleet: every query of every panel and every rule has an answer.

use super::files::{boards, panels, rules};
use crate::metrics_fleet::Told;
use policy::campaigns::OnSenderLoss;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::eventually::eventually;
use tests::process::Process;
use tests::prometheus::{Prometheus, promtool};
use tests::promql::selectors;
use tests::scraped::{address_of, scraped_text};
use tests::site::Site;

const PATIENCE: Duration = Duration::from_mins(2);

/// A query, and where it stands.
type Asked = (String, String);

#[tokio::test]
async fn every_panel_and_every_rule_has_an_answer_from_a_running_fleet() {
    let mut told = Told::start(|cast| {
        let accounts: Vec<_> = cast.crowd(30).into_iter().map(|one| one.0).collect();
        cast.campaign(OnSenderLoss::PauseCampaign, &accounts);
        for account in accounts {
            cast.sends(account);
        }
    })
    .await;
    let (api, at_api) = api(told.run.site()).await;
    let [first, second, worker] = told.addresses();
    let targets = [first, second, worker, &at_api];
    let prometheus = Prometheus::start(&targets).await;
    let began = Instant::now();
    let (panels, rules) = (panels(), rules());
    let queries: Vec<Asked> = panels
        .iter()
        .flat_map(|panel| {
            let filled = |it: &(String, String)| it.0.replace("$__rate_interval", "5s");
            let queries = panel.queries.iter().map(filled);
            queries.map(|query| (panel.name.clone(), query))
        })
        .collect();
    // An alert is empty while nothing is wrong; each series that it looks at is not.
    let of_panels = panels
        .iter()
        .flat_map(|panel| panel.queries.iter().map(|it| (&panel.name, &it.0)));
    let of_rules = rules.iter().map(|rule| (&rule.name, &rule.expr));
    let looked_at: BTreeSet<Asked> = of_panels
        .chain(of_rules)
        .flat_map(|(place, query)| {
            let texts = selectors(query).into_iter().map(|it| it.text);
            texts.map(|text| (place.clone(), text))
        })
        .collect();
    let all: Vec<Asked> = queries.iter().cloned().chain(looked_at.clone()).collect();
    let mut empty = empty(&prometheus, all).await;
    // No sooner than something new is scraped.
    let mut pace = tokio::time::interval(Duration::from_millis(500));
    while !empty.is_empty() && began.elapsed() < PATIENCE {
        pace.tick().await;
        empty = self::empty(&prometheus, empty).await;
    }
    assert_eq!(empty, [] as [Asked; 0], "without an answer");
    for rule in &rules {
        let answer = prometheus.query(&rule.expr).await;
        assert!(answer.is_ok(), "{}: {answer:?}", rule.name);
    }
    let evaluated = evaluated(&prometheus, rules.len()).await;
    println!(
        "dashboards {}, panels {}, queries {}, empty 0, errors 0; series looked at {}; rules {}, errors 0; {:.1} s of scraping",
        boards().len(),
        panels.len(),
        queries.len(),
        looked_at.len(),
        evaluated.len(),
        began.elapsed().as_secs_f64()
    );
    let active = evaluated
        .iter()
        .filter(|rule| rule["type"] == "alerting" && rule["state"] != "inactive");
    let active: Vec<String> = active
        .map(|rule| format!("{} {}", rule["name"], rule["state"]))
        .collect();
    println!("alerts of a fleet that began a moment ago: {active:?}");
    let firing = active.iter().filter(|it| it.contains("firing"));
    assert_eq!(firing.count(), 0, "nothing fires in a healthy fleet");
    for address in targets {
        let (is_content, said) = promtool(&["check", "metrics"], &scraped_text(address).await);
        assert!(is_content && said.trim().is_empty(), "{said}");
    }
    println!("promtool check metrics: 2 schedulers, 1 worker of all queues, 1 api, 0 complaints");
    drop(api);
}

/// An API of this fleet, and where it tells its metrics.
async fn api(site: &Site) -> (Process, String) {
    let settings = [
        ("DATABASE_URL", site.database_url("relink_operator")),
        ("API_PRODUCT_ADDRESS", "127.0.0.1:0".to_owned()),
        ("API_OPS_ADDRESS", "127.0.0.1:0".to_owned()),
        ("API_WEBHOOKS_ADDRESS", "127.0.0.1:0".to_owned()),
        ("HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
        ("STAND_IN_CLOCK", "true".to_owned()),
        ("LOG_FORMAT", "text".to_owned()),
    ];
    let settings = settings.map(|(name, value)| (format!("RELINK_{name}"), value));
    let api = Process::relink("api", &["api"], &settings);
    let address = address_of(&api).await;
    (api, address)
}

/// Those that have no answer yet. What is no query fails at once.
async fn empty(prometheus: &Prometheus, asked: Vec<Asked>) -> Vec<Asked> {
    let mut empty = vec![];
    for (place, query) in asked {
        match prometheus.query(&query).await {
            Ok(series) if series.is_empty() => empty.push((place, query)),
            Ok(_) => {}
            Err(said) => panic!("{place}: {query}: {said}"),
        }
    }
    empty
}

/// Every rule, once Prometheus has evaluated it well.
async fn evaluated(prometheus: &Prometheus, count: usize) -> Vec<Value> {
    eventually("every rule is evaluated well", PATIENCE, || async {
        let rules = prometheus.rules().await;
        assert_eq!(rules.len(), count, "Prometheus reads what we read");
        let is_well = |rule: &Value| rule["health"] == "ok" && rule.get("lastError").is_none();
        rules.iter().all(is_well).then_some(rules)
    })
    .await
}
