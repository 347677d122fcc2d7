//! Counts and times of committed writes, as values: whoever commits adds them to its metrics.

use std::time::Duration;

/// Addition to one counter. A test holds names and labels against the metrics' catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Name of a counter: `relink_…_total`.
    pub metric: &'static str,
    /// Labels with their values, in the catalogue's order.
    pub labels: Vec<(&'static str, &'static str)>,
    /// Addition to the counter; never 0.
    pub n: u64,
}

/// Observation of one histogram. A test holds names and labels against the metrics' catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Name of a histogram: `relink_…_seconds`.
    pub metric: &'static str,
    /// Labels with their values, in the catalogue's order.
    pub labels: Vec<(&'static str, &'static str)>,
    /// Time that was observed, by the database's clock.
    pub took: Duration,
}

/// Changes that a decision, or one part of it, made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Rows changed, as each part's writer counts them.
    pub changed: u64,
    /// Rows left alone because they had moved on since the facts were read.
    pub moved: u64,
    /// Jobs enqueued because the decision names them.
    pub jobs: u64,
    /// Additions to metrics; true only once the transaction is committed.
    pub counts: Vec<Count>,
    /// Times of what was done, true as the counts are.
    pub times: Vec<Observation>,
}

impl Applied {
    /// Adds `n` to a counter, written as a literal with its labels so that a test can read both.
    pub(crate) fn count(
        &mut self,
        metric: &'static str,
        labels: &[(&'static str, &'static str)],
        n: u64,
    ) {
        if n == 0 {
            return;
        }
        let mut known = self.counts.iter_mut();
        match known.find(|it| it.metric == metric && it.labels == labels) {
            Some(count) => count.n += n,
            None => self.counts.push(Count {
                metric,
                labels: labels.to_vec(),
                n,
            }),
        }
    }

    /// Observes a time, its name and labels written as literals for the same test.
    pub(crate) fn observe<const N: usize>(
        &mut self,
        metric: &'static str,
        labels: [(&'static str, &'static str); N],
        took: Duration,
    ) {
        self.times.push(Observation {
            metric,
            labels: labels.to_vec(),
            took,
        });
    }

    /// Takes up what another part made.
    pub(crate) fn add(&mut self, part: Self) {
        let Self {
            changed,
            moved,
            jobs,
            counts,
            times,
        } = part;
        self.changed += changed;
        self.moved += moved;
        self.jobs += jobs;
        for Count { metric, labels, n } in counts {
            self.count(metric, &labels, n);
        }
        self.times.extend(times);
    }
}

#[cfg(test)]
mod tests;
