//! Sessions that never landed are linked by proof only; ghosts are reported and left alone (R-ORP, R-LNK-5).

use jiff::SignedDuration;
use policy::ids::AccountId;
use tests::fleet_run::FleetRun;

#[expect(
    clippy::too_many_lines,
    reason = "one story: who takes part, and what becomes of each"
)]
/// R-ORP-1, R-ORP-2, R-ORP-3, R-LNK-5: proof links, anything else is told, and ghosts are left alone.
#[tokio::test]
async fn r_orp_1_2_3_r_lnk_5_orphans_are_linked_by_proof_only_and_ghosts_are_only_reported() {
    let mut named: Vec<(&str, AccountId)> = vec![];
    let mut run = FleetRun::start(|cast| {
        // Linked: the attempt's own answer named the session; the person is known; the declared handle agrees.
        cast.session_of("attempt", "attempt", "nobody-declared-this");
        named.push((
            "attempt",
            cast.waiting("attempt", |it| {
                it.handle = None;
                it.attempt = it
                    .attempt
                    .take()
                    .map(|(id, _)| (id, Some("s-attempt".to_owned())));
            }),
        ));
        cast.session_of("known", "known", "another-handle");
        named.push((
            "known",
            cast.waiting("known", |it| it.identity = Some("id-known".to_owned())),
        ));
        cast.session("declared");
        named.push(("declared", cast.waiting("declared", |_| {})));
        // Not linked: two sessions fit; another workspace has it; another person's; nothing agrees; none is there.
        cast.session_of("twin-1", "twin-1", "twin");
        cast.session_of("twin-2", "twin-2", "twin");
        named.push(("ambiguous", cast.waiting("twin", |_| {})));
        cast.connected("owned");
        let second = cast.second_workspace();
        named.push((
            "another workspace's",
            cast.waiting("thief", |it| {
                it.workspace = second;
                it.attempt = it
                    .attempt
                    .take()
                    .map(|(id, _)| (id, Some("s-owned".to_owned())));
            }),
        ));
        cast.session_of("wrong", "somebody-else", "wrong");
        named.push((
            "another person's",
            cast.waiting("wrong", |it| {
                it.identity = Some("id-wrong".to_owned());
                it.attempt = it
                    .attempt
                    .take()
                    .map(|(id, _)| (id, Some("s-wrong".to_owned())));
            }),
        ));
        named.push(("not there", cast.waiting("absent", |_| {})));
        cast.session_of("ghost", "ghost", "ghost");
    })
    .await;
    // The watch lists first; the next hour's look knows what it saw.
    run.later(SignedDuration::from_hours(1)).await;
    run.later(SignedDuration::from_mins(10)).await;
    for (what, account) in &named {
        println!(
            "{what}: {} {:?}",
            run.status(*account).await,
            run.causes(*account).await
        );
    }
    for (what, account) in &named {
        let linked = ["attempt", "known", "declared"].contains(what);
        let is_connected = run.status(*account).await == "connected";
        assert_eq!(is_connected, linked, "{what}");
        let causes = run.causes(*account).await;
        assert_eq!(
            causes.last().is_some_and(|it| it == "orphan_linked"),
            linked,
            "{what}"
        );
    }
    let alerts = run.alerts().await;
    assert_eq!(
        alerts,
        ["orphan_ambiguous", "session_claimed", "wrong_account"]
    );
    let twice = "select count(*) from (select session_id from relink.accounts where session_id is not null group by 1 having count(*) > 1) t";
    assert_eq!(run.number(twice, &[]).await, 0);

    run.later(SignedDuration::from_hours(25)).await;
    run.later(SignedDuration::from_hours(1)).await;
    assert!(run.alerts().await.contains(&"ghost_sessions".to_owned()));
    let ghosts = "select detail::text from relink.admin_alerts where code = 'ghost_sessions'";
    let detail = run.words(ghosts, &[]).await.concat();
    assert!(
        detail.contains("s-ghost") && !detail.contains("s-owned"),
        "{detail}"
    );
    println!("ghosts: {detail}; delete requests at the provider: 0");
    run.is_sound().await;
}
