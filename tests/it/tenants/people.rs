//! A person is once in a workspace and once in a campaign, however they are written (R-CAM-5).

use super::{PLANTED, before, run, upgrade, words};
use tests::database::Database;

/// Two people of which each has two rows, one also as another target; enrolled as lists were imported twice.
const TWICE: &str = "
    insert into relink.prospects (id, workspace_id, name, handle)
    select ('00000000-0000-7000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, '00000000-0000-7000-8000-000000000001', 'P', handle
      from (values (1, 'https://www.linkedin.com/in/Grace-H/'), (2, 'grace-h'), (3, 'Joan@Example.com'), (4, 'joan@example.com '),
                   (5, 'kay'), (6, 'kay-2')) p(n, handle);
    insert into relink.enrollments (id, campaign_id, prospect_id, account_id, step, state, created_at, target, due_at)
    select ('00000000-0000-7000-8000-0000000002' || lpad(n::text, 2, '0'))::uuid,
           ('00000000-0000-7000-8000-0000000000' || campaign)::uuid, ('00000000-0000-7000-8000-0000000001' || person)::uuid,
           '00000000-0000-7000-8000-00000000000a', step, state, relink.clock() + n * interval '1 second', target,
           case when state = 'active' then relink.clock() end
      from (values (1, 'c1', '01', 1, 'active', 'grace'), (2, 'c1', '02', 3, 'active', 'grace-2'),
                   (3, 'c2', '02', 1, 'active', 'grace-2'),
                   (4, 'c1', '03', 2, 'active', 'Joan@Example.com'), (5, 'c1', '04', 2, 'done', 'joan@example.com'),
                   (6, 'c1', '05', 1, 'active', 'ACoAAB'), (7, 'c1', '06', 1, 'stopped', 'ACoAAB'),
                   (8, 'c2', '05', 1, 'active', 'ACoAAB'), (9, 'c2', '05', 1, 'active', 'ACoAAB')) e(n, campaign, person, step, state, target);
    insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, action, target, state, due_at, planned_at, slot_at)
    values ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-000000000301', '00000000-0000-7000-8000-000000000001',
            '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-000000000201', 1, 'message', 'grace', 'planned',
            relink.clock(), relink.clock(), relink.clock()),
           ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-000000000302', '00000000-0000-7000-8000-000000000001',
            '00000000-0000-7000-8000-0000000000c2', '00000000-0000-7000-8000-000000000209', 1, 'message', 'ACoAAB', 'planned',
            relink.clock(), relink.clock(), relink.clock());
    update relink.sends set state = 'reserved', counted_at = relink.clock() where id = '00000000-0000-7000-8000-000000000302';
    update relink.sends set state = 'sending', sending_at = relink.clock() where id = '00000000-0000-7000-8000-000000000302';
    update relink.sends set state = 'unknown', was_unknown = true where id = '00000000-0000-7000-8000-000000000302';";

#[tokio::test]
async fn r_cam_5_who_was_enrolled_twice_goes_on_where_they_came_furthest() {
    let (_database, owner) = before().await;
    run(&owner, PLANTED).await;
    run(&owner, TWICE).await;
    upgrade(&owner).await;
    let people = words(
        &owner,
        "select right(id::text, 2) || ' ' || kind || ' ' || handle || coalesce(' is ' || right(merged_into::text, 2), '')
           from relink.prospects order by id",
    )
    .await;
    assert_eq!(
        people,
        [
            "01 linkedin grace-h",
            "02 linkedin grace-h is 01",
            "03 email joan@example.com",
            "04 email joan@example.com is 03",
            "05 linkedin kay",
            "06 linkedin kay-2"
        ],
        "nobody is deleted, the oldest counts"
    );
    let enrolled = words(
        &owner,
        "select right(id::text, 2) || ' of ' || right(prospect_id::text, 2) || ' at ' || step || ' ' || state
                || coalesce(' ' || stopped_why, '') || coalesce(', goes on as ' || right(duplicate_of::text, 2), '')
           from relink.enrollments order by id",
    )
    .await;
    assert_eq!(
        enrolled,
        [
            "01 of 01 at 1 stopped duplicate_person, goes on as 02",
            "02 of 01 at 3 active",
            "03 of 01 at 1 active",
            "04 of 03 at 2 stopped duplicate_person, goes on as 05",
            "05 of 03 at 2 done",
            // The same target under two names: who was stopped stays stopped.
            "06 of 05 at 1 stopped duplicate_person, goes on as 07",
            "07 of 06 at 1 stopped",
            // What may have been sent counts.
            "08 of 05 at 1 stopped duplicate_person, goes on as 09",
            "09 of 05 at 1 active"
        ]
    );
    let sends = "select right(id::text, 2) || ' ' || state || coalesce(' ' || code, '') from relink.sends order by id";
    let sends = words(&owner, sends).await;
    assert_eq!(sends, ["01 cancelled duplicate_person", "02 unknown"]);
}

#[tokio::test]
async fn r_cam_5_nobody_is_enrolled_twice_however_they_are_written() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    run(&owner, PLANTED).await;
    let person = |id: u32, kind: &str, handle: &str| {
        format!(
            "insert into relink.prospects (id, workspace_id, name, kind, handle)
             values ('00000000-0000-7000-8000-0000000001{id:02}', '00000000-0000-7000-8000-000000000001', 'P', '{kind}', '{handle}')"
        )
    };
    run(&owner, &person(1, "linkedin", "Grace-H")).await;
    run(&owner, &person(2, "email", "Joan@Example.com")).await;
    run(&owner, &person(3, "linkedin", "ACoAABcdEFghIJkl")).await;
    // Another id of the provider's, which tells upper from lower case.
    run(&owner, &person(4, "linkedin", "ACoAABcdEFghIJkL")).await;
    for (kind, handle) in [
        ("linkedin", "grace-h"),
        ("linkedin", " GRACE-H "),
        ("linkedin", "https://www.linkedin.com/in/grace-h"),
        (
            "linkedin",
            "http://de.linkedin.com/in/Grace-H/?originalSubdomain=de",
        ),
        ("linkedin", "linkedin.com/in/grace-h/details"),
        ("email", "JOAN@example.COM"),
        ("email", "mailto:joan@example.com"),
        ("linkedin", "https://linkedin.com/in/ACoAABcdEFghIJkl"),
    ] {
        let again = owner.batch_execute(&person(9, kind, handle)).await;
        let error = again.expect_err(handle);
        let error = error.as_db_error().expect("the database's");
        assert_eq!(
            error.constraint(),
            Some("prospects_of_a_person"),
            "{handle}"
        );
    }
    let enrol = |person: u32, target: &str| {
        format!(
            "insert into relink.enrollments (id, campaign_id, prospect_id, account_id, created_at, target)
             values (gen_random_uuid(), '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000001{person:02}',
                     '00000000-0000-7000-8000-00000000000a', relink.clock(), '{target}')"
        )
    };
    run(&owner, &enrol(1, "ACoAAGrace")).await;
    run(&owner, &enrol(2, "joan@example.com")).await;
    run(&owner, &enrol(3, "ACoAAx")).await;
    run(&owner, "update relink.enrollments set state = 'done'").await;
    for (person, target, constraint) in [
        (1, "ACoAAother", "enrollments_of_a_person"),
        (4, "ACoAAx", "enrollments_of_a_target"),
        (4, "Joan@Example.com", "enrollments_of_a_target"),
    ] {
        let again = owner.batch_execute(&enrol(person, target)).await;
        let error = again.expect_err(target);
        let error = error.as_db_error().expect("the database's");
        assert_eq!(error.constraint(), Some(constraint), "{target}");
    }
    // Ids of the provider's differ by case alone.
    run(&owner, &enrol(4, "ACoAAX")).await;
}
