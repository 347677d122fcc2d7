//! Whether the notices of a mail may still be given away.

use super::{
    Delivery, MailAddress, MailFacts, MailOutcome, NoticeChange, NoticeChanges, NoticeFacts,
    NoticeState, NoticeTry, NoticeWhy, Recipient, delivery,
};
use jiff::Timestamp;

/// Members of a team that one mail is given to at most.
pub const TEAM_MAX: usize = 5;

/// Means of a worker to mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailMeans {
    /// It has a mail server.
    Server,
    /// It has none.
    Nothing,
}

/// Turn of a mail, as its notices stand now.
#[derive(Clone, Debug, PartialEq)]
pub struct MailTurn {
    /// Notices that are not told by it.
    pub ended: NoticeChanges,
    /// What becomes of the others.
    pub going: MailGoing,
}

/// What becomes of a mail.
#[derive(Clone, Debug, PartialEq)]
pub enum MailGoing {
    /// It may be given away.
    Go {
        /// Notices to settle.
        facts: MailFacts,
        /// The same notices, with what the mail says.
        notices: Vec<NoticeFacts>,
        /// Whom it goes to.
        readers: Vec<MailAddress>,
    },
    /// A run that did not live to tell gave it away, or was about to.
    Vanished(MailFacts),
    /// Others have it, or nobody needs it.
    Over,
}

/// Looks once more at the notices of a mail: what is not needed is skipped, what cannot be mailed says so, and what by now
/// goes to another reader is planned anew.
pub fn turn_of_mail(
    asked: &[NoticeTry],
    known: &[NoticeFacts],
    means: MailMeans,
    now: Timestamp,
) -> MailTurn {
    let of_state = |state: NoticeState| {
        let found = asked
            .iter()
            .filter_map(move |it| known.iter().find(|one| is_of(one, it, state)));
        found.cloned().collect::<Vec<NoticeFacts>>()
    };
    let over = |ended| MailTurn {
        ended,
        going: MailGoing::Over,
    };
    let sending = of_state(NoticeState::Sending);
    if let Some(facts) = mail_facts(&sending) {
        return MailTurn {
            ended: NoticeChanges::default(),
            going: MailGoing::Vanished(facts),
        };
    }
    let mut ended = NoticeChanges::default();
    let (mut going, mut reader) = (vec![], None);
    let due = of_state(NoticeState::Planned).into_iter();
    // One that a burst holds back meanwhile is planned anew once a second look says so.
    for notice in due.filter(|it| !it.awaits_look) {
        match (end_of(&notice, means), delivery(&notice)) {
            (Some((state, why)), _) => ended.changes.push(end(&notice, state, why)),
            (None, wanted) if *reader.get_or_insert_with(|| wanted.clone()) == wanted => {
                going.push(notice);
            }
            (None, _) => ended.changes.push(again(&notice, now)),
        }
    }
    match (mail_facts(&going), reader.as_ref().and_then(readers)) {
        (Some(facts), Some(readers)) => MailTurn {
            ended,
            going: MailGoing::Go {
                facts,
                notices: going,
                readers,
            },
        },
        _ => over(ended),
    }
}

/// What came of a mail that was not given to anybody.
pub fn not_given(readers: &[MailAddress]) -> Vec<Recipient> {
    let put_off = MailOutcome::PutOff {
        code: None,
        trouble: None,
    };
    let none = readers.iter().map(|address| Recipient {
        address: address.clone(),
        outcome: put_off,
    });
    none.collect()
}

fn is_of(one: &NoticeFacts, asked: &NoticeTry, state: NoticeState) -> bool {
    one.notice == asked.notice && one.tries == asked.tries && one.state == state
}

fn mail_facts(notices: &[NoticeFacts]) -> Option<MailFacts> {
    let workspace = notices.first()?.tenant.id;
    let tries = notices.iter().map(|it| NoticeTry {
        notice: it.notice,
        tries: it.tries,
    });
    Some(MailFacts {
        workspace,
        notices: tries.collect(),
    })
}

fn readers(delivery: &Delivery) -> Option<Vec<MailAddress>> {
    match delivery {
        Delivery::Owner(address) => Some(vec![address.clone()]),
        Delivery::Team(team) => Some(team.iter().take(TEAM_MAX).cloned().collect()),
        Delivery::Nobody(_) => None,
    }
}

fn end_of(notice: &NoticeFacts, means: MailMeans) -> Option<(NoticeState, NoticeWhy)> {
    if let Some(why) = notice.unneeded() {
        return Some((NoticeState::Skipped, why));
    }
    let why = match (delivery(notice), means) {
        (Delivery::Nobody(why), _) => why,
        (Delivery::Owner(_) | Delivery::Team(_), MailMeans::Nothing) => NoticeWhy::NoMailServer,
        (Delivery::Owner(_) | Delivery::Team(_), MailMeans::Server) => return None,
    };
    Some((NoticeState::Suppressed, why))
}

fn end(notice: &NoticeFacts, state: NoticeState, why: NoticeWhy) -> NoticeChange {
    NoticeChange {
        notice: notice.notice,
        seen: (notice.state, notice.tries),
        then: (state, notice.tries),
        due_at: None,
        why: Some(why),
        code: None,
        trouble: None,
        is_held: false,
    }
}

fn again(notice: &NoticeFacts, now: Timestamp) -> NoticeChange {
    NoticeChange {
        notice: notice.notice,
        seen: (notice.state, notice.tries),
        then: (notice.state, notice.tries),
        due_at: Some(now),
        why: None,
        code: None,
        trouble: None,
        is_held: false,
    }
}
