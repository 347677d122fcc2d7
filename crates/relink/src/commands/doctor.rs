//! `relink doctor`: whether this installation can work, and what to do where it cannot. It writes nothing.
//!
//! It looks at whatever the environment names: a process's own settings are enough, and what they do not name is said to
//! be not asked.

mod broker;
mod callbacks;
mod certificate;
mod database;
mod finding;
mod fleet;
mod held;
mod mail;
mod management;
mod provider;
mod schema;
mod settings;

use super::Failure;
use finding::Findings;
use settings::Settings;
use std::process::ExitCode;

pub(crate) async fn run(as_json: bool) -> Result<ExitCode, Failure> {
    let mut findings = Findings::default();
    let settings = Settings::read(&mut findings);
    let servers = async {
        let mut findings = Findings::default();
        database::look(&settings, &mut findings).await;
        findings
    };
    let broker = async {
        let mut findings = Findings::default();
        broker::look(&settings, &mut findings).await;
        findings
    };
    let provider = async {
        let mut findings = Findings::default();
        provider::look(&settings, &mut findings).await;
        findings
    };
    let callbacks = async {
        let mut findings = Findings::default();
        callbacks::look(&settings, &mut findings).await;
        findings
    };
    let mail = async {
        let mut findings = Findings::default();
        mail::look(&settings, &mut findings).await;
        findings
    };
    let (servers, broker, provider, callbacks, mail) =
        tokio::join!(servers, broker, provider, callbacks, mail);
    for more in [servers, broker, provider, callbacks, mail] {
        findings.append(more);
    }
    if as_json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print!("{}", findings.text());
    }
    Ok(if findings.is_well() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
