//! Which settings there are, so that a misspelled one is a mistake and not a silence.

use crate::config::Environment;

/// Every setting of every process. Each has its row in docs/settings.md.
pub const SETTINGS: &[&str] = &[
    "RELINK_AMQP_CA_FILE",
    "RELINK_AMQP_HEARTBEAT_SECONDS",
    "RELINK_AMQP_PREFIX",
    "RELINK_API_CONNECTIONS_MAX",
    "RELINK_API_OPS_ADDRESS",
    "RELINK_API_PRODUCT_ADDRESS",
    "RELINK_API_RATE_PER_MINUTE",
    "RELINK_API_READ_SECONDS",
    "RELINK_API_REQUESTS_MAX",
    "RELINK_API_WEBHOOKS_ADDRESS",
    "RELINK_CALLBACK_URL",
    "RELINK_DATABASE_CA_FILE",
    "RELINK_DATABASE_CONNECTIONS",
    "RELINK_DRAIN_SECONDS",
    "RELINK_HTTP_ADDRESS",
    "RELINK_LOG",
    "RELINK_LOG_FORMAT",
    "RELINK_MAIL_FROM",
    "RELINK_PAGE_URL",
    "RELINK_PG_BIN",
    "RELINK_PROVIDER_CALLS_MAX",
    "RELINK_PROVIDER_CA_FILE",
    "RELINK_PROVIDER_URL",
    "RELINK_PUBLIC_URL",
    "RELINK_RABBITMQ_BIN",
    "RELINK_RELAY_PATIENCE_SECONDS",
    "RELINK_REMOVALS_ENABLED",
    "RELINK_RESCUE_SECONDS",
    "RELINK_SCHEDULER_LEASE_SECONDS",
    "RELINK_SIMULATOR_ADDRESS",
    "RELINK_SIMULATOR_FROM",
    "RELINK_SIMULATOR_LIVES",
    "RELINK_SIMULATOR_SEED",
    "RELINK_SIMULATOR_SPEED",
    "RELINK_SMTP_CA_FILE",
    "RELINK_STAND_IN_CLOCK",
    "RELINK_STOP_WITH_STDIN",
    "RELINK_WORKER_PREFETCH",
];

/// Secrets, each of which may also stand in the file that the same name with `_FILE` behind it says.
pub const SECRETS: &[&str] = &[
    "RELINK_AMQP_URL",
    "RELINK_DATABASE_URL",
    "RELINK_OPERATOR_TOKEN",
    "RELINK_PROVIDER_API_KEY",
    "RELINK_RABBITMQ_MANAGEMENT_URL",
    "RELINK_SECRETS_KEY",
    "RELINK_SECRETS_KEY_PREVIOUS",
    "RELINK_SMTP_URL",
    "RELINK_WEBHOOK_SECRET",
    "RELINK_WEBHOOK_SECRET_PREVIOUS",
];

/// What the suite says to itself; processes that it starts inherit it.
const OF_TESTS: [&str; 2] = ["RELINK_TEST_", "RELINK_BIN"];

/// Settings that no process has, by name; a set of one is shared by all processes, so that another's is no mistake.
pub fn unknown(environment: &Environment) -> impl Iterator<Item = &str> {
    environment.names().filter(|name| {
        let secret = name.strip_suffix("_FILE").unwrap_or(name);
        !SETTINGS.contains(name)
            && !SECRETS.contains(&secret)
            && !OF_TESTS.iter().any(|prefix| name.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_no_process_has_is_named_and_another_process_s_is_not() {
        let environment: Environment = [
            "RELINK_REMOVAL_ENABLED",
            "RELINK_DATABASE_URL_FILE",
            "RELINK_DATABASE_CONNECTIONS_FILE",
            "RELINK_AMQP_URL",
            "RELINK_AMQP_CA_FILE",
            "RELINK_TEST_DATABASE_URL",
            "RELINK_BIN",
            "RELINK_API_OPS_SERVICE_HOST",
            "RELINK_WORKER_PREFETCH",
        ]
        .map(|name| (name.to_owned(), "x".to_owned()))
        .into_iter()
        .collect();
        let named: Vec<&str> = unknown(&environment).collect();
        assert_eq!(
            named,
            [
                "RELINK_API_OPS_SERVICE_HOST",
                "RELINK_DATABASE_CONNECTIONS_FILE",
                "RELINK_REMOVAL_ENABLED",
            ]
        );
    }
}
