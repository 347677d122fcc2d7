//! What befalls the sessions of a planted fleet.

use super::{MAILBOXES, Plan, lives};
use simulator::control::{Act, Kind, NewSession, Step};

/// Sessions of one kind from which on one of them is taken over.
const TAKEN_OVER_OF: usize = 4;

impl Plan {
    /// Sessions expire and come back, fail and recover, two are lost for good, and two are taken over for a while.
    pub(super) fn troubles(&mut self) {
        let linked = self.sessions.clone();
        for number in 0..6_u32 {
            let (index, start) = (number as usize * 7 + 3, 120.0 + 45.0 * f64::from(number));
            self.lapse(
                &linked[index % linked.len()],
                Act::Credentials,
                start,
                900.0,
            );
        }
        for number in 0..3_u32 {
            let (index, start) = (number as usize * 11 + 4, 300.0 + 30.0 * f64::from(number));
            self.lapse(&linked[index % linked.len()], Act::Error, start, 700.0);
        }
        self.mailboxes(&linked);
        let members: Vec<_> = linked
            .iter()
            .filter(|it| it.kind == Kind::Linkedin)
            .collect();
        for (beyond, at_seconds) in [(0, 420.0), (5, 600.0)] {
            if let Some(session) = members.get(members.len() / 2 + beyond) {
                self.befall(session, Act::Gone, at_seconds);
            }
        }
        for kind in [Kind::Linkedin, Kind::Google] {
            let of_kind: Vec<_> = linked.iter().filter(|it| it.kind == kind).collect();
            // From the end, for what befalls the others begins at the front; of a few, none.
            if let Some(session) = of_kind.last().filter(|_| of_kind.len() >= TAKEN_OVER_OF) {
                self.taken_over(session, 500.0, 2_400.0);
            }
        }
        self.script.lives = Some(lives::curves());
    }

    /// Mailboxes of every kind are lost in both ways that a mailbox is; of a small fleet's, half stay as they are.
    fn mailboxes(&mut self, linked: &[NewSession]) {
        for (kind, start) in MAILBOXES.into_iter().zip([140.0, 180.0, 220.0, 260.0]) {
            let of_kind: Vec<_> = linked.iter().filter(|it| it.kind == kind).collect();
            let half = of_kind.iter().take(of_kind.len() / 2);
            for (session, act) in half.zip([Act::Credentials, Act::Connecting]) {
                self.lapse(session, act, start, 800.0);
            }
        }
    }

    fn lapse(&mut self, session: &NewSession, act: Act, start: f64, seconds: f64) {
        self.befall(session, act, start);
        self.befall(session, Act::Ok, start + seconds);
    }

    /// Another person signs in to the session, and later the known one again.
    fn taken_over(&mut self, session: &NewSession, start: f64, seconds: f64) {
        let another = |text: &Option<String>| text.as_ref().map(|text| format!("x{text}"));
        for (at_seconds, identity, handle) in [
            (start, another(&session.identity), another(&session.handle)),
            (
                start + seconds,
                session.identity.clone(),
                session.handle.clone(),
            ),
        ] {
            self.script.steps.push(Step {
                at_seconds,
                session: session.id.clone().unwrap_or_default(),
                act: Act::Person,
                name: session.name.clone(),
                identity,
                handle,
                ..Step::default()
            });
        }
    }

    fn befall(&mut self, session: &NewSession, act: Act, at_seconds: f64) {
        self.script.steps.push(Step {
            at_seconds,
            session: session.id.clone().unwrap_or_default(),
            act,
            ..Step::default()
        });
    }
}
