//! When an account sends that has no rules of its own, and who says so (R-CAP-3).

use super::{run, words};
use policy::sends::sender::{RulesFrom, SendingRules, ZoneFrom};
use tests::sends::Ground;

/// What is set, and what follows from it.
struct Case {
    set: &'static str,
    zone: &'static str,
    window: (u16, u16),
    days: u8,
    ramp: (u32, u32),
    from: (RulesFrom, ZoneFrom),
}

const NOTHING: Case = Case {
    set: "select 1",
    zone: "UTC",
    window: (540, 1080),
    days: 31,
    ramp: (10, 5),
    from: (RulesFrom::Default, ZoneFrom::Unknown),
};

/// Each goes on from the one before.
const CASES: [Case; 12] = [
    NOTHING,
    Case {
        set: "update relink.accounts set kind = 'GOOGLE_OAUTH'",
        ramp: (5, 2),
        ..NOTHING
    },
    Case {
        set: "update relink.accounts set kind = 'LINKEDIN'; update relink.workspaces set zone = 'Europe/Berlin'",
        zone: "Europe/Berlin",
        from: (RulesFrom::Default, ZoneFrom::Workspace),
        ..NOTHING
    },
    Case {
        set: "update relink.accounts set zone = 'Asia/Tokyo'",
        zone: "Asia/Tokyo",
        from: (RulesFrom::Default, ZoneFrom::Owner),
        ..NOTHING
    },
    Case {
        set: "update relink.workspaces set days = 64",
        zone: "Asia/Tokyo",
        days: 64,
        from: (RulesFrom::Workspace, ZoneFrom::Owner),
        ..NOTHING
    },
    Case {
        set: "update relink.workspaces set days = null, start_minute = 1380, end_minute = 60",
        zone: "Asia/Tokyo",
        window: (1_380, 60),
        from: (RulesFrom::Workspace, ZoneFrom::Owner),
        ..NOTHING
    },
    Case {
        set: "update relink.workspaces set start_minute = 0, end_minute = 1440",
        zone: "Asia/Tokyo",
        window: (0, 1440),
        from: (RulesFrom::Workspace, ZoneFrom::Owner),
        ..NOTHING
    },
    Case {
        set: "update relink.accounts set zone = null",
        zone: "Europe/Berlin",
        window: (0, 1440),
        from: (RulesFrom::Workspace, ZoneFrom::Workspace),
        ..NOTHING
    },
    Case {
        set: "update relink.workspaces set zone = null",
        window: (0, 1440),
        from: (RulesFrom::Workspace, ZoneFrom::Unknown),
        ..NOTHING
    },
    Case {
        set: "update relink.accounts set zone = 'Asia/Tokyo';
              insert into relink.send_rules (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
              select id, 'America/Lima', 60, 120, 1, 3, 1 from relink.accounts",
        zone: "America/Lima",
        window: (60, 120),
        days: 1,
        ramp: (3, 1),
        from: (RulesFrom::Account, ZoneFrom::Account),
    },
    // What a row leaves out is inherited, each by itself.
    Case {
        set: "update relink.send_rules set zone = null, days = null, start_minute = 1320, end_minute = 360",
        zone: "Asia/Tokyo",
        window: (1_320, 360),
        ramp: (3, 1),
        from: (RulesFrom::Account, ZoneFrom::Owner),
        ..NOTHING
    },
    Case {
        set: "update relink.send_rules set zone = 'America/Lima', ramp_start = null, ramp_step = null, start_minute = null,
                     end_minute = null",
        zone: "America/Lima",
        window: (0, 1440),
        from: (RulesFrom::Workspace, ZoneFrom::Account),
        ..NOTHING
    },
];

#[tokio::test]
async fn r_cap_3_an_account_inherits_hours_zone_and_ramp_and_says_from_whom() {
    let ground = Ground::of(1).await;
    let id = ground.accounts[0].0;
    for case in CASES {
        run(&ground.owner, case.set).await;
        let tx = ground.worker().begin().await.expect("begin");
        let found = tx.senders(&[id]).await.expect("look").remove(0);
        tx.abandon().await;
        let expected = SendingRules {
            zone: case.zone.to_owned(),
            start_minute: case.window.0,
            end_minute: case.window.1,
            days: case.days,
            ramp_start: case.ramp.0,
            ramp_step: case.ramp.1,
        };
        assert_eq!(found.sender.rules, expected, "{}", case.set);
        assert_eq!(
            (found.rules_from, found.zone_from),
            case.from,
            "{}",
            case.set
        );
        // What `why` says of it, and the page of the owner's product.
        let product = ground
            .database
            .store("relink_reader")
            .begin()
            .await
            .expect("begin");
        let of = product
            .owners_account(found.workspace, found.sender.account)
            .await;
        product.abandon().await;
        let of = of.expect("look").expect("the account");
        let shown = &of.appearance;
        let zone = shown.facts.zone.iana_name();
        assert_eq!((zone, shown.zone_from), (Some(case.zone), case.from.1));
    }
}

#[tokio::test]
async fn r_cap_3_unknown_zones_and_empty_windows_are_refused_where_they_are_saved() {
    let ground = Ground::of(1).await;
    let rules = |zone: &str, start: u16, end: u16, days: u8| {
        format!(
            "insert into relink.send_rules (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
             select id, '{zone}', {start}, {end}, {days}, 1, 1 from relink.accounts"
        )
    };
    let setting = |table: &str, what: &str| format!("update relink.{table} set {what}");
    for wrong in [
        rules("Mars/Phobos", 0, 60, 31),
        rules("CEST", 0, 60, 31),
        rules("+02:00", 0, 60, 31),
        rules("Europe/Berlin", 60, 60, 31),
        setting("workspaces", "zone = 'Mars/Phobos'"),
        setting("workspaces", "zone = ''"),
        setting("workspaces", "start_minute = 60, end_minute = 60"),
        setting("workspaces", "start_minute = 60"),
        setting("workspaces", "days = 0"),
        setting("accounts", "zone = 'Europe/Atlantis'"),
    ] {
        let saved = ground.owner.batch_execute(&wrong).await;
        let error = saved.expect_err(&wrong);
        let code = error.as_db_error().map(|it| it.code().code().to_owned());
        assert_eq!(code.as_deref(), Some("23514"), "{wrong}");
    }
    run(&ground.owner, &rules("Europe/Berlin", 0, 60, 31)).await;
    let saved = words(&ground.owner, "select zone from relink.send_rules").await;
    assert_eq!(saved, ["Europe/Berlin"]);
}
