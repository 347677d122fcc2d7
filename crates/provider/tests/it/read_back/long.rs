//! Lists that are too long for one answer (R-WAT-4): read in halves; one item that is too long alone hides nothing else, and
//! proves nothing.

use super::{STARTED, asked, found, list, other, profile, proved};
use crate::sends::{SEND, TEXT};
use crate::server::{Server, config, script};
use policy::sends::Action;
use policy::sends::call::Trace;
use policy::sends::sight::Addressee;
use provider::{Provider, Unipile};
use serde_json::{Value, json};

/// Longest body that the client keeps.
const BODY_BYTES_MAX: usize = 20_000;
/// Other items of each list; ten of them are too many for one answer.
const ITEMS: usize = 24;
const FILLER_BYTES: usize = 2_000;

/// One of the lists that a send is looked for in.
#[derive(Clone, Copy, Debug)]
struct Long {
    action: Action,
    /// End of the path of the list that is too long.
    path: &'static str,
    object: &'static str,
}

const LISTS: [Long; 6] = [
    Long {
        action: Action::Invite,
        path: "/users/invite/sent",
        object: "InvitationList",
    },
    Long {
        action: Action::WithdrawInvite,
        path: "/users/invite/sent",
        object: "InvitationList",
    },
    Long {
        action: Action::Message,
        path: "/chat_attendees/ACoAA%2F1/chats",
        object: "ChatList",
    },
    // The provider knows the person as no attendee: all recent chats are read.
    Long {
        action: Action::Inmail,
        path: "/api/v1/chats",
        object: "ChatList",
    },
    Long {
        action: Action::Message,
        path: "/messages",
        object: "MessageList",
    },
    Long {
        action: Action::Email,
        path: "/emails",
        object: "EmailList",
    },
];

impl Long {
    /// What was sent, as the list shows it.
    fn sent(self) -> Value {
        match self.object {
            "InvitationList" => json!({"id": "inv/7", "invited_user_id": "ACoAA/1"}),
            "ChatList" => json!({"id": "c-9", "attendee_provider_id": "ACoAA/1", "type": 0}),
            "MessageList" => message(TEXT),
            _ => json!({"date": STARTED, "tracking_id": "t-9", "label": SEND}),
        }
    }

    /// Another's, of so many bytes and some more.
    fn other(self, bytes: usize) -> Value {
        let mut other = match self.object {
            "InvitationList" => json!({"id": "inv/8", "invited_user_id": "ACoBB"}),
            // A chat with this person that holds nothing of ours, where only theirs are listed.
            "ChatList" if self.action == Action::Message => json!({"id": "c-0"}),
            "ChatList" => {
                json!({"id": "c-0", "timestamp": STARTED, "attendee_provider_id": "ACoBB"})
            }
            "MessageList" => json!({"id": "m-0", "timestamp": STARTED, "is_sender": 0}),
            _ => json!({"date": STARTED, "tracking_id": "t-0", "to_attendees": []}),
        };
        other["filler"] = "x".repeat(bytes).into();
        other
    }

    /// What shows that it was sent.
    fn receipt(self) -> Trace {
        match self.action {
            Action::Invite => found(Some("inv/7"), None),
            Action::Message | Action::Inmail if self.object == "ChatList" => {
                found(Some("m-9"), Some("c-9"))
            }
            Action::Message | Action::Inmail => found(Some("m-9"), Some("c-1")),
            Action::Email => found(Some("t-9"), None),
            // An invitation that is still there was not withdrawn.
            _ => Trace::Absent,
        }
    }

    /// What a complete list without it shows.
    fn nothing(self) -> Trace {
        match self.action {
            Action::WithdrawInvite => found(None, None),
            _ => Trace::Absent,
        }
    }

    /// A provider with these items in the list, in pages as long as they are asked for, and nothing in any other but `c-9`.
    async fn server(self, items: Vec<Value>) -> Server {
        script(move |line| {
            let path = line.split(['?', ' ']).nth(1).unwrap_or_default();
            if path.ends_with(self.path) {
                return page(self.object, &items, line);
            }
            let chat = json!([{"id": "c-1"}]);
            match path {
                it if it.starts_with("/api/v1/users/") => profile("SECOND_DEGREE", &Value::Null),
                it if it.ends_with("/c-9/messages") => {
                    list("MessageList", &json!([message(TEXT)]), None)
                }
                it if it.ends_with("/messages") => list("MessageList", &json!([]), None),
                it if it.ends_with("/chats") && self.object == "MessageList" => {
                    list("ChatList", &chat, None)
                }
                it if it.ends_with("/chats") => {
                    let words = json!({"status":404,"type":"errors/resource_not_found","detail":"x\nAttendee not found"});
                    (404, words.to_string())
                }
                other => panic!("{other}"),
            }
        })
        .await
    }

    /// What is seen of a send, and in how many requests.
    async fn look(self, items: Vec<Value>) -> (Trace, usize) {
        let server = self.server(items).await;
        let mut config = config(server.at);
        config.body_bytes_max = BODY_BYTES_MAX;
        let client = Unipile::new(config).unwrap();
        let sight = client.read_back(&asked(self.action)).await.unwrap();
        // A mailbox shows a copy of another's.
        let others = [other("t-0", Addressee::Other)];
        (proved(self.action, &sight, &others), server.seen().len())
    }

    fn crowd(self) -> Vec<Value> {
        vec![self.other(FILLER_BYTES); ITEMS]
    }
}

fn message(text: &str) -> Value {
    json!({"id": "m-9", "timestamp": STARTED, "is_sender": 1, "text": text})
}

fn page(object: &str, items: &[Value], line: &str) -> (u16, String) {
    let number = |key: &str| {
        let (_, rest) = line.split_once(key)?;
        rest.split('&').next()?.parse::<usize>().ok()
    };
    let from = number("cursor=").unwrap_or_default();
    let to = (from + number("limit=").expect("a limit")).min(items.len());
    let next = (to < items.len()).then(|| to.to_string());
    list(object, &items[from..to].into(), next.as_deref())
}

#[tokio::test]
async fn r_wat_4_a_list_that_is_too_long_is_read_in_halves() {
    for long in LISTS {
        let (trace, _) = long.look(long.crowd()).await;
        assert_eq!(trace, long.nothing(), "{long:?}");
        let mut items = long.crowd();
        items.push(long.sent());
        let (trace, _) = long.look(items).await;
        assert_eq!(trace, long.receipt(), "{long:?}");
    }
}

#[tokio::test]
async fn r_wat_4_one_item_too_long_alone_hides_no_other_and_proves_nothing() {
    for long in LISTS {
        let mut items = long.crowd();
        items.insert(3, long.other(2 * BODY_BYTES_MAX));
        let (trace, _) = long.look(items.clone()).await;
        assert!(matches!(trace, Trace::Unclear { .. }), "{long:?} {trace:?}");
        items.push(long.sent());
        let (trace, requests) = long.look(items).await;
        assert_eq!(trace, long.receipt(), "{long:?}");
        // Behind the long one pages grow again. Each chat with the person is looked into.
        let chats = if long.object == "ChatList" { ITEMS } else { 0 };
        assert!(requests < 22 + chats, "{long:?}: {requests} requests");
    }
}
