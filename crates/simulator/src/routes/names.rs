//! What the log and the counters call a route.

use super::users;
use axum::http::{Method, Uri};

/// Every route below `/api/v1`. A path that is written out comes before one with a variable.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/accounts"),
    ("POST", "/accounts"),
    ("POST", "/accounts/checkpoint"),
    ("GET", "/accounts/{id}"),
    ("POST", "/accounts/{id}"),
    ("DELETE", "/accounts/{id}"),
    ("POST", "/accounts/{id}/restart"),
    ("GET", "/users/me"),
    ("POST", "/users/invite"),
    ("GET", "/users/invite/sent"),
    ("DELETE", "/users/invite/sent/{id}"),
    ("GET", "/users/relations"),
    ("GET", "/users/{identifier}"),
    ("GET", "/chats"),
    ("POST", "/chats"),
    ("GET", "/chats/{id}/messages"),
    ("POST", "/chats/{id}/messages"),
    ("GET", "/chat_attendees/{id}/chats"),
    ("GET", "/emails"),
    ("POST", "/emails"),
    ("POST", "/linkedin"),
    ("GET", "/linkedin/inmail_balance"),
    ("POST", "/hosted/accounts/link"),
    ("GET", "/webhooks"),
    ("POST", "/webhooks"),
    ("DELETE", "/webhooks/{id}"),
];
/// The page that owners meet: all that is not below `/api/v1`.
const HOSTED: [(&str, &str); 2] = [("GET", "/hosted/{token}"), ("POST", "/hosted/{token}")];

/// The route's name for the log and the counters (few values, whatever is asked for), and the account that is meant, as
/// far as path or query tell.
pub(crate) fn route_of(method: &Method, uri: &Uri) -> (String, Option<String>) {
    let path = uri.path();
    let hosted = HOSTED
        .iter()
        .find(|(known, pattern)| method == *known && fits(pattern, path));
    if let Some((_, pattern)) = hosted {
        return (format!("{method} {pattern}"), None);
    }
    let Some(path) = path.strip_prefix("/api/v1") else {
        return ("other".to_owned(), None);
    };
    let path = match path.strip_suffix('/') {
        // The one path that clients end with a slash.
        Some(path) if path.starts_with("/users/") => path,
        _ => path,
    };
    let found = ROUTES
        .iter()
        .find(|(known, pattern)| method == *known && fits(pattern, path));
    let Some((_, pattern)) = found else {
        return ("other".to_owned(), None);
    };
    let account = if pattern.starts_with("/accounts/{id}") {
        path.split('/').nth(2).map(decoded)
    } else {
        users::account_id(uri.query().unwrap_or("")).map(ToOwned::to_owned)
    };
    (format!("{method} {pattern}"), account)
}

/// A segment of a path, percent-decoded as its route decodes it.
fn decoded(segment: &str) -> String {
    let digit = |hex: u8| char::from(hex).to_digit(16);
    let mut bytes = segment.as_bytes();
    let mut text = Vec::new();
    while let [byte, rest @ ..] = bytes {
        let code = match rest {
            [high, low, ..] if *byte == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some(decoded) = code.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            text.push(decoded);
            bytes = &rest[2..];
        } else {
            text.push(*byte);
            bytes = rest;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Whether [`route_of`] can ever name a route so.
pub(super) fn is_known(name: &str) -> bool {
    let known = |(method, pattern): &(&str, &str)| {
        name.strip_prefix(method)
            .and_then(|rest| rest.strip_prefix(' '))
            == Some(pattern)
    };
    HOSTED.iter().chain(ROUTES).any(known)
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/');
    let all = pattern.split('/').all(|wanted| {
        path.next()
            .is_some_and(|found| wanted == found || (wanted.starts_with('{') && !found.is_empty()))
    });
    all && path.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_few_names_and_tell_the_account() {
        for (method, uri, route, account) in [
            ("GET", "/api/v1/accounts/a", "GET /accounts/{id}", Some("a")),
            (
                "POST",
                "/api/v1/accounts/checkpoint",
                "POST /accounts/checkpoint",
                None,
            ),
            (
                "POST",
                "/api/v1/accounts/a/restart",
                "POST /accounts/{id}/restart",
                Some("a"),
            ),
            (
                "GET",
                "/api/v1/users/me?account_id=a",
                "GET /users/me",
                Some("a"),
            ),
            (
                "GET",
                "/api/v1/users/relations?account_id=a",
                "GET /users/relations",
                Some("a"),
            ),
            (
                "GET",
                "/api/v1/users/x?notify=true&account_id=a",
                "GET /users/{identifier}",
                Some("a"),
            ),
            (
                "GET",
                "/api/v1/users/x/?account_id=a",
                "GET /users/{identifier}",
                Some("a"),
            ),
            (
                "DELETE",
                "/api/v1/users/invite/sent/7?account_id=a",
                "DELETE /users/invite/sent/{id}",
                Some("a"),
            ),
            (
                "POST",
                "/api/v1/chats/c/messages",
                "POST /chats/{id}/messages",
                None,
            ),
            (
                "DELETE",
                "/api/v1/accounts/a%2Fb%3f%25%",
                "DELETE /accounts/{id}",
                Some("a/b?%%"),
            ),
            ("GET", "/hosted/x", "GET /hosted/{token}", None),
            ("POST", "/hosted/x", "POST /hosted/{token}", None),
            ("POST", "/hosted/x/y", "other", None),
            ("PUT", "/api/v1/accounts/a", "other", None),
            ("GET", "/api/v1/users", "other", None),
            ("GET", "/api/v1/users/", "other", None),
            ("GET", "/api/v1/emails/x", "other", None),
        ] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let uri: Uri = uri.parse().expect("a path");
            let wanted = (route.to_owned(), account.map(ToOwned::to_owned));
            assert_eq!(route_of(&method, &uri), wanted, "{method} {uri}");
            assert_eq!(is_known(route), route != "other", "{route}");
        }
    }
}
