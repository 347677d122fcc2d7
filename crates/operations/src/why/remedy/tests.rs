use super::*;

fn account() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

#[test]
fn r_cam_1_every_stop_that_a_person_lifts_has_its_command() {
    let (campaign, workspace) = (CampaignId(Uuid::nil()), WorkspaceId(Uuid::nil()));
    for reason in PauseReason::ALL {
        let remedy = campaign_pause(campaign, workspace, reason.as_str());
        let is_by_people = !matches!(reason.lifting(), Lifting::System(_));
        let resumes = format!("relink campaigns resume {campaign} --pause {reason}");
        assert_eq!(remedy.command == Some(resumes), is_by_people, "{reason}");
        assert!(
            remedy.command.is_some() || remedy.otherwise.is_some(),
            "{reason}"
        );
    }
    for reason in HoldReason::ALL {
        let remedy = hold(account(), workspace, reason.as_str());
        let is_by_people = !matches!(reason.lifting(), Lifting::System(_));
        let releases = format!("relink accounts release {} --hold {reason}", account());
        assert_eq!(remedy.command == Some(releases), is_by_people, "{reason}");
        assert!(remedy.command.is_some(), "{reason}");
    }
}

#[test]
fn r_cam_1_every_status_but_connected_says_who_ends_it() {
    for one in Status::ALL {
        assert_eq!(
            status(account(), one).is_none(),
            one == Status::Connected,
            "{one}"
        );
    }
}

#[test]
fn r_cam_1_what_others_named_stays_on_its_line() {
    let remedy = lost_sender(CampaignId(Uuid::nil()), account(), "eve\n\u{202e}yes");
    let text = remedy.to_string();
    assert!(
        text.starts_with("eve\\n\\u{202e}yes: its people wait: relink campaigns reassign "),
        "{text}"
    );
}
