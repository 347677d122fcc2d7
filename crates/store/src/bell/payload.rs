//! What a notification says: `queue/kind/workspace`, one lane after another. An empty one names no lane, and one that cannot
//! be read says as much: another build's.

use crate::lane::Lane;
use policy::jobs::Queue;
use std::collections::HashSet;
use uuid::Uuid;

/// What `resume_work` rings with.
pub(crate) const LIFTED: &str = "lifted";
/// PostgreSQL refuses 8,000.
const BYTES_MAX: usize = 7_900;
/// Notifications of one ring at most: some nine hundred lanes. More are found sooner by a lap than by their names.
const PAYLOADS_MAX: usize = 8;

/// Payloads that name all lanes; a single empty one if they are too many, none if there are none.
pub(crate) fn write(lanes: &HashSet<(Queue, Lane)>) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for (queue, Lane { workspace, kind }) in lanes {
        let lane = format!("{}/{kind}/{}", queue.as_str(), workspace.simple());
        let last = payloads.last_mut();
        if let Some(last) = last.filter(|last| last.len() + 1 + lane.len() <= BYTES_MAX) {
            last.push(' ');
            last.push_str(&lane);
        } else if payloads.len() == PAYLOADS_MAX || lane.len() > BYTES_MAX {
            return vec![String::new()];
        } else {
            payloads.push(lane);
        }
    }
    payloads
}

/// Lanes that a payload names; none if it names none, or what this build does not know.
pub(crate) fn read(payload: &str) -> Option<Vec<(Queue, Lane)>> {
    if payload.is_empty() {
        return None;
    }
    payload.split(' ').map(lane).collect()
}

fn lane(text: &str) -> Option<(Queue, Lane)> {
    let (queue, rest) = text.split_once('/')?;
    let (kind, workspace) = rest.rsplit_once('/')?;
    let lane = Lane {
        workspace: Uuid::parse_str(workspace).ok()?,
        kind: kind.to_owned(),
    };
    Some((Queue::parse(queue)?, lane))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(count: u128) -> HashSet<(Queue, Lane)> {
        let lane = |number| Lane {
            workspace: Uuid::from_u128(number),
            kind: "sends.execute".to_owned(),
        };
        (0..count)
            .map(|number| (Queue::Sends, lane(number)))
            .collect()
    }

    #[test]
    fn lanes_are_read_as_they_were_written_and_none_are_left_out() {
        assert_eq!(write(&lanes(0)), [] as [String; 0]);
        for count in [1, 2, 143, 144, 145, 800] {
            let written = write(&lanes(count));
            assert!(written.iter().all(|it| !it.is_empty() && it.len() < 8_000));
            let found: HashSet<_> = written
                .iter()
                .flat_map(|it| read(it).expect("lanes"))
                .collect();
            assert_eq!(found, lanes(count));
        }
        assert_eq!(write(&lanes(2_000)), [""], "too many to name");
    }

    #[test]
    fn what_names_no_lane_of_this_build_is_read_as_unknown() {
        let ours = "sends/sends.execute/00000000000000000000000000000001";
        assert!(read(ours).is_some());
        for payload in ["", "hello", "nowhere/x/00000000000000000000000000000001"] {
            assert_eq!(read(payload), None, "{payload}");
            assert_eq!(read(&format!("{ours} {payload}")), None, "{payload}");
        }
    }
}
