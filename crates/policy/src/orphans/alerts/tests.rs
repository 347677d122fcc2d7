use super::*;
use crate::account::Status;
use crate::orphans::samples::{first, free, near, owner};
use crate::orphans::{Claim, finding};
use crate::samples::account;

fn unsure(sessions: &[u128]) -> Neighbourhood {
    let mut silent = first(1);
    silent.declared = Some("somebody-else".to_owned());
    near(vec![silent], sessions.iter().map(|it| free(*it)).collect())
}

fn alert(neighbourhood: &Neighbourhood) -> Option<Alert> {
    news(neighbourhood, &finding(neighbourhood, account(1))?)
}

fn after(mut neighbourhood: Neighbourhood, earlier: &Alert) -> Neighbourhood {
    neighbourhood.told.push(EarlierAlert {
        code: earlier.code.to_owned(),
        subject: earlier.subject.clone(),
        detail: earlier.detail.clone(),
    });
    neighbourhood
}

#[test]
fn r_orp_2_doubt_is_told_with_its_candidates_and_without_a_name() {
    let told = alert(&unsure(&[2, 1])).expect("an alert");
    assert_eq!(
        (told.code, told.subject),
        ("orphan_ambiguous", format!("account {}", account(1)))
    );
    let candidate = |number: u8| json!({ "session": format!("session-{number}"), "kind": "LINKEDIN", "handle": format!("h…{number}") });
    assert_eq!(
        told.detail["candidates"],
        json!([candidate(1), candidate(2)])
    );
    assert_eq!(told.detail["declared"], json!("s…e"));
}

#[test]
fn r_orp_2_what_was_told_is_told_again_only_with_another_candidate() {
    let told = alert(&unsure(&[1, 2])).expect("an alert");
    assert_eq!(alert(&after(unsure(&[1, 2]), &told)), None);
    assert_eq!(
        alert(&after(unsure(&[1]), &told)),
        None,
        "one of them is gone"
    );
    assert!(
        alert(&after(unsure(&[1, 3]), &told)).is_some(),
        "another is there"
    );
    let of_another = Alert {
        subject: "account 2".to_owned(),
        ..told
    };
    assert!(alert(&after(unsure(&[1, 2]), &of_another)).is_some());
}

#[test]
fn r_lnk_5_a_refusal_is_told_once_with_whoever_claims_the_session() {
    let in_status = |number, status| {
        let mut taken = free(1);
        taken.owners = vec![owner(2, number, status, Claim::Person)];
        near(vec![first(1)], vec![taken])
    };
    let refused = |number| in_status(number, Status::Missing);
    let changed = in_status(5, Status::ReconnectNeeded);
    let told = alert(&refused(5)).expect("an alert");
    assert_eq!(told.code, "session_claimed");
    assert_eq!(told.detail["claimed_by"][0]["status"], json!("missing"));
    assert_eq!(alert(&after(changed, &told)), None, "the same claimant");
    assert_eq!(alert(&after(refused(5), &told)), None);
    assert!(alert(&after(refused(6), &told)).is_some());
}

#[test]
fn a_masked_handle_is_recognised_by_whoever_knows_it() {
    for (handle, shown) in [
        ("jane-doe-77", "j…7"),
        ("jane.doe@x.example", "j…e@x.example"),
        ("jan@x.example", "j…@x.example"),
        ("jörg", "j…"),
        ("ä", "ä…"),
        ("@x.example", "…@x.example"),
        ("", "…"),
    ] {
        assert_eq!(masked(handle), shown);
    }
}
