//! The words of a mail: what happened, what is safe, one link for each account. No deadline, for there is none.

mod html;
mod words;

use crate::postbox::Postbox;
use jiff::Timestamp;
use mailing::Letter;
use policy::notices::{Delivery, NoticeFacts, NoticeStep, delivery, message_name};
use words::{clean, happened, subject};

/// Paragraphs of a mail, and its accounts between them.
struct Draft {
    greeting: String,
    before: Vec<String>,
    accounts: Vec<Entry>,
    after: Vec<String>,
    /// Last lines, in small print, each with its address where it has one.
    small: Vec<(String, Option<String>)>,
}

/// One account of a mail.
struct Entry {
    /// Name of the account, and of its workspace.
    title: String,
    /// What happened to it.
    happened: String,
    /// Its owner's page; null where there is nothing to do.
    link: Option<String>,
}

/// Composes the mail that tells these notices, of one reader; the first one names it.
pub fn compose(postbox: &Postbox, notices: &[NoticeFacts], now: Timestamp) -> Letter {
    let lead = notices.first();
    let is_team = lead.is_some_and(|it| matches!(delivery(it), Delivery::Team(_)));
    let entries = notices.iter().map(|it| entry(postbox, it, now));
    let has_trouble = notices.iter().any(|it| it.notice.step != NoticeStep::Back);
    let opt_out = lead
        .filter(|_| !is_team)
        .map(|it| postbox.opt_out(it.notice.account));
    let draft = Draft {
        greeting: greeting(lead.filter(|_| !is_team)),
        before: before(is_team, notices.len()),
        accounts: entries.collect(),
        after: if has_trouble { words::safe() } else { vec![] },
        small: small(lead, opt_out.as_ref().map(|it| it.0.clone())),
    };
    Letter {
        name: lead.map(|it| message_name(it.notice)).unwrap_or_default(),
        subject: subject(notices),
        text: text(&draft),
        html: html::page(&draft),
        opt_out,
        at: now,
    }
}

fn entry(postbox: &Postbox, notice: &NoticeFacts, now: Timestamp) -> Entry {
    let (name, workspace) = (words::name(notice), clean(&notice.tenant.name));
    let is_trouble = notice.notice.step != NoticeStep::Back;
    Entry {
        title: format!("{name} ({}, {workspace})", words::kind(&notice.kind)),
        happened: happened(notice),
        link: is_trouble.then(|| postbox.page(notice, now)),
    }
}

fn greeting(lead: Option<&NoticeFacts>) -> String {
    let name = lead.and_then(|it| it.owner.name.as_deref());
    let name = name.map(clean).filter(|it| !it.is_empty());
    name.map_or("Hello,".to_owned(), |name| format!("Hello {name},"))
}

fn before(is_team: bool, accounts: usize) -> Vec<String> {
    let which = if accounts == 1 {
        "this account"
    } else {
        "these accounts"
    };
    if is_team {
        vec![format!(
            "We know no address at which the owner of {which} can be reached, so we tell you. Please hand the link on: only \
             the owner can sign in."
        )]
    } else {
        vec![]
    }
}

fn small(lead: Option<&NoticeFacts>, opt_out: Option<String>) -> Vec<(String, Option<String>)> {
    let mut lines = vec![];
    if let Some(support) = lead.and_then(|it| it.tenant.support.as_deref()) {
        lines.push((format!("Questions: {}", clean(support)), None));
    }
    let workspace = lead.map_or(String::new(), |it| clean(&it.tenant.name));
    match opt_out {
        Some(url) => {
            lines.push((
                format!("You get this mail because {workspace} sends by way of your account."),
                None,
            ));
            lines.push(("No more mails about it:".to_owned(), Some(url)));
        }
        None => lines.push((
            format!("You get this mail because you are a contact of {workspace}."),
            None,
        )),
    }
    lines
}

fn text(draft: &Draft) -> String {
    let Draft {
        greeting,
        before,
        accounts,
        after,
        small,
    } = draft;
    let mut lines = vec![greeting.clone(), String::new()];
    for paragraph in before {
        lines.extend([paragraph.clone(), String::new()]);
    }
    for Entry {
        title,
        happened,
        link,
    } in accounts
    {
        lines.extend([title.clone(), happened.clone()]);
        lines.extend(link.iter().map(|link| format!("Sign in again: {link}")));
        lines.push(String::new());
    }
    for paragraph in after {
        lines.extend([paragraph.clone(), String::new()]);
    }
    lines.push("--".to_owned());
    for (line, url) in small {
        let url = url.as_ref().map_or(String::new(), |url| format!(" {url}"));
        lines.push(format!("{line}{url}"));
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests;
