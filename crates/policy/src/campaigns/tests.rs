use super::*;
use crate::samples::{at, workspace};
use OnSenderLoss::{ContinueWithRemaining, PauseCampaign};
use proptest::prelude::*;
use uuid::Uuid;

fn paused(on_sender_loss: OnSenderLoss, able: i64, senders: i64) -> PausedCampaign {
    PausedCampaign {
        campaign: CampaignId(Uuid::from_u128(1)),
        workspace: workspace(1),
        pause: PauseId(Uuid::from_u128(2)),
        pause_version: 5,
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
            pause: row.pause,
            version: 5,
            campaign: row.campaign,
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
    for (heals, able, stuck, healed, called) in [
        (2, 1, false, true, false),
        (3, 1, false, true, true),
        (4, 1, false, true, true),
        (3, 0, false, false, false),
        (3, 1, true, true, false),
        (0, 1, true, true, false),
    ] {
        let row = PausedCampaign {
            heals_last_hour: heals,
            stuck,
            ..paused(PauseCampaign, able, 1)
        };
        let decision = heal(&[row], at(0));
        let reasons: Vec<_> = decision
            .campaigns
            .pauses
            .iter()
            .map(|it| it.reason)
            .collect();
        let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
        assert_eq!(
            decision.campaigns.heals.len(),
            usize::from(healed),
            "{heals} {able} {stuck}"
        );
        assert_eq!(
            reasons,
            Vec::from_iter(called.then_some(PauseReason::StuckLoop))
        );
        assert_eq!(codes, Vec::from_iter(called.then_some("stuck_loop")));
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
        rows in prop::collection::vec((any::<bool>(), 0_i64..4, 0_i64..4, 0_i64..6, any::<bool>()), 0..20),
    ) {
        let rows: Vec<_> = (0_u128..).zip(rows).map(|(number, (waits, able, senders, heals_last_hour, stuck))| PausedCampaign {
            campaign: CampaignId(Uuid::from_u128(number)), pause: PauseId(Uuid::from_u128(100 + number)),
            heals_last_hour, stuck,
            ..paused(if waits { PauseCampaign } else { ContinueWithRemaining }, able.min(senders), senders)
        }).collect();
        let decision = heal(&rows, at(0));
        for it in &decision.campaigns.heals {
            let row = rows.iter().find(|row| row.pause == it.pause).expect("a given pause");
            prop_assert_eq!((row.campaign, row.pause_version), (it.campaign, it.version));
            prop_assert!(row.able > 0);
        }
        for it in &decision.campaigns.pauses {
            prop_assert_eq!(it.reason, PauseReason::StuckLoop);
            prop_assert!(decision.campaigns.heals.iter().any(|heal| heal.campaign == it.campaign));
        }
        let rest = Decision { campaigns: CampaignChanges::default(), alerts: vec![], ..decision.clone() };
        prop_assert_eq!(rest, Decision::nothing(at(0)));
        prop_assert_eq!(decision.campaigns.pauses.len(), decision.alerts.len());
    }
}
