use super::*;
use std::path::PathBuf;

fn log(name: &str, text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("relink-{name}-{}.log", std::process::id()));
    std::fs::write(&file, text).expect("a log");
    file
}

#[test]
fn an_unclean_end_names_the_process_how_it_ended_and_the_end_of_its_log() {
    let lines: Vec<String> = (1..=20).map(|it| format!("line {it}")).collect();
    let file = log("unclean", &format!("{}\n\n", lines.join("\n")));
    let end = UncleanEnd::new("worker-1", "ended with exit status: 1".to_owned(), &file);
    let said = end.lines();
    let first = format!(
        "worker-1 ended with exit status: 1; the end of {}:",
        file.display()
    );
    assert_eq!(said.first(), Some(&first));
    assert_eq!(said.len(), 1 + LINES);
    assert_eq!(said.last().map(String::as_str), Some("  line 20"));
    std::fs::remove_file(file).expect("it was made here");
}

#[test]
fn a_log_that_is_long_empty_or_away_is_told_too() {
    let long = "é".repeat(20 * 1024);
    let file = log("long", &format!("{long}\n{long}\nthe last one\n"));
    let end = UncleanEnd::new("api", "ended".to_owned(), &file);
    assert_eq!(end.last_lines.len(), 2);
    assert_eq!(end.last_lines[0].chars().count(), LETTERS);
    assert_eq!(end.last_lines[1], "the last one");
    std::fs::remove_file(&file).expect("it was made here");
    let away = UncleanEnd::new("api", "ended".to_owned(), &file);
    assert!(away.to_string().contains("it cannot be read"), "{away}");
    let empty = log("empty", "");
    let said = UncleanEnd::new("api", "ended".to_owned(), &empty).to_string();
    assert!(said.ends_with("is empty"), "{said}");
    std::fs::remove_file(empty).expect("it was made here");
}
