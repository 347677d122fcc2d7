use super::*;
use crate::{AttemptName, OptOut, PageTicket};
use jiff::Timestamp;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use uuid::Uuid;

fn key(text: &str) -> SecretString {
    SecretString::from(text)
}

fn hex_of(byte: &str) -> String {
    format!("{}00", byte.repeat(31))
}

fn keys() -> Keys {
    Keys::parse(&key(&hex_of("4b")), None).expect("a key")
}

fn rotated() -> Keys {
    Keys::parse(&key(&hex_of("5c")), Some(&key(&hex_of("4b")))).expect("keys")
}

fn of() -> AttemptName {
    AttemptName {
        attempt: AttemptId(Uuid::from_u128(1)),
        account: AccountId(Uuid::from_u128(2)),
        workspace: WorkspaceId(Uuid::from_u128(3)),
        name_ends_at: Timestamp::from_microsecond(1_700_000_000_123_456).expect("an instant"),
    }
}

fn ticket() -> PageTicket {
    PageTicket {
        account: AccountId(Uuid::from_u128(2)),
        episode: 41,
        step: PageTicket::OF_A_LINK,
        ends_at: Timestamp::from_second(1_700_000_000).expect("an instant"),
    }
}

#[test]
fn r_lnk_2_a_name_proves_its_own_attempt_and_nothing_else() {
    let (keys, of) = (keys(), of());
    let name = keys.name(&of);
    assert_eq!(name.len(), 48, "{name}");
    let parsed = Keys::parse_name(&name).expect("a name");
    assert_eq!(parsed.attempt, of.attempt);
    assert!(keys.proves(&parsed, &of));
    let other = Uuid::from_u128(9);
    let later = of
        .name_ends_at
        .checked_add(jiff::SignedDuration::from_micros(1));
    for forged in [
        AttemptName {
            attempt: AttemptId(other),
            ..of
        },
        AttemptName {
            account: AccountId(other),
            ..of
        },
        AttemptName {
            workspace: WorkspaceId(other),
            ..of
        },
        AttemptName {
            name_ends_at: later.expect("later"),
            ..of
        },
    ] {
        assert!(!keys.proves(&parsed, &forged), "{forged:?}");
    }
    for at in 0..CODE_BYTES * 8 {
        let mut bent = parsed;
        bent.mac[at / 8] ^= 1 << (at % 8);
        assert!(!keys.proves(&bent, &of), "bit {at}");
    }
}

#[test]
fn r_lnk_2_what_was_never_a_name_is_not_read_as_one() {
    let name = keys().name(&of());
    let mut bad: Vec<String> = ["", "r1", "r1.", "r1..", "r1.a.b", "\u{202e}r1.a.b"]
        .map(str::to_owned)
        .into();
    bad.extend((0..name.len()).map(|at| name[..at].to_owned()));
    bad.extend([
        format!("{name}A"),
        format!("{name}.x"),
        name.replace("r1", "r2"),
        name.replace('.', ""),
    ]);
    bad.push("r1.".repeat(20_000));
    for text in bad {
        assert!(Keys::parse_name(&text).is_none(), "{text:.60}");
    }
}

#[test]
fn a_key_of_before_is_good_until_it_is_left_out() {
    let (before, after) = (keys(), rotated());
    let alone = Keys::parse(&key(&hex_of("5c")), None).expect("a key");
    let parsed = Keys::parse_name(&before.name(&of())).expect("a name");
    assert!(after.proves(&parsed, &of()) && !alone.proves(&parsed, &of()));
    let page = before.page(&ticket());
    assert_eq!(
        (after.read_page(&page), alone.read_page(&page)),
        (Some(ticket()), None)
    );
    let sealed = before.seal_url(of().attempt, "https://x.example/1");
    assert!(after.open_url(of().attempt, &sealed).is_some());
    assert!(alone.open_url(of().attempt, &sealed).is_none());
    assert_ne!(before.name(&of()), after.name(&of()), "the new key signs");
}

#[test]
fn tickets_of_one_use_are_none_of_another() {
    let keys = keys();
    let page = keys.page(&ticket());
    assert_eq!(keys.read_page(&page), Some(ticket()));
    assert!(
        page.len() <= 80
            && page
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
    );
    let opt_out = OptOut {
        account: ticket().account,
    };
    let token = keys.opt_out(&opt_out);
    assert_eq!(keys.read_opt_out(&token), Some(opt_out));
    assert_eq!(keys.read_page(&token.replace("o1", "p1")), None);
    assert_eq!(keys.read_opt_out(&page.replace("p1", "o1")), None);
    for at in 0..page.len() {
        let mut bent = page.clone().into_bytes();
        bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
        let bent = String::from_utf8(bent).expect("text");
        assert_eq!(keys.read_page(&bent), None, "at {at}");
    }
}

#[test]
fn a_sealed_url_opens_for_its_own_attempt_alone_and_shows_nothing() {
    let (keys, attempt) = (keys(), of().attempt);
    let url = "https://hosted.example/very-secret-word";
    let sealed = keys.seal_url(attempt, url);
    let opened = keys.open_url(attempt, &sealed).expect("opens");
    assert_eq!(opened, url);
    assert!(!String::from_utf8_lossy(&sealed).contains("secret"));
    assert!(
        keys.open_url(AttemptId(Uuid::from_u128(9)), &sealed)
            .is_none()
    );
    assert_ne!(
        keys.seal_url(attempt, "https://hosted.example/2")[..12],
        sealed[..12]
    );
    for at in 0..sealed.len() {
        let mut bent = sealed.clone();
        bent[at] ^= 1;
        assert!(keys.open_url(attempt, &bent).is_none(), "at {at}");
    }
    assert!(keys.open_url(attempt, &[]).is_none());
}

#[test]
fn a_key_is_32_bytes_in_hex_or_base64_and_no_place_holder() {
    let hex = hex_of("4b");
    let base64 = BASE64_STANDARD.encode(super::hex(&hex).expect("hex"));
    let (one, other) = (
        Keys::parse(&key(&hex), None),
        Keys::parse(&key(&base64), None),
    );
    assert_eq!(
        one.expect("hex").name(&of()),
        other.expect("base64").name(&of())
    );
    let zeros = "00".repeat(32);
    for bad in [
        "",
        "secret",
        &hex[2..],
        &zeros,
        &"zz".repeat(32),
        &BASE64_STANDARD.encode([7; 16]),
    ] {
        assert_eq!(Keys::parse(&key(bad), None).err(), Some(KeyError), "{bad}");
    }
    assert_eq!(format!("{:?}", keys()), "Keys { .. }");
}
