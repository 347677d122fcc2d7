//! Where we are reached from outside.

use url::Url;

/// Public addresses of the listener for links; one behind the other's path where a proxy says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrls {
    /// `RELINK_CALLBACK_URL`: base of what the provider calls.
    pub callbacks: Url,
    /// `RELINK_PAGE_URL`: base of owners' pages.
    pub pages: Url,
}

/// A text that is no base of public addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use http:// or https:// with a host, without user, query and fragment")]
pub struct UrlError;

impl PublicUrls {
    /// Reads both bases.
    pub fn parse(callbacks: &str, pages: &str) -> Result<Self, UrlError> {
        Ok(Self {
            callbacks: base(callbacks)?,
            pages: base(pages)?,
        })
    }

    /// Address that the provider tells outcomes of links to.
    pub fn link_callback(&self) -> Url {
        below(&self.callbacks, "v1/callbacks/link")
    }

    /// Address that the provider's webhooks are sent to.
    pub fn provider_webhook(&self) -> Url {
        below(&self.callbacks, "v1/webhooks/provider")
    }

    /// An owner's page, of a ticket that [`Keys::page`](crate::Keys::page) made.
    pub fn page(&self, ticket: &str) -> Url {
        below(&self.pages, &format!("r/{ticket}"))
    }

    /// Page that an owner's browser comes back to from the provider's.
    pub fn page_back(&self, ticket: &str) -> Url {
        below(&self.pages, &format!("r/{ticket}/back"))
    }

    /// Address of the one-click opt-out of a mail, of a token that [`Keys::opt_out`](crate::Keys::opt_out) made.
    pub fn opt_out(&self, token: &str) -> Url {
        below(&self.pages, &format!("o/{token}"))
    }
}

fn base(text: &str) -> Result<Url, UrlError> {
    let mut url = Url::parse(text.trim()).map_err(|_| UrlError)?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain {
        return Err(UrlError);
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let path = format!("{}{path}", base.path());
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_below_their_base_with_and_without_a_path() {
        for (given, callback) in [
            (
                "https://links.example",
                "https://links.example/v1/callbacks/link",
            ),
            (
                "http://127.0.0.1:8082/",
                "http://127.0.0.1:8082/v1/callbacks/link",
            ),
            (
                "https://x.example/relink",
                "https://x.example/relink/v1/callbacks/link",
            ),
        ] {
            let urls = PublicUrls::parse(given, given).expect("a base");
            assert_eq!(urls.link_callback().as_str(), callback);
        }
        let urls = PublicUrls::parse("https://a.example", "https://b.example/x").expect("bases");
        assert_eq!(urls.page("p1.abc").as_str(), "https://b.example/x/r/p1.abc");
        assert_eq!(urls.page_back("t").as_str(), "https://b.example/x/r/t/back");
        assert_eq!(urls.opt_out("t").as_str(), "https://b.example/x/o/t");
    }

    #[test]
    fn what_is_no_base_of_ours_is_refused() {
        for bad in [
            "",
            "links.example",
            "ftp://links.example",
            "https://anna:secret@links.example",
            "https://links.example/?k=1",
            "https://links.example/#top",
            "mailto:anna@links.example",
        ] {
            assert_eq!(
                PublicUrls::parse(bad, "https://ok.example"),
                Err(UrlError),
                "{bad}"
            );
        }
    }
}
