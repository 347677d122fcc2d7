//! Signatures and organisations of an account: long, of no use to anybody here, and on every page of the list.

use crate::session::{Kind, Session};
use serde_json::{Value, json};

/// Mailboxes whose signature holds a picture, one in so many.
const PICTURED_ONE_IN: u64 = 40;
/// Members of LinkedIn who administer organisations, one in so many.
const ADMINISTRATOR_ONE_IN: u64 = 4;
/// Fills what a picture or a disclaimer would.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";
/// One member of the ballast.
const BALLAST: &str = "what no document names";

/// Usual signatures of a session: of mailboxes one or two, a few kilobytes each, a few hundred with a picture.
pub(crate) fn signatures(session: &Session) -> Value {
    if session.kind == Kind::Linkedin {
        return json!([]);
    }
    let luck = session.luck;
    let usual = 400 + usize::try_from(luck % 7_600).unwrap_or(0);
    let has_picture = (luck >> 13).is_multiple_of(PICTURED_ONE_IN);
    let picture = 60_000 + usize::try_from((luck >> 20) % 240_000).unwrap_or(0);
    let bytes = if has_picture { picture } else { usual };
    let short = signature(&session.name, "Replies", 300);
    let long = signature(&session.name, "New messages", bytes);
    if luck >> 63 == 0 {
        json!([long])
    } else {
        json!([long, short])
    }
}

/// A signature whose HTML is so long, or as short as one can be.
pub(crate) fn signature(name: &str, title: &str, bytes: usize) -> Value {
    let head = format!(
        "<table cellpadding=\"0\"><tr><td><b>{name}</b><br>Account Executive<br><a href=\"https://example.test\">example.test</a>\
         </td></tr></table><img src=\"data:image/png;base64,"
    );
    let tail = "\" alt=\"\">";
    let content =
        head.clone() + &filled(PICTURE, bytes.saturating_sub(head.len() + tail.len())) + tail;
    json!({ "title": title, "content": content })
}

/// Usual organisations of a session: some members of LinkedIn administer up to three.
pub(crate) fn organizations(session: &Session) -> Vec<Value> {
    let luck = session.luck;
    let count = if luck.is_multiple_of(ADMINISTRATOR_ONE_IN) {
        1 + (luck >> 8) % 3
    } else {
        0
    };
    let count = usize::try_from(count).unwrap_or(0);
    organizations_of(luck, count)
}

/// So many organisations.
pub(crate) fn organizations_of(luck: u64, count: usize) -> Vec<Value> {
    let one = |number: u64| {
        let id = (luck >> 16) % 90_000_000 + number;
        json!({
            "name": format!("Organisation {id}"),
            "messaging_enabled": id.is_multiple_of(2),
            "organization_urn": format!("urn:li:fsd_company:{id}"),
            "mailbox_urn": format!("urn:li:fsd_mailbox:{id}"),
        })
    };
    (0_u64..).take(count).map(one).collect()
}

/// Texts that add up to so many bytes.
pub(crate) fn ballast(bytes: usize) -> Vec<&'static str> {
    vec![BALLAST; bytes.div_ceil(BALLAST.len() + 3)]
}

fn filled(text: &str, bytes: usize) -> String {
    let mut filled = text.repeat(bytes.div_ceil(text.len()));
    filled.truncate(bytes);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_exactly_as_long_as_asked() {
        for bytes in [300, 17_000, 5 << 20] {
            let made = signature("Ann", "x", bytes);
            assert_eq!(made["content"].as_str().map(str::len), Some(bytes));
        }
        assert!(signature("Ann", "x", 0)["content"].as_str().is_some());
        assert!(json!(ballast(1_000)).to_string().len() >= 1_000);
        assert_eq!(organizations_of(7, 3).len(), 3);
    }
}
