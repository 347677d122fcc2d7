//! The routes of v1, one line each: those of sessions here, the others below.

use reqwest::{Method, Url};

pub(crate) mod outward;
pub(crate) mod traces;
pub(crate) mod webhooks;
pub(crate) mod withdraw;

/// What a call may leave behind at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: after a failure it is as if it had not been made.
    Reads,
    /// Something: after a timeout or a 5xx nobody knows whether it happened.
    Acts,
}

/// One route. The effect is not told by the method: the provider has a `GET` that acts.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Method and path; what errors and metrics call it.
    pub(crate) name: &'static str,
    /// Below `/api/v1`; `{id}` stands for one percent-encoded segment.
    pub(crate) path: &'static str,
    pub(crate) effect: Effect,
}

pub(crate) const LIST: Route = route(Method::GET, "GET /accounts", "/accounts", Effect::Reads);
pub(crate) const GET: Route = route(
    Method::GET,
    "GET /accounts/{id}",
    "/accounts/{id}",
    Effect::Reads,
);
pub(crate) const RESTART: Route = route(
    Method::POST,
    "POST /accounts/{id}/restart",
    "/accounts/{id}/restart",
    Effect::Acts,
);
pub(crate) const LINK: Route = route(
    Method::POST,
    "POST /hosted/accounts/link",
    "/hosted/accounts/link",
    Effect::Acts,
);
pub(crate) const ME: Route = route(Method::GET, "GET /users/me", "/users/me", Effect::Reads);

/// Every route.
pub(crate) const ALL: [&Route; 19] = [
    &LIST,
    &GET,
    &RESTART,
    &LINK,
    &ME,
    &outward::INVITE,
    &outward::CHAT,
    &outward::VIEW,
    &outward::RAW,
    &outward::EMAIL,
    &withdraw::WITHDRAW,
    &traces::INVITATIONS,
    &traces::PROFILE,
    &traces::CHATS,
    &traces::CHATS_WITH,
    &traces::MESSAGES,
    &traces::EMAILS,
    &webhooks::LIST,
    &webhooks::REGISTER,
];

/// Their names: method and path, ids left out. What metrics call them.
pub const ROUTES: [&str; ALL.len()] = {
    let mut names = [""; ALL.len()];
    let mut index = 0;
    while index < ALL.len() {
        names[index] = ALL[index].name;
        index += 1;
    }
    names
};

const fn route(method: Method, name: &'static str, path: &'static str, effect: Effect) -> Route {
    Route {
        method,
        name,
        path,
        effect,
    }
}

impl Route {
    /// The URL below `base`; `None` for an id that no path can carry: `.` or `..` would be another path, and the URL
    /// standard drops tabs and newlines, which would be another id.
    pub(crate) fn url(&self, base: &Url, id: &str) -> Option<Url> {
        let mut url = base.clone();
        let mut segments = url.path_segments_mut().ok()?;
        segments.pop_if_empty();
        for segment in self.path.split('/').skip(1) {
            match segment {
                "{id}" if matches!(id, "" | "." | "..") || id.contains(char::is_control) => {
                    return None;
                }
                "{id}" => segments.push(id),
                literal => segments.push(literal),
            };
        }
        drop(segments);
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routes_name_is_its_own_and_its_method_and_path() {
        for (index, route) in ALL.iter().enumerate() {
            let name = format!("{} {}", route.method, route.path.trim_end_matches('/'));
            assert_eq!(route.name.trim_end_matches("?notify=true"), name);
            assert!(
                !ALL[index + 1..]
                    .iter()
                    .any(|other| other.name == route.name)
            );
        }
    }

    #[test]
    fn whatever_is_no_get_acts_and_one_get_does_too() {
        for route in ALL {
            let acts = route.method != Method::GET || route.name == outward::VIEW.name;
            assert_eq!(route.effect == Effect::Acts, acts, "{}", route.name);
        }
    }

    #[test]
    fn only_an_invitation_can_be_deleted() {
        let usual = [Method::GET, Method::POST];
        let others = ALL
            .into_iter()
            .filter(|route| !usual.contains(&route.method));
        let names: Vec<_> = others.map(|route| route.name).collect();
        assert_eq!(names, ["DELETE /users/invite/sent/{id}"]);
    }

    #[track_caller]
    fn check(id: &str, path: Option<&str>) {
        let base = Url::parse("http://host:1/api/v1").expect("a URL");
        let url = GET.url(&base, id);
        assert_eq!(url.as_ref().map(Url::path), path);
        assert!(url.is_none_or(|url| url.query().is_none() && url.fragment().is_none()));
    }

    #[test]
    fn an_id_stays_one_segment_whatever_it_holds() {
        check("-h_EKCy2lRL", Some("/api/v1/accounts/-h_EKCy2lRL"));
        check("a/../b?c#d", Some("/api/v1/accounts/a%2F..%2Fb%3Fc%23d"));
        check("50%2e", Some("/api/v1/accounts/50%252e"));
        check("é", Some("/api/v1/accounts/%C3%A9"));
        check("a\\b", Some("/api/v1/accounts/a%5Cb"));
        check("a\nb", None);
        check("", None);
        check(".", None);
        check("..", None);
    }
}
