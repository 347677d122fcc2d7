//! What is done on the queue `notices`: telling owners and teams by mail (R-LNK-7).
//!
//! `notices.plan` looks each minute at what is due, skips what nobody needs any more and asks for one mail for each reader;
//! `notices.deliver` gives that mail away, once.

mod letter;
mod notices_deliver;
mod notices_plan;
mod postbox;

use fleet::Entry;
use fleet::Tools;
use fleet::acting;
use fleet::deciding;

pub use letter::compose;
pub use postbox::Postbox;

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    deciding::<notices_plan::NoticesPlan>(),
    acting::<notices_deliver::NoticesDeliver>(),
];

/// Tools that a worker of this queue brings along; without a postbox it mails nothing, and its notices say so.
pub fn tools(postbox: Option<Postbox>) -> Tools {
    let tools = Tools::default();
    match postbox {
        Some(postbox) => tools.with(postbox),
        None => tools,
    }
}
