//! Settings that are wrong, or that name servers which are not there.

use super::patient::Patient;
use super::ward::Ward;

#[expect(clippy::too_many_lines, reason = "a list, one breakage an entry")]
#[tokio::test]
async fn each_broken_setting_is_named_with_its_fix() {
    let ward = Ward::of(Patient::fresh().await).await;
    let patient = &ward.patient;
    // Without queues or workers much of the broker fails already; the settings are looked at alone.
    let mut alone = patient.settings.clone();
    alone.retain(|name, _| name.contains("DATABASE"));
    let but = |name: &str, value: &str| {
        let mut settings = alone.clone();
        settings.insert(name.to_owned(), value.to_owned());
        settings
    };
    let listed = "docs/settings.md lists every setting";
    for (what, settings, expected) in [
        (
            "a database URL of another kind",
            but("RELINK_DATABASE_URL", "mysql://user:hush-hush@host/db"),
            ["settings", "must look like postgresql://", listed],
        ),
        (
            "a misspelled setting",
            but("RELINK_DATABSE_CONNECTIONS", "20"),
            [
                "settings",
                "RELINK_DATABSE_CONNECTIONS: nothing reads",
                "write RELINK_DATABASE_CONNECTIONS",
            ],
        ),
        (
            "a number out of its limits",
            but("RELINK_WORKER_PREFETCH", "0"),
            ["settings", "a whole number from 1 to 200", listed],
        ),
        (
            "no database there",
            but(
                "RELINK_DATABASE_URL",
                "postgresql://relink_reader:hush-hush@127.0.0.1:1/relink",
            ),
            [
                "database",
                "Connection refused",
                "see whether the server runs",
            ],
        ),
        (
            "a login that does not exist",
            but(
                "RELINK_DATABASE_URL",
                &patient.site.database_url("relink_nobody"),
            ),
            ["database", "relink_nobody", "correct user and password"],
        ),
        (
            "no broker there",
            but("RELINK_AMQP_URL", "amqp://user:hush-hush@127.0.0.1:1/%2f"),
            ["broker", "onnection refused", "see whether the broker runs"],
        ),
        (
            "a wrong broker password",
            but(
                "RELINK_AMQP_URL",
                &with_password(&patient.settings["RELINK_AMQP_URL"], "hush-hush"),
            ),
            [
                "broker",
                "ACCESS",
                "correct user and password in RELINK_AMQP_URL",
            ],
        ),
        (
            "a vhost that does not exist",
            but(
                "RELINK_AMQP_URL",
                &format!("{}-not", patient.settings["RELINK_AMQP_URL"]),
            ),
            ["broker", "vhost", "rabbitmqctl add_vhost"],
        ),
    ] {
        ward.diagnose(what, &settings, expected).await;
    }
    let mut nowhere = but("RELINK_PROVIDER_URL", "http://127.0.0.1:1");
    nowhere.insert("RELINK_PROVIDER_API_KEY".to_owned(), "hush-hush".to_owned());
    let expected = [
        "provider",
        "onnection refused",
        "see whether RELINK_PROVIDER_URL names the provider",
    ];
    ward.diagnose("no provider there", &nowhere, expected).await;
}

fn with_password(url: &str, password: &str) -> String {
    let (user, rest) = url.split_once('@').expect("a user");
    let (user, _) = user.rsplit_once(':').expect("a password");
    format!("{user}:{password}@{rest}")
}
