use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sends.md");
const BEGIN: &str = "<!-- proofs: printed from policy::sends::proof -->\n";
const END: &str = "<!-- end of proofs -->\n";

fn table() -> String {
    let mut table = "| action | happened if there is | did not happen if there is | looks | where nothing is proved |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for action in Action::ALL {
        let Proof {
            presence,
            absence,
            absences,
            apart,
            fallback,
        } = of(action);
        let looks = match absences {
            0 => "–".to_owned(),
            _ => format!("{absences}, {} min apart", apart.as_mins()),
        };
        let then = match fallback {
            Fallback::GoesOn => "at the first look `sent`, code `assumed`; the enrollment goes on",
            Fallback::Waits => "after 24 hours it waits for a person",
        };
        let cells = [action.as_str(), presence, absence, &looks, then];
        table += "| ";
        table += &cells.join(" | ");
        table += " |\n";
    }
    table
}

#[test]
fn r_cap_6_the_docs_print_the_table_of_proofs() {
    let page = std::fs::read_to_string(PAGE).expect("read the page");
    let (before, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (_, after) = rest.split_once(END).expect("where it ends");
    let printed = format!("{before}{BEGIN}{}{END}{after}", table());
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no configuration to read the wish from"
    )]
    let update = std::env::var_os("UPDATE_DOCS");
    if update.is_some_and(|it| it == "1") {
        std::fs::write(PAGE, &printed).expect("write the page");
        return;
    }
    assert!(page == printed, "run this test with UPDATE_DOCS=1");
}

#[test]
fn r_cap_6_only_what_nobody_notices_goes_on_unproved() {
    for action in Action::ALL {
        let proof = of(action);
        let harmless = action == Action::ProfileView;
        assert_eq!(proof.fallback == Fallback::GoesOn, harmless, "{action}");
        // What is repeated after an absence was looked for at least twice, minutes apart.
        assert!(
            harmless || (proof.absences >= 2 && proof.apart >= STATE),
            "{action}"
        );
    }
}
