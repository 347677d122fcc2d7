//! People whose accounts are planted.

use super::{LINKEDIN, MAILBOXES, sending};
use policy::ids::{AccountId, WorkspaceId};
use rand::RngExt;
use rand::rngs::SmallRng;
use simulator::control::{Kind, Tier};
use store::seed::Account;
use uuid::Uuid;

/// Owners who were sent to a link and never finished it, one in so many accounts; of those that wait.
const GAVE_UP_ONE_IN: u32 = 64;
/// Names that the provider passes on as strangers wrote them.
const ODD_NAMES: [&str; 4] = [
    "Ann\u{0} Null",
    "\u{202e}sdrawkcaB\u{202c}",
    "Bell\u{7} Tab\tLine\nEnd",
    "'; drop table accounts; --",
];
const FIRST: [&str; 16] = [
    "Ada", "Ben", "Chloe", "David", "Elif", "Farah", "Goran", "Hana", "Ivan", "Julia", "Kofi",
    "Lena", "Mateo", "Nora", "Omar", "Priya",
];
const LAST: [&str; 16] = [
    "Abbott",
    "Bauer",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
];

/// One person, on both sides.
pub(super) struct Person {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) handle: String,
    pub(super) identity: String,
    pub(super) session: String,
    pub(super) kind: Kind,
    pub(super) tier: Tier,
}

impl Person {
    pub(super) fn of(number: u32, random: &mut SmallRng) -> Self {
        let first = FIRST[random.random_range(0..FIRST.len())];
        let last = LAST[random.random_range(0..LAST.len())];
        let kind = match number {
            _ if number % 8 == 5 => in_turn(&MAILBOXES, number / 8),
            // Of those that wait for a link, one in two.
            _ if number % 32 == 31 => in_turn(&MAILBOXES, number / 32),
            _ => Kind::Linkedin,
        };
        let is_mail = kind != Kind::Linkedin;
        let short = format!("{}-{}-{number}", first.to_lowercase(), last.to_lowercase());
        let handle = if is_mail {
            format!("{short}@example.com")
        } else {
            short
        };
        Self {
            number,
            name: format!("{first} {last}"),
            identity: if is_mail {
                handle.clone()
            } else {
                format!("ACoAAA{:016x}", random.random::<u64>())
            },
            handle,
            session: format!("s{:021x}", random.random::<u64>()),
            kind,
            tier: if number.is_multiple_of(5) {
                Tier::SalesNavigator
            } else {
                Tier::default()
            },
        }
    }

    /// The name as the provider tells it, which is anything that a person may type.
    pub(super) fn shown_name(&self) -> String {
        match self.number % 25 {
            7 => in_turn(&ODD_NAMES, self.number / 25).to_owned(),
            _ => self.name.clone(),
        }
    }

    pub(super) fn gave_up(&self) -> bool {
        self.number % GAVE_UP_ONE_IN == GAVE_UP_ONE_IN - 17
    }

    pub(super) fn account(&self, workspace: WorkspaceId) -> Account {
        Account {
            id: AccountId(Uuid::now_v7()),
            workspace,
            kind: kind_word(self.kind).to_owned(),
            tier: if self.tier == Tier::default() {
                "free"
            } else {
                "premium"
            },
            name: self.name.clone(),
            handle: Some(self.handle.clone()),
            identity: None,
            session: None,
            attempt: None,
            rules: Some(sending::rules(self.number)),
        }
    }
}

/// What our rows call a kind.
fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Linkedin => LINKEDIN,
        Kind::Google => "GOOGLE_OAUTH",
        Kind::Outlook => "OUTLOOK",
        Kind::Mail => "MAIL",
        Kind::Icloud => "ICLOUD",
    }
}

fn in_turn<T: Copy, const N: usize>(all: &[T; N], number: u32) -> T {
    all[number as usize % N]
}
