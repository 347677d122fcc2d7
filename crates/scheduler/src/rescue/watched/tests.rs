use super::*;

/// Looks a second apart, at most: `alive` gives a sign every five seconds, `dead` none.
struct Scene {
    watched: Watched,
    began: Instant,
    at_s: u64,
}

impl Scene {
    fn laid() -> Self {
        Self {
            watched: Watched::default(),
            began: Instant::now(),
            at_s: 0,
        }
    }

    fn now(&self) -> Instant {
        self.began + Duration::from_secs(self.at_s)
    }

    /// A look at this second, at workers with so many signs each.
    #[track_caller]
    fn look(&mut self, at_s: u64, pulses: &[(&str, i64)]) {
        self.at_s = at_s;
        let pulses: Vec<Pulse> = pulses
            .iter()
            .map(|(name, beats)| Pulse {
                name: (*name).to_owned(),
                beats: beats.abs(),
                is_lost: *beats < 0,
            })
            .collect();
        self.watched.look(self.now(), &pulses);
    }

    /// Looks each second until this one.
    fn go_on(&mut self, until_s: u64) {
        for at_s in self.at_s + 1..=until_s {
            let beats = i64::try_from(at_s / 5).expect("small");
            self.look(at_s, &[("alive", beats), ("dead", 1)]);
        }
    }

    fn silent(&self) -> Vec<&str> {
        let silent = self.watched.silent(self.now());
        silent.iter().map(|(name, _)| *name).collect()
    }

    fn heard(&self) -> Vec<&str> {
        let mut heard = self.watched.heard(self.now());
        heard.sort_unstable();
        heard
    }
}

#[test]
fn r_job_4_a_worker_is_dead_after_fifteen_seconds_of_looks() {
    let mut scene = Scene::laid();
    scene.go_on(15);
    assert_eq!(scene.silent(), [] as [&str; 0], "14 s since the first look");
    assert_eq!(scene.heard(), ["alive", "dead"]);
    scene.go_on(16);
    assert_eq!(
        (scene.silent(), scene.heard()),
        (vec!["dead"], vec!["alive"])
    );
    // Given away: neither, until it is heard.
    scene.look(17, &[("alive", 3), ("dead", -1)]);
    assert_eq!((scene.silent(), scene.heard()), (vec![], vec!["alive"]));
    scene.look(18, &[("alive", 3), ("dead", 2)]);
    assert_eq!(
        (scene.silent(), scene.heard()),
        (vec![], vec!["alive", "dead"])
    );
}

#[test]
fn r_job_4_a_hole_between_looks_kills_nobody() {
    let mut scene = Scene::laid();
    scene.go_on(14);
    // The database, or this process, was away for a minute, and nobody could give a sign.
    scene.look(74, &[("alive", 2), ("dead", 1)]);
    assert_eq!(scene.silent(), [] as [&str; 0]);
    assert_eq!(scene.heard(), ["alive", "dead"]);
    for at_s in 75..89 {
        scene.look(
            at_s,
            &[("alive", i64::try_from(at_s).expect("small")), ("dead", 1)],
        );
        assert_eq!(scene.silent(), [] as [&str; 0], "{at_s}");
    }
    scene.look(89, &[("alive", 90), ("dead", 1)]);
    assert_eq!(scene.silent(), ["dead"]);
}

#[test]
fn r_job_4_where_nobody_is_heard_nobody_is_dead() {
    let mut scene = Scene::laid();
    for at_s in 0..60 {
        scene.look(at_s, &[("one", 7), ("two", 7)]);
    }
    assert_eq!((scene.silent(), scene.heard()), (vec![], vec![]));
    // One that takes up the work, as a restart does.
    scene.look(60, &[("one", 7), ("two", 7), ("new", 1)]);
    let mut silent = scene.silent();
    silent.sort_unstable();
    assert_eq!(silent, ["one", "two"]);
}

#[test]
fn r_job_4_workers_long_gone_are_forgotten() {
    let mut scene = Scene::laid();
    let names = |scene: &Scene| scene.watched.gone(scene.now()).len();
    for at_s in (0..=3_600).step_by(10) {
        scene.look(
            at_s,
            &[("alive", i64::try_from(at_s).expect("small")), ("dead", -1)],
        );
        assert_eq!(names(&scene), 0, "{at_s}");
    }
    scene.look(3_601, &[("alive", 0), ("dead", -1)]);
    assert_eq!(scene.watched.gone(scene.now()), [("dead", 1)]);
}
