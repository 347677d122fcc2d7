//! One mail: what it says, and its headers.

use jiff::Timestamp;
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use std::fmt;
use std::time::SystemTime;

/// Address that takes its reader off the list by one POST. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct OptOutUrl(pub String);

impl fmt::Debug for OptOutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OptOutUrl(..)")
    }
}

/// A mail without its reader. Its `Debug` hides what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Local part of its `Message-ID`; the domain is the sender's.
    pub name: String,
    /// Subject, on one line.
    pub subject: String,
    /// The text for readers without HTML.
    pub text: String,
    /// The same as HTML, without images.
    pub html: String,
    /// Way off the list; null for mails to a team, who have settings.
    pub opt_out: Option<OptOutUrl>,
    /// Instant of its `Date`.
    pub at: Timestamp,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// Bytes of the mail for one reader; null where no mail can be made of it.
    pub(crate) fn bytes(&self, from: &Mailbox, to: Address) -> Option<Vec<u8>> {
        let id = format!("<{}@{}>", self.name, from.email.domain());
        let mut builder = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(self.subject.as_str())
            .date(SystemTime::from(self.at))
            .message_id(Some(id));
        // RFC 3834: whatever answers by itself must not answer this.
        builder = builder.raw_header(raw("Auto-Submitted", "auto-generated"));
        if let Some(OptOutUrl(url)) = &self.opt_out {
            builder = builder
                .raw_header(raw("List-Unsubscribe", &format!("<{url}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let both = MultiPart::alternative_plain_html(self.text.clone(), self.html.clone());
        builder.multipart(both).ok().map(|mail| mail.formatted())
    }
}

/// A header that must not be folded inside its address.
fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.to_owned(),
        value.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_the_headers_of_a_notice_and_no_line_of_a_name() {
        let letter = Letter {
            name: "a.1.0".to_owned(),
            subject: "Grüße\r\nBcc: all@example.com".to_owned(),
            text: "Hello".to_owned(),
            html: "<p>Hello</p>".to_owned(),
            opt_out: Some(OptOutUrl("https://r.example/o/o1.abc".to_owned())),
            at: Timestamp::UNIX_EPOCH,
        };
        let from: Mailbox = "Relink <notices@example.com>".parse().expect("a sender");
        let to: Address = "owner@example.net".parse().expect("an address");
        let mail = letter.bytes(&from, to).expect("a mail");
        let mail = String::from_utf8(mail).expect("it is all ASCII");
        let (head, _) = mail.split_once("\r\n\r\n").expect("a head");
        for line in [
            "From: Relink <notices@example.com>",
            "To: owner@example.net",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
            "Message-ID: <a.1.0@example.com>",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe: <https://r.example/o/o1.abc>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "MIME-Version: 1.0",
        ] {
            assert!(
                head.lines().any(|it| it == line),
                "{line} is not in\n{head}"
            );
        }
        assert!(!head.lines().any(|it| it.starts_with("Bcc")), "{head}");
        assert!(mail.is_ascii() && mail.contains("text/plain") && mail.contains("text/html"));
    }
}
