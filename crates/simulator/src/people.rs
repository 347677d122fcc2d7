//! Believable names, member ids and addresses for sessions that were created without them.

use crate::chance::{Chance, Topic};
use crate::session::{Kind, Person};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

const FIRST: [&str; 24] = [
    "Ada", "Amir", "Anna", "Bruno", "Carla", "Chen", "David", "Elif", "Emma", "Femi", "Grace",
    "Hugo", "Ines", "Jane", "Kofi", "Lena", "Marco", "Nora", "Omar", "Petra", "Ravi", "Sofia",
    "Tomas", "Yuki",
];
const LAST: [&str; 24] = [
    "Abbott", "Bauer", "Castro", "Diallo", "Evans", "Fischer", "Garcia", "Haddad", "Ivanova",
    "Jensen", "Kowalski", "Larsen", "Moreau", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi",
    "Santos", "Tanaka", "Ueda", "Vogel", "Weber", "Zhang",
];

/// The person that session number `number` gets when nobody named one.
pub(crate) fn person(chance: Chance, number: u64, kind: Kind) -> Person {
    let draw = chance.draw(Topic::Person, number);
    let (first, last) = (pick(&FIRST, draw), pick(&LAST, draw / 1_000));
    let slug = format!("{}-{}", first.to_lowercase(), last.to_lowercase());
    if kind == Kind::Linkedin {
        let handle = format!("{slug}-{number}");
        return Person {
            name: format!("{first} {last}"),
            identity: member_id(chance, Topic::Person, number),
            handle,
        };
    }
    let address = format!(
        "{}.{}.{number}@example.test",
        first.to_lowercase(),
        last.to_lowercase()
    );
    Person {
        name: address.clone(),
        identity: address.clone(),
        handle: address,
    }
}

/// A member id as LinkedIn writes them: `ACoAA…`, 39 characters.
pub(crate) fn member_id(chance: Chance, topic: Topic, number: u64) -> String {
    let bytes: Vec<u8> = (0..4)
        .flat_map(|part| {
            chance
                .draw(topic, number.wrapping_mul(4) ^ part << 60)
                .to_be_bytes()
        })
        .collect();
    let mut id = format!("ACoAA{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes));
    id.truncate(39);
    id
}

/// Sixteen seeded bytes as the provider writes its ids: 22 characters that may begin with `-` or `_`.
pub(crate) fn identifier(chance: Chance, topic: Topic, number: u64) -> String {
    let halves = [
        number.wrapping_mul(2),
        number.wrapping_mul(2).wrapping_add(1),
    ];
    let bytes: Vec<u8> = halves
        .into_iter()
        .flat_map(|half| chance.draw(topic, half).to_be_bytes())
        .collect();
    BASE64_URL_SAFE_NO_PAD.encode(&bytes)
}

fn pick(names: &[&'static str; 24], draw: u64) -> &'static str {
    names[usize::try_from(draw % 24).unwrap_or(0)]
}
