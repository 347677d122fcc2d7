//! `docs/database.md`: each table, trigger and function, by noun, and where its current text stands.

use policy::jobs::KINDS;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use tests::printed::is_as_printed;

/// Nouns with their objects, and sentences for those whose migration has none.
const NOUNS: &str = include_str!("database.txt");

const HEAD: &str = "\
# The database, by noun

Printed from the texts of `migrations` by `tests/it/schema/database.rs`; a test keeps this page equal to them. *Text* is the
migration with the current definition: of a function the last one that creates it, of a table each one that shapes it.
Released migrations are never edited.

Rules live here too, because they must hold against everybody: caps in `reserve_sends`, gates in `removal_gates`, pauses in
`pauses_over`. Each gate is written twice, here and in `crates/policy/src/interlock/gates.rs`; `tests/it/interlock_oracle.rs`
holds the two together, in hundreds of situations near every bound. Change both or neither.

## Order of locks

Rows are locked in this order, and those of one kind by id. `tests/it/locks.rs` lets everything loose at once.

1. The key of an act, for which nobody waits (V0052). Operators' tokens, workspaces, subscriptions: by the functions of operators,
   `for no key update`. Then what a claim and a pause of work exclude each other by (V0014), and the jobs that are claimed.
2. Accounts, `for no key update`: all of which the transaction writes anything, at once. What is an account's (holds, closed
   actions, cooldowns, sends, enrollments, episodes, restarts, places in campaigns) is written under its lock alone, and then in
   any order.
3. Campaigns, all at once, before their pauses.
4. Sessions and persons that are linked (`accounts/lock_claims.sql`).
5. Cases; losses that the breaker stopped, by account; verifications; removals and what guards them.
6. Alerts, by code and subject; jobs, by cause.
7. Runs of the watch, counts of losses, and last the row of a duty, which many jobs share.

`Tx::lock_rows_of` does 2 and 3 for every decision before it is written. What needs a row later than its place here takes what is
free (`skip locked`) and comes again: `sends.dispatch`, which walks through a range of shards and so in no order of ids, and the
sweeps that end holds, mark what is overdue, take up lost looks and dead sends, or let go what was renewed. A row that is only
referred to is locked `for key share`, which is in nobody's way: accounts and workspaces are never locked `for update`.
";

/// A table or a function, as the migrations' texts have it.
#[derive(Default)]
struct Object {
    is_table: bool,
    /// Comment above the newest definition that has one.
    comment: String,
    /// Migrations with its text: of a function the last counts alone.
    places: Vec<String>,
}

/// A trigger: its table, its name, when it fires, what it calls, and its migration.
struct Trigger {
    table: String,
    name: String,
    when: String,
    calls: String,
    place: String,
}

#[test]
fn docs_database_is_what_the_migrations_say() {
    is_as_printed("database.md", &page(), "the migrations");
}

#[test]
fn architecture_names_places_of_nouns_that_exist() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("read the map");
    let (_, after) = text.split_once("\n## The nouns\n").expect("the nouns");
    let section = after.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with('|'));
    let places: Vec<&str> = rows
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect();
    let (crates, kinds) = (root().join("crates"), KINDS.map(|kind| kind.name));
    let missing: Vec<&&str> = places
        .iter()
        .filter(|place| !crates.join(place).exists() && !kinds.contains(place))
        .collect();
    assert!(places.len() > 30, "{places:?}");
    assert_eq!(missing, [] as [&&str; 0]);
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn page() -> String {
    let (objects, triggers) = read_migrations();
    let (mut page, mut named) = (HEAD.to_owned(), BTreeSet::new());
    for section in NOUNS.split("\n# ").skip(1) {
        let (noun, lines) = section.split_once('\n').expect("lines below a noun");
        let title = format!("\n## {noun}\n\n| | what it is | text |\n|---|---|---|\n");
        page.push_str(&title);
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let (name, sentence) = line.split_once(": ").unwrap_or((line, ""));
            assert!(named.insert(name), "{name} stands twice in database.txt");
            let Some(object) = objects.get(name) else {
                panic!("{name} of database.txt is in no migration");
            };
            page.push_str(&row(name, sentence, object));
            let own = triggers
                .iter()
                .filter(|it| it.table == name && object.is_table);
            own.for_each(|it| page.push_str(&trigger_row(it)));
        }
    }
    let unnamed: Vec<&String> = objects
        .keys()
        .filter(|name| !named.contains(name.as_str()))
        .collect();
    assert_eq!(
        unnamed,
        [] as [&String; 0],
        "give them a noun in database.txt"
    );
    page
}

fn row(name: &str, sentence: &str, object: &Object) -> String {
    let kind = if object.is_table { "table" } else { "function" };
    let sentence = if sentence.is_empty() {
        first_sentence(&object.comment)
    } else {
        sentence.to_owned()
    };
    assert!(
        !sentence.is_empty(),
        "give {name} a sentence in database.txt"
    );
    format!(
        "| {kind} `{name}` | {sentence} | {} |\n",
        object.places.join(", ")
    )
}

fn trigger_row(trigger: &Trigger) -> String {
    let Trigger {
        table,
        name,
        when,
        calls,
        place,
    } = trigger;
    format!("| trigger `{name}` on `{table}` | {when}: `{calls}` | {place} |\n")
}

/// First sentence that can be read alone; a bare rule or number in front of it stays with it.
fn first_sentence(comment: &str) -> String {
    let mut sentence = String::new();
    for part in comment.split_inclusive(". ") {
        sentence.push_str(part);
        if sentence.len() > 24 {
            break;
        }
    }
    sentence.trim().replace('|', "\\|")
}

fn read_migrations() -> (BTreeMap<String, Object>, Vec<Trigger>) {
    let mut paths: Vec<_> = std::fs::read_dir(root().join("migrations"))
        .expect("the migrations")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    let (mut objects, mut triggers) = (BTreeMap::<String, Object>::new(), vec![]);
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("read a migration");
        let file = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let place = file.split("__").next().expect("a version").to_owned();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if let Some((is_table, name)) = defined(line) {
                let object = objects.entry(name.to_owned()).or_default();
                object.is_table = is_table;
                object.places = vec![place.clone()];
                let comment = comment_above(&lines[..at]);
                if !comment.is_empty() {
                    object.comment = comment;
                }
            } else if let Some(name) = after(line, "alter table relink.")
                && let Some(object) = objects.get_mut(name)
                && !object.places.contains(&place)
            {
                object.places.push(place.clone());
            } else if line.starts_with("create trigger ")
                || line.starts_with("create constraint trigger ")
            {
                let statement = lines[at..].join(" ");
                triggers.push(trigger(
                    statement.split(';').next().unwrap_or_default(),
                    &place,
                ));
            }
        }
    }
    (objects, triggers)
}

/// Name that a line begins to define, and whether it is a table's. Partitions are none of their own.
fn defined(line: &str) -> Option<(bool, &str)> {
    let table = after(line, "create table relink.");
    if let Some(name) = table.or_else(|| after(line, "create unlogged table relink.")) {
        return (!line.contains("partition of")).then_some((true, name));
    }
    let function = after(line, "create function relink.");
    let function = function.or_else(|| after(line, "create or replace function relink."))?;
    Some((false, function))
}

/// Identifier that follows the beginning of a line.
fn after<'a>(line: &'a str, beginning: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(beginning)?;
    let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    Some(&rest[..end.unwrap_or(rest.len())])
}

fn comment_above(lines: &[&str]) -> String {
    let above = lines
        .iter()
        .rev()
        .map_while(|line| line.strip_prefix("-- "));
    let mut above: Vec<&str> = above.collect();
    above.reverse();
    above.join(" ")
}

/// `create trigger NAME WHEN on relink.TABLE … execute function relink.CALLS`.
fn trigger(statement: &str, place: &str) -> Trigger {
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_deferred = words.contains("initially deferred");
    let rest = words
        .trim_start_matches("create constraint trigger ")
        .trim_start_matches("create trigger ");
    let (name, rest) = rest.split_once(' ').expect("a name");
    let (when, rest) = rest.split_once(" on relink.").expect("a table");
    let table = rest.split(' ').next().expect("a table");
    let (_, calls) = rest
        .split_once("execute function relink.")
        .expect("a function");
    let deferred = if is_deferred { ", at commit" } else { "" };
    Trigger {
        table: table.to_owned(),
        name: name.to_owned(),
        when: format!("{when}{deferred}"),
        calls: calls.to_owned(),
        place: place.to_owned(),
    }
}
