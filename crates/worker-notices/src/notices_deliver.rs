//! `notices.deliver` (R-LNK-7): gives one mail to the mail server, at most once.

use crate::letter::compose;
use crate::postbox::Postbox;
use fleet::{Act, Job, JobError, Look, Spec, Tools, Turn};
use jiff::Timestamp;
use mailing::Letter;
use policy::jobs::{MailNotices, NOTICES_DELIVER};
use policy::notices::{
    MailAddress, MailFacts, MailGoing, MailMeans, NoticeChanges, NoticeFacts, NoticeTry, Recipient,
    not_given, settle, turn_of_mail,
};
use policy::settled::Settled;
use std::time::{Duration, Instant};
use store::{Author, Tx};

/// A worker that was frozen between winning the right to give the mail away and doing so does not: by then others may have
/// found it given away.
const CALL_WITHIN: Duration = Duration::from_secs(20);

/// Takes the notices up, gives their mail away once, settles.
pub(crate) struct NoticesDeliver;

/// A mail that may be given away.
pub(crate) struct Ticket {
    facts: MailFacts,
    notices: Vec<NoticeFacts>,
    readers: Vec<MailAddress>,
}

/// Permission to give one mail away, for a short while.
pub(crate) struct Permit {
    letter: Letter,
    readers: Vec<MailAddress>,
    since: Instant,
}

impl Act for NoticesDeliver {
    const SPEC: Spec = Spec::new(
        NOTICES_DELIVER,
        "Mails an owner, or the team in the owner's place, what happened to their accounts; a mail that may have been taken is never given again",
    )
    .batch(4)
    .limit(Duration::from_mins(1))
    .failures(10);
    type Payload = MailNotices;
    type Ticket = Ticket;
    type Permit = Permit;
    type Outcome = Vec<Recipient>;
    type Facts = MailFacts;

    async fn reserve(
        tx: &Tx,
        jobs: &[Job<MailNotices>],
        _by: &Author<'_>,
        tools: &Tools,
    ) -> Result<Vec<Turn<Ticket>>, JobError> {
        let asked: Vec<NoticeTry> = jobs
            .iter()
            .flat_map(|job| job.payload.notices.iter().copied())
            .collect();
        let names: Vec<_> = asked.iter().map(|it| it.notice).collect();
        let known = tx.notice_facts(&names).await?;
        let means = match tools.get::<Postbox>() {
            Some(_) => MailMeans::Server,
            None => MailMeans::Nothing,
        };
        let mut ended = NoticeChanges::default();
        let mut turns = Vec::with_capacity(jobs.len());
        for job in jobs {
            let asked = &job.payload.notices;
            let turn = turn_of_mail(asked, &known, means, tx.now().at);
            count(&turn.ended);
            ended.changes.extend(turn.ended.changes);
            turns.push(turn_of(turn.going));
        }
        tx.end_notices(&ended).await?;
        Ok(turns)
    }

    async fn start(tx: &Tx, ticket: &Ticket, tools: &Tools) -> Result<Option<Permit>, JobError> {
        let postbox = tools
            .get::<Postbox>()
            .ok_or(JobError::NoTool("a postbox"))?;
        let letter = compose(postbox, &ticket.notices, tx.now().at);
        let is_ours = tx.start_mail(&ticket.facts.notices, &letter.name).await?;
        Ok(is_ours.then(|| Permit {
            letter,
            readers: ticket.readers.clone(),
            since: Instant::now(),
        }))
    }

    async fn call(look: &Look, permit: Permit) -> Vec<Recipient> {
        let Permit {
            letter,
            readers,
            since,
        } = permit;
        match look.tools.get::<Postbox>() {
            // Nothing is awaited between this look at the clock and the call.
            Some(postbox) if since.elapsed() <= CALL_WITHIN => {
                postbox.mailer.deliver(&letter, &readers).await
            }
            _ => not_given(&readers),
        }
    }

    /// Nobody of whom anything is known.
    fn vanished() -> Vec<Recipient> {
        vec![]
    }

    async fn facts(tx: &Tx, ticket: &Ticket) -> Result<Option<MailFacts>, JobError> {
        let notices = tx.sending_notices(&ticket.facts.notices).await?;
        let workspace = ticket.facts.workspace;
        Ok((!notices.is_empty()).then_some(MailFacts { workspace, notices }))
    }

    fn settle(facts: MailFacts, outcome: &Vec<Recipient>, now: Timestamp) -> Settled {
        settle(&facts, outcome, now)
    }
}

fn turn_of(going: MailGoing) -> Turn<Ticket> {
    match going {
        MailGoing::Go {
            facts,
            notices,
            readers,
        } => Turn::Go(Ticket {
            facts,
            notices,
            readers,
        }),
        MailGoing::Vanished(facts) => Turn::Vanished(Ticket {
            facts,
            notices: vec![],
            readers: vec![],
        }),
        MailGoing::Over => Turn::Over,
    }
}

/// Counts what ends before it is mailed; of what is planned anew nothing is said.
fn count(ended: &NoticeChanges) {
    let ends = ended.changes.iter().filter(|it| it.then.0 != it.seen.0);
    for one in ends {
        let (step, state) = (one.notice.step.as_str(), one.then.0.as_str());
        metrics::counter!("relink_notices_total", "step" => step, "state" => state).increment(1);
    }
}
