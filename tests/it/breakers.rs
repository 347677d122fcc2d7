//! Breakers that close: what they stop stands apart, and a run, a look or a person lets it go (R-WAT-3, R-WAT-5).

use crate::duties::into;
use jiff::SignedDuration;
use policy::ids::AccountId;
use simulator::control::Health;
use std::time::Duration;
use store::operators::Scope;
use tests::desk::Desk;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;

struct Scene {
    run: FleetRun,
    desk: Desk,
    crowd: Vec<(AccountId, String)>,
}

impl Scene {
    async fn of(count: usize) -> Self {
        let mut crowd = vec![];
        let mut run = FleetRun::start(|cast| crowd = cast.crowd(count)).await;
        let desk = Desk::of(run.site(), "kim", &[Scope::Operate, Scope::Read]).await;
        Self { run, desk, crowd }
    }

    /// These lose their sessions; five minutes later the fleet has seen it.
    async fn lose(&mut self, which: std::ops::Range<usize>) -> i64 {
        let before = self.run.flips().await;
        let lost: Vec<String> = self.crowd[which].iter().map(|it| it.1.clone()).collect();
        let change = into(Health::Credentials);
        self.run.provider.change_all(&lost, &change).await;
        self.run.beat().await;
        self.run.flips().await - before
    }

    async fn beat(&mut self) -> i64 {
        let before = self.run.flips().await;
        self.run.beat().await;
        self.run.flips().await - before
    }

    async fn stopped(&self, state: &str) -> i64 {
        let sql = "select count(*) from relink.stopped_losses where state = $1";
        self.run.number(sql, &[&state]).await
    }

    fn id(&self, number: usize) -> String {
        self.crowd[number].0.to_string()
    }
}

/// B8, B9: slices do not pass, a true mass loss goes on, and neither stops anybody else.
#[tokio::test]
async fn r_wat_3_slices_are_stopped_and_go_by_command_or_five_a_run() {
    // A quarter of 84 is 21.
    let mut scene = Scene::of(84).await;
    assert_eq!(scene.lose(0..12).await, 12);
    assert_eq!(scene.lose(12..27).await, 0, "27 of 84 within an hour");
    assert_eq!(scene.stopped("open").await, 15);
    assert_eq!(scene.run.alerts().await, ["loss_burst", "mass_change"]);
    let outcome = "select outcome from relink.watch_runs order by slot desc limit 1";
    assert_eq!(scene.run.words(outcome, &[]).await, ["aborted"]);

    let listed = scene.desk.sees(&["watch", "list"]).await;
    let slot = listed["rows"][0]["run"].as_str().expect("a run").to_owned();
    let typed = "select detail -> 'type' ->> 1 from relink.admin_alerts where code = 'mass_change'";
    let expected = format!("relink watch accept {slot} --reason …");
    assert_eq!(scene.run.words(typed, &[]).await, [expected]);

    let [two, three, four] = [24, 25, 26].map(|number| scene.id(number));
    let accept = ["watch", "accept", "--account", &two, "--account", &three];
    assert_eq!(scene.desk.does(&accept).await["accepted"], 2);
    let before = scene.run.flips().await;
    scene.run.settle().await;
    assert_eq!(scene.run.flips().await, before + 2, "applied at once");
    assert_eq!(scene.desk.does(&accept).await["accepted"], 0, "once");
    let by = "select evidence -> 'stop' ->> 'accepted_by' from relink.account_audit where evidence ? 'stop'";
    assert_eq!(scene.run.words(by, &[]).await, ["kim", "kim"]);
    let refuse = ["watch", "refuse", "--account", &four];
    assert_eq!(scene.desk.does(&refuse).await["refused"], 1);
    let audited = "select action from relink.operator_audit where actor = 'kim' order by id";
    let acts = scene.run.words(audited, &[]).await;
    assert_eq!(acts, ["watch.accept", "watch.accept", "watch.refuse"]);
    for (arguments, why) in [
        (
            ["watch", "accept", "2026-03-01T10:00:00Z"],
            "run: no loss of run",
        ),
        (
            ["watch", "accept", &format!("--account={}", scene.id(80))],
            "accounts: no loss of account",
        ),
    ] {
        scene.desk.refused(&arguments, why).await;
    }

    // Twelve are open. One is well again, one is lost anew, and that one is not stopped with the others.
    let well = scene.crowd[23].1.clone();
    scene.run.provider.change(&well, into(Health::Ok)).await;
    assert_eq!(scene.lose(60..61).await, 1, "others go on");
    assert_eq!(
        (
            scene.stopped("withdrawn").await,
            scene.stopped("open").await
        ),
        (1, 11)
    );
    assert_eq!(scene.beat().await, 0, "the third run asks for looks");
    let looks = "select count(*) from relink.stopped_losses where look_agrees";
    assert_eq!(scene.run.number(looks, &[]).await, 5, "no storm");
    assert_eq!(scene.beat().await, 5);
    assert_eq!(scene.beat().await, 5);
    assert_eq!(scene.beat().await, 1);
    assert_eq!(
        (scene.stopped("open").await, scene.stopped("applied").await),
        (0, 13)
    );
    let refused = scene.crowd[26].0;
    assert_eq!(
        scene.run.status(refused).await,
        "connected",
        "refused for a day"
    );
    scene.redrive().await;
    scene.run.is_sound().await;
}

impl Scene {
    /// B11: what was done is not done again, and old news change nothing.
    async fn redrive(&mut self) {
        let before = self.run.flips().await;
        let again =
            "update relink.jobs set state = 'waiting', finished_at = null, run_at = relink.clock()
                      where kind in ('status.apply', 'losses.apply')";
        self.run.owner.execute(again, &[]).await.expect("redrive");
        self.run.settle().await;
        assert_eq!(
            self.run.flips().await,
            before,
            "ended runs stay as they are"
        );
        let lost = self.crowd[70].1.clone();
        self.run
            .provider
            .change(&lost, into(Health::Credentials))
            .await;
        self.run
            .provider
            .change(&self.crowd[71].1, into(Health::Error))
            .await;
        let held = "create function relink.hold_up() returns trigger language plpgsql as $$ begin
                        new.listed_at := new.listed_at - interval '6 minutes'; return new; end $$;
                    create trigger hold_up before update of listed_at on relink.watch_runs
                        for each row execute function relink.hold_up()";
        self.run.owner.batch_execute(held).await.expect("be late");
        self.run.beat().await;
        assert_eq!(self.run.flips().await, before, "news of six minutes ago");
        let ended =
            "select outcome || ': ' || note from relink.watch_runs order by slot desc limit 1";
        let ended = self.run.words(ended, &[]).await.concat();
        assert!(ended.starts_with("inconclusive: its list"), "{ended}");
        let over = "drop trigger hold_up on relink.watch_runs; drop function relink.hold_up()";
        self.run.owner.batch_execute(over).await.expect("in time");
        self.run.beat().await;
        assert_eq!(self.run.flips().await, before + 2);
    }
}

impl Scene {
    /// A poll that is under way has the account, and then wants the case: an operator waits for it with nothing in hand.
    async fn dismisses_beside_a_poll(&mut self, case: &str) {
        let poll = self.run.site().owner().await;
        let account = format!(
            "begin; set local lock_timeout = '10s';
             select from relink.accounts where id = (select account_id from relink.cases where id = '{case}') for no key update"
        );
        poll.batch_execute(&account).await.expect("the account");
        let waits = "select count(*) from pg_stat_activity
                      where datname = current_database() and wait_event_type = 'Lock'";
        let dismiss = ["cases", "dismiss", case];
        let then = async {
            eventually("the operator waits", Duration::from_secs(20), async || {
                (self.run.number(waits, &[]).await > 0).then_some(())
            })
            .await;
            let sql = format!("select from relink.cases where id = '{case}' for update; commit");
            poll.batch_execute(&sql).await.expect("the case");
        };
        futures_util::join!(self.desk.does(&dismiss), then);
    }
}

const A_POLL: SignedDuration = SignedDuration::from_secs(61);

/// B7, R-DEL-3: six gone of 40, each held, and each with a verdict: by a person, or by three runs.
#[tokio::test]
async fn r_wat_3_six_gone_sessions_are_held_and_get_their_verdicts() {
    let mut scene = Scene::of(40).await;
    let before = scene.run.flips().await;
    let six: Vec<String> = scene.crowd[..6].iter().map(|it| it.1.clone()).collect();
    let gone = crate::duties_confirm::gone();
    scene.run.provider.change_all(&six, &gone).await;
    scene.run.beat().await;
    for _ in 0..2 {
        scene.run.later(A_POLL).await;
    }
    assert_eq!(scene.run.flips().await, before, "nobody is missing");
    assert_eq!(scene.run.alerts().await, ["missing_breaker"]);
    let held = "select count(*) from relink.account_holds where reason = 'session_gone' and ended_at is null";
    assert_eq!(scene.run.number(held, &[]).await, 6);
    let shown = scene.desk.sees(&["accounts", "show", &scene.id(0)]).await;
    let line = shown["pill_second_line"].as_str().expect("a second line");
    assert!(line.contains("Session not found"), "{line}");
    let why = scene.desk.runs(&["why", "account", &scene.id(0)]).await.out;
    assert!(why.contains("relink cases confirm"), "{why}");
    let case =
        |session: &str| format!("select id::text from relink.cases where session_id = '{session}'");
    let first = scene.run.words(&case(&six[0]), &[]).await.concat();
    let second = scene.run.words(&case(&six[1]), &[]).await.concat();
    let stopped = scene.desk.sees(&["cases", "show", &first]).await;
    assert!(
        stopped["stopped_why"]
            .as_str()
            .expect("why")
            .starts_with("6 sessions"),
        "{stopped}"
    );

    scene.desk.does(&["cases", "confirm", &first]).await;
    scene.dismisses_beside_a_poll(&second).await;
    scene
        .desk
        .refused(&["cases", "dismiss", &second], "is dismissed already")
        .await;
    assert_eq!(scene.run.number(held, &[]).await, 5);
    scene.run.later(A_POLL).await;
    assert_eq!(scene.run.status(scene.crowd[0].0).await, "missing");
    assert_eq!(scene.run.flips().await, before + 1);
    // It was dismissed: no run suspects it, and it is no suspect of others.
    scene.run.beat().await;
    assert_eq!(
        scene.run.flips().await,
        before + 1,
        "two runs left them out"
    );
    scene.run.beat().await;
    assert_eq!(
        scene.run.flips().await,
        before + 5,
        "three runs and a fresh look"
    );
    assert_eq!(scene.run.number(held, &[]).await, 0);
    let words = "select coalesce(verdict, 'open') from relink.cases order by 1";
    let verdicts = scene.run.words(words, &[]).await;
    assert_eq!(
        verdicts.iter().filter(|it| *it == "confirmed").count(),
        5,
        "{verdicts:?}"
    );
    assert_eq!(verdicts.len(), 6, "{verdicts:?}");
    scene.run.is_sound().await;
}

/// The fleet of one has no control: its operator's word stands for it.
#[tokio::test]
async fn r_wat_3_a_fleet_of_one_needs_its_operator_and_one_of_three_does_not() {
    let mut scene = Scene::of(1).await;
    let gone = crate::duties_confirm::gone();
    scene
        .run
        .provider
        .change(&scene.crowd[0].1, gone.clone())
        .await;
    // Another session, of nobody: the list is not empty.
    let another = simulator::control::NewSession {
        id: Some("s-nobody".to_owned()),
        ..simulator::control::NewSession::default()
    };
    scene.run.provider.create(vec![another]).await;
    for _ in 0..5 {
        scene.run.beat().await;
    }
    let only = scene.crowd[0].0;
    assert_eq!(scene.run.status(only).await, "connected");
    let case = scene
        .run
        .words("select id::text from relink.cases", &[])
        .await
        .concat();
    scene.desk.does(&["cases", "confirm", &case]).await;
    scene.run.later(A_POLL).await;
    assert_eq!(scene.run.status(only).await, "missing");
    scene.run.is_sound().await;

    let mut scene = Scene::of(3).await;
    scene.run.provider.change(&scene.crowd[0].1, gone).await;
    scene.run.beat().await;
    for _ in 0..2 {
        scene.run.later(A_POLL).await;
    }
    for _ in 0..2 {
        scene.run.beat().await;
    }
    assert_eq!(
        scene.run.status(scene.crowd[0].0).await,
        "missing",
        "by three runs"
    );
    scene.run.is_sound().await;
}
