//! Who takes over the enrollments of a sender (R-CAM-6): each goes to the sender that would finish it first, and what
//! only the old sender's connection can receive stays.

use crate::ids::{AccountId, EnrollmentId};
use crate::sends::Action;
use crate::sends::sender::Caps;
use std::collections::BTreeMap;

/// Active enrollment of the sender that gives away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Which.
    pub id: EnrollmentId,
    /// Key of the step that it stands on.
    pub step: String,
    /// A call of it is on its way, or nobody knows what became of it.
    pub is_called: bool,
}

/// Sender that may take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub account: AccountId,
    /// Whether it is a mailbox, which sends e-mails and nothing else; other accounts send all but these.
    pub is_mailbox: bool,
    /// Caps in force.
    pub caps: BTreeMap<Action, Caps>,
    /// Active enrollments that it has already, by the action of their step.
    pub in_line: BTreeMap<Action, u64>,
}

crate::words! {
    /// Why an enrollment stays with its sender.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Stay {
        /// A call is on its way, or its outcome is unknown.
        Called = "a call of it is on its way or unknown",
        /// A step that is left needs the connection, or the invitation, of the old sender.
        OldConnection = "only the old sender's connection can receive what is left",
        /// No other sender may do what is left.
        NoSender = "no other sender may do what is left",
    }
}

/// What a reassignment would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reassignment {
    /// Who goes to whom.
    pub moves: Vec<(EnrollmentId, AccountId)>,
    /// Who stays, and why.
    pub stays: Vec<(EnrollmentId, Stay)>,
    /// Days that each target needs for all that is then in line at it.
    pub days: BTreeMap<AccountId, u64>,
}

/// Deals out enrollments in their order. `steps` are the campaign's in theirs: key and action.
pub fn reassign(
    steps: &[(String, Action)],
    enrolled: &[Enrolled],
    targets: &[Target],
) -> Reassignment {
    let mut dealt = Reassignment::default();
    let mut targets = targets.to_vec();
    for one in enrolled {
        match taker(steps, one, &mut targets) {
            Ok(account) => dealt.moves.push((one.id, account)),
            Err(stay) => dealt.stays.push((one.id, stay)),
        }
    }
    dealt.days = targets.iter().map(|it| (it.account, days(it))).collect();
    dealt
}

fn taker(
    steps: &[(String, Action)],
    one: &Enrolled,
    targets: &mut [Target],
) -> Result<AccountId, Stay> {
    if one.is_called {
        return Err(Stay::Called);
    }
    let from = steps.iter().position(|(key, _)| *key == one.step);
    let left = from.and_then(|at| steps.get(at..)).ok_or(Stay::NoSender)?;
    if needs_the_old(left) {
        return Err(Stay::OldConnection);
    }
    let next = left.first().ok_or(Stay::NoSender)?.1;
    let able = targets.iter_mut().filter(|it| can_do(it, left));
    let best = able.min_by_key(|it| (waits(it, next), it.account));
    let best = best.ok_or(Stay::NoSender)?;
    *best.in_line.entry(next).or_default() += 1;
    Ok(best.account)
}

/// Whether something that is left goes to a connection or takes back an invitation that no step before it makes anew.
fn needs_the_old(left: &[(String, Action)]) -> bool {
    let mut invited = false;
    left.iter().any(|(_, action)| match action {
        Action::Invite => {
            invited = true;
            false
        }
        Action::Message | Action::WithdrawInvite | Action::RemoveConnection => !invited,
        Action::Inmail | Action::ProfileView | Action::Email => false,
    })
}

fn can_do(target: &Target, left: &[(String, Action)]) -> bool {
    left.iter().all(|(_, action)| {
        target.is_mailbox == (*action == Action::Email) && rate(target, *action) > 0
    })
}

/// Sends in a week that both caps allow.
fn rate(target: &Target, action: Action) -> u64 {
    let caps = target.caps.get(&action);
    caps.map_or(0, |caps| {
        u64::from(caps.week.min(caps.day.saturating_mul(7)))
    })
}

/// How long one more of that action waits at a target, in thousandths of a day.
fn waits(target: &Target, action: Action) -> u64 {
    let line = target.in_line.get(&action).copied().unwrap_or_default() + 1;
    (line * 7_000).div_ceil(rate(target, action).max(1))
}

fn days(target: &Target) -> u64 {
    let lines = target.in_line.iter().filter(|(_, count)| **count > 0);
    let days = lines.map(|(action, count)| (count * 7).div_ceil(rate(target, *action).max(1)));
    days.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn target(number: u128, day: u32) -> Target {
        let caps = Caps { day, week: 7 * day };
        let all = [
            Action::Invite,
            Action::Message,
            Action::WithdrawInvite,
            Action::ProfileView,
        ];
        Target {
            account: AccountId(Uuid::from_u128(number)),
            is_mailbox: false,
            caps: all.map(|action| (action, caps)).into(),
            in_line: BTreeMap::new(),
        }
    }

    fn enrolled(count: u128, step: &str) -> Vec<Enrolled> {
        let one = |number| Enrolled {
            id: EnrollmentId(Uuid::from_u128(100 + number)),
            step: step.to_owned(),
            is_called: false,
        };
        (0..count).map(one).collect()
    }

    fn steps(actions: &[Action]) -> Vec<(String, Action)> {
        let named = actions.iter().enumerate();
        named
            .map(|(at, action)| (format!("step-{}", at + 1), *action))
            .collect()
    }

    #[track_caller]
    fn stays(actions: &[Action], step: &str, expected: Option<Stay>) {
        let dealt = reassign(&steps(actions), &enrolled(1, step), &[target(1, 10)]);
        assert_eq!(
            dealt.stays.first().map(|it| it.1),
            expected,
            "{actions:?} {step}"
        );
    }

    #[test]
    fn r_cam_6_what_only_the_old_connection_receives_stays() {
        use Action::{
            Email, Inmail, Invite, Message, ProfileView, RemoveConnection, WithdrawInvite,
        };
        let first = "step-1";
        stays(&[Invite, Message], first, None);
        stays(&[ProfileView, Invite, WithdrawInvite], first, None);
        stays(&[Invite, Message], "step-2", Some(Stay::OldConnection));
        stays(
            &[Invite, WithdrawInvite],
            "step-2",
            Some(Stay::OldConnection),
        );
        stays(&[ProfileView, Message], first, Some(Stay::OldConnection));
        stays(&[RemoveConnection], first, Some(Stay::OldConnection));
        // Its caps are 0: no other sender may.
        stays(&[Inmail], first, Some(Stay::NoSender));
        stays(&[Email], first, Some(Stay::NoSender));
        stays(&[Invite], "step-9", Some(Stay::NoSender));
    }

    #[test]
    fn r_cam_6_a_call_under_way_stays_and_mailboxes_take_mails_alone() {
        let mut called = enrolled(1, "step-1");
        called[0].is_called = true;
        let of = |actions: &[Action], enrolled: &[Enrolled], to: &Target| {
            reassign(&steps(actions), enrolled, std::slice::from_ref(to))
        };
        let dealt = of(&[Action::Invite], &called, &target(1, 10));
        assert_eq!(dealt.stays, [(called[0].id, Stay::Called)]);
        let mut mailbox = target(2, 10);
        mailbox.is_mailbox = true;
        mailbox
            .caps
            .insert(Action::Email, Caps { day: 5, week: 30 });
        let mails = enrolled(1, "step-1");
        assert_eq!(of(&[Action::Email], &mails, &mailbox).moves.len(), 1);
        assert_eq!(of(&[Action::Invite], &mails, &mailbox).moves, []);
    }

    #[test]
    fn r_cam_6_who_finishes_first_takes_over_and_says_in_how_many_days() {
        let (mut slow, fast) = (target(1, 5), target(2, 15));
        slow.in_line.insert(Action::Invite, 10);
        let dealt = reassign(
            &steps(&[Action::Invite, Action::Message]),
            &enrolled(50, "step-1"),
            &[slow.clone(), fast.clone()],
        );
        let to = |account| dealt.moves.iter().filter(|it| it.1 == account).count();
        assert_eq!((to(slow.account), to(fast.account)), (5, 45));
        assert_eq!(dealt.days, [(slow.account, 3), (fast.account, 3)].into());
        let again = reassign(
            &steps(&[Action::Invite, Action::Message]),
            &enrolled(50, "step-1"),
            &[slow, fast],
        );
        assert_eq!(dealt, again, "a preview is what is done");
    }
}
