//! Whoever types at night knows names: where a command wants an account, a campaign or a workspace, its name does.

use super::Desk;

const OPERATOR: &str = "relink_operator";

impl Desk {
    async fn acts(&self, arguments: &[&str]) -> String {
        let reason = ["--reason", "typed by name"];
        let answer = self.asked(OPERATOR, &[arguments, &reason].concat()).await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        answer.out
    }
}

#[tokio::test]
async fn r_wsp_1_a_command_takes_a_name_where_it_takes_an_id() {
    let desk = Desk::of(3).await;
    desk.ground
        .sql("update relink.workspaces set name = 'Blue Harbour' where id = (select workspace_id from relink.accounts limit 1)")
        .await;
    let acts: [&[&str]; 7] = [
        &[
            "workspace",
            "set",
            "blue harbour",
            "--zone",
            "Europe/Berlin",
        ],
        &["workspace", "subscription", "end", "Blue Harbour"],
        &["workspace", "subscription", "renew", "Blue Harbour"],
        &["accounts", "zone", "crowd-001", "Europe/Paris"],
        &["pause", "workspace", "Blue Harbour"],
        &["pause", "account", "crowd-001"],
        &["resume", "account", "crowd-001"],
    ];
    for act in acts {
        desk.acts(act).await;
    }
    let looks: [&[&str]; 8] = [
        &["workspace", "show", "Blue Harbour"],
        &["accounts", "list", "--workspace", "Blue Harbour"],
        &["campaigns", "list", "--workspace", "Blue Harbour"],
        &["losses", "--workspace", "Blue Harbour"],
        &[
            "sends",
            "list",
            "--workspace",
            "Blue Harbour",
            "--account",
            "crowd-001",
        ],
        &["cases", "list", "--account", "s-crowd-001"],
        &[
            "dead",
            "list",
            "--workspace",
            "Blue Harbour",
            "--account",
            "crowd-001",
        ],
        &["audit", "tail", "--account", "crowd-001"],
    ];
    for look in looks {
        desk.reads(look).await;
    }
    let of_it = desk.reads(looks[1]).await;
    assert_eq!(of_it.matches("Blue Harbour").count(), 3, "{of_it}");
}

#[tokio::test]
async fn a_name_that_is_none_or_several_is_refused_with_those_that_are_known() {
    let desk = Desk::of(3).await;
    desk.ground
        .sql("update relink.workspaces set name = 'Blue Harbour' where id = (select workspace_id from relink.accounts limit 1)")
        .await;
    let end = [
        "workspace",
        "subscription",
        "end",
        "Bleu",
        "--reason",
        "a slip",
    ];
    let answer = desk.asked(OPERATOR, &end).await;
    assert_eq!(answer.code, Some(1));
    assert!(
        answer.err.contains("such as Blue Harbour"),
        "{}",
        answer.err
    );
    desk.ground
        .sql("insert into relink.workspaces (id, name, created_at) values (gen_random_uuid(), 'blue harbour', relink.clock())")
        .await;
    let end = [
        "workspace",
        "subscription",
        "end",
        "Blue Harbour",
        "--reason",
        "which?",
    ];
    let answer = desk.asked(OPERATOR, &end).await;
    assert_eq!(answer.code, Some(1));
    assert!(answer.err.contains("name one by its id"), "{}", answer.err);
    let ended = desk
        .ground
        .number("select count(*) from relink.subscriptions")
        .await;
    assert_eq!(ended, 0, "a slip ends nobody's subscription");
}
