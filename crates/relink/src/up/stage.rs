//! Everything that `up` starts, and stops.

mod company;
mod ending;
mod front;
mod ground;
mod operating;
mod provider;
mod time;

use super::Options;
use super::at_hand::{self, API_KEY, DATABASE};
use super::children::Process;
use super::control::Control;
use super::operator::Operator;
use super::owners::Owners;
use super::plan::Plan;
use super::progress::say;
use super::witness::Witness;
use crate::commands::Failure;
use crate::local::{Fleet, Notice};
use front::{Front, FrontPorts};
use ground::{directory, free_ports, lives_file, places, postgres_config, refused};
use jiff::Timestamp;
use secrecy::SecretString;
use servers::{Postgres, PostgresOptions, RabbitMq, RabbitMqOptions};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use store::clock::TestClock;
use store::{Config, Store};
use tokio_util::sync::CancellationToken;

/// The running fleet.
pub(crate) struct Stage {
    postgres: Option<Postgres>,
    rabbitmq: Option<RabbitMq>,
    /// First of them the simulator.
    children: Vec<Process>,
    pub(crate) store: Store,
    /// Owner of the schema.
    owner: Config,
    pub(crate) control: Control,
    pub(crate) places: Vec<(String, String)>,
    /// This fleet as `relink --local` finds it.
    fleet: Fleet,
    /// What the fleet's clock showed when this run began.
    from: Timestamp,
    /// Sessions whose caps the referee was told.
    told: HashSet<String>,
    /// How many seconds of the fleet's clock pass in one of the machine's.
    speed: f64,
    operator: Operator,
    /// Where product, provider and owners come in.
    pub(crate) front: Front,
    owners: Option<Owners>,
    /// Command that registers webhooks, ended or not.
    ensuring: Option<Process>,
    /// What the provider showed so far.
    witness: Witness,
    /// Sessions that the provider restricts, each with the instant.
    restricted: BTreeMap<String, Timestamp>,
}

impl Stage {
    /// Starts everything. An error stops what was started.
    pub(crate) async fn set(options: &Options, stop: &CancellationToken) -> Result<Self, Failure> {
        let dir = directory(&options.dir)?;
        servers::clean_stale(&dir);
        tokio::select! {
            () = stop.cancelled() => Err(Failure::new("stopped before the fleet was up")),
            stage = Self::build(options, &dir) => stage,
        }
    }

    async fn build(options: &Options, dir: &Path) -> Result<Self, Failure> {
        say("starting PostgreSQL");
        let settings = PostgresOptions {
            keep_data: options.keep,
            ..PostgresOptions::default()
        };
        let postgres = Postgres::start(&dir.join("postgres"), settings)
            .await
            .map_err(|error| refused(error, dir))?;
        say("starting RabbitMQ");
        // Its messages are only doorbells: they need not outlive it.
        let rabbitmq = RabbitMq::start(&dir.join("rabbitmq"), RabbitMqOptions::default())
            .await
            .map_err(|error| refused(error, dir))?;
        say("migrating");
        let owner = Config::new(
            SecretString::from(postgres.url("postgres", DATABASE)),
            "relink-up",
        );
        store::migrate::create_database(&postgres_config(&postgres), DATABASE).await?;
        store::migrate::migrate(&owner).await?;
        let last = store::clock::last_seen(&owner).await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "where the demonstration's clock starts"
        )]
        let from = last.unwrap_or_else(Timestamp::now);
        // Planting takes the machine its time, which must not be hours of a fleet's whose links end after half an hour.
        let clock = TestClock::Scaled { from, rate: 1.0 };
        store::clock::install(&owner, clock).await?;
        let plan = Plan::planted(options.accounts, &owner, last, from).await?;
        let logs = dir.join("logs");
        let ports = free_ports(8)?;
        let front = FrontPorts {
            health: ports[4],
            product: ports[5],
            ops: ports[6],
            links: ports[7],
        };
        let front = Front::open(dir, options.keep, front).await?;
        let provider = format!("http://127.0.0.1:{}", ports[0]);
        let more = (provider.as_str(), front.settings());
        let mut stage = Self {
            fleet: at_hand::fleet(dir, options.speed, (&postgres, &rabbitmq), more).await?,
            store: Store::new(owner.clone())?,
            owner,
            control: Control::new(provider.clone())?,
            places: places(dir, &provider, (&rabbitmq, &postgres), &ports, &front),
            postgres: Some(postgres),
            rabbitmq: Some(rabbitmq),
            children: vec![],
            from,
            told: HashSet::new(),
            speed: options.speed,
            operator: Operator::on_duty(dir, &logs)?,
            front,
            owners: None,
            ensuring: None,
            witness: Witness::default(),
            restricted: BTreeMap::new(),
        };
        if let Err(error) = stage.raise(&plan, (dir, &logs), &provider, &ports).await {
            stage.strike().await;
            return Err(error);
        }
        Ok(stage)
    }

    async fn raise(
        &mut self,
        plan: &Plan,
        (dir, logs): (&Path, &Path),
        provider: &str,
        ports: &[u16],
    ) -> Result<(), Failure> {
        say("starting the provider's simulator, the API, a scheduler and two workers");
        let site = self.open_front(provider, logs).await?;
        let from = self.now().await?;
        operating::forget_lives(dir)?;
        let simulator = [
            ("RELINK_PROVIDER_API_KEY", API_KEY.to_owned()),
            (
                "RELINK_SIMULATOR_ADDRESS",
                format!("127.0.0.1:{}", ports[0]),
            ),
            ("RELINK_SIMULATOR_SPEED", self.speed.to_string()),
            ("RELINK_SIMULATOR_FROM", from.to_string()),
            (
                "RELINK_SIMULATOR_LIVES",
                lives_file(dir).display().to_string(),
            ),
            ("RELINK_STOP_WITH_STDIN", "true".to_owned()),
        ];
        let simulator = Process::start("simulator", &["simulator"], &simulator, logs)?;
        self.children.insert(0, simulator);
        self.control.ready().await?;
        self.start_time().await?;
        self.people_provider(plan, from).await?;
        self.tell_caps().await?;
        let scheduler = self.settings("relink_scheduler", provider, ports[1])?;
        self.children.push(Process::start(
            "scheduler",
            &["scheduler"],
            &scheduler,
            logs,
        )?);
        for number in 0..2 {
            let worker = self.settings("relink_worker", provider, ports[2 + number])?;
            let name = format!("worker-{}", number + 1);
            let command = ["worker", "--all"];
            self.children
                .push(Process::start(&name, &command, &worker, logs)?);
        }
        let accounts = u32::try_from(plan.fleet.accounts.len()).unwrap_or(u32::MAX);
        self.owners = Some(Owners::begin(site, accounts, self.from.as_second()));
        self.ensure_webhooks(logs)
    }

    /// Tells the referee the caps in force of every linked session that it was not told of yet. One that it never had is for the
    /// report to name.
    async fn tell_caps(&mut self) -> Result<(), Failure> {
        let caps = self.store.reading(async |tx| tx.session_caps().await);
        let mut caps = caps.await?;
        let known = self.control.sessions().await?;
        let known: HashSet<String> = known.into_iter().map(|it| it.id).collect();
        caps.retain(|(session, ..)| known.contains(session) && !self.told.contains(session));
        self.control.allow(&caps).await?;
        self.told
            .extend(caps.into_iter().map(|(session, ..)| session));
        Ok(())
    }

    fn settings(
        &self,
        role: &str,
        provider: &str,
        port: u16,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let (Some(postgres), Some(rabbitmq)) = (&self.postgres, &self.rabbitmq) else {
            return Err(Failure::new("the servers are gone"));
        };
        let own = vec![
            ("RELINK_DATABASE_URL", postgres.url(role, DATABASE)),
            ("RELINK_AMQP_URL", rabbitmq.amqp_url("/")),
            ("RELINK_PROVIDER_URL", provider.to_owned()),
            ("RELINK_PROVIDER_API_KEY", API_KEY.to_owned()),
            ("RELINK_HTTP_ADDRESS", format!("127.0.0.1:{port}")),
            ("RELINK_STAND_IN_CLOCK", "true".to_owned()),
            ("RELINK_STOP_WITH_STDIN", "true".to_owned()),
        ];
        Ok([own, self.front.settings()].concat())
    }

    /// Lets `relink --local` find this fleet until the notice is dropped, and says what to type. A fleet that cannot be
    /// found runs all the same.
    pub(crate) fn put_up_notice(&mut self) -> Option<Notice> {
        match Notice::put_up(&self.fleet) {
            Ok(notice) => {
                self.places.push(("at hand".to_owned(), at_hand::line()));
                Some(notice)
            }
            Err(error) => {
                say(&format!("--local will not find this fleet: {error}"));
                None
            }
        }
    }

    /// An error if one of the fleet's processes ended by itself.
    pub(crate) fn check_children(&mut self) -> Result<(), Failure> {
        self.children.iter_mut().try_for_each(Process::check)
    }

    /// Stops whatever still runs.
    pub(crate) async fn strike(&mut self) {
        for child in self.children.drain(..).rev() {
            if let Err(end) = child.stop().await {
                say(&end.to_string());
            }
        }
        self.store.close();
        if let Some(rabbitmq) = self.rabbitmq.take() {
            rabbitmq.stop().await;
        }
        if let Some(postgres) = self.postgres.take() {
            postgres.stop().await;
        }
    }
}
