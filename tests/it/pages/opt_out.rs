//! The way off the list, as a mail program, a scanner, a forger and an owner use it.

use super::scene::{Answer, Scene};
use super::{ROWS, SCANNERS};
use reqwest::{Method, StatusCode};

/// Who wants no mails, and since which account's mail.
const STOPS: &str = "
    select coalesce(string_agg(concat_ws(' ', s.reason, a.name, s.address = relink.person_digest(a.owner_email)), ',' order by a.name), '')
      from relink.mail_stops s join relink.accounts a on a.id = s.account_id";

#[tokio::test]
async fn r_lnk_7_one_click_ends_the_mails_and_opening_ends_nothing() {
    let scene = Scene::start().await;
    let addresses = "update relink.accounts set owner_email = name || '@example.net'";
    scene.run(addresses).await;
    let token = scene.way_off(scene.lost);
    let before = scene.text(ROWS).await;
    for (number, agent) in SCANNERS.iter().cycle().take(20).enumerate() {
        let method = if number % 2 == 0 {
            Method::GET
        } else {
            Method::HEAD
        };
        let request = scene.request(method, &format!("/o/{token}"));
        let answer = scene.sent(request.header("user-agent", *agent)).await;
        answer.is(StatusCode::OK).is_guarded();
    }
    forged(&scene, &token).await;
    assert_eq!(scene.text(ROWS).await, before, "nobody opted out");

    // As RFC 8058 says it, from a web mailer's own site; once more by hand; then with what no mail program sends.
    let one_click = "List-Unsubscribe=One-Click".to_owned();
    for body in [one_click, String::new(), "x".repeat(5 * 1024)] {
        let done = posted(&scene, &token, body).await;
        done.is(StatusCode::OK).is_guarded();
        assert!(
            done.text.contains("<h1>No more mails</h1>"),
            "{}",
            done.text
        );
        assert_eq!(scene.text(STOPS).await, "opted_out ada-lost t");
    }
    // Mails are read late: what was signed before the key changed still says so.
    let [by_the_key_before, _] = Scene::ways_off_by_others(scene.connected);
    let done = posted(&scene, &by_the_key_before, String::new()).await;
    done.is(StatusCode::OK);
    let both = "opted_out ada-lost t,opted_out bo-well t";
    assert_eq!(scene.text(STOPS).await, both);

    // Whoever has no address any more is told the truth.
    scene
        .run("update relink.accounts set owner_email = null")
        .await;
    let nobody = posted(&scene, &token, String::new()).await;
    nobody.is(StatusCode::OK).is_guarded();
    assert!(nobody.text.contains("no mail address"), "{}", nobody.text);
    assert_eq!(scene.mints().await, 0);
    scene.log_is_clean(&token);
}

/// Tokens that nobody signed, or that were signed for something else.
async fn forged(scene: &Scene, token: &str) {
    let page = scene.token(scene.lost, scene.episode);
    let [_, by_nobodys_key] = Scene::ways_off_by_others(scene.lost);
    let theirs = scene.way_off(scene.connected);
    let (half, other) = (token.len() / 2, theirs.len() / 2);
    let mixed = format!("{}{}", &token[..half], &theirs[other..]);
    let as_a_page = token.replacen("o1", "p1", 1);
    for bad in [
        by_nobodys_key.as_str(),
        &page,
        &page.replacen("p1", "o1", 1),
        &mixed,
        &token[..token.len() - 2],
        &format!("{token}A"),
        "o1.",
        "..%2f",
    ] {
        for method in [Method::GET, Method::POST] {
            let request = scene.request(method, &format!("/o/{bad}"));
            let answer = scene.sent(request).await;
            answer.is(StatusCode::NOT_FOUND).is_guarded();
        }
    }
    for other in [token, &as_a_page] {
        let answer = scene.get(&format!("/r/{other}")).await;
        answer.is(StatusCode::NOT_FOUND).is_guarded();
    }
}

async fn posted(scene: &Scene, token: &str, body: String) -> Answer {
    let request = scene
        .request(Method::POST, &format!("/o/{token}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    scene.sent(request.body(body)).await
}
