//! A worker that stands still in mid-call for longer than others wait for it.

use super::{Field, PATIENCE};
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tests::eventually::eventually;
use tests::tcp::{Flow, Gate};

#[tokio::test]
async fn fault_r_cap_5_frozen_in_mid_call_the_send_is_not_made_again() {
    let mut field = Field::laid().await;
    let gate = Gate::before(field.run.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let victim = field.worker("victim", &[("PROVIDER_URL", gate.base().to_owned())]);
    eventually("the provider has done it", PATIENCE, || async {
        (field.run.provider.effects().await.len() == 1).then_some(())
    })
    .await;
    victim.signal(Signal::STOP);
    let frozen = Instant::now();
    let heir = field.worker("heir", &[]);
    field.until_sends_are("unknown 1").await;
    let frozen = frozen.elapsed();
    // Well before the 75 s of its lease: fifteen of silence, and rings that land in its own hands first, five and ten.
    assert!(frozen < Duration::from_secs(45), "{frozen:?}");
    gate.set(Flow::Open);
    victim.signal(Signal::CONT);
    // It hears the answer, or its call's limit is over by now and a look finds what was sent.
    assert_eq!(field.run.provider.effects().await.len(), 1);
    drop(victim);
    let (ledger, _other) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 1));
    drop(heir);
}
