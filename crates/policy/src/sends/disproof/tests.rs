use super::*;
use crate::samples::account;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sends.md");

fn well(number: usize) -> Vec<Judged> {
    let one = Judged {
        blame: None,
        class: None,
    };
    vec![one; number]
}

fn refused(number: usize, class: Class) -> Vec<Judged> {
    let one = Judged {
        blame: crate::sends::refusals::of(class).blame,
        class: Some(class),
    };
    vec![one; number]
}

#[test]
fn r_cap_8_a_return_disproves_what_spoke_of_the_session_alone() {
    use Class::{AccountCap, Checkpoint, Gone, ProspectGone, Reconnect, Restricted, Unknown};
    let cases = [
        (vec![refused(3, Reconnect), well(7)], Some(false)),
        (vec![refused(3, Checkpoint), well(9)], Some(false)),
        (
            vec![refused(2, Gone), refused(1, Reconnect), well(8)],
            Some(false),
        ),
        // What is left is still too much, or another kind.
        (
            vec![refused(3, Reconnect), refused(3, AccountCap), well(7)],
            None,
        ),
        (vec![refused(3, AccountCap), well(7)], None),
        (vec![refused(3, Restricted), well(7)], None),
        (vec![refused(3, Unknown), well(7)], None),
        // What is left says too little to hold anybody.
        (
            vec![refused(3, Reconnect), refused(2, AccountCap), well(7)],
            Some(false),
        ),
        (
            vec![refused(9, Reconnect), refused(1, AccountCap), well(0)],
            Some(false),
        ),
        // Of the prospect: neither.
        (
            vec![refused(3, Reconnect), refused(4, ProspectGone), well(3)],
            Some(false),
        ),
        // The probing send alone raised it: the hold before that one is not disproved.
        (vec![refused(1, Reconnect), well(4)], Some(true)),
        (
            vec![refused(1, AccountCap), refused(1, Reconnect), well(18)],
            None,
        ),
        (vec![], None),
        (vec![well(20)], None),
    ];
    for (judged, expected) in cases {
        let judged = judged.concat();
        let found = disproof(account(1), &judged);
        assert_eq!(found.map(|it| it.probe), expected, "{judged:?}");
    }
}

#[test]
fn r_cap_8_docs_say_of_every_hold_what_a_return_says_of_it() {
    let page = std::fs::read_to_string(PAGE).expect("docs/sends.md");
    let table = table();
    assert!(page.contains(&table), "docs/sends.md must hold:\n{table}");
    for class in OF_THE_SESSION {
        assert!(table.contains(&format!("`{}`", class.as_str())));
        let row = crate::sends::refusals::of(class);
        assert_eq!(row.blame, Some(Blame::Account));
        assert_eq!(row.account, crate::sends::refusals::OnAccount::Check);
    }
}
