//! What is refused, in which words, and that a refusal writes nothing.

use super::{ADA, Desk};
use secrecy::ExposeSecret;
use tests::database::SUPERUSER;
use tests::interlock::Ground;

const WHY: [&str; 2] = ["--reason", "because"];

#[tokio::test]
async fn r_del_1_gate_5_a_flag_of_more_than_4_hours_is_refused_by_the_command_and_by_the_database()
{
    let desk = Desk::of(1).await;
    let token = desk.token(ADA).to_owned();
    for (life, why) in [
        ("5h", "for: a flag lives at most 4h, not 5h"),
        ("4h1s", "for: a flag lives at most 4h, not 4h1s"),
    ] {
        desk.refused(
            &token,
            &["flag", "enable", "removals", "--for", life, WHY[0], WHY[1]],
            why,
        )
        .await;
    }
    for life in ["5", "-2h", "2 hours", "0h"] {
        let life = format!("--for={life}");
        let answer = desk
            .with(
                &token,
                &["flag", "enable", "removals", &life, WHY[0], WHY[1]],
            )
            .await;
        assert_eq!(answer.code, Some(2));
        assert!(
            answer.err.contains("is not a length of time like 30m"),
            "{}",
            answer.err
        );
    }
    let operator = desk.ground.database.client("relink_operator").await;
    let sql = "select relink.enable_flag($1, gen_random_uuid(), gen_random_uuid(), 'removals', interval '4 hours 1 second', 'because')";
    let error = operator.query(sql, &[&token]).await.expect_err("too long");
    let said = error.as_db_error().expect("the database's words").message();
    assert_eq!(said, "for: a flag lives at most 4 hours, not 04:00:01");
    let done = desk
        .does(
            ADA,
            &["flag", "enable", "removals", "--for", "4h", WHY[0], WHY[1]],
        )
        .await;
    assert_eq!(done["done"], true);
}

#[tokio::test]
async fn r_aud_4_without_a_token_in_force_nothing_is_done_and_nothing_written() {
    let mut desk = Desk::of(20).await;
    let session = desk.ground.gone(0).await.0;
    let duplicate = desk.ground.duplicate(3).await.0;
    let [ada, bob] = [0, 1].map(|nth: usize| desk.ground.tokens[nth].expose_secret().to_owned());
    let wrong_secret = format!("{}0", &ada[..ada.len() - 1]);
    let whose = bob.rsplit_once('_').expect("a token").1;
    let anothers_secret = format!("{}_{whose}", ada.rsplit_once('_').expect("a token").0);
    let no_tag = ada.trim_start_matches("rlo_").to_owned();
    let enable = ["flag", "enable", "removals", "--for", "2h", WHY[0], WHY[1]];
    let why = "operator token: unknown, expired or revoked";
    for token in [
        wrong_secret.as_str(),
        &anothers_secret,
        &no_tag,
        "rlo__",
        "rlo_x_y",
        "' or true --",
    ] {
        if token != ada {
            desk.refused(token, &enable, why).await;
        }
    }
    desk.refused("", &enable, "RELINK_OPERATOR_TOKEN: is missing")
        .await;
    let all = [
        &["flag", "disable", "removals", WHY[0], WHY[1]][..],
        &["latch", "trip", WHY[0], WHY[1]],
        &["latch", "clear", WHY[0], WHY[1]],
        &["removals", "request", &session, WHY[0], WHY[1]],
        &["warrant", "issue", &duplicate, WHY[0], WHY[1]],
        &enable,
    ];
    // A year and a day later both tokens have died.
    desk.ground.later(366 * 86_400).await;
    for arguments in all {
        desk.refused(&ada, arguments, why).await;
    }
}

#[tokio::test]
async fn r_aud_4_a_blank_reason_is_refused_by_its_name_everywhere() {
    let desk = Desk::of(20).await;
    let session = desk.ground.gone(0).await.0;
    let token = desk.token(ADA).to_owned();
    let id = "01980000-0000-7000-8000-000000000000";
    for arguments in [
        &["flag", "enable", "removals", "--for", "2h"][..],
        &["flag", "disable", "removals"],
        &["latch", "trip"],
        &["latch", "clear"],
        &["removals", "request", &session],
        &["removals", "withdraw", id],
        &["warrant", "issue", &session],
        &["warrant", "approve", id],
        &["warrant", "revoke", id],
        &["operator", "add", "kim", "--by", "root"],
        &["operator", "revoke", "kim", "--by", "root"],
    ] {
        for blank in ["--reason=", "--reason= \t\n"] {
            desk.refused(
                &token,
                &[arguments, &[blank]].concat(),
                "--reason: say why; it is blank",
            )
            .await;
        }
        let answer = desk.with(&token, arguments).await;
        assert_eq!(answer.code, Some(2), "a reason is asked for");
        assert!(answer.err.contains("--reason"), "{}", answer.err);
    }
    let blank = ["operator", "add", "kim", "--by", " ", WHY[0], WHY[1]];
    desk.refused(&token, &blank, "--by: name somebody; it is blank")
        .await;
}

#[tokio::test]
async fn r_del_3_only_a_session_with_a_confirmed_case_is_asked_to_be_removed_and_only_once() {
    let desk = Desk::of(20).await;
    let token = desk.token(ADA).to_owned();
    let linked = desk.ground.accounts[5].1.clone();
    let why = format!("session: there is no case of session {linked}");
    desk.refused(
        &token,
        &["removals", "request", &linked, WHY[0], WHY[1]],
        &why,
    )
    .await;
    // A name with a line feed in it makes no second line in the log (R-DEL-5).
    let forged = "x\n[SENSITIVE-OP] latch clear: done";
    let answer = desk
        .with(&token, &["removals", "request", forged, WHY[0], WHY[1]])
        .await;
    assert_eq!(
        (answer.code, answer.err.lines().count()),
        (Some(1), 1),
        "{}",
        answer.err
    );
    let sql = format!(
        "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
         select id, gen_random_uuid(), session_id, 1, relink.clock(), '{{}}' from relink.accounts where session_id = '{linked}'"
    );
    desk.ground.sql(&sql).await;
    let why = format!("session: the case of session {linked} is still open, not confirmed");
    desk.refused(
        &token,
        &["removals", "request", &linked, WHY[0], WHY[1]],
        &why,
    )
    .await;

    let gone = desk.ground.gone(0).await.0;
    let done = desk
        .does(ADA, &["removals", "request", &gone, WHY[0], WHY[1]])
        .await;
    let removal = done["removal"].as_str().expect("an id").to_owned();
    let why = "session: a removal of it is open, or it was removed already";
    desk.refused(&token, &["removals", "request", &gone, WHY[0], WHY[1]], why)
        .await;
    desk.does(ADA, &["removals", "withdraw", &removal, WHY[0], WHY[1]])
        .await;
    let why = format!("removal {removal} is withdrawn already");
    desk.refused(
        &token,
        &["removals", "withdraw", &removal, WHY[0], WHY[1]],
        &why,
    )
    .await;
    let nobody = "01980000-0000-7000-8000-000000000000";
    let why = format!("there is no removal {nobody}");
    desk.refused(
        &token,
        &["removals", "withdraw", nobody, WHY[0], WHY[1]],
        &why,
    )
    .await;
    desk.refused(&token, &["removals", "status", nobody], &why)
        .await;
    // What was withdrawn may be asked for again.
    desk.does(ADA, &["removals", "request", &gone, WHY[0], WHY[1]])
        .await;
}

#[tokio::test]
async fn r_aud_4_other_roles_are_refused_in_plain_words() {
    let desk = Desk::of(1).await;
    let token = desk.token(ADA).to_owned();
    for (role, arguments, why) in [
        (
            "relink_worker",
            &["latch", "clear", WHY[0], WHY[1]][..],
            "permission denied for function clear_latch (RELINK_DATABASE_URL must log in as relink_operator)",
        ),
        (
            "relink_reader",
            &["flag", "enable", "removals", "--for", "2h", WHY[0], WHY[1]],
            "permission denied for function enable_flag",
        ),
        (
            "relink_operator",
            &["operator", "add", "kim", "--by", "kim", WHY[0], WHY[1]],
            "permission denied to set role \"relink_owner\"",
        ),
        (
            "relink_operator",
            &["operator", "revoke", "bob", "--by", "kim", WHY[0], WHY[1]],
            "permission denied to set role \"relink_owner\"",
        ),
    ] {
        let before = desk.rows().await;
        let url = desk.ground.database.url(role);
        let settings = [
            ("RELINK_DATABASE_URL", url.as_str()),
            ("RELINK_OPERATOR_TOKEN", &token),
        ];
        let answer = desk.asked(&settings, arguments).await;
        assert_eq!(answer.code, Some(1));
        assert!(answer.err.contains(why), "{}", answer.err);
        assert_eq!(desk.rows().await, before);
    }
}

#[tokio::test]
async fn r_del_4_r_del_5_as_relink_operator_no_sql_writes_past_the_functions() {
    let ground = Ground::of(20).await;
    let gone = ground.gone(0).await;
    ground.request(&gone).await.expect("a removal");
    let operator = ground.database.client("relink_operator").await;
    let superuser = ground.database.client(SUPERUSER).await;
    let ends = "relink.clock() + interval '1 hour'";
    for sql in [
        format!("insert into relink.flags (id, name, ends_at, enabled_by, reason) values (gen_random_uuid(), 'removals', {ends}, 'ada', 'x')"),
        "update relink.flags set ended_at = null".to_owned(),
        format!("insert into relink.warrants (id, session_id, reason, issued_by, ends_at) values (gen_random_uuid(), 's', 'x', 'ada', {ends})"),
        "update relink.warrants set approved_by = 'bob'".to_owned(),
        "insert into relink.removals (id, session_id, case_id, reason, requested_by) select gen_random_uuid(), session_id, id, 'x', 'ada' from relink.cases".to_owned(),
        "update relink.removals set state = 'permitted', switch_on = true".to_owned(),
        "update relink.removal_latch set tripped_at = null, why = null".to_owned(),
        "delete from relink.removal_latch".to_owned(),
        "insert into relink.removal_looks (removal_id, number, control_session) select id, 1, 's' from relink.removals".to_owned(),
        "insert into relink.operator_audit (id, actor, action, reason) values (gen_random_uuid(), 'ada', 'flag.enable', 'x')".to_owned(),
        "insert into relink.operator_tokens (id, operator, digest, scopes, ends_at) values ('000000000000', 'eve', sha256('x'), '{remove}', 'infinity')".to_owned(),
        "select digest from relink.operator_tokens".to_owned(),
        "truncate relink.removal_audit".to_owned(),
        "select relink.end_flags('removals', 'ada', 'x')".to_owned(),
        "select relink.note_operation(gen_random_uuid(), 'ada', 'latch.clear', '', 'x', '{}')".to_owned(),
        "select relink.add_operator(gen_random_uuid(), '000000000000', 'eve', sha256('x'), '{remove}', null, interval '1 day', 'eve', 'x')".to_owned(),
        "select relink.revoke_operator(gen_random_uuid(), 'bob', 'eve', 'x')".to_owned(),
        "select relink.operator_of('rlo_x_y', 'remove')".to_owned(),
        "select relink.trip_removal_latch('x')".to_owned(),
        "select relink.judge_removal(id, 'permit', true, '{}', 'eve', null) from relink.removals".to_owned(),
        "select relink.settle_removal(id, 'withdrawn', 'x', 'eve', null) from relink.removals".to_owned(),
        "set role relink_owner".to_owned(),
    ] {
        let error = operator.batch_execute(&sql).await.expect_err(&sql);
        let code = error.code().map(tokio_postgres::error::SqlState::code);
        assert_eq!(code, Some("42501"), "{sql}: {error:?}");
    }
    // Not even the superuser writes such a row without an operator's audit row in the same transaction.
    let forged = format!(
        "insert into relink.flags (id, name, ends_at, enabled_by, reason) values (gen_random_uuid(), 'removals', {ends}, 'ada', 'x')"
    );
    let error = superuser
        .batch_execute(&forged)
        .await
        .expect_err("no audit row");
    let said = error.as_db_error().expect("the database's words").message();
    assert_eq!(
        said,
        "relink.flags: an operator's act and its audit row must be written by one transaction"
    );
}
