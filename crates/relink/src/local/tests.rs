//! Whom `--local` finds, and which files it does not believe.

use super::notice::{Notice, Place, State};
use super::{Fleet, FleetChoice, Login, choose, names_a_fleet, refuse_other_fleets};
use fleet::config::Environment;
use fleet::settings::{SECRETS, SETTINGS};
use serde_json::json;
use std::collections::BTreeMap;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A place for notices of one test, taken away with all that is in it.
struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Self {
        let name = format!("relink-notice-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::remove_dir_all(&path).ok();
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).create(&path).expect("make a folder");
        Self(path)
    }

    fn place(&self) -> Place {
        Place::at(self.0.clone())
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("write a file");
        set_mode(&path, mode);
        path
    }

    fn only(&self) -> State {
        let states = self.place().states().map_err(|error| error.to_string());
        let [state] = <[State; 1]>::try_from(states.expect("a private place")).expect("one file");
        state
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn set_mode(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("set the mode");
}

fn fleet(dir: &str) -> Fleet {
    let settings = BTreeMap::from([("RELINK_DATABASE_URL".to_owned(), "operator".to_owned())]);
    let owner = "owner".to_owned();
    Fleet::of_this_process(Path::new(dir), 60.0, owner, settings)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A fleet whose pid belongs to another process now: this one, which started at another time.
fn ended(dir: &str) -> Fleet {
    let mut text = serde_json::to_value(fleet(dir)).expect("JSON");
    text["started"] = json!(1);
    serde_json::from_value(text).expect("a fleet")
}

fn put_up(folder: &Folder, fleet: &Fleet) -> Notice {
    Notice::put_up_in(&folder.place(), fleet).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_notice_is_private_and_ends_with_its_fleet() {
    let folder = Folder::of("private");
    let place = Place::at(folder.0.join("made"));
    let notice = Notice::put_up_in(&place, &fleet("/a")).unwrap_or_else(|error| panic!("{error}"));
    let file = place.path().join(format!("{}.json", std::process::id()));
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("it exists")
            .permissions()
            .mode()
    };
    assert_eq!(mode(place.path()) & 0o777, 0o700);
    assert_eq!(mode(&file) & 0o777, 0o600);
    let states = place.states().unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(states.as_slice(), [State::Running(found)] if *found == fleet("/a")));
    drop(notice);
    assert!(!file.exists());
}

#[test]
fn a_reused_pid_is_no_running_fleet_and_the_next_cleans_up() {
    let folder = Folder::of("reused");
    let text = serde_json::to_string(&ended("/old")).expect("JSON");
    let stale = folder.write("1.json", &text, 0o600);
    assert!(matches!(folder.only(), State::Ended(found) if found.dir == Path::new("/old")));
    let notice = put_up(&folder, &fleet("/new"));
    assert!(!stale.exists());
    assert!(matches!(folder.only(), State::Running(found) if found.dir == Path::new("/new")));
    drop(notice);
}

#[test]
fn files_that_others_could_have_written_are_not_believed() {
    let text = serde_json::to_string(&fleet("/a")).expect("JSON");
    let folder = Folder::of("believed");
    let other = Folder::of("elsewhere");
    let target = other.write("real.json", &text, 0o600);
    let link = folder.0.join("1.json");
    symlink(&target, &link).expect("make a link");
    assert!(matches!(folder.only(), State::Refused(why) if why.contains("not a plain file")));
    std::fs::remove_file(link).expect("remove the link");
    for (mode, text, expected) in [
        (0o640, text.as_str(), "open to other users (mode 640)"),
        (0o602, &text, "open to other users (mode 602)"),
        (0o600, "{", "EOF"),
    ] {
        folder.write("1.json", text, mode);
        assert!(matches!(folder.only(), State::Refused(why) if why.contains(expected)));
    }
}

#[test]
fn a_place_that_others_can_enter_is_refused_for_reading_and_writing() {
    let folder = Folder::of("entered");
    let linked = folder.0.join("linked");
    symlink(&folder.0, &linked).expect("make a link");
    let open = folder.0.join("open");
    std::fs::create_dir(&open).expect("make a folder");
    set_mode(&open, 0o755);
    for (dir, expected) in [(linked, "not a directory"), (open, "mode 755")] {
        let place = Place::at(dir);
        let read = place.states().map(|_| ());
        let written = Notice::put_up_in(&place, &fleet("/a")).map(|_| ());
        for refused in [read, written] {
            let why = refused.expect_err("it is refused").to_string();
            assert!(why.contains(expected), "{why}");
        }
    }
    // Nobody has put one up yet.
    let none = Place::at(folder.0.join("none")).states();
    assert!(none.is_ok_and(|states| states.is_empty()));
}

#[test]
fn one_running_fleet_is_chosen_and_of_several_the_named() {
    let here = Path::new("/run/somewhere");
    let chosen = |states: Vec<State>, choice: &FleetChoice| {
        choose(states, choice, here).map(|fleet| fleet.dir.display().to_string())
    };
    let running = |dir: &str| State::Running(fleet(dir));
    let (only, in_b) = (FleetChoice::Only, FleetChoice::In("/b".into()));
    let two = || vec![running("/a"), running("/b")];
    assert_eq!(chosen(vec![running("/a")], &only), Ok("/a".to_owned()));
    assert_eq!(chosen(two(), &in_b), Ok("/b".to_owned()));
    let both = vec![State::Ended(ended("/old")), running("/a")];
    assert_eq!(chosen(both, &only), Ok("/a".to_owned()));
    let refusals = [
        (two(), &only, "relink --local=/b …"),
        (vec![], &only, "/run/somewhere"),
        (vec![running("/a")], &in_b, "no fleet runs in /b"),
        (
            vec![State::Ended(ended("/b"))],
            &only,
            "ended without a word",
        ),
        (
            vec![State::Refused("x: odd".to_owned())],
            &only,
            "not read: x: odd",
        ),
    ];
    for (states, choice, expected) in refusals {
        let why = chosen(states, choice).expect_err("none is meant");
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn an_owner_s_command_gets_the_login_that_may_hand_out_tokens() {
    for (login, expected) in [(Login::Operator, "operator"), (Login::Owner, "owner")] {
        assert_eq!(
            fleet("/a").into_settings(login)["RELINK_DATABASE_URL"],
            expected
        );
    }
}

#[test]
fn settings_that_say_where_a_fleet_is_refuse_local() {
    let all = SETTINGS.iter().chain(SECRETS).copied();
    let named: Vec<&str> = all.filter(|name| names_a_fleet(name)).collect();
    assert_eq!(
        named,
        [
            "RELINK_AMQP_CA_FILE",
            "RELINK_AMQP_PREFIX",
            "RELINK_API_OPS_ADDRESS",
            "RELINK_API_PRODUCT_ADDRESS",
            "RELINK_API_WEBHOOKS_ADDRESS",
            "RELINK_CALLBACK_URL",
            "RELINK_DATABASE_CA_FILE",
            "RELINK_HTTP_ADDRESS",
            "RELINK_PAGE_URL",
            "RELINK_PROVIDER_CA_FILE",
            "RELINK_PROVIDER_URL",
            "RELINK_PUBLIC_URL",
            "RELINK_SIMULATOR_ADDRESS",
            "RELINK_SMTP_CA_FILE",
            "RELINK_AMQP_URL",
            "RELINK_DATABASE_URL",
            "RELINK_OPERATOR_TOKEN",
            "RELINK_PROVIDER_API_KEY",
            "RELINK_RABBITMQ_MANAGEMENT_URL",
            "RELINK_SECRETS_KEY",
            "RELINK_SECRETS_KEY_PREVIOUS",
            "RELINK_SMTP_URL",
            "RELINK_WEBHOOK_SECRET",
            "RELINK_WEBHOOK_SECRET_PREVIOUS",
        ]
    );
    let refused = |name: &str, value: &str| {
        let pair = (name.to_owned(), value.to_owned());
        refuse_other_fleets(&Environment::from_iter([pair]))
    };
    let why = refused("RELINK_DATABASE_URL_FILE", "/x").expect_err("it names a fleet");
    assert!(why.contains("RELINK_DATABASE_URL_FILE"), "{why}");
    for (name, value) in [("RELINK_DATABASE_URL", ""), ("RELINK_LOG", "debug")] {
        assert_eq!(refused(name, value), Ok(()));
    }
}
