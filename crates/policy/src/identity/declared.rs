//! What an owner says who they are, and whether a session agrees.

use super::{Family, address, name};
use crate::ids::Identity;

/// Parts of a profile's URL behind which the public identifier stands.
const PROFILE_PATHS: [&str; 2] = ["in", "pub"];

/// Whether a session is the person that was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Its handle or its identity is what was declared.
    Agrees,
    /// Nothing was declared, or the two are of forms that cannot be compared.
    Open,
    /// Somebody else.
    Differs,
}

/// Handle that `text` means for a `kind` of account, in lower case: of a profile's URL its public identifier, of an
/// address the address. The provider's own handles pass through here as well as what owners declare.
pub fn handle(kind: &str, text: &str) -> Option<String> {
    let text = name(text)?;
    let handle = match Family::of(kind) {
        Family::Linkedin => profile(text),
        Family::Mailbox => mail(text).to_owned(),
        Family::Other => text.to_owned(),
    };
    // Some letters grow in lower case.
    name(&handle.to_lowercase()).map(str::to_owned)
}

/// Handles under which a session of a declared person may be listed. A mail server that knows users by a bare name
/// lists `jane` where her owner says `jane@x.org`.
pub fn lookups(declared: &str) -> Vec<String> {
    let mut all = vec![declared.to_owned()];
    all.extend(bare(declared).map(str::to_owned));
    all
}

/// Whether a session with this handle and identity is who was declared; all three in the form of [`handle`] and
/// [`super::canonical`].
pub fn agreement(
    declared: Option<&str>,
    handle: Option<&str>,
    identity: Option<&Identity>,
) -> Agreement {
    let Some(declared) = declared else {
        return Agreement::Open;
    };
    // A profile's URL may hold the member id; as a handle it has lost its case.
    let person = identity.map(|it| it.0.to_lowercase());
    if handle == Some(declared) || person.as_deref() == Some(declared) {
        return Agreement::Agrees;
    }
    let Some(handle) = handle else {
        return Agreement::Open;
    };
    match (bare(declared), bare(handle)) {
        // The declared address, and the user of a server.
        (Some(user), None) if user == handle => {
            let server = person.as_deref().and_then(server);
            match (server, self::server(declared)) {
                (Some(server), Some(domain)) if is_below(server, domain) => Agreement::Agrees,
                _ => Agreement::Open,
            }
        }
        // A bare name was declared; the session has an address that begins with it.
        (None, Some(user)) if user == declared => Agreement::Open,
        _ => Agreement::Differs,
    }
}

/// User of an address; `None` for what is none.
fn bare(text: &str) -> Option<&str> {
    text.rsplit_once('@').map(|(user, _)| user)
}

fn server(text: &str) -> Option<&str> {
    text.rsplit_once('@').map(|(_, server)| server)
}

/// Whether `imap.x.org` is of the domain `x.org`.
fn is_below(server: &str, domain: &str) -> bool {
    let above = server.strip_suffix(domain);
    domain.contains('.') && above.is_some_and(|it| it.is_empty() || it.ends_with('.'))
}

/// `mailto:jane@x.org` and `Jane <jane@x.org>` mean the address in them.
fn mail(text: &str) -> &str {
    let inner = text
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.strip_suffix('>'))
        .unwrap_or(text)
        .trim();
    let scheme = |it: &str| it.eq_ignore_ascii_case("mailto:");
    let inner = match inner.get(..7) {
        Some(start) if scheme(start) => &inner[7..],
        _ => inner,
    };
    inner.split('?').next().unwrap_or(inner)
}

/// Public identifier in a profile's URL, percent-decoded; anything else is one itself.
fn profile(text: &str) -> String {
    if address(text).is_some() && !text.contains('/') {
        return text.to_owned();
    }
    let path = text.split(['?', '#']).next().unwrap_or(text);
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let is_url = path.contains('/');
    let part = if is_url {
        let behind = |part: &&str| PROFILE_PATHS.iter().any(|it| part.eq_ignore_ascii_case(it));
        parts
            .find(behind)
            .and_then(|_| parts.next())
            .unwrap_or_default()
    } else {
        path.trim_start_matches('@')
    };
    decoded(part).unwrap_or_else(|| part.to_owned())
}

/// Percent-decoded; `None` where the bytes are no text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, behind @ ..] = rest {
        let code = (*first == b'%').then(|| behind.get(..2)).flatten();
        let byte = code
            .and_then(|code| std::str::from_utf8(code).ok())
            .filter(|code| code.bytes().all(|it| it.is_ascii_hexdigit()))
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8(bytes).ok()
}
