//! Due jobs in the order in which they are rung for, and cut into doorbells. Pure.

use super::LaneKey;
use policy::trace::TraceParent;
use std::collections::HashMap;
use store::relay::DueJob;
use uuid::Uuid;

/// A job that a look chose.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) job: DueJob,
    pub(crate) lane: LaneKey,
}

/// One doorbell's kind and jobs.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) kind: String,
    pub(crate) jobs: Vec<Chosen>,
}

impl Batch {
    /// Steps in which its jobs were created.
    pub(crate) fn created(&self) -> Vec<Option<TraceParent>> {
        let parents = self.jobs.iter().map(|it| it.job.traceparent.as_deref());
        parents.map(|it| it.and_then(TraceParent::parse)).collect()
    }

    /// The rows.
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.jobs.iter().map(|it| it.job.id).collect()
    }
}

/// Some jobs, each lane's in order: the first of each workspace, then the second of each, the older first; a workspace's
/// kinds take turns. Cut off anywhere, it is fair (R-JOB-6).
pub(crate) fn in_turn(jobs: Vec<Chosen>) -> Vec<Chosen> {
    let mut lanes: HashMap<LaneKey, usize> = HashMap::new();
    let mut numbered: Vec<(usize, Chosen)> = jobs
        .into_iter()
        .map(|it| {
            let nth = lanes.entry(it.lane).or_default();
            *nth += 1;
            (*nth, it)
        })
        .collect();
    let order = |(nth, it): &(usize, Chosen)| (*nth, it.job.run_at, it.job.id);
    numbered.sort_by_key(order);
    let mut workspaces: HashMap<Uuid, usize> = HashMap::new();
    for (nth, it) in &mut numbered {
        let of_workspace = workspaces.entry(it.lane.workspace).or_default();
        *of_workspace += 1;
        *nth = *of_workspace;
    }
    numbered.sort_by_key(order);
    numbered.into_iter().map(|(_, it)| it).collect()
}

/// Cuts jobs into doorbells of one kind each, in order. What failed before rings alone; so does a kind that this
/// scheduler does not know: some worker may (R-JOB-5).
pub(crate) fn batches(due: Vec<Chosen>, sizes: &HashMap<&'static str, usize>) -> Vec<Batch> {
    let mut bells: Vec<Batch> = Vec::new();
    let mut open: HashMap<String, usize> = HashMap::new();
    for it in due {
        let kind = it.job.kind.clone();
        let size = if it.job.careful {
            1
        } else {
            sizes.get(kind.as_str()).copied().unwrap_or(1)
        };
        if size > 1
            && let Some(&at) = open.get(&kind)
            && bells[at].jobs.len() < size
        {
            bells[at].jobs.push(it);
            continue;
        }
        if size > 1 {
            open.insert(kind.clone(), bells.len());
        }
        let jobs = vec![it];
        bells.push(Batch { kind, jobs });
    }
    bells
}

#[cfg(test)]
mod tests;
