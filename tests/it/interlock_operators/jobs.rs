//! Jobs come to be by acts, and by no operator's login alone.

use super::Desk;
use secrecy::ExposeSecret;

/// One job of a kind, asked for as the act of an audit row.
fn asks(token: &str, audit: &str, kind: &str) -> String {
    format!(
        "select relink.enqueue_of_act('{token}', '{audit}', array[gen_random_uuid()], array['removals'], array['{kind}'],
                                      array[1::smallint], array['a test'], array['00000000-0000-0000-0000-000000000000'::uuid],
                                      array[null::uuid], array['{{}}'::jsonb], array[relink.clock()], array[null::text])"
    )
}

#[tokio::test]
async fn r_aud_4_an_operators_login_asks_for_no_job_without_its_act() {
    let desk = Desk::of(1).await;
    let [ada, bob] = [0, 1].map(|nth: usize| desk.ground.tokens[nth].expose_secret().to_owned());
    let operator = desk.ground.database.client("relink_operator").await;
    let audit = "01980000-0000-7000-8000-000000000000";
    let flag = format!(
        "select relink.enable_flag('{ada}', '{audit}', gen_random_uuid(), 'removals', interval '1 hour', 'because')"
    );
    let insert =
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
                  select gen_random_uuid(), 'removals', 'removals.execute', 1, 'a test',
                         '00000000-0000-0000-0000-000000000000', '{}', relink.clock()";
    let look = |token: &str| asks(token, audit, "removals.look");
    let unpaired = "jobs: an operator's act and its audit row must be written by one transaction";
    let (nobody, another) = (look("rlo_x_y"), look(&bob));
    let execute = asks(&ada, audit, "removals.execute");
    for (statements, why) in [
        (vec![insert], "permission denied for table jobs"),
        (
            vec![nobody.as_str()],
            "operator token: unknown, expired or revoked",
        ),
        (vec![look(&ada).as_str()], unpaired),
        (vec![flag.as_str(), another.as_str()], unpaired),
        (
            vec![flag.as_str(), look(&ada).as_str()],
            "jobs: flag.enable asks for no removals.look",
        ),
        (
            vec![flag.as_str(), execute.as_str()],
            "jobs: flag.enable asks for no removals.execute",
        ),
    ] {
        let all = statements.join(";\n");
        let error = operator.batch_execute(&all).await.expect_err(&all);
        let said = error.as_db_error().expect("the database's words").message();
        assert_eq!(said, why, "{all}");
    }
    // An act of an earlier transaction is none of this one.
    operator
        .batch_execute(&flag)
        .await
        .expect("enable the flag");
    let error = operator.batch_execute(&look(&ada)).await.expect_err("late");
    assert_eq!(error.as_db_error().expect("words").message(), unpaired);
    let made = "select count(*) from relink.jobs where cause = 'a test'";
    let row = operator.query_one(made, &[]).await.expect("count");
    assert_eq!(row.get::<_, i64>(0), 0);
}
