//! Owners' pages over the real listener: what opening them does, which is nothing, and what their button does (R-LNK-7, R-LNK-9).

mod browser;
mod browser_ends;
mod opt_out;
mod scene;

use reqwest::{Method, StatusCode};
use scene::{Answer, Scene};
use std::collections::BTreeSet;
use std::time::Duration;

/// Whoever opens links in mails before their owner does.
const SCANNERS: [&str; 4] = [
    "Mozilla/5.0 (compatible; SafeLinks)",
    "BarracudaCentral",
    "Slackbot-LinkExpanding 1.0",
    "curl/7.88.1",
];

/// Everything that a visit could have changed.
const ROWS: &str = "
    select md5(concat(
        (select string_agg(a::text, ',' order by a.id) from relink.accounts a),
        (select string_agg(l::text, ',' order by l.id) from relink.link_attempts l),
        (select string_agg(u::text, ',' order by u.account_id, u.version) from relink.account_audit u),
        (select string_agg(o::text, ',' order by o.id) from relink.operator_audit o),
        (select string_agg(n::text, ',' order by n::text) from relink.notices n),
        (select string_agg(s::text, ',' order by s::text) from relink.mail_stops s),
        (select count(*) from relink.jobs)))";

#[tokio::test]
async fn r_lnk_7_opening_a_page_changes_nothing_and_its_button_mints() {
    let scene = Scene::start().await;
    let token = scene.token(scene.lost, scene.episode);
    let before = scene.text(ROWS).await;
    for (number, agent) in SCANNERS.iter().cycle().take(20).enumerate() {
        for path in ["", "/state", "/back"] {
            let method = if number % 2 == 0 {
                Method::GET
            } else {
                Method::HEAD
            };
            let request = scene.request(method.clone(), &format!("/r/{token}{path}"));
            let answer = scene.sent(request.header("user-agent", *agent)).await;
            answer.is(StatusCode::OK).is_guarded();
            assert_eq!(answer.text.is_empty(), method == Method::HEAD);
        }
    }
    let page = scene.get(&format!("/r/{token}")).await;
    assert_eq!(page.state(), "not_connected");
    assert!(page.text.contains("There is no deadline"), "{}", page.text);
    assert!(page.text.contains("help@first.example"), "{}", page.text);
    assert!(!page.text.contains("ada-lost"), "masked: {}", page.text);
    for site in ["cross-site", "same-site"] {
        let request = scene.request(Method::POST, &format!("/r/{token}"));
        let answer = scene.sent(request.header("sec-fetch-site", site)).await;
        answer.is(StatusCode::FORBIDDEN).is_guarded();
    }
    assert_eq!(scene.text(ROWS).await, before, "a visit changed something");
    assert_eq!(scene.mints().await, 0, "a visit minted");

    let first = scene.press(&token, "").await;
    assert_eq!(
        scene.press(&token, "").await,
        first,
        "R-LNK-1: the same link"
    );
    assert_eq!(scene.mints().await, 1);
    let by = "select asked_by from relink.link_attempts where state = 'open'";
    assert_eq!(scene.text(by).await, "owner via notice");
    assert_eq!(
        scene.get(&format!("/r/{token}")).await.state(),
        "signing_in"
    );
    let mut links = BTreeSet::from([first]);
    for _ in 0..3 {
        links.insert(scene.press(&token, "dead=1").await);
    }
    assert_eq!(links.len(), 4, "each dead link has another after it");
    let refused = scene.pressed(&token, "dead=1").await;
    refused.is(StatusCode::TOO_MANY_REQUESTS).is_guarded();
    assert!(refused.headers.contains_key("retry-after"));
    scene.log_is_clean(&token);
}

#[tokio::test]
async fn r_lnk_9_the_page_says_the_row_and_begins_nothing_needless() {
    let scene = Scene::start().await;
    strangers_links(&scene).await;
    names_stay_text(&scene).await;
    attempts(&scene).await;
    let failed =
        "update relink.link_attempts set state = 'failed', outcome = 'failed', refusal = null";
    scene.run(failed).await;
    let token = scene.token(scene.lost, scene.episode);
    for (change, expected) in [
        ("status = 'recovering'", "recovering"),
        ("status = 'action_required'", "confirm"),
        ("status = 'missing'", "not_connected"),
    ] {
        scene.put(scene.lost, change).await;
        assert_eq!(scene.get(&format!("/r/{token}")).await.state(), expected);
    }
    let minted = scene.mints().await;
    for (change, expected) in [
        ("status = 'connected'", "connected"),
        ("status = 'disconnected'", "disconnected"),
    ] {
        scene.put(scene.lost, change).await;
        let answer = scene.pressed(&token, "").await;
        answer.is(StatusCode::SEE_OTHER);
        assert_eq!(
            answer.headers["location"],
            token.as_str(),
            "to the page itself"
        );
        assert_eq!(scene.get(&format!("/r/{token}")).await.state(), expected);
    }
    scene
        .run("update relink.workspaces set ended_at = relink.clock()")
        .await;
    let over = scene.get(&format!("/r/{token}")).await;
    over.is(StatusCode::GONE);
    assert_eq!(over.state(), "workspace_over");
    scene.pressed(&token, "").await.is(StatusCode::SEE_OTHER);
    assert_eq!(scene.mints().await, minted, "nothing was begun");
}

/// What is no ticket, is another's, or is past its end.
async fn strangers_links(scene: &Scene) {
    let token = scene.token(scene.lost, scene.episode);
    let mut forged = token.clone();
    let last = forged.pop().expect("a letter");
    forged.push(if last == 'A' { 'B' } else { 'A' });
    for bad in [
        forged.as_str(),
        "x",
        "p1.",
        &token[..token.len() - 2],
        "..%2f",
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = scene
                .sent(scene.request(method, &format!("/r/{bad}")))
                .await;
            answer.is(StatusCode::NOT_FOUND).is_guarded();
        }
    }
    // What a ticket says of its account is signed: one page's proof is none for another's. 24 letters are 18 bytes, the account
    // and what is 0 in both; the rest, with the proof, is the other ticket's.
    let whose = scene.token(scene.connected, scene.episode);
    let (own, other) = (token.split_at(3 + 24), whose.split_at(3 + 24));
    for (head, rest) in [(other.0, own.1), (own.0, other.1)] {
        let path = format!("/r/{head}{rest}");
        for method in [Method::GET, Method::POST] {
            let answer = scene.sent(scene.request(method, &path)).await;
            answer.is(StatusCode::NOT_FOUND).is_guarded();
        }
    }
    let old = scene.token_until(scene.lost, scene.episode, Duration::ZERO);
    let page = scene.get(&format!("/r/{old}")).await;
    page.is(StatusCode::GONE).is_guarded();
    assert!(
        page.text.contains("help@first.example"),
        "whom to ask: {}",
        page.text
    );
    let answer = scene.pressed(&old, "").await;
    assert_eq!(answer.headers["location"], old.as_str());
    let connected = scene.token(scene.connected, 0);
    let page = scene.get(&format!("/r/{connected}")).await;
    assert_eq!(page.state(), "connected");
    assert!(page.text.contains("nothing to do"), "{}", page.text);
    assert_eq!(scene.mints().await, 0);
}

async fn names_stay_text(scene: &Scene) {
    let rude = "\u{202e}<script>alert(1)</script>\"' ".repeat(250);
    scene
        .run(&format!(
            "update relink.workspaces set name = $rude${rude}$rude$;
             update relink.accounts set name = $rude${rude}$rude$, checkpoint = $rude${rude}$rude$"
        ))
        .await;
    let token = scene.token(scene.lost, scene.episode);
    for path in ["", "/back"] {
        let page = scene.get(&format!("/r/{token}{path}")).await;
        page.is(StatusCode::OK).is_guarded();
        let text = &page.text;
        assert!(
            !text.contains("<script>alert") && !text.contains('\u{202e}'),
            "{text}"
        );
        assert!(text.len() < 8_192, "{}", text.len());
    }
}

/// The return page is asked before, while and after each thing that becomes of an attempt; whatever the provider's page said.
async fn attempts(scene: &Scene) {
    let token = scene.token(scene.lost, scene.episode);
    scene.press(&token, "").await;
    let (link, back) = (
        format!("/r/{token}"),
        format!("/r/{token}/back?status=success"),
    );
    let over = |outcome: &str| {
        format!("state = '{outcome}', outcome = '{outcome}', closed_at = relink.clock()")
    };
    for (change, expected, title) in [
        (
            "state = 'open'".to_owned(),
            "signing_in",
            "Finishing the connection",
        ),
        (
            "state = 'answered'".to_owned(),
            "finishing",
            "Finishing the connection",
        ),
        (
            "state = 'verifying'".to_owned(),
            "finishing",
            "Finishing the connection",
        ),
        (
            "state = 'lapsed'".to_owned(),
            "not_connected",
            "Not connected",
        ),
        (over("failed"), "not_connected", "Not connected"),
        (over("mint_failed"), "not_connected", "Not connected"),
        (over("refused"), "refused", "This sign-in cannot be used"),
        (
            "refusal = 'wrong_account'".to_owned(),
            "wrong_account",
            "This was another login",
        ),
    ] {
        scene
            .run(&format!("update relink.link_attempts set {change}"))
            .await;
        let page: Answer = scene.get(&back).await;
        assert_eq!(page.state(), expected);
        assert!(
            page.text.contains(&format!("<h1>{title}</h1>")),
            "{}",
            page.text
        );
        assert!(!page.text.contains("ada-lost"), "masked: {}", page.text);
        assert_eq!(scene.get(&link).await.state(), expected);
        let state = scene.get(&format!("/r/{token}/state")).await;
        assert_eq!(state.text, format!("{{\"state\":\"{expected}\"}}"));
    }
}
