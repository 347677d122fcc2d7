//! Every situation of a small space, and bugs that are planted into the rule: each must be found.

use super::{NOW, facts, newest};
use crate::account::{AttemptPhase, AttemptPurpose, Status};
use crate::life::{Intent, LastLink, MintFacts, MintStep, NewestMint, mint_step};
use crate::samples::at;

type Rule = fn(&MintFacts, Intent, LastLink) -> MintStep;

/// Ages, in seconds, about each bound.
const AGES: [i64; 4] = [0, 89, 90, 5_000];

fn situations() -> Vec<MintFacts> {
    let mut all = vec![];
    for status in Status::ALL {
        all.push(facts(status));
        for phase in AttemptPhase::ALL {
            for purpose in AttemptPurpose::ALL {
                for age in AGES {
                    let open = NewestMint {
                        minted_at: Some(at(NOW - age)),
                        answered_at: Some(at(NOW - age)),
                        lease_ends_at: Some(at(NOW + 30 - age)),
                        link_ends_at: at(NOW + 1_800 - age),
                        ..newest(phase, purpose)
                    };
                    for dead in [0, 3] {
                        all.push(MintFacts {
                            newest: Some(open.clone()),
                            dead_said: vec![at(NOW - 1); dead],
                            ..facts(status)
                        });
                    }
                }
            }
        }
    }
    all
}

/// What a step must never do, in words; null where it does none of it.
fn wrong(
    facts: &MintFacts,
    (intent, last): (Intent, LastLink),
    step: &MintStep,
) -> Option<&'static str> {
    let gives = !matches!(step, MintStep::Refuse(_));
    let newest = facts.newest.as_ref().filter(|it| !it.phase.is_closed());
    let is_leased = newest.is_some_and(|it| {
        it.phase == AttemptPhase::Minting && it.lease_ends_at.is_some_and(|ends| facts.at < ends)
    });
    let is_renewal = newest.is_some_and(|it| it.purpose == AttemptPurpose::Renew);
    let is_other = is_renewal != (facts.status == Status::Connected);
    let is_dead = last == LastLink::Dead;
    match step {
        _ if facts.status == Status::Connected && intent != Intent::Renew && gives => {
            Some("a connected account is linked anew")
        }
        _ if facts.status == Status::Disconnected && intent != Intent::Restore && gives => {
            Some("a disconnect is undone")
        }
        MintStep::Reuse(_) => {
            let held = newest.filter(|it| it.phase == AttemptPhase::Open && !is_dead);
            let lives = held.is_some_and(|it| {
                let minted = it.minted_at.unwrap_or(at(0));
                facts.at.duration_since(minted).as_secs() < 90 && facts.at < it.link_ends_at
            });
            (!lives || is_other).then_some("a spent link is given again")
        }
        MintStep::Begin { .. } | MintStep::TakeOver { .. } if is_leased && !is_other => {
            Some("two mints at once")
        }
        MintStep::Begin { .. } if is_dead && facts.dead_said.len() >= 3 => {
            Some("a fourth dead link")
        }
        MintStep::Begin { supersedes, .. } if *supersedes != newest.map(|it| it.attempt) => {
            Some("two attempts are open")
        }
        MintStep::Begin { .. }
        | MintStep::TakeOver { .. }
        | MintStep::Wait { .. }
        | MintStep::Refuse(_) => None,
    }
}

fn first_wrong(rule: Rule) -> Option<&'static str> {
    let asked = [Intent::Repair, Intent::Renew, Intent::Restore]
        .map(|intent| [(intent, LastLink::Unsaid), (intent, LastLink::Dead)])
        .concat();
    situations().iter().find_map(|facts| {
        let mut steps = asked
            .iter()
            .map(|asked| (*asked, rule(facts, asked.0, asked.1)));
        steps.find_map(|(asked, step)| wrong(facts, asked, &step))
    })
}

/// The rule over facts in which `bend` makes the newest attempt look better than it is.
fn bent(facts: &MintFacts, asked: (Intent, LastLink), bend: fn(&mut NewestMint)) -> MintStep {
    let mut facts = facts.clone();
    if let Some(newest) = &mut facts.newest {
        bend(newest);
    }
    mint_step(&facts, asked.0, asked.1)
}

#[test]
fn r_lnk_1_no_situation_breaks_a_rule_and_each_planted_bug_does() {
    assert_eq!(first_wrong(mint_step), None);
    let planted: [(&str, Rule); 7] = [
        ("a spent link is given again", |facts, intent, last| {
            bent(facts, (intent, last), |it| {
                if it.phase == AttemptPhase::Answered {
                    it.phase = AttemptPhase::Open;
                }
            })
        }),
        ("a spent link is given again", |facts, intent, last| {
            bent(facts, (intent, last), |it| it.minted_at = Some(at(NOW)))
        }),
        ("a spent link is given again", |facts, intent, _| {
            mint_step(facts, intent, LastLink::Unsaid)
        }),
        ("two mints at once", |facts, intent, last| {
            bent(facts, (intent, last), |it| it.lease_ends_at = None)
        }),
        ("a fourth dead link", |facts, intent, last| {
            let facts = MintFacts {
                dead_said: vec![],
                ..facts.clone()
            };
            mint_step(&facts, intent, last)
        }),
        ("a disconnect is undone", |facts, _, last| {
            mint_step(facts, Intent::Restore, last)
        }),
        (
            "two attempts are open",
            |facts, intent, last| match mint_step(facts, intent, last) {
                MintStep::Begin {
                    purpose, target, ..
                } => MintStep::Begin {
                    purpose,
                    target,
                    supersedes: None,
                },
                other => other,
            },
        ),
    ];
    for (number, (expected, rule)) in planted.into_iter().enumerate() {
        assert_eq!(first_wrong(rule), Some(expected), "bug {number}");
    }
}
