//! A session that is gone for certain: three spaced polls beside a control, then `missing`, and no deletion (R-DEL-2, 3).

use crate::duties::into;
use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss::PauseCampaign;
use simulator::control::{Change, Health};
use tests::fleet_run::FleetRun;

pub(crate) fn gone() -> Change {
    Change {
        gone: true,
        ..Change::default()
    }
}

fn back() -> Change {
    Change {
        back: true,
        quiet: true,
        ..Change::default()
    }
}

const A_POLL: SignedDuration = SignedDuration::from_secs(61);

async fn polls(run: &FleetRun) -> i64 {
    run.number("select count(*) from relink.case_polls", &[])
        .await
}

async fn verdicts(run: &FleetRun) -> Vec<String> {
    run.words(
        "select coalesce(verdict, 'open') from relink.cases order by opened_at",
        &[],
    )
    .await
}

#[tokio::test]
async fn r_del_2_3_three_spaced_polls_beside_a_control_make_an_account_missing_and_delete_nothing()
{
    let (mut ada, mut campaign) = (None, None);
    let mut run = FleetRun::start(|cast| {
        cast.crowd(10);
        ada = Some(cast.connected("ada"));
        campaign = Some(cast.campaign(PauseCampaign, &[ada.expect("ada")]));
    })
    .await;
    let (ada, campaign) = (ada.expect("ada"), campaign.expect("a campaign"));
    run.provider.change("s-ada", gone()).await;
    run.beat().await;
    assert_eq!(
        (verdicts(&run).await, polls(&run).await),
        (vec!["open".to_owned()], 1)
    );
    run.later(SignedDuration::from_secs(30)).await;
    assert_eq!(polls(&run).await, 1, "too early for the second");
    run.later(A_POLL).await;
    assert_eq!(
        (run.status(ada).await.as_str(), polls(&run).await),
        ("connected", 2)
    );
    run.later(A_POLL).await;
    assert_eq!(
        (run.status(ada).await.as_str(), polls(&run).await),
        ("missing", 3)
    );
    assert_eq!(verdicts(&run).await, ["confirmed"]);
    assert_eq!(run.pauses(campaign).await, ["account_disconnected"]);
    assert_eq!(
        run.causes(ada).await.last().map(String::as_str),
        Some("confirmed_missing")
    );
    let notice = "select count(*) from relink.notices where account_id = $1";
    assert_eq!(run.number(notice, &[&ada.0]).await, 1, "its owner is told");
    let unspaced = "select count(*) from relink.case_polls a join relink.case_polls b
                        on b.case_id = a.case_id and b.number = a.number + 1
                     where b.started_at < a.finished_at + interval '60 seconds'
                        or a.control_answer <> 'present' or a.control_session = 's-ada'";
    assert_eq!(run.number(unspaced, &[]).await, 0);
    let evidence = "select jsonb_array_length(evidence -> 'polls')::bigint from relink.account_audit where cause = 'confirmed_missing'";
    assert_eq!(run.number(evidence, &[]).await, 3);
    run.beat().await;
    assert_eq!(
        verdicts(&run).await,
        ["confirmed"],
        "what is missing is not suspected again"
    );
    // The same session again: verified, connected, healed.
    run.provider.change("s-ada", back()).await;
    run.beat().await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "connected");
    assert_eq!(run.pauses(campaign).await, [] as [&str; 0]);
    run.is_sound().await;
}

#[tokio::test]
async fn r_del_2_a_poll_that_finds_the_session_closes_the_case() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(10);
        ada = Some(cast.connected("ada"));
    })
    .await;
    let ada = ada.expect("ada");
    let before = run.flips().await;
    run.provider.change("s-ada", gone()).await;
    run.beat().await;
    run.later(A_POLL).await;
    assert_eq!(polls(&run).await, 2);
    run.provider.change("s-ada", back()).await;
    run.later(A_POLL).await;
    assert_eq!(verdicts(&run).await, ["recovered"]);
    assert_eq!(
        (run.status(ada).await.as_str(), run.flips().await),
        ("connected", before)
    );
    run.is_sound().await;
}

#[tokio::test]
async fn r_lnk_6_a_session_that_comes_back_without_its_owner_is_not_called_connected() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(3);
        ada = Some(cast.connected("ada"));
    })
    .await;
    let ada = ada.expect("ada");
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "reconnect_needed");
    // Another person signed in to the same session (R-LNK-4).
    let another = Change {
        identity: Some("id-somebody-else".to_owned()),
        ..into(Health::Ok)
    };
    run.provider.change("s-ada", another).await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "reconnect_needed");
    assert_eq!(run.alerts().await, ["wrong_account"]);
    run.is_sound().await;
}
