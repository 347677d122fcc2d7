//! Lines about the restarts of an account that is recovering (R-LNK-8).

use crate::why::words::at;
use policy::sends::sender::Sender;
use store::why::RestartSheet;

pub(super) fn line(sender: &Sender, one: &RestartSheet) -> String {
    let RestartSheet {
        rung,
        state,
        at: when,
        code,
    } = one;
    let asked = match rung {
        0 => "asked for by an operator".to_owned(),
        rung => format!("rung {rung}"),
    };
    let code = match code.as_str() {
        "" => String::new(),
        code => format!(": {code}"),
    };
    format!("{state} {} ({asked}){code}", at(sender, *when))
}
