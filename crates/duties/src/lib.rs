//! What is done on each queue, and what a process of that queue needs. The only crate that names the workers.

mod tools;

use fleet::Entry;
use policy::jobs::Queue;

pub use tools::{mail_tools, self_test, tools};
pub use worker_notices::Postbox;

/// Work of one queue.
#[derive(Clone, Copy)]
pub struct Duties {
    /// Jobs that are done on the queue.
    pub roster: &'static [Entry],
    /// Outside parties and tools that these jobs use; the worker's crate may depend on theirs and on no other.
    pub needs: &'static [Need],
}

policy::words! {
    /// Something that not every worker may reach. Its words stand in `docs/jobs.md`, which `deploy/kubernetes/queues` reads.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Need {
        /// Answers of the provider.
        Provider = "provider",
        /// Removal of sessions, by a tool that the process carries.
        Interlock = "interlock",
        /// Giving mails away, by a postbox that the process carries.
        Mail = "mail",
        /// Keys of links that owners carry, in the same postbox.
        Links = "links",
    }
}

impl Need {
    /// Crate that a worker with this need may depend on.
    pub const fn room(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Interlock => "removal",
            Self::Mail => "mailing",
            Self::Links => "linking",
        }
    }
}

/// Duties of one queue.
pub const fn on_queue(queue: Queue) -> Duties {
    let (roster, needs): (&[Entry], &[Need]) = match queue {
        Queue::Sweeps => (worker_sweeps::ROSTER, &[]),
        Queue::Watches => (worker_watches::ROSTER, &[Need::Provider]),
        Queue::Confirmations => (worker_confirmations::ROSTER, &[Need::Provider]),
        Queue::Sends => (worker_sends::ROSTER, &[Need::Provider]),
        Queue::Removals => (worker_removals::ROSTER, &[Need::Provider, Need::Interlock]),
        Queue::Notices => (worker_notices::ROSTER, &[Need::Mail, Need::Links]),
    };
    Duties { roster, needs }
}

/// Every job of every queue, in the order of [`Queue::ALL`].
pub fn roster() -> Vec<Entry> {
    Queue::ALL.map(|queue| on_queue(queue).roster).concat()
}
