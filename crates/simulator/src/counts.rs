//! Counting, and the counters as Prometheus reads them.

use crate::control::{Counts, Deliveries, Tally};
use crate::state::Effect;
use std::fmt::Write as _;

/// Through whom something happened to a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    Script,
    Control,
    Owner,
}

impl Cause {
    /// Name in the counters and in the truth about lives.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Control => "control",
            Self::Owner => "owner",
        }
    }
}

impl Counts {
    pub(crate) fn tally(&mut self, cause: Cause) -> &mut Tally {
        match cause {
            Cause::Script => &mut self.script,
            Cause::Control => &mut self.control,
            Cause::Owner => &mut self.owners,
        }
    }

    pub(crate) fn took_effect(&mut self, cause: Cause, effect: &Effect) {
        let tally = self.tally(cause);
        tally.losses += u64::from(effect.lost);
        tally.reconnects += u64::from(effect.reconnected);
        tally.gone += u64::from(effect.gone);
    }

    pub(crate) fn answered(&mut self, route: &str, status: Option<u16>, fault: Option<&str>) {
        let status = match status {
            Some(status) => status.to_string(),
            None if fault == Some("silence_after") => "silence".to_owned(),
            None => "reset".to_owned(),
        };
        *self
            .by_route
            .entry(route.to_owned())
            .or_default()
            .entry(status)
            .or_default() += 1;
        if let Some(fault) = fault {
            *self.faults.entry(fault.to_owned()).or_default() += 1;
        }
    }

    /// In Prometheus's text format. Every label has few values: routes, statuses, faults and causes, never an id.
    pub(crate) fn exposition(&self) -> String {
        let routes = self.by_route.iter().flat_map(|(route, statuses)| {
            let labels = move |status| format!("{{route=\"{route}\",status=\"{status}\"}}");
            statuses
                .iter()
                .map(move |(status, count)| (labels(status), *count))
        });
        let faults = self
            .faults
            .iter()
            .map(|(fault, count)| (format!("{{fault=\"{fault}\"}}"), *count));
        let effects = self.effects.iter().map(|(action, count)| {
            let label = format!("{{action=\"{}\"}}", action.name());
            (label, *count)
        });
        let deliveries = [("webhook", self.webhooks), ("callback", self.callbacks)];
        let ends = deliveries.iter().flat_map(|(kind, sent)| {
            ends(sent).map(|(end, count)| (format!("{{kind=\"{kind}\",end=\"{end}\"}}"), count))
        });
        let mut text = Exposition::default();
        text.family(
            "requests_total",
            "Requests that arrived.",
            plain(self.requests),
        );
        text.family("answers_total", "Answers by route and status.", routes);
        text.family("faults_total", "Requests that a fault befell.", faults);
        text.family("effects_total", "Outward actions that happened.", effects);
        text.family(
            "deletes_total",
            "Sessions deleted through the API.",
            plain(self.deletes),
        );
        text.family(
            "links_minted_total",
            "Hosted links minted.",
            plain(self.links_minted),
        );
        text.family(
            "losses_total",
            "Sessions that stopped being well.",
            self.by_cause(|tally| tally.losses),
        );
        text.family(
            "reconnects_total",
            "Sessions that became well again.",
            self.by_cause(|tally| tally.reconnects),
        );
        text.family(
            "deliveries_total",
            "What became of webhooks and callbacks.",
            ends,
        );
        text.family(
            "sessions",
            "Sessions that are answered for.",
            plain(self.sessions_live),
        );
        text.0
    }

    fn by_cause(&self, of: fn(&Tally) -> u64) -> impl Iterator<Item = (String, u64)> {
        let causes = [
            (Cause::Script, self.script),
            (Cause::Control, self.control),
            (Cause::Owner, self.owners),
        ];
        causes
            .into_iter()
            .map(move |(cause, tally)| (format!("{{cause=\"{}\"}}", cause.word()), of(&tally)))
    }
}

/// Text in Prometheus's format.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// A family of counters if its name says so, else of gauges.
    fn family(&mut self, name: &str, help: &str, rows: impl Iterator<Item = (String, u64)>) {
        let name = format!("relink_simulator_{name}");
        let kind = if name.ends_with("_total") {
            "counter"
        } else {
            "gauge"
        };
        // Writing to a string cannot fail.
        write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n").unwrap_or_default();
        for (labels, value) in rows {
            writeln!(self.0, "{name}{labels} {value}").unwrap_or_default();
        }
    }
}

fn plain(value: u64) -> impl Iterator<Item = (String, u64)> {
    std::iter::once((String::new(), value))
}

fn ends(sent: &Deliveries) -> [(&'static str, u64); 5] {
    [
        ("raised", sent.raised),
        ("delivered", sent.delivered),
        ("dropped", sent.dropped),
        ("overflowed", sent.overflowed),
        ("given_up", sent.given_up),
    ]
}
