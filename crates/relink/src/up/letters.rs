//! What a mail of ours says to those who judge it: whom it is for, and which notices it tells.

use linking::{Keys, PageTicket};
use policy::ids::AccountId;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Path of owners' pages, with the beginning of a ticket.
const PAGE: &str = "/r/p1.";

/// Notice that a mail tells: account, episode, step.
pub(crate) type Told = (AccountId, i64, i16);

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Address of its reader.
    pub(crate) to: String,
    /// `Message-ID`, brackets included.
    pub(crate) id: String,
    /// Notices by the tickets of its links, and the one that it is named after.
    pub(crate) told: BTreeSet<Told>,
}

impl Letter {
    /// Reads a mail whose links these keys signed.
    pub(crate) fn read(mail: &str, keys: &Keys) -> Self {
        let text = decoded(mail);
        let tickets = tickets(&text).filter_map(|(_, ticket)| keys.read_page(ticket));
        let of_ticket = |it: PageTicket| (it.account, it.episode, it.step);
        let id = header(mail, "Message-ID").to_owned();
        Self {
            to: header(mail, "To").to_lowercase(),
            told: tickets.map(of_ticket).chain(named(&id)).collect(),
            id,
        }
    }
}

/// Address of the first page that a mail leads to.
pub(crate) fn page_of(mail: &str) -> Option<String> {
    let text = decoded(mail);
    let (before, ticket) = tickets(&text).next()?;
    let base = before.rsplit([' ', '\n', '"']).next()?;
    Some(format!("{base}/r/{ticket}"))
}

/// Tickets, each with the text before its path.
fn tickets(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices(PAGE).map(move |(at, _)| {
        let ticket = &text[at + "/r/".len()..];
        let is_part = |it: char| it.is_ascii_alphanumeric() || ".-_".contains(it);
        let end = ticket.find(|it| !is_part(it)).unwrap_or(ticket.len());
        (&text[..at], &ticket[..end])
    })
}

/// Text of a mail with its lines put together again.
fn decoded(mail: &str) -> String {
    mail.replace("\r\n", "\n")
        .replace("=\n", "")
        .replace("=3D", "=")
}

/// Value of a header on one line; empty where there is none.
fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let head = mail.lines().take_while(|line| !line.is_empty());
    let mut fields = head.filter_map(|line| line.split_once(": "));
    let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value.trim())
}

/// Notice that a mail of this `Message-ID` is named after.
fn named(id: &str) -> Option<Told> {
    let (local, _) = id.trim_start_matches('<').split_once('@')?;
    let mut parts = local.split('.');
    let account = Uuid::parse_str(parts.next()?).ok()?;
    let (episode, step) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((AccountId(account), episode, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use secrecy::SecretString;

    const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn ticket(keys: &Keys, account: u128) -> String {
        keys.page(&PageTicket {
            account: AccountId(Uuid::from_u128(account)),
            episode: 7,
            step: 0,
            ends_at: Timestamp::UNIX_EPOCH,
        })
    }

    #[test]
    fn r_lnk_7_a_mail_says_which_notices_it_tells_and_leads_to_a_page() {
        let keys = Keys::parse(&SecretString::from(KEY), None).expect("a key");
        let (one, other) = (ticket(&keys, 1), ticket(&keys, 2));
        let (head, tail) = one.split_at(20);
        let mail = format!(
            "To: Ada@example.net\r\nMessage-ID: <{}.7.0@example.com>\r\n\r\nSign in again: http://127.0.0.1:9/r/{head}=\r\n{tail}\r\n\
             <a href=3D\"http://127.0.0.1:9/r/{one}\">here</a> <a href=3D\"http://127.0.0.1:9/r/{other}\">and here</a>\r\n\
             http://127.0.0.1:9/r/p1.forged\r\n",
            Uuid::from_u128(1)
        );
        let letter = Letter::read(&mail, &keys);
        assert_eq!(letter.to, "ada@example.net");
        let told = [1, 2].map(|it| (AccountId(Uuid::from_u128(it)), 7, 0));
        assert_eq!(letter.told, BTreeSet::from(told));
        assert_eq!(page_of(&mail), Some(format!("http://127.0.0.1:9/r/{one}")));
        let back = Letter::read("Message-ID: <x@example.com>\n\nAll is well\n", &keys);
        assert_eq!((back.told.len(), back.to.as_str()), (0, ""));
    }
}
