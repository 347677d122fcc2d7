//! Delivers webhooks and callbacks. One session's messages stay in one lane and so in order; lanes run side by side.

use crate::clock::later;
use crate::control::{Counts, Deliveries};
use crate::world::World;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Lanes, and thereby requests under way at once.
const LANES: usize = 16;
/// Messages that wait in one lane before more are refused and counted as overflowed.
const LANE_ROOM: usize = 16_384;
/// The provider waits this long for an answer; in the machine's time, because the receiver lives in it.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Simulator seconds before each of the five retries. The provider says "incremental", no more.
const RETRY_SECONDS: [u64; 5] = [5, 15, 45, 120, 300];
/// A message that is to be overtaken is sent after this all the same.
const OVERTAKEN_WITHIN: Duration = Duration::from_mins(1);

/// What kind of message it is: the counters differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sort {
    Webhook,
    Callback,
}

impl Sort {
    pub(crate) fn deliveries(self, counts: &mut Counts) -> &mut Deliveries {
        match self {
            Self::Webhook => &mut counts.webhooks,
            Self::Callback => &mut counts.callbacks,
        }
    }
}

/// One request to our side.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) sort: Sort,
    pub(crate) account: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) attempt: usize,
}

/// When a message is sent first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DispatchTime {
    Now,
    At(Timestamp),
    /// Right after the same session's next message.
    Overtaken,
}

/// Where messages are put to be delivered.
pub(crate) struct Outbox {
    lanes: Vec<mpsc::Sender<(Message, DispatchTime)>>,
}

/// The other end, which [`run`] empties.
pub(crate) type Lane = mpsc::Receiver<(Message, DispatchTime)>;

impl Outbox {
    pub(crate) fn new() -> (Self, Vec<Lane>) {
        let (lanes, ends) = (0..LANES).map(|_| mpsc::channel(LANE_ROOM)).unzip();
        (Self { lanes }, ends)
    }

    /// False when the lane is full.
    pub(crate) fn put(&self, message: Message, when: DispatchTime) -> bool {
        let mut hasher = DefaultHasher::new();
        message.account.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() & 0xffff).unwrap_or(0) % self.lanes.len();
        self.lanes[lane].try_send((message, when)).is_ok()
    }
}

/// A client that behaves as the provider's: no redirects, no proxy of this machine, bounded patience.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    // An error means that the process has chosen its own provider already, which is just as good.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWER_WITHIN)
        .build()
}

/// Works through one lane until it is told to stop. What waits then is not sent.
pub(crate) async fn run(
    world: Arc<World>,
    client: reqwest::Client,
    mut lane: Lane,
    stop: CancellationToken,
) {
    let mut waiting = Waiting::default();
    loop {
        let due = waiting.next_due();
        let event = tokio::select! {
            () = stop.cancelled() => return,
            () = world.clock.wait_until(due.unwrap_or(Timestamp::MAX)), if due.is_some() => None,
            event = lane.recv() => match event {
                Some(event) => Some(event),
                None => return,
            },
        };
        let ready = match event {
            Some((message, DispatchTime::Now)) => waiting.overtake(message),
            Some((message, DispatchTime::At(at))) => waiting.keep(at, false, message),
            Some((message, DispatchTime::Overtaken)) => {
                waiting.keep(later(world.clock.now(), OVERTAKEN_WITHIN), true, message)
            }
            None => waiting.due(world.clock.now()),
        };
        for message in ready {
            let outcome = stop
                .run_until_cancelled(deliver(&world, &client, message))
                .await;
            match outcome {
                Some(Some((at, message))) => drop(waiting.keep(at, false, message)),
                Some(None) => {}
                None => return,
            }
        }
    }
}

/// Messages of one lane whose time has not come.
#[derive(Default)]
struct Waiting {
    count: u64,
    /// By time and order of arrival; and whether the session's next message may pull it forward.
    messages: BTreeMap<(Timestamp, u64), (bool, Message)>,
}

impl Waiting {
    fn next_due(&self) -> Option<Timestamp> {
        self.messages.keys().next().map(|&(at, _)| at)
    }

    fn keep(&mut self, at: Timestamp, overtaken: bool, message: Message) -> Vec<Message> {
        self.count += 1;
        self.messages.insert((at, self.count), (overtaken, message));
        Vec::new()
    }

    /// This message, and then those of its session that it was to overtake.
    fn overtake(&mut self, message: Message) -> Vec<Message> {
        let account = &message.account;
        let held: Vec<(Timestamp, u64)> = self
            .messages
            .iter()
            .filter(|(_, (overtaken, held))| *overtaken && held.account == *account)
            .map(|(&key, _)| key)
            .collect();
        let held = held
            .into_iter()
            .filter_map(|key| self.messages.remove(&key))
            .map(|(_, message)| message);
        let held: Vec<Message> = held.collect();
        std::iter::once(message).chain(held).collect()
    }

    fn due(&mut self, now: Timestamp) -> Vec<Message> {
        let later = self.messages.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.messages, later)
            .into_values()
            .map(|(_, message)| message)
            .collect()
    }
}

/// One attempt; when to try again, if at all.
async fn deliver(
    world: &World,
    client: &reqwest::Client,
    mut message: Message,
) -> Option<(Timestamp, Message)> {
    message.sort.deliveries(&mut world.counts()).attempts += 1;
    let mut request = client.post(&message.url).body(message.body.clone());
    for (key, value) in &message.headers {
        request = request.header(key, value);
    }
    let accepted = request
        .send()
        .await
        .is_ok_and(|answer| answer.status() == reqwest::StatusCode::OK);
    let mut counts = world.counts();
    let sent = message.sort.deliveries(&mut counts);
    if accepted {
        sent.delivered += 1;
        return None;
    }
    let Some(&seconds) = RETRY_SECONDS.get(message.attempt) else {
        sent.given_up += 1;
        return None;
    };
    message.attempt += 1;
    Some((
        later(world.clock.now(), Duration::from_secs(seconds)),
        message,
    ))
}
