//! From the words of a session's sources to its state (R-ST-3).

use super::Health;
use crate::identity::Family;

/// Services that a source can be of.
const SERVICES: [&str; 5] = ["MAILS", "MESSAGING", "CALENDAR", "CALLS", "CONTACTS"];

/// A source of a session: one of the provider's services for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Service (`MAILS`), where the source's id ends with one: `{uuid}_MAILS`.
    pub service: Option<String>,
    /// The provider's word for its state.
    pub word: String,
}

impl Source {
    /// Source with this id, as far as it tells.
    pub fn new(id: Option<&str>, word: String) -> Self {
        let end = id.and_then(|id| id.rsplit_once('_')).map(|(_, end)| end);
        let service = end.map(str::to_ascii_uppercase);
        Self {
            service: service.filter(|it| SERVICES.contains(&it.as_str())),
            word,
        }
    }

    /// Whether an account of that family sends without it. A source that does not say what it is for is needed.
    fn is_side(&self, family: Family) -> bool {
        let needed = match family {
            Family::Linkedin => "MESSAGING",
            Family::Mailbox => "MAILS",
            Family::Other => return false,
        };
        self.service.as_deref().is_some_and(|it| it != needed)
    }
}

/// States of a session, by what they mean for its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States {
    /// Worst known state of the sources that it needs. [`Health::Unknown`] where none is known, or where the worst
    /// would be OK and one of them has a word that we do not know: that forbids "all is well" and hides no loss.
    pub health: Health,
    /// Words of any source that we do not know, each once.
    pub odd: Vec<String>,
    /// The same of the other sources; none where there are none.
    pub side: Option<Health>,
}

impl States {
    /// States of a session of this kind (`GOOGLE_OAUTH`) by its sources.
    pub fn of(kind: &str, sources: &[Source]) -> Self {
        let family = Family::of(kind);
        let (side, needed): (Vec<_>, Vec<_>) = sources.iter().partition(|it| it.is_side(family));
        let mut odd: Vec<String> = vec![];
        for source in sources {
            let word = &source.word;
            if Health::of_provider(word) == Health::Unknown && !odd.contains(word) {
                odd.push(word.clone());
            }
        }
        Self {
            health: worst(&needed),
            odd,
            side: (!side.is_empty()).then(|| worst(&side)),
        }
    }
}

fn worst(sources: &[&Source]) -> Health {
    let all = sources.iter().map(|it| Health::of_provider(&it.word));
    let (odd, known): (Vec<_>, Vec<_>) = all.partition(|it| *it == Health::Unknown);
    match known.into_iter().max() {
        Some(Health::Ok) if !odd.is_empty() => Health::Unknown,
        Some(known) => known,
        None => Health::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, sources: &[(&str, &str)], health: Health, side: Option<Health>) {
        let source = |(id, word): &(&str, &str)| Source::new(Some(id), (*word).to_owned());
        let sources: Vec<_> = sources.iter().map(source).collect();
        let states = States::of(kind, &sources);
        assert_eq!((states.health, states.side), (health, side), "{sources:?}");
    }

    /// Watch B10, field F6: the worst used to be the unknown word.
    #[test]
    fn r_st_3_an_unknown_word_never_hides_a_known_loss() {
        for known in Health::ALL.into_iter().filter(|it| *it != Health::Unknown) {
            let word = known.as_str().to_uppercase();
            let shown = match known {
                Health::Ok => Health::Unknown,
                lost => lost,
            };
            for odd in ["SYNCING", "", "(none)"] {
                check("LINKEDIN", &[("a", &word), ("b", odd)], shown, None);
                check("GOOGLE_OAUTH", &[("b", odd), ("a", &word)], shown, None);
            }
            for other in Health::ALL.into_iter().filter(|it| *it != Health::Unknown) {
                let (a, b) = (word.as_str(), other.as_str());
                check("MAIL", &[("a", a), ("b", b)], known.max(other), None);
            }
        }
        check("LINKEDIN", &[("a", "SYNCING")], Health::Unknown, None);
        check("LINKEDIN", &[], Health::Unknown, None);
    }

    #[test]
    fn r_st_3_a_mailbox_needs_its_mail_and_not_its_calendar() {
        let mails = |word| ("5f_MAILS", word);
        let calendar = |word| ("5f_CALENDAR", word);
        for kind in ["GOOGLE_OAUTH", "OUTLOOK", "MAIL", "ICLOUD", "EXCHANGE"] {
            let lost = Some(Health::Credentials);
            check(
                kind,
                &[mails("OK"), calendar("CREDENTIALS")],
                Health::Ok,
                lost,
            );
            check(
                kind,
                &[calendar("CREDENTIALS"), mails("OK")],
                Health::Ok,
                lost,
            );
            let ok = Some(Health::Ok);
            check(
                kind,
                &[mails("CREDENTIALS"), calendar("OK")],
                Health::Credentials,
                ok,
            );
            let odd = Some(Health::Unknown);
            check(kind, &[mails("OK"), calendar("SYNCING")], Health::Ok, odd);
            check(kind, &[calendar("OK")], Health::Unknown, ok);
            check(
                kind,
                &[("5f_mails", "OK"), ("5f", "ERROR")],
                Health::Error,
                None,
            );
        }
        let messaging = [("5f_MESSAGING", "OK"), ("5f_CALLS", "STOPPED")];
        check("LINKEDIN", &messaging, Health::Ok, Some(Health::Stopped));
        let messaging = [("5f_MESSAGING", "STOPPED"), ("5f_NEW", "OK")];
        check("LINKEDIN", &messaging, Health::Stopped, None);
        check(
            "WHATSAPP",
            &[mails("OK"), calendar("ERROR")],
            Health::Error,
            None,
        );
    }

    #[test]
    fn r_st_3_every_odd_word_is_kept_once_with_its_source_needed_or_not() {
        let source = |id, word: &str| Source::new(Some(id), word.to_owned());
        let sources = [
            source("a_MAILS", "ok"),
            source("a_CALENDAR", "ZEN"),
            source("b", "ZEN"),
            source("c", "SYNCING"),
        ];
        assert_eq!(States::of("MAIL", &sources).odd, ["ZEN", "SYNCING"]);
    }
}
