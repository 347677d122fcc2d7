//! The one redirect that is followed: the same path with or without a slash at its end.

use super::routes::{Effect, Route};
use reqwest::header::LOCATION;
use reqwest::{Response, Url};

/// Where the answer to `asked` says that the same thing is, on the same server and only where nothing can have happened.
/// Anything else is an answer like others: a page to log in on says nothing of an account.
pub(crate) fn followed(route: &Route, asked: &Url, response: &Response) -> Option<Url> {
    let status = response.status().as_u16();
    if route.effect == Effect::Acts || !matches!(status, 301 | 302 | 307 | 308) {
        return None;
    }
    same_but_slash(asked, response.headers().get(LOCATION)?.to_str().ok()?)
}

fn same_but_slash(asked: &Url, to: &str) -> Option<Url> {
    let mut to = asked.join(to).ok()?;
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let is_same = to.origin() == asked.origin()
        && path(&to) == path(asked)
        && to.path() != asked.path()
        && to.username().is_empty()
        && to.password().is_none();
    let other = |query: &str| !query.is_empty() && Some(query) != asked.query();
    if !is_same || to.query().is_some_and(other) {
        return None;
    }
    to.set_query(asked.query());
    to.set_fragment(None);
    Some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(to: &str, followed: Option<&str>) {
        let asked = Url::parse("https://host:1/api/v1/users/a%2Fb?account_id=x").expect("a URL");
        let to = same_but_slash(&asked, to);
        assert_eq!(to.as_ref().map(Url::as_str), followed);
    }

    #[test]
    fn r_wat_4_only_a_slash_on_the_same_server_is_followed() {
        let there = Some("https://host:1/api/v1/users/a%2Fb/?account_id=x");
        check("https://host:1/api/v1/users/a%2Fb/?account_id=x", there);
        check("/api/v1/users/a%2Fb/", there);
        check("/api/v1/users/a%2Fb/?account_id=x#y", there);
        for other in [
            "/api/v1/users/a%2Fb?account_id=x",
            "/api/v1/users/a%2Fb/?account_id=y",
            "/api/v1/users/c/",
            "/login",
            "/",
            "http://host:1/api/v1/users/a%2Fb/",
            "https://host:2/api/v1/users/a%2Fb/",
            "https://other:1/api/v1/users/a%2Fb/",
            "https://me@host:1/api/v1/users/a%2Fb/",
            "https://",
        ] {
            check(other, None);
        }
    }
}
