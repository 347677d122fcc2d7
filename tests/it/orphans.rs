//! Whom the orphan watch finds, whoever else waits, and whose sessions it leaves alone (R-ORP-1, R-ORP-2, R-LNK-5).

use jiff::SignedDuration;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use serde_json::Value;
use simulator::control::{Change, Faults, Kind, Span};
use std::time::Duration;
use store::seed::Account;
use tests::cast::Cast;
use tests::fleet_run::FleetRun;
use tests::size::is_full;
use uuid::Uuid;

const HALF_HOUR: SignedDuration = SignedDuration::from_mins(30);
/// Lowest and highest id of an account: whoever asks for the first owner finds one of them.
const ENDS: [u128; 2] = [0xB1, u128::MAX - 1];

/// A tick of the orphan watch, and everything that it asked for.
async fn tick(run: &mut FleetRun) {
    run.later(HALF_HOUR).await;
    run.later(SignedDuration::from_mins(10)).await;
}

async fn details(run: &FleetRun, code: &str) -> Vec<Value> {
    let sql = "select detail::text from relink.admin_alerts where code = $1 order by subject";
    let texts = run.words(sql, &[&code]).await;
    texts
        .iter()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .collect()
}

/// An account that waits and knows its person.
fn known(account: &mut Account, person: &str) {
    account.identity = Some(person.to_owned());
    account.handle = None;
    tried(account);
}

/// Its link was made when it was planted: it is open for half an hour.
fn tried(account: &mut Account) {
    account.attempt = Some((AttemptId(Uuid::now_v7()), None));
}

/// An account that has connected before with this name's session, put into a status of its life.
async fn put(run: &FleetRun, account: AccountId, status: &str) {
    // Through the one function that writes a status, or the record would not hold.
    let sql = "with flipped as (
                   update relink.accounts set status = $2::text::relink.account_status, status_since = relink.clock() - interval '50 minutes'
                    where id = $1 returning id, status_version)
               insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
               select id, status_version, relink.clock() - interval '50 minutes', 'connected', $2::text::relink.account_status, 'test', 'test'
                 from flipped";
    run.owner
        .execute(sql, &[&account.0, &status])
        .await
        .expect("a flip");
}

/// R-ORP-1: accounts of every kind whose link never landed are connected within the hour.
#[tokio::test]
async fn r_orp_1_orphans_of_every_kind_of_account_are_linked() {
    let mut all = vec![];
    let kinds = [
        (Kind::Linkedin, "LINKEDIN"),
        (Kind::Google, "GOOGLE_OAUTH"),
        (Kind::Outlook, "OUTLOOK"),
        (Kind::Mail, "MAIL"),
        (Kind::Icloud, "ICLOUD"),
    ];
    let mut run = FleetRun::start(|cast| {
        for (kind, word) in kinds {
            for proof in ["declared", "known"] {
                let name = format!("{}-{proof}", word.to_lowercase());
                let address = match kind {
                    Kind::Linkedin => format!("id-{name}"),
                    _ => format!("{name}@mail.example"),
                };
                cast.session(&name);
                let session = cast.sessions.last_mut().expect("it");
                session.kind = kind;
                session.identity = Some(address.clone());
                if kind != Kind::Linkedin {
                    session.handle = Some(address.clone());
                }
                let account = cast.waiting(&name, |it| {
                    it.kind = word.to_owned();
                    tried(it);
                    if kind != Kind::Linkedin {
                        it.handle = Some(address.clone());
                    }
                    if proof == "known" {
                        known(it, &address);
                    }
                });
                all.push((name, account));
            }
        }
    })
    .await;
    // Their owners are still at it: that nobody ends an attempt beside its link is another test's.
    let open = "update relink.link_attempts set link_ends_at = relink.clock() + interval '2 hours'";
    run.owner.execute(open, &[]).await.expect("open attempts");
    tick(&mut run).await;
    for (name, account) in &all {
        assert_eq!(run.status(*account).await, "connected", "{name}");
    }
    assert_eq!(run.alerts().await, [] as [String; 0]);
    run.is_sound().await;
}

/// R-ORP-1: 500 that wait at once at 350 ms a call, behind 510 that were abandoned, which is more than a page. One after the
/// other, a job's minute was enough for 85 of them: 100 in the whole suite.
#[tokio::test]
async fn r_orp_1_many_that_wait_at_once_are_linked_within_the_hour() {
    const ABANDONED: usize = 510;
    let waiting = if is_full() { 500 } else { 100 };
    let mut run = FleetRun::start(|cast| {
        for number in 0..ABANDONED {
            cast.waiting(&format!("gone-{number}"), |_| {});
        }
        for number in 0..waiting {
            let name = format!("live-{number}");
            cast.session(&name);
            cast.waiting(&name, |it| known(it, &format!("id-{name}")));
        }
    })
    .await;
    let latency = Faults {
        latency_ms: Some(Span { min: 350, max: 350 }),
        ..Faults::default()
    };
    run.provider.faults(&latency).await;
    // Each has its turn, half a second after the one before: this clock is no faster than the machine's.
    run.later_within(HALF_HOUR, Duration::from_mins(6)).await;
    let asked = "select count(*) from relink.jobs where kind = 'orphan.link'";
    let asked = run.number(asked, &[]).await;
    assert_eq!(usize::try_from(asked), Ok(waiting), "one job an account");
    let connected = "select count(*) from relink.accounts where status = 'connected'";
    let mut all = run.number(connected, &[]).await;
    if usize::try_from(all) != Ok(waiting) {
        // A busy machine kept some from their answer: they wait for their next attempt, and have the hour's other half.
        run.later_within(HALF_HOUR, Duration::from_mins(6)).await;
        all = run.number(connected, &[]).await;
    }
    assert_eq!(usize::try_from(all), Ok(waiting));
    let turns = "select count(distinct run_at) from relink.jobs where kind = 'orphan.link'";
    let turns = run.number(turns, &[]).await;
    assert!(turns * 5 > all, "a trickle, not a burst: {turns} turns");
    // One that waited for a connection of a busy machine waits again; none took longer than a job may, and none is dead.
    let late =
        "select count(*) from relink.job_failures where fault not in ('superseded', 'transient')";
    assert_eq!(run.number(late, &[]).await, 0);
    let dead = "select count(*) from relink.jobs where state = 'dead'";
    assert_eq!(run.number(dead, &[]).await, 0);
}

/// R-ORP-2, R-LNK-5: only the order of the ids differs, and the other's status.
#[tokio::test]
async fn r_orp_2_any_owner_of_another_workspace_refuses_a_link() {
    let statuses = [
        "missing",
        "reconnect_needed",
        "recovering",
        "action_required",
        "disconnected",
    ];
    let mut thieves = vec![];
    let mut owners = vec![];
    let mut run = FleetRun::start(|cast| {
        for (number, status) in statuses.into_iter().enumerate() {
            for end in ENDS {
                let person = format!("{status}-{end:x}");
                let owner = cast.connected(&person);
                owners.push((owner, status));
                let second = cast.second_workspace();
                cast.session_of(&format!("new-{person}"), &person, &person);
                let id = AccountId(Uuid::from_u128(end - number as u128));
                cast.waiting(&format!("thief-{person}"), |it| {
                    (it.id, it.workspace) = (id, second);
                    known(it, &format!("id-{person}"));
                });
                thieves.push(id);
            }
        }
    })
    .await;
    for (owner, status) in &owners {
        put(&run, *owner, status).await;
        let sql = "update relink.accounts set session_id = null where id = $1";
        run.owner
            .execute(sql, &[&owner.0])
            .await
            .expect("its session is gone");
    }
    tick(&mut run).await;
    let counted =
        "select max(times)::bigint from relink.admin_alerts where code = 'session_claimed'";
    let times = run.number(counted, &[]).await;
    tick(&mut run).await;
    for thief in &thieves {
        assert_ne!(run.status(*thief).await, "connected", "{thief}");
    }
    assert_eq!(run.alerts().await, ["session_claimed"]);
    assert_eq!(details(&run, "session_claimed").await.len(), thieves.len());
    assert_eq!(run.number(counted, &[]).await, times, "told once");
}

/// R-LNK-5: whom only the verification named, on any way to `connected`.
#[tokio::test]
async fn r_lnk_5_a_person_learnt_in_a_verification_is_refused_if_somebody_is_them() {
    let mut pairs = vec![];
    let mut run = FleetRun::start(|cast| {
        let second = cast.second_workspace();
        for (number, workspace) in [cast.fleet.workspaces[0].0, second].into_iter().enumerate() {
            for end in ENDS {
                let name = format!("ada-{number}-{end:x}");
                cast.connected(&name);
                // Linked, and nobody knows yet who that is: in truth the person of the first.
                cast.session_of(&format!("{name}-two"), &name, &name);
                let id = AccountId(Uuid::from_u128(end - number as u128));
                let account = cast.waiting(&format!("{name}-two"), |it| {
                    it.session = Some(format!("s-{name}-two"));
                    (it.id, it.workspace, it.attempt) = (id, workspace, None);
                    it.handle = None;
                });
                pairs.push(account);
            }
        }
    })
    .await;
    for account in &pairs {
        put(&run, *account, "reconnect_needed").await;
    }
    run.beat().await;
    run.beat().await;
    for account in &pairs {
        assert_eq!(run.status(*account).await, "reconnect_needed", "{account}");
    }
    let subjects =
        "select distinct subject from relink.admin_alerts where code = 'session_claimed'";
    assert_eq!(run.words(subjects, &[]).await.len(), pairs.len());
}

/// R-ORP-2: its own session is known by its id alone, and a second one of the same person is in nobody's way.
#[tokio::test]
async fn r_orp_2_the_accounts_own_session_comes_first() {
    let mut accounts = vec![];
    let mut run = FleetRun::start(|cast| {
        for name in ["silent", "twice"] {
            accounts.push(cast.connected(name));
        }
        cast.session_of("twice-again", "twice", "twice");
    })
    .await;
    let sql = "update relink.accounts set identity = null, handle = null where name = 'silent'";
    run.owner.execute(sql, &[]).await.expect("it knows nobody");
    for account in &accounts {
        put(&run, *account, "connecting").await;
    }
    tick(&mut run).await;
    for account in &accounts {
        assert_eq!(run.status(*account).await, "connected", "{account}");
    }
    let own = "select count(*) from relink.accounts where session_id = 's-' || name";
    assert_eq!(run.number(own, &[]).await, 2);
    assert!(!run.alerts().await.contains(&"orphan_ambiguous".to_owned()));
    run.is_sound().await;
}

/// R-ORP-1: an account that is lost waits too, while its owner tries.
#[tokio::test]
async fn r_orp_1_a_lost_account_whose_owner_tries_gets_its_new_session() {
    let statuses = [
        "missing",
        "reconnect_needed",
        "action_required",
        "connecting",
    ];
    let mut accounts = vec![];
    let mut run = FleetRun::start(|cast| {
        for name in statuses {
            accounts.push(cast.connected(name));
            accounts.push(cast.connected(&format!("{name}-idle")));
        }
    })
    .await;
    for (account, status) in accounts.iter().zip(statuses.iter().flat_map(|it| [*it; 2])) {
        put(&run, *account, status).await;
    }
    for name in statuses {
        for name in [name.to_owned(), format!("{name}-idle")] {
            let gone = Change {
                gone: true,
                ..Change::default()
            };
            run.provider.change(&format!("s-{name}"), gone).await;
            let mut cast = Cast::new(run.store.now().await.expect("the clock").at);
            cast.session_of(&format!("{name}-new"), &name, &name);
            run.provider.create(cast.sessions).await;
        }
    }
    let tries = "insert into relink.link_attempts (account_id, id, started_at, link_ends_at, ends_at, purpose)
                 select id, gen_random_uuid(), relink.clock(), relink.clock() + interval '30 minutes',
                        relink.clock() + interval '24 hours', 'create'
                   from relink.accounts where name not like '%-idle'";
    run.owner.execute(tries, &[]).await.expect("owners try");
    tick(&mut run).await;
    tick(&mut run).await;
    for (index, account) in accounts.iter().enumerate() {
        let is_tried = index % 2 == 0;
        let session = "select count(*) from relink.accounts where id = $1 and session_id like '%-new' and status = 'connected'";
        let landed = run.number(session, &[&account.0]).await == 1;
        assert!(
            landed || !is_tried,
            "account {index} is {}",
            run.status(*account).await
        );
    }
}

/// R-ORP-2: what fits almost is told once, with its candidates and without a name.
#[tokio::test]
async fn r_orp_2_what_fits_almost_is_told_once_with_candidates() {
    let mut accounts = vec![];
    let mut run = FleetRun::start(|cast| {
        let mut pair = |cast: &mut Cast, name: &str, handle: Option<&str>| {
            cast.session(name);
            accounts.push(cast.waiting(name, |it| it.handle = handle.map(str::to_owned)));
        };
        pair(cast, "silent-one", None);
        pair(cast, "differs-two", Some("somebody-else"));
    })
    .await;
    for _ in 0..2 {
        tick(&mut run).await;
        run.acknowledge_alerts().await;
    }
    tick(&mut run).await;
    for account in &accounts {
        assert_ne!(run.status(*account).await, "connected");
    }
    let told = details(&run, "orphan_ambiguous").await;
    assert_eq!(told.len(), accounts.len(), "{told:?}");
    for detail in &told {
        let text = detail.to_string();
        assert!(
            text.contains("s-silent-one") && text.contains("s-differs-two"),
            "{text}"
        );
        assert!(
            text.contains("s…e") && !text.contains("\"silent-one\""),
            "{text}"
        );
    }
}

/// R-ORP-2: a profile's URL means the person in it.
#[tokio::test]
async fn r_orp_2_a_declared_profile_url_is_its_public_identifier() {
    let mut account = None;
    let mut run = FleetRun::start(|cast| {
        cast.session("jane-doe-77");
        account = Some(cast.waiting("jane-doe-77", |it| {
            it.handle = Some("https://www.linkedin.com/in/jane-doe-77/".to_owned());
        }));
    })
    .await;
    tick(&mut run).await;
    assert_eq!(run.status(account.expect("planted")).await, "connected");
}

/// R-ORP-2: who declares a stranger of another workspace, and who declared nothing.
#[tokio::test]
async fn r_orp_2_a_declared_stranger_is_not_taken_from_a_neighbour() {
    let mut accounts = vec![];
    let mut run = FleetRun::start(|cast| {
        cast.session("jane");
        accounts.push(cast.waiting("jane", |_| {}));
        let second: WorkspaceId = cast.second_workspace();
        accounts.push(cast.waiting("neighbour", |it| {
            (it.workspace, it.handle) = (second, None);
        }));
        // A mail server's session is no LinkedIn account's, whatever it is called.
        cast.session("mailed");
        cast.sessions.last_mut().expect("it").kind = Kind::Mail;
        accounts.push(cast.waiting("mailed", |_| {}));
    })
    .await;
    tick(&mut run).await;
    for account in &accounts {
        assert_ne!(run.status(*account).await, "connected", "{account}");
    }
}
