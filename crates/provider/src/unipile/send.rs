//! The one outward call: what it must have, how it is said, and how its answer is read.

use super::decode::{Lacks, id, object};
use super::http::Http;
use super::read_back::profile::{Standing, standing};
use super::reply::{named, same, shape};
use super::routes::Route;
use super::routes::outward::{CHAT, EMAIL, INVITE, RAW, VIEW};
use super::routes::withdraw::WITHDRAW;
use crate::outcome::weighed;
use crate::{Cause, Class, ProviderError};
use policy::sends::call::{Receipt, Request, Started};
use policy::sends::{Action, Tier};
use policy::templates::limits::{length, text_limits};
use policy::templates::person::breaks_a_line;
use policy::templates::template::has_braces;
use reqwest::RequestBuilder;
use reqwest::multipart::Form;
use serde_json::{Value, json};

/// The provider's type for a person whom the account invited not long ago.
const INVITED_BEFORE: &str = "errors/already_invited_recently";

/// Words that stand where a person's id would, and mean something else there.
const NOBODY: [&str; 5] = ["me", "invite", "relations", "followers", "following"];

/// Makes the call that `started` permits, once.
pub(crate) async fn send(http: &Http, started: Started) -> Result<Receipt, ProviderError> {
    let said = started.request();
    let route = route_of(said.action);
    if let Some(why) = wrong(said) {
        let cause = Cause::NotSent(why);
        return Err(ProviderError::new(route.name, refused_as(said), cause));
    }
    match answer(http, &route, said).await {
        Err(error) if error.kind.as_deref() == Some(INVITED_BEFORE) => {
            let class = invited_before(http, said).await.unwrap_or(error.class);
            Err(ProviderError { class, ..error })
        }
        answer => answer.map_err(weighed),
    }
}

/// One look at the profile tells whether that invitation still waits, is accepted, or is no more; none where it cannot
/// be told (R-CAP-7).
async fn invited_before(http: &Http, said: &Request) -> Option<Class> {
    match standing(http, said).await.ok()? {
        Standing::Connected | Standing::Invited => Some(Class::AimReached),
        Standing::InvitedOnce => Some(Class::InvitedBefore),
        Standing::Stranger => None,
    }
}

async fn answer(http: &Http, route: &Route, said: &Request) -> Result<Receipt, ProviderError> {
    let request = request(http, route, said)?;
    let (status, value) = http.call(route, request).await?;
    same(route, status, &said.session, named(&value))?;
    receipt(said.action, &value).map_err(|Lacks(what)| shape(route, status, what))
}

fn route_of(action: Action) -> Route {
    match action {
        Action::Invite => INVITE,
        Action::Message | Action::Inmail => CHAT,
        Action::ProfileView => VIEW,
        Action::WithdrawInvite => WITHDRAW,
        Action::RemoveConnection => RAW,
        Action::Email => EMAIL,
    }
}

/// What our own refusal means. An invitation that met its aim, or that somebody made by hand, has no id of ours: there is
/// nothing of ours to withdraw, and the person goes on (R-CAP-7).
fn refused_as(said: &Request) -> Class {
    match said.action {
        Action::WithdrawInvite if blank(said.reference.as_deref()) => Class::AimReached,
        _ => Class::Unsayable,
    }
}

/// Why a call is not worth making; `None` where nothing speaks against it.
pub(crate) fn wrong(said: &Request) -> Option<&'static str> {
    match said.action {
        _ if blank(Some(&said.session.0)) => Some("no session"),
        _ if blank(Some(&said.target)) => Some("no target"),
        _ if said.target.contains(breaks_a_line) => Some("a control character in the target"),
        _ if unsayable(said).is_some() => unsayable(said),
        Action::Message | Action::Inmail | Action::Email if blank(said.body.as_deref()) => {
            Some("no text")
        }
        Action::Email if blank(said.subject.as_deref()) => Some("no subject"),
        Action::WithdrawInvite if blank(said.reference.as_deref()) => {
            Some("the invitation's id is not known")
        }
        Action::ProfileView if NOBODY.contains(&said.target.as_str()) => {
            Some("the target is a word of the provider's and nobody's id")
        }
        _ => None,
    }
}

fn blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// The last look at a rendered text: whatever planned it, nothing unrendered, forged or too long for any tier leaves.
fn unsayable(said: &Request) -> Option<&'static str> {
    let limits = text_limits(said.action, Tier::Premium);
    let subject = said.subject.as_deref().filter(|_| limits.subject > 0);
    let body = said.body.as_deref().filter(|_| limits.body > 0);
    let any =
        |is_wrong: fn(&str) -> bool| subject.is_some_and(is_wrong) || body.is_some_and(is_wrong);
    if any(has_braces) {
        Some("a placeholder is left in the text")
    } else if any(|text| text.contains(|it: char| it.is_control() && !"\n\r\t".contains(it))) {
        Some("a control character in the text")
    } else if subject.is_some_and(|text| text.contains(breaks_a_line)) {
        Some("a line break in the subject")
    } else if subject.is_some_and(|text| length(text) > limits.subject) {
        Some("the subject is too long")
    } else if body.is_some_and(|text| length(text) > limits.body) {
        Some("the text is too long")
    } else {
        None
    }
}

fn request(http: &Http, route: &Route, said: &Request) -> Result<RequestBuilder, ProviderError> {
    let session = said.session.0.as_str();
    Ok(match said.action {
        Action::Invite => http.request(route, "")?.json(&invitation(said)),
        Action::Message | Action::Inmail => http.request(route, "")?.multipart(chat(said)),
        Action::ProfileView => http
            .request(route, &said.target)?
            .query(&[("account_id", session), ("notify", "true")]),
        Action::WithdrawInvite => http
            .request(route, said.reference.as_deref().unwrap_or_default())?
            .query(&[("account_id", session)]),
        Action::RemoveConnection => http.request(route, "")?.json(&removal(said)),
        Action::Email => http.request(route, "")?.multipart(email(said)),
    })
}

fn invitation(said: &Request) -> Value {
    let mut body = json!({"account_id": said.session.0, "provider_id": said.target});
    if !blank(said.body.as_deref()) {
        body["message"] = said.body.as_deref().into();
    }
    body
}

fn chat(said: &Request) -> Form {
    let form = part(Form::new(), "account_id", Some(&said.session.0));
    let form = part(form, "attendees_ids", Some(&said.target));
    let form = part(form, "text", said.body.as_deref());
    if said.action != Action::Inmail {
        return form;
    }
    let form = part(form, "subject", said.subject.as_deref());
    let form = part(form, "linkedin[api]", Some("classic"));
    part(form, "linkedin[inmail]", Some("true"))
}

fn email(said: &Request) -> Form {
    let to = json!([{"identifier": said.target}]).to_string();
    let tracking = json!({"label": said.send.to_string()}).to_string();
    let form = part(Form::new(), "account_id", Some(&said.session.0));
    let form = part(form, "to", Some(&to));
    let form = part(form, "subject", said.subject.as_deref());
    let form = part(form, "body", said.body.as_deref());
    part(form, "tracking_options", Some(&tracking))
}

fn part(form: Form, name: &'static str, text: Option<&str>) -> Form {
    match text {
        Some(text) => form.text(name, text.to_owned()),
        None => form,
    }
}

/// LinkedIn's own call, through the provider; its `decorationId` may rot.
fn removal(said: &Request) -> Value {
    json!({
        "account_id": said.session.0,
        "method": "POST",
        "request_url": "https://www.linkedin.com/voyager/api/relationships/dash/memberRelationships",
        "query_params": {
            "action": "removeFromMyConnections",
            "decorationId": "com.linkedin.voyager.dash.deco.relationships.MemberRelationship-34",
        },
        "body": {"connectionUrn": format!("urn:li:fsd_connection:{}", said.target)},
        "encoding": false,
    })
}

/// What a good answer tells. It must be the action's own object; names that it leaves out do not undo what it says.
pub(crate) fn receipt(action: Action, value: &Value) -> Result<Receipt, Lacks> {
    let of = |reference: Option<&str>| Receipt {
        reference: reference.and_then(|key| id(value, key)),
        chat: None,
        usage: usage(value),
    };
    match action {
        Action::Invite => object(value, "UserInvitationSent").map(|()| of(Some("invitation_id"))),
        Action::Message | Action::Inmail => object(value, "ChatStarted").map(|()| Receipt {
            chat: id(value, "chat_id"),
            ..of(Some("message_id"))
        }),
        Action::ProfileView => object(value, "UserProfile").map(|()| of(None)),
        Action::WithdrawInvite => object(value, "InvitationCanceled").map(|()| of(None)),
        Action::RemoveConnection => raw(value).map(|()| of(None)),
        Action::Email => object(value, "EmailSent").map(|()| of(Some("tracking_id"))),
    }
}

/// A good answer of the provider may carry a bad one of LinkedIn's; what that one did is not told.
fn raw(value: &Value) -> Result<(), Lacks> {
    object(value, "LinkedinRawData")?;
    let data = value.get("data").ok_or(Lacks("data"))?;
    let status = |data: &Value| data.get("status").and_then(Value::as_u64);
    let inner = status(data).or_else(|| data.get("data").and_then(status));
    match inner {
        Some(400..) => Err(Lacks("success of LinkedIn's")),
        _ => Ok(()),
    }
}

fn usage(value: &Value) -> Option<u8> {
    let percent = value.get("usage")?.as_u64()?;
    Some(u8::try_from(percent).unwrap_or(u8::MAX))
}
