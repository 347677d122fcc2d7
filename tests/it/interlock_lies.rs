//! A provider that lies, or that is not the provider at all, with every other gate open: nothing is deleted, and no
//! removal goes further than it was (R-DEL-2, scenarios 49 to 52). That none of these answers flips an account of the
//! whole fleet is shown by `duties_faults`; here what removals' own looks do is held to that too.

use fleet::Pipeline;
use serde_json::{Value, json};
use simulator::control::{Faults, ListMode, Rate, SessionFault, SessionFaultKind, Span};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tests::interlock::{BETWEEN_LOOKS, Ground};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

const HTML: &str = "<html><body>404 Not Found</body></html>";
const LATE: u64 = 2_000;

/// What a server says: status, content type, body.
type Said = (u16, &'static str, String);

/// A server that is not the provider: it says the same for every account, or as it is told for each.
struct Liar {
    base: String,
    deletes: Arc<AtomicU64>,
    _task: AbortOnDropHandle<()>,
}

impl Liar {
    async fn start(answers: BTreeMap<String, Said>, otherwise: Said) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let deletes = Arc::<AtomicU64>::default();
        let seen = Arc::clone(&deletes);
        let task = tokio::spawn(async move {
            let answers = Arc::new((answers, otherwise));
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, seen) = (Arc::clone(&answers), Arc::clone(&seen));
                tokio::spawn(async move { lie(stream, &answers.0, &answers.1, &seen).await });
            }
        });
        Self {
            base: format!("http://{address}"),
            deletes,
            _task: AbortOnDropHandle::new(task),
        }
    }
}

async fn lie(
    mut stream: TcpStream,
    answers: &BTreeMap<String, Said>,
    otherwise: &Said,
    deletes: &AtomicU64,
) {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if method == "DELETE" {
        deletes.fetch_add(1, Ordering::Relaxed);
    }
    let account = path.rsplit('/').next().unwrap_or("");
    let (status, kind, body) = answers.get(account).unwrap_or(otherwise);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    // The client may have gone.
    stream.write_all(answer.as_bytes()).await.ok();
}

fn as_json(status: u16, body: &Value) -> Said {
    (status, "application/json", body.to_string())
}

fn as_html(status: u16) -> Said {
    (status, "text/html", HTML.to_owned())
}

/// The provider's problem of a 404, with this last line.
fn not_found(last: &str) -> Value {
    json!({ "status": 404, "type": "errors/resource_not_found", "title": "Resource not found.",
            "detail": format!("The requested resource were not found.\n{last}") })
}

/// What removals are asked of, and what is told of them.
struct Bench {
    ground: Ground,
    session: String,
    flips: i64,
    kinds: usize,
}

impl Bench {
    /// The session is there; our tables were made to believe that it is missing.
    async fn laid() -> Self {
        let ground = Ground::of(20).await;
        ground.gone(0).await;
        ground.back(0).await;
        ground.flag(Duration::from_hours(4)).await.expect("a flag");
        let flips = flips(&ground).await;
        let session = ground.accounts[0].1.clone();
        Self {
            ground,
            session,
            flips,
            kinds: 0,
        }
    }

    /// Three looks at `base`, and an attempt that nobody asked for.
    async fn check(&mut self, what: &str, base: &str, ends: &str) {
        let ground = &mut self.ground;
        let before = ground.attempts_asked().await;
        let removal = ground.asked(0).await;
        let looker: Arc<Pipeline> = ground.worker_at(true, base);
        for number in 1..=3 {
            if number > 1 {
                ground.later(BETWEEN_LOOKS).await;
            }
            ground.run_due(&looker).await;
        }
        assert_eq!(ground.state(removal).await.0, ends, "{what}");
        assert_eq!(ground.attempts_asked().await, before, "{what}");
        ground.attempt(&ground.worker_at(true, base), removal).await;
        if ends == "requested" {
            assert_eq!(ground.state(removal).await.0, "refused", "{what}");
            assert_eq!(ground.refused(removal).await, ["confirmation"], "{what}");
        }
        assert_eq!(ground.deletes().await, 0, "{what}");
        assert_eq!(flips(ground).await, self.flips, "{what}");
        let sql = "select (array_agg(seen || ': ' || why || ', control: ' || control_why order by number desc))[1]
                     from relink.removal_looks where removal_id = $1";
        let told = ground.owner.query_one(sql, &[&removal.0]).await;
        let told: String = told.expect("a look").get(0);
        println!("{what}: {ends}; {told}");
        self.kinds += 1;
    }

    /// The provider with these faults.
    async fn faulty(&mut self, what: &str, faults: Faults, ends: &str) {
        self.ground.provider.faults(&faults).await;
        let base = self.ground.provider.base().to_owned();
        self.check(what, &base, ends).await;
        self.ground.provider.faults(&Faults::default()).await;
    }

    /// Another server.
    async fn liar(&mut self, what: &str, answers: BTreeMap<String, Said>, otherwise: Said) {
        let liar = Liar::start(answers, otherwise).await;
        self.check(what, &liar.base, "requested").await;
        assert_eq!(liar.deletes.load(Ordering::Relaxed), 0, "{what}");
    }

    /// Another server that answers truly for every account but the one.
    async fn almost(&mut self, what: &str, said: Said) {
        let mut answers = BTreeMap::new();
        for (_, session) in &self.ground.accounts {
            let truth = self.ground.wire(session).await;
            answers.insert(session.clone(), (200, "application/json", truth));
        }
        answers.insert(self.session.clone(), said);
        self.liar(what, answers, as_html(404)).await;
    }
}

async fn flips(ground: &Ground) -> i64 {
    ground
        .number("select count(*) from relink.account_audit")
        .await
}

fn told(session: &str, kind: SessionFaultKind) -> Faults {
    Faults {
        sessions: vec![SessionFault {
            session: session.to_owned(),
            kind,
            route: "GET /accounts/{id}".to_owned(),
            times: None,
        }],
        ..Faults::default()
    }
}

#[tokio::test]
async fn r_del_2_whatever_lies_about_one_session_deletes_nothing() {
    use SessionFaultKind::{Empty404, Html404, OtherGone, ServerError, Unauthorized};
    let mut bench = Bench::laid().await;
    let session = bench.session.clone();
    let kinds = [
        ("HTML 404", Html404),
        ("empty 404", Empty404),
        ("404 of another resource", OtherGone),
        ("401", Unauthorized),
        ("500", ServerError),
    ];
    for (what, kind) in kinds {
        bench.faulty(what, told(&session, kind), "requested").await;
    }
    let gone = not_found("Account not found");
    let truth = bench.ground.wire(&session).await;
    let other = truth.replace(&session, &bench.ground.accounts[3].1);
    bench
        .almost(
            "200 for another session's id",
            (200, "application/json", other),
        )
        .await;
    bench
        .almost("the words for gone with status 200", as_json(200, &gone))
        .await;
    bench
        .almost("the words for gone with status 410", as_json(410, &gone))
        .await;
    let cut = gone.to_string();
    let cut = (404, "application/json", cut[..cut.len() - 9].to_owned());
    bench.almost("the words for gone, cut off", cut).await;
    let more = not_found("Account not found\nin this region");
    bench
        .almost("the words for gone, and one line more", as_json(404, &more))
        .await;
    let untyped = json!({ "status": 404, "detail": "Account not found" });
    bench
        .almost("404 without a type", as_json(404, &untyped))
        .await;
    println!(
        "lies about one session: {} kinds, 0 deletes, 0 flips",
        bench.kinds
    );
}

#[tokio::test]
async fn r_del_2_whatever_is_wrong_with_the_whole_provider_deletes_nothing() {
    let mut bench = Bench::laid().await;
    let no = Faults::default;
    let all = Rate(1.0);
    let late = Some(Span {
        min: LATE,
        max: LATE,
    });
    #[rustfmt::skip]
    let faults = [
        ("wrong key: 401 for all", Faults { unauthorized_all: true, ..no() }),
        ("HTML 404 for all", Faults { html_404: all, ..no() }),
        ("5xx for all", Faults { rate_5xx: all, ..no() }),
        ("429 for all", Faults { rate_429: all, ..no() }),
        ("connection resets", Faults { rate_reset: all, ..no() }),
        ("redirects", Faults { redirect: all, ..no() }),
        ("time-outs", Faults { latency_ms: late, ..no() }),
    ];
    for (what, faults) in faults {
        bench.faulty(what, faults, "requested").await;
    }
    // The looks ask for no list, and the session answers.
    for (what, list) in [
        ("an empty list", ListMode::Empty),
        ("half a list", ListMode::Half),
    ] {
        bench
            .faulty(what, Faults { list, ..no() }, "withdrawn")
            .await;
    }
    let nobody = BTreeMap::new;
    bench
        .liar("wrong base URL: HTML 404", nobody(), as_html(404))
        .await;
    bench
        .liar("wrong base URL: HTML 200", nobody(), as_html(200))
        .await;
    let shape = json!({ "error": "Not Found", "path": "/api/v1/accounts" });
    bench
        .liar("wrong base URL: JSON 404", nobody(), as_json(404, &shape))
        .await;
    let attendee = as_json(404, &not_found("Attendee not found"));
    bench
        .liar("404 of another resource for all", nobody(), attendee)
        .await;
    // Another customer's provider: it knows none of our sessions, and says so exactly.
    let gone = as_json(404, &not_found("Account not found"));
    bench.liar("exactly gone, for all", nobody(), gone).await;
    let one = bench.ground.wire(&bench.ground.accounts[5].1.clone()).await;
    bench
        .liar(
            "the same session for all",
            nobody(),
            (200, "application/json", one),
        )
        .await;
    bench
        .check("nobody listens", "http://127.0.0.1:1", "requested")
        .await;
    println!(
        "lies of the whole provider: {} kinds, 0 deletes, 0 flips",
        bench.kinds
    );
}

/// The same removal, by a provider that tells the truth: what kept it was the lie, and nothing else.
#[tokio::test]
async fn r_del_2_the_same_removal_goes_through_where_the_provider_tells_the_truth() {
    let mut ground = Ground::of(20).await;
    ground.gone(0).await;
    ground.flag(Duration::from_hours(4)).await.expect("a flag");
    let removal = ground.asked(0).await;
    let worker = ground.worker(true);
    ground.looks(&worker).await;
    assert_eq!(
        ground.trail(removal).await,
        "requested permitted calling deleted"
    );
    assert_eq!(ground.deletes().await, 1);
}
