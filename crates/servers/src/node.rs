use crate::{ServerError, binaries, ports, secret};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The node's name: it stands in the data, so it must be the same at every start.
pub(crate) const NAME: &str = "relink@localhost";
/// The only user; not `guest`, so that nothing that assumes the system's broker gets in by accident.
pub(crate) const USER: &str = "relink";
/// Above it the broker blocks publishers. A private node on a small machine needs no more.
pub(crate) const MEMORY_LIMIT: &str = "1GB";

/// The loopback ports of one node.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) amqp: u16,
    pub(crate) distribution: u16,
    pub(crate) management: u16,
    pub(crate) prometheus: u16,
    pub(crate) epmd: u16,
}

impl Ports {
    pub(crate) fn free() -> Result<Self, ServerError> {
        let [amqp, distribution, management, prometheus, epmd] = ports::free()?;
        Ok(Self {
            amqp,
            distribution,
            management,
            prometheus,
            epmd,
        })
    }
}

/// The files of one node, all in one directory, and the environment that makes RabbitMQ use these and no others.
pub(crate) struct Node {
    dir: PathBuf,
    pub(crate) password: String,
    pub(crate) ports: Ports,
}

impl Node {
    pub(crate) fn new(dir: &Path, ports: Ports) -> Result<Self, ServerError> {
        for part in ["home", "logs", "generated", "schema"] {
            let path = dir.join(part);
            fs::create_dir_all(&path).map_err(ServerError::io(format!(
                "make the directory {}",
                path.display()
            )))?;
        }
        secret::kept_in(&dir.join("home/.erlang.cookie"))?;
        let password = secret::kept_in(&dir.join("password"))?;
        Ok(Self {
            dir: dir.to_owned(),
            password,
            ports,
        })
    }

    /// Writes what the node reads at its start, with the ports as they are now.
    pub(crate) fn configure(&self, extra: &str) -> Result<(), ServerError> {
        let Ports {
            amqp,
            management,
            prometheus,
            ..
        } = self.ports;
        let config = format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
             management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n\
             prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {prometheus}\n\
             default_user = {USER}\ndefault_pass = {}\n\
             disk_free_limit.absolute = 200MB\nvm_memory_high_watermark.absolute = {MEMORY_LIMIT}\n\
             raft.wal_max_size_bytes = 67108864\n{extra}\n",
            self.password,
        );
        let files = [
            ("rabbitmq.conf", config.as_str()),
            ("advanced.config", "[].\n"),
            ("plugins", "[rabbitmq_management,rabbitmq_prometheus].\n"),
        ];
        for (name, text) in files {
            let path = self.dir.join(name);
            fs::write(&path, text).map_err(ServerError::io(format!("write {}", path.display())))?;
        }
        Ok(())
    }

    /// For the node, for `epmd` and for `rabbitmqctl` alike.
    pub(crate) fn environment(&self) -> Vec<(OsString, OsString)> {
        let ports = self.ports;
        let loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
        let texts = [
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("ERL_EPMD_PORT", ports.epmd.to_string()),
            ("RABBITMQ_NODENAME", NAME.to_owned()),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODE_PORT", ports.amqp.to_string()),
            ("RABBITMQ_DIST_PORT", ports.distribution.to_string()),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned()),
            // With it the script becomes the node instead of waiting beside it: one pid to record and to stop.
            ("RABBITMQ_ALLOW_INPUT", "1".to_owned()),
            // The name service is ours: a second one, started by the node, would be nobody's to stop.
            (
                "RABBITMQ_SERVER_START_ARGS",
                "-noinput -start_epmd false".to_owned(),
            ),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", loopback.to_owned()),
            ("RABBITMQ_CTL_ERL_ARGS", loopback.to_owned()),
            // It would be written to the working directory, and says nothing that the log does not.
            ("ERL_CRASH_DUMP_BYTES", "0".to_owned()),
        ];
        let paths = [
            ("HOME", "home"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
            ("RABBITMQ_MNESIA_BASE", "mnesia"),
            ("RABBITMQ_LOG_BASE", "logs"),
            ("RABBITMQ_PID_FILE", "node.pid"),
            ("RABBITMQ_GENERATED_CONFIG_DIR", "generated"),
            ("RABBITMQ_SCHEMA_DIR", "schema"),
        ];
        let texts = texts
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let paths = paths
            .into_iter()
            .map(|(name, file)| (name.into(), self.dir.join(file).into()));
        texts
            .chain(paths)
            .chain([binaries::search_path()])
            .collect()
    }

    /// Removes everything that the node knows: queues, messages, vhosts, users. Its files of configuration stay.
    pub(crate) fn wipe(&self) {
        for part in ["mnesia", "logs"] {
            if let Err(error) = fs::remove_dir_all(self.dir.join(part)) {
                tracing::debug!(part, %error, "remove a private node's data");
            }
        }
    }
}
