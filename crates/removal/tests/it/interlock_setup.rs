//! From the configuration to a caller.

use provider::{Config, ConfigError};
use removal::Caller;
use std::time::Duration;

fn refused(change: impl FnOnce(&mut Config)) -> ConfigError {
    let mut config = Config::new("http://127.0.0.1:1", "key".into());
    Caller::new(&config).expect("it is good before the change");
    change(&mut config);
    Caller::new(&config).expect_err("it is refused")
}

#[test]
fn r_del_1_a_caller_takes_the_providers_configuration_with_its_refusals() {
    let limits: [fn(&mut Config); 3] = [
        |config| config.connect_timeout = Duration::ZERO,
        |config| config.total_timeout = Duration::ZERO,
        |config| config.body_bytes_max = 0,
    ];
    for change in limits {
        assert!(matches!(refused(change), ConfigError::Limit));
    }
    let url = refused(|config| config.base_url = "ftp://host".into());
    assert!(matches!(url, ConfigError::BaseUrl));
    let key = refused(|config| config.api_key = "".into());
    assert!(matches!(key, ConfigError::ApiKey));
    let ca = refused(|config| config.ca_pem = Some(b"nonsense".to_vec()));
    assert!(matches!(ca, ConfigError::Ca));
}
