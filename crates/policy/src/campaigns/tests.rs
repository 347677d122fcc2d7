use super::*;
use crate::samples::{at, workspace};
use OnSenderLoss::{ContinueWithRemaining, PauseCampaign};
use proptest::prelude::*;
use uuid::Uuid;

fn paused(on_sender_loss: OnSenderLoss, able: i64, senders: i64) -> CampaignSenders {
    CampaignSenders {
        campaign: CampaignId(Uuid::from_u128(1)),
        workspace: workspace(1),
        pause: Some(OpenPause {
            id: PauseId(Uuid::from_u128(2)),
            version: 5,
        }),
        on_sender_loss,
        senders,
        able,
        heals_last_hour: 0,
        stuck: false,
    }
}

#[test]
fn r_heal_1_a_campaign_is_healed_when_its_policy_has_the_senders_it_wants() {
    for (policy, able, senders, healed) in [
        (PauseCampaign, 0, 0, false),
        (PauseCampaign, 0, 3, false),
        (PauseCampaign, 2, 3, false),
        (PauseCampaign, 3, 3, true),
        (ContinueWithRemaining, 0, 0, false),
        (ContinueWithRemaining, 0, 3, false),
        (ContinueWithRemaining, 1, 3, true),
        (ContinueWithRemaining, 3, 3, true),
    ] {
        let row = paused(policy, able, senders);
        let heals = heal(std::slice::from_ref(&row), at(0)).campaigns.heals;
        let expected = healed.then_some(Heal {
            pause: PauseId(Uuid::from_u128(2)),
            version: 5,
            campaign: row.campaign,
            stuck: None,
        });
        assert_eq!(
            heals,
            Vec::from_iter(expected),
            "{policy:?} {able}/{senders}"
        );
    }
}

#[test]
fn r_heal_3_the_fourth_heal_within_an_hour_is_called_a_loop_once() {
    for (heals_before, able, stuck, healed, called) in [
        (2, 1, false, true, false),
        (3, 1, false, true, true),
        (4, 1, false, true, true),
        (3, 0, false, false, false),
        (3, 1, true, true, false),
        (0, 1, true, true, false),
    ] {
        let row = CampaignSenders {
            heals_last_hour: heals_before,
            stuck,
            ..paused(PauseCampaign, able, 1)
        };
        let decision = heal(&[row], at(0));
        let heals = &decision.campaigns.heals;
        assert_eq!(heals.len(), usize::from(healed), "{heals:?}");
        let codes: Vec<_> = heals.iter().filter_map(|it| it.stuck.as_ref()).collect();
        assert_eq!(codes.len(), usize::from(called), "{heals:?}");
        assert!(
            codes
                .iter()
                .all(|it| it.detail["heals_last_hour"] == heals_before)
        );
        // Alone, neither pause nor alert: they go with the heal, or not at all.
        assert!(decision.campaigns.pauses.is_empty() && decision.alerts.is_empty());
    }
}

#[test]
fn r_heal_1_a_campaign_that_runs_against_its_policy_is_paused() {
    for (policy, able, senders, stands) in [
        (PauseCampaign, 0, 0, false),
        (PauseCampaign, 0, 3, true),
        (PauseCampaign, 2, 3, true),
        (PauseCampaign, 3, 3, false),
        (ContinueWithRemaining, 0, 0, false),
        (ContinueWithRemaining, 0, 3, true),
        (ContinueWithRemaining, 1, 3, false),
    ] {
        let running = CampaignSenders {
            pause: None,
            ..paused(policy, able, senders)
        };
        let decision = heal(&[running], at(0));
        let reasons: Vec<_> = decision
            .campaigns
            .pauses
            .iter()
            .map(|it| it.reason)
            .collect();
        let wanted = stands.then_some(PauseReason::AccountDisconnected);
        assert_eq!(
            reasons,
            Vec::from_iter(wanted),
            "{policy:?} {able}/{senders}"
        );
        assert!(decision.campaigns.heals.is_empty());
    }
}

#[test]
fn r_heal_1_flips_into_connected_ask_for_the_heal_of_their_campaigns_once() {
    let flips: Vec<Flip> = (0..=RESUMED_MAX).map(back).collect();
    let all: Vec<&Flip> = flips.iter().collect();
    let jobs = resume(&all, at(0));
    let named = jobs.iter().map(|job| {
        let of: NameAccounts = serde_json::from_value(job.payload.clone()).expect("a payload");
        of.accounts.len()
    });
    assert_eq!(named.collect::<Vec<_>>(), [RESUMED_MAX, 1]);
    assert_ne!(jobs[0].cause, jobs[1].cause);
    assert_eq!(
        resume(&all, at(9))[0].cause,
        jobs[0].cause,
        "the same flips"
    );
    assert!(resume(&[], at(0)).is_empty());
}

fn back(number: usize) -> Flip {
    Flip {
        account: crate::samples::account(number as u128),
        version: 3,
        from: crate::account::Status::ReconnectNeeded,
        to: crate::account::Status::Connected,
        cause: crate::account::Cause::Verified,
        observed_at: at(0),
        evidence: json!({}),
        link: None,
        checkpoint: None,
    }
}

#[test]
fn r_cam_2_every_policy_is_read_back_from_its_word() {
    for policy in OnSenderLoss::ALL {
        assert_eq!(OnSenderLoss::parse(policy.as_str()), Some(policy));
    }
    assert_eq!(OnSenderLoss::parse("stop"), None);
    assert_eq!(OnSenderLoss::default(), PauseCampaign);
}

proptest! {
    #[test]
    fn r_heal_1_healing_lifts_its_own_pause_and_touches_nothing_else(
        rows in prop::collection::vec((any::<bool>(), any::<bool>(), 0_i64..4, 0_i64..4, 0_i64..6, any::<bool>()), 0..20),
    ) {
        let rows: Vec<_> = (0_u128..).zip(rows).map(|(number, (waits, open, able, senders, heals_last_hour, stuck))| CampaignSenders {
            campaign: CampaignId(Uuid::from_u128(number)),
            pause: open.then_some(OpenPause { id: PauseId(Uuid::from_u128(100 + number)), version: 5 }),
            heals_last_hour, stuck,
            ..paused(if waits { PauseCampaign } else { ContinueWithRemaining }, able.min(senders), senders)
        }).collect();
        let decision = heal(&rows, at(0));
        for it in &decision.campaigns.heals {
            let row = rows.iter().find(|row| row.pause.is_some_and(|pause| pause.id == it.pause)).expect("a given pause");
            prop_assert_eq!((row.campaign, 5), (it.campaign, it.version));
            prop_assert!(row.able > 0);
        }
        for it in &decision.campaigns.pauses {
            prop_assert_eq!(it.reason, PauseReason::AccountDisconnected);
            let row = rows.iter().find(|row| row.campaign == it.campaign).expect("a given campaign");
            prop_assert!(row.pause.is_none() && row.able < row.senders);
        }
        let rest = Decision { campaigns: CampaignChanges::default(), ..decision };
        prop_assert_eq!(rest, Decision::nothing(at(0)));
    }
}
