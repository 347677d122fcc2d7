//! The environment: every mistake, names that nothing reads, and which parts can be looked at.

use super::finding::Findings;
use crate::commands::{environment, mail, minting, removals, scheduler, webhooks, worker};
use fleet::config::{Environment, Mistakes, Reader};
use fleet::settings;
use linking::PublicUrls;
use secrecy::SecretString;
use store::guards::ClockKind;

/// Where RabbitMQ's management interface is; only the doctor asks it.
pub(super) const MANAGEMENT: &str = "RELINK_RABBITMQ_MANAGEMENT_URL";
/// Letters that a slip changes at most.
const SLIP: usize = 2;

/// What can be looked at.
pub(super) struct Settings {
    pub(super) database: Option<store::Config>,
    pub(super) broker: Option<broker::Config>,
    pub(super) provider: Option<provider::Config>,
    pub(super) mail: Option<mailing::Server>,
    pub(super) management: Option<SecretString>,
    pub(super) token: Option<SecretString>,
    pub(super) clock: ClockKind,
    /// Where we are reached from outside; none where nobody said.
    pub(super) urls: Option<PublicUrls>,
    pub(super) webhook_secret: Option<SecretString>,
}

impl Settings {
    /// Reads them all; mistakes are findings.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "a method of a reader of one lifetime is not one of all"
    )]
    pub(super) fn read(findings: &mut Findings) -> Self {
        let environment = environment();
        let mut mistakes = vec![];
        let mut part = Part {
            environment,
            mistakes: &mut mistakes,
        };
        let database = part.if_set("RELINK_DATABASE_URL", |it| it.database("relink-doctor"));
        let broker = part.if_set("RELINK_AMQP_URL", |it| it.broker());
        let provider = part.if_set("RELINK_PROVIDER_URL", |it| it.provider());
        let mail = part.if_set("RELINK_SMTP_URL", mail::server).flatten();
        let management = part.if_set(MANAGEMENT, |it| it.secret(MANAGEMENT, "RabbitMQ's"));
        let token = part.if_set("RELINK_OPERATOR_TOKEN", |it| {
            it.secret("RELINK_OPERATOR_TOKEN", "the operator's")
        });
        let clock = part.read(|it| removals::settings(it).1);
        let secrets = part.read(webhooks::webhook_secrets);
        let urls = part.if_set("RELINK_PUBLIC_URL", |it| minting::public_urls(it));
        let urls =
            urls.or_else(|| part.if_set("RELINK_CALLBACK_URL", |it| minting::public_urls(it)));
        part.read(|it| it.process(0));
        part.read(worker::limits);
        part.read(scheduler::options);
        let count = environment.names().count();
        for mistake in &mistakes {
            findings.fail(
                "settings",
                mistake,
                "correct it where this process is configured; docs/settings.md lists every setting",
            );
        }
        let mut is_well = mistakes.is_empty();
        for name in settings::unknown(environment) {
            is_well = false;
            match meant(name) {
                Some(known) => findings.fail(
                    "settings",
                    format!("{name}: nothing reads a setting of this name"),
                    &format!("write {known}, if that is what was meant"),
                ),
                None => findings.warn(
                    "settings",
                    format!("{name}: nothing reads a setting of this name"),
                    "take it away, or run the build that knows it",
                ),
            }
        }
        if is_well {
            findings.ok("settings", format!("{count} set, all of them read"));
        }
        Self {
            database,
            broker,
            provider,
            mail,
            management,
            token,
            clock: clock.unwrap_or(ClockKind::Real),
            urls: urls.flatten(),
            webhook_secret: secrets.and_then(|it| it.into_iter().next()),
        }
    }
}

/// Reads one part at a time, so that one that is wrong does not hide the others.
struct Part<'a> {
    environment: &'a Environment,
    mistakes: &'a mut Vec<String>,
}

impl Part<'_> {
    fn read<T>(&mut self, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
        let mut reader = Reader::new(self.environment);
        let value = read(&mut reader);
        match reader.finish(value) {
            Ok(value) => Some(value),
            Err(Mistakes(mistakes)) => {
                self.mistakes.extend(mistakes);
                None
            }
        }
    }

    /// Only where the setting, or the file that holds it, is named.
    fn if_set<T>(&mut self, name: &str, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
        let in_file = format!("{name}_FILE");
        let is_set = |it: &str| it == name || it == in_file;
        if self.environment.names().any(is_set) {
            self.read(read)
        } else {
            None
        }
    }
}

/// The known name that was written with a slip or two.
fn meant(name: &str) -> Option<&'static str> {
    let all = settings::SETTINGS.iter().chain(settings::SECRETS);
    let near = all.map(|known| (distance(name, known), *known));
    let (far, known) = near.min()?;
    (far <= SLIP).then_some(known)
}

/// Letters added, left out or changed between two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (nth, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = nth + 1;
        for (at, meant) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *meant);
            corner = row[at + 1];
            row[at + 1] = changed.min(row[at] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_slip_is_told_from_a_stranger() {
        assert_eq!(meant("RELINK_DATABSE_URL"), Some("RELINK_DATABASE_URL"));
        assert_eq!(meant("RELINK_AMPQ_URL"), Some("RELINK_AMQP_URL"));
        assert_eq!(meant("RELINK_SERVICE_HOST"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn every_setting_that_the_code_names_is_known_and_no_other() {
        let mut named = BTreeSet::from([MANAGEMENT.to_owned()]);
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut folders: Vec<PathBuf> = std::fs::read_dir(crates)
            .expect("the crates")
            .map(|entry| entry.expect("a crate").path().join("src"))
            .collect();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "rs") && !is_left_out(&path) {
                    let text = std::fs::read_to_string(&path).expect("a source");
                    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                    named.extend(names_in(code));
                }
            }
        }
        let all = settings::SETTINGS.iter().chain(settings::SECRETS);
        let known: BTreeSet<String> = all.map(|&name| name.to_owned()).collect();
        let of_the_build =
            |name: &str| name.starts_with("RELINK_TEST_") || name == "RELINK_BUILD_GIT";
        let named: BTreeSet<String> = named
            .into_iter()
            .filter(|name| {
                let in_file = name.strip_suffix("_FILE");
                !of_the_build(name) && !in_file.is_some_and(|it| known.contains(it))
            })
            .collect();
        assert_eq!(named, known);
    }

    /// Tests' own; and the list.
    fn is_left_out(path: &Path) -> bool {
        path.ends_with("tests.rs") || path.ends_with("fleet/src/settings.rs")
    }

    /// Quoted whole, as a name that is looked up is.
    fn names_in(code: &str) -> Vec<String> {
        code.split('"')
            .filter(|text| {
                text.len() > "RELINK_".len()
                    && text.starts_with("RELINK_")
                    && !text.ends_with('_')
                    && text.bytes().all(|it| it.is_ascii_uppercase() || it == b'_')
            })
            .map(str::to_owned)
            .collect()
    }
}
