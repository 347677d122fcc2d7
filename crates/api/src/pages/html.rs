//! Owners' pages as a browser reads them. Every text from outside passes [`escaped`].

use axum::response::Html;
use policy::pages::{PagePlace, PageState, PageSubject, PageText};

/// Styles of all pages; their digest stands in the pages' policy.
pub(super) const STYLE: &str = include_str!("page.css");

/// Asks for the state until it changes; its digest stands in the pages' policy.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// Seconds after which a page that follows its account loads itself again where no script runs.
const REFRESH_S: u8 = 15;

/// All that a page shows.
pub(super) struct View<'a> {
    pub(super) token: &'a str,
    pub(super) place: PagePlace,
    pub(super) state: PageState,
    pub(super) text: &'a PageText,
    pub(super) subject: &'a PageSubject,
    /// Address of the people who can help.
    pub(super) support: Option<&'a str>,
}

/// The page.
pub(super) fn page(view: &View<'_>) -> Html<String> {
    let (service, name) = (view.subject.service(), escaped(&view.subject.name));
    let title = escaped(&view.text.title);
    let lines: String = view.text.lines.iter().map(|line| paragraph(line)).collect();
    let main = format!(
        "<p class=\"who\">Your {service} account <b>{name}</b></p><h1>{title}</h1><div role=\"status\">{lines}</div>{}{}{}",
        button(view),
        dead(view),
        help(view),
    );
    let (poll, refresh) = match (view.state.follows(), view.place) {
        (false, _) => (String::new(), String::new()),
        (true, PagePlace::Link) => (format!("{}/state", escaped(view.token)), refresh()),
        (true, PagePlace::Return) => ("state".to_owned(), refresh()),
    };
    let body = format!(
        "<body data-state=\"{}\" data-poll=\"{poll}\"><main>{main}</main>{}</body>",
        view.state,
        script(view.state),
    );
    document(&title, &refresh, &body)
}

/// A page that says one thing, and why there is no other.
pub(super) fn statement(title: &str, line: &str, token: Option<&str>) -> Html<String> {
    let back = token.map(|token| format!("<p><a href=\"{}\">Back</a></p>", escaped(token)));
    let (title, line) = (escaped(title), paragraph(line));
    let back = back.unwrap_or_default();
    let body = format!("<body><main><h1>{title}</h1>{line}{back}</main></body>");
    document(&title, "", &body)
}

/// A page that asks one thing; its button posts to the page's own address.
pub(super) fn question(title: &str, line: &str, button: &str) -> Html<String> {
    let (title, line, button) = (escaped(title), paragraph(line), escaped(button));
    let form = format!("<form method=\"post\"><button id=\"yes\">{button}</button></form>");
    let body = format!("<body><main><h1>{title}</h1>{line}{form}</main></body>");
    document(&title, "", &body)
}

fn document(title: &str, more: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style>{more}</head>{body}</html>\n"
    ))
}

fn button(view: &View<'_>) -> String {
    let Some(label) = &view.text.button else {
        return String::new();
    };
    let (action, label) = (action(view), escaped(label));
    format!(
        "<form method=\"post\" action=\"{action}\"><button id=\"sign-in\">{label}</button></form>"
    )
}

/// Said only where a link was given, and may not work (R-LNK-1).
fn dead(view: &View<'_>) -> String {
    let Some(label) = view.text.dead else {
        return String::new();
    };
    let (action, label) = (action(view), escaped(label));
    format!(
        "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"dead\" value=\"1\">\
         <button id=\"dead\" class=\"plain\">{label}</button></form>"
    )
}

fn help(view: &View<'_>) -> String {
    let team = escaped(&view.subject.team());
    let ask = view.support.map(|address| {
        let shown = escaped(address);
        // What could say more to a mail program than an address is shown, and no link.
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "@._+-".contains(it);
        if address.chars().all(is_plain) {
            format!(": <a href=\"mailto:{shown}\">{shown}</a>")
        } else {
            format!(": {shown}")
        }
    });
    let ask = ask.unwrap_or_else(|| ".".to_owned());
    format!("<footer><p>Questions? Ask {team}{ask}</p></footer>")
}

/// From wherever the page stands to its own address, below whatever path a proxy put it.
fn action(view: &View<'_>) -> String {
    match view.place {
        PagePlace::Link => escaped(view.token),
        PagePlace::Return => format!("../{}", escaped(view.token)),
    }
}

fn refresh() -> String {
    format!("<noscript><meta http-equiv=\"refresh\" content=\"{REFRESH_S}\"></noscript>")
}

fn script(state: PageState) -> String {
    if !state.follows() {
        return String::new();
    }
    format!(
        "<p id=\"long\" hidden>This takes longer than usual. You can close this page: the connection goes on without it.</p>\
         <script>{SCRIPT}</script>"
    )
}

fn paragraph(line: &str) -> String {
    format!("<p>{}</p>", escaped(line))
}

/// Text as it may stand between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::account::{AccountKind, Status};
    use policy::pages::{masked_handle, masked_name, page_text};

    const RUDE: &str = "\"><script>alert('1')</script>&\u{202e}\0";

    fn rendered(state: PageState, place: PagePlace) -> String {
        let subject = PageSubject {
            kind: Some(AccountKind::Linkedin),
            name: masked_name(RUDE),
            expected: Some(masked_handle(RUDE)),
            team: RUDE.repeat(300),
            checkpoint: Some(RUDE.repeat(300)),
            status: Status::ReconnectNeeded,
            since: jiff::Timestamp::UNIX_EPOCH,
            first_connected_at: None,
            lost_at: None,
            told_ended_at: None,
            zone: jiff::tz::TimeZone::UTC,
        };
        let text = page_text(state, place, &subject);
        let view = View {
            token: "p1.abc",
            place,
            state,
            text: &text,
            subject: &subject,
            support: Some("a@x.example?cc=\"b\""),
        };
        page(&view).0
    }

    #[test]
    fn r_lnk_7_no_text_from_outside_writes_markup() {
        for state in PageState::ALL {
            for place in [PagePlace::Link, PagePlace::Return] {
                let page = rendered(state, place);
                let scripts = page.matches("<script>").count();
                assert_eq!(scripts, usize::from(state.follows()), "{state}: {page}");
                assert!(
                    !page.contains("alert('1')") && !page.contains("mailto:"),
                    "{page}"
                );
                assert!(!page.contains('\u{202e}') && !page.contains('\0'), "{page}");
                assert!(page.len() < 6_000, "{}", page.len());
            }
        }
    }

    #[test]
    fn r_lnk_7_the_page_leads_to_itself_wherever_it_stands() {
        let link = rendered(PageState::SigningIn, PagePlace::Link);
        assert!(link.contains("action=\"p1.abc\"") && link.contains("data-poll=\"p1.abc/state\""));
        let back = rendered(PageState::SigningIn, PagePlace::Return);
        assert!(back.contains("action=\"../p1.abc\"") && back.contains("data-poll=\"state\""));
        assert!(back.contains("http-equiv=\"refresh\"") && back.contains("name=\"dead\""));
        let done = rendered(PageState::Connected, PagePlace::Return);
        assert!(!done.contains("<form") && done.contains("data-poll=\"\""));
        let sorry = statement("<b>", "&", Some("p1.abc")).0;
        assert!(sorry.contains("&lt;b&gt;") && sorry.contains("href=\"p1.abc\""));
    }
}
