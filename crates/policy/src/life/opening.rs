//! What becomes of an attempt, and of its account, once its link is made (R-LNK-1, R-LNK-9, R-LNK-10).

use crate::account::{AttemptPhase, AttemptPurpose, Status};

/// Account and attempt after the provider has answered, read while the account's row is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintedFacts {
    /// Status of the account.
    pub status: Status,
    /// Its `status_version`.
    pub version: i64,
    /// State of the attempt.
    pub phase: AttemptPhase,
    /// Number of the mint that the attempt has now.
    pub mint_no: i32,
}

/// What is done with a link that the provider has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It is handed out.
    Open {
        /// Status and version from which the account becomes `connecting`; null where it stays as it is.
        flip: Option<(Status, i64)>,
    },
    /// Another mint has the attempt, or it is over.
    Overtaken,
    /// The account came back meanwhile: nothing is to be linked.
    Repaired,
    /// The account was disconnected meanwhile.
    Cancelled,
}

/// What is done with the link of mint `mint_no`, of an attempt that was begun at `base` of the account's versions.
pub fn opening(
    facts: &MintedFacts,
    (purpose, base): (AttemptPurpose, i64),
    mint_no: i32,
) -> Opening {
    if facts.mint_no != mint_no {
        return Opening::Overtaken;
    }
    match (facts.phase, facts.status) {
        (AttemptPhase::Minting, _) => {}
        // Ended in the flip that made its account so.
        (AttemptPhase::Repaired, Status::Connected) => return Opening::Repaired,
        (AttemptPhase::Cancelled, Status::Disconnected) => return Opening::Cancelled,
        _ => return Opening::Overtaken,
    }
    let flip = Some((facts.status, facts.version));
    match (facts.status, purpose) {
        // Disconnected anew since it was asked for: that was the last word.
        (Status::Disconnected, AttemptPurpose::Restore) if facts.version == base => {
            Opening::Open { flip }
        }
        (Status::Disconnected, _) => Opening::Cancelled,
        (_, AttemptPurpose::Renew) | (Status::Connecting, _) => Opening::Open { flip: None },
        (Status::Connected, _) => Opening::Repaired,
        (
            Status::ReconnectNeeded | Status::ActionRequired | Status::Recovering | Status::Missing,
            _,
        ) => Opening::Open { flip },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::allowed;

    fn facts(status: Status) -> MintedFacts {
        MintedFacts {
            status,
            version: 7,
            phase: AttemptPhase::Minting,
            mint_no: 2,
        }
    }

    #[test]
    fn r_lnk_9_a_link_flips_along_the_table_from_every_lost_status() {
        for status in Status::ALL {
            for purpose in AttemptPurpose::ALL {
                let opened = opening(&facts(status), (purpose, 7), 2);
                if let Opening::Open {
                    flip: Some((from, version)),
                } = opened
                {
                    assert_eq!((from, version), (status, 7));
                    allowed(Some(from), Status::Connecting).expect("a change of the table");
                }
                let is_renewal = purpose == AttemptPurpose::Renew;
                let expected = match status {
                    Status::Disconnected if purpose == AttemptPurpose::Restore => Opening::Open {
                        flip: Some((status, 7)),
                    },
                    Status::Disconnected => Opening::Cancelled,
                    _ if is_renewal => Opening::Open { flip: None },
                    Status::Connected => Opening::Repaired,
                    Status::Connecting => Opening::Open { flip: None },
                    _ => Opening::Open {
                        flip: Some((status, 7)),
                    },
                };
                assert_eq!(opened, expected, "{status} {purpose}");
            }
        }
    }

    #[test]
    fn r_lnk_1_a_mint_that_was_overtaken_hands_out_nothing() {
        let reconnect = (AttemptPurpose::Reconnect, 7);
        for phase in AttemptPhase::ALL {
            let one = MintedFacts {
                phase,
                ..facts(Status::ReconnectNeeded)
            };
            let is_minting = phase == AttemptPhase::Minting;
            let opened = opening(&one, reconnect, 2);
            assert_eq!(opened != Opening::Overtaken, is_minting, "{phase}");
        }
        for (phase, status, expected) in [
            (AttemptPhase::Repaired, Status::Connected, Opening::Repaired),
            (
                AttemptPhase::Cancelled,
                Status::Disconnected,
                Opening::Cancelled,
            ),
            (
                AttemptPhase::Cancelled,
                Status::Connected,
                Opening::Overtaken,
            ),
        ] {
            let ended = MintedFacts {
                phase,
                ..facts(status)
            };
            assert_eq!(opening(&ended, reconnect, 2), expected, "{phase} {status}");
        }
        let opened = opening(&facts(Status::ReconnectNeeded), reconnect, 1);
        assert_eq!(
            opened,
            Opening::Overtaken,
            "its lease ended, and another took it over"
        );
    }

    #[test]
    fn r_dis_1_a_second_disconnect_is_the_last_word() {
        let restore = opening(
            &facts(Status::Disconnected),
            (AttemptPurpose::Restore, 5),
            2,
        );
        assert_eq!(restore, Opening::Cancelled);
    }
}
