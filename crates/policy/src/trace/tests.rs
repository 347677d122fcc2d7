use super::*;
use proptest::prelude::*;

const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const TABLE: &[(&str, bool)] = &[
    (GOOD, true),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        true,
    ),
    // Flags that we do not know are there, and dropped.
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
        true,
    ),
    // Later versions: with and without more fields, but not with anything glued on.
    (
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        true,
    ),
    (
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        true,
    ),
    (
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        false,
    ),
    (
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        false,
    ),
    // No id of zeroes, no capitals, no other letters, no other lengths, no other separators.
    (
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        false,
    ),
    (
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        false,
    ),
    (
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        false,
    ),
    (
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        false,
    ),
    (
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        false,
    ),
    (
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-é",
        false,
    ),
    ("", false),
];

fn step(trace: u8, span: u8) -> Option<TraceParent> {
    TraceParent::new([trace; 16], [span; 8])
}

#[test]
fn a_traceparent_is_read_by_the_standards_rules_or_not_at_all() {
    for (text, is_one) in TABLE {
        assert_eq!(TraceParent::parse(text).is_some(), *is_one, "{text}");
    }
    let long = format!("cc{}-{}", &GOOD[2..], "x".repeat(BYTES_MAX));
    assert_eq!(TraceParent::parse(&long), None);
}

#[test]
fn a_step_names_its_trace_and_its_child_stays_in_it() {
    let read = TraceParent::parse(GOOD).expect("a good one");
    assert_eq!(read.to_string(), GOOD);
    assert_eq!(read.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    let child = read.child([7; 8]);
    assert_eq!((child.trace(), child.span()), (read.trace(), [7; 8]));
    assert!(child.is_sampled() && !child.sampled(false).is_sampled());
    assert_eq!(read.child([0; 8]), read);
    assert_eq!(step(0, 1), None);
    assert_eq!(step(1, 0), None);
}

#[test]
fn a_run_belongs_to_the_trace_of_its_jobs_only_where_that_is_one() {
    let (one, other, far) = (step(1, 1), step(1, 2), step(2, 1));
    for (created, belongs) in [
        (vec![], None),
        (vec![one], one),
        (vec![one, other], one),
        (vec![one, far], None),
        (vec![one, None], None),
        (vec![None], None),
    ] {
        assert_eq!(TraceParent::of_run(&created), belongs, "{created:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(trace: [u8; 16], span: [u8; 8], sampled: bool) {
        if let Some(step) = TraceParent::new(trace, span) {
            let step = step.sampled(sampled);
            prop_assert_eq!(TraceParent::parse(&step.to_string()), Some(step));
        }
    }

    #[test]
    fn no_text_makes_the_reader_stumble(text in "\\PC{0,140}") {
        TraceParent::parse(&text);
    }
}
