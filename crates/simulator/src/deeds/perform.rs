//! Doing it: refused, or done and written down, under one lock.

use super::effects::Effect;
use super::{Chat, Deed, Deeds, Done, Email, Invitation, Message, connection_urn};
use crate::chance::Topic;
use crate::control::{Manners, Tier};
use crate::problem::Problem;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Who does it, when, and by which request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doer<'a> {
    pub(crate) seq: u64,
    /// The session's index in the fleet, and its id.
    pub(crate) session: usize,
    pub(crate) id: &'a str,
    pub(crate) tier: Tier,
    pub(crate) now: Timestamp,
}

impl Deeds {
    /// Does it, unless something speaks against it. A refusal changes nothing.
    pub(crate) fn perform(&mut self, who: Doer<'_>, deed: Deed) -> Result<Done, Problem> {
        let action = deed.action();
        if self.effects.is_full() {
            return Err(Problem::unavailable());
        }
        let target = self.target(who.session, &deed)?;
        if let Some(problem) = self.refusals.take(who.id, &target, action) {
            return Err(problem);
        }
        self.meet(who, action, &target)?;
        self.check(who, &deed, &target)?;
        if !self.limits.allow(who.session, action, who.now) {
            return Err(Problem::cannot_resend_yet());
        }
        let text_digest = deed.text_digest();
        let mut done = self.execute(who, deed, &target);
        done.usage = self.limits.answer(who.session, action, who.now);
        self.effects.push(Effect {
            seq: who.seq,
            at: who.now,
            session: who.session,
            action,
            target: target.into(),
            reference: done.reference.as_deref().map(Into::into),
            text_digest,
        });
        Ok(done)
    }

    /// To whom it is done.
    fn target(&self, session: usize, deed: &Deed) -> Result<String, Problem> {
        match deed {
            Deed::Invite { target, .. } | Deed::View { target } => Ok(target.clone()),
            Deed::Remove { member } => Ok(member.clone()),
            Deed::Start { attendees, .. } => Ok(attendees.join(",")),
            Deed::Email { to, .. } => {
                let to: Vec<&str> = to.iter().map(|one| one.identifier.as_str()).collect();
                Ok(to.join(","))
            }
            Deed::Withdraw { invitation } => self
                .desk(session)
                .and_then(|desk| desk.invitation(invitation))
                .map(|(_, invitation)| invitation.target.clone())
                .ok_or_else(|| Problem::not_found("Invitation not found")),
            Deed::Write { chat, .. } => match self.chats.get(chat) {
                None => Err(Problem::not_found("Chat not found")),
                Some(chat) if chat.session != session => Err(Problem::account_mismatch()),
                Some(chat) => Ok(chat.attendee.clone()),
            },
        }
    }

    fn check(&mut self, who: Doer<'_>, deed: &Deed, target: &str) -> Result<(), Problem> {
        let Manners {
            strict_relations,
            inmail_credits,
            free_notes,
            ..
        } = self.manners;
        let desk = self.desks.entry(who.session).or_default();
        let stranger = strict_relations && !desk.knows(target);
        match deed {
            Deed::Invite { note, .. } => {
                let may = desk.may_invite(target, self.manners, who.now);
                self.repeats_refused += u64::from(may.is_err());
                may?;
                let is_free = note.is_some() && who.tier == Tier::Free;
                match free_notes.filter(|_| is_free) {
                    Some(most) if desk.notes_since(who.now) >= most => {
                        Err(Problem::cannot_resend_yet())
                    }
                    _ => Ok(()),
                }
            }
            Deed::Start { inmail: true, .. }
                if inmail_credits.is_some_and(|credits| desk.inmails >= credits) =>
            {
                Err(Problem::insufficient_credits())
            }
            // A chat that an InMail has begun goes on without another.
            Deed::Start { inmail: false, .. } if stranger && !desk.chat_of.contains_key(target) => {
                Err(Problem::no_connection_with_recipient())
            }
            Deed::Remove { .. } if stranger => {
                Err(Problem::unprocessable("The two members are not connected."))
            }
            _ => Ok(()),
        }
    }

    fn execute(&mut self, who: Doer<'_>, deed: Deed, target: &str) -> Done {
        let serial = self.next_serial();
        let now = who.now;
        let made = |reference: String| Done {
            reference: Some(reference),
            ..Done::default()
        };
        match deed {
            Deed::Write { chat, text } => self.write(who.session, chat, serial, text, now),
            Deed::Start { text, inmail, .. } => {
                let name = self.name(Topic::ChatId, serial);
                let desk = self.desks.entry(who.session).or_default();
                desk.inmails += u64::from(inmail);
                // Two people have one chat, whoever starts it again.
                let chat = desk.chat_of.entry(target.to_owned()).or_insert(name);
                let chat = chat.clone();
                self.chats.entry(chat.clone()).or_insert_with(|| Chat {
                    session: who.session,
                    attendee: target.to_owned(),
                    messages: BTreeMap::new(),
                });
                self.write(who.session, chat, serial, text, now)
            }
            Deed::Email {
                to, subject, label, ..
            } => {
                let tracking_id = self.name(Topic::TrackingId, serial);
                let email = Email {
                    id: self.name(Topic::EmailId, serial),
                    tracking_id: tracking_id.clone(),
                    to,
                    subject,
                    label,
                    at: now,
                };
                let provider_id = Some(email.id.clone());
                let desk = self.desks.entry(who.session).or_default();
                desk.emails.insert(serial, email);
                Done {
                    provider_id,
                    ..made(tracking_id)
                }
            }
            Deed::Invite { target, note } => {
                let id = self.invitation_id(serial);
                let invitation = Invitation {
                    id: id.clone(),
                    target,
                    note,
                    at: now,
                    accepted_at: self.accepted_at(serial, now),
                    by_hand: false,
                };
                let desk = self.desks.entry(who.session).or_default();
                desk.invite(serial, invitation);
                made(id)
            }
            Deed::Withdraw { invitation } => {
                let desk = self.desks.entry(who.session).or_default();
                desk.withdraw(&invitation, now);
                made(invitation)
            }
            Deed::View { target } => {
                let desk = self.desks.entry(who.session).or_default();
                desk.look_at(&target);
                Done::default()
            }
            Deed::Remove { .. } => {
                let desk = self.desks.entry(who.session).or_default();
                desk.disconnect(target);
                made(connection_urn(target))
            }
        }
    }

    fn write(
        &mut self,
        session: usize,
        chat: String,
        serial: u64,
        text: String,
        at: Timestamp,
    ) -> Done {
        let id = self.name(Topic::MessageId, serial);
        self.desks.entry(session).or_default().messages += 1;
        if let Some(chat) = self.chats.get_mut(&chat) {
            let id = id.clone();
            chat.messages.insert(serial, Message { id, text, at });
        }
        Done {
            reference: Some(id),
            chat: Some(chat),
            ..Done::default()
        }
    }
}
