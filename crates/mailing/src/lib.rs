//! Mails: the only room that speaks to a mail server. It gives each mail away once, and says what became of it; whether to
//! try again is decided elsewhere.

mod letter;
mod mailer;
mod server;
mod session;

pub use letter::{Letter, OptOutUrl};
pub use mailer::Mailer;
pub use server::{MailConfigError, Server};
