use super::*;
use proptest::prelude::*;

const SAID: &str = "Hello José & Zoë \u{2764}\u{FE0F},\r\nit\u{2019}s \u{201C}Ada\u{201D} \u{2013} see https://relink.example/a?b=c. Yours";

#[track_caller]
fn alike(shown: &str) {
    assert_eq!(
        likeness(shown, &fold(SAID)),
        Likeness::Same,
        "{shown:?} folds to {:?}",
        fold(shown)
    );
}

#[test]
fn r_cap_6_a_text_is_known_again_in_every_form_that_it_may_take() {
    alike(SAID);
    alike(&SAID.nfd().collect::<String>());
    alike(&SAID.nfc().collect::<String>());
    for (from, to) in [
        ("\u{FE0F}", ""),
        ("\u{2764}\u{FE0F}", "\u{2764}\u{FE0E}"),
        ("\u{2019}", "'"),
        ("\u{2019}", "&#39;"),
        ("\u{2019}", "&rsquo;"),
        ("\u{201C}Ada\u{201D}", "\"Ada\""),
        ("\u{201C}Ada\u{201D}", "&quot;Ada&quot;"),
        ("\u{201C}Ada\u{201D}", "\u{AB}Ada\u{BB}"),
        ("\u{2013}", "-"),
        ("&", "&amp;"),
        ("&", "&amp;amp;"),
        ("\r\n", "\n"),
        ("\r\n", "<br/>"),
        ("\r\n", " "),
        (" see", "\u{A0}see"),
        ("Hello", "\u{200B}Hel\u{AD}lo"),
        ("Hello", "\u{FEFF}Hello"),
        ("Yours", "Yours \n\n"),
        ("https://relink.example/a?b=c", "https://lnkd.in/dQw4w9"),
        ("https://relink.example/a?b=c", "lnkd.in/dQw4w9"),
        ("https://relink.example/a?b=c", "relink.example/a"),
        (
            "https://relink.example/a?b=c",
            "https://relink.example/a?b=c&amp;utm_source=x",
        ),
    ] {
        let shown = SAID.replace(from, to);
        assert_ne!(
            shown,
            SAID.replace("\r\n\r\n", ""),
            "{from:?} is in the text"
        );
        alike(&shown);
    }
    let said: Vec<char> = SAID.chars().collect();
    // Cut before its link, and within it.
    for length in [39, 52] {
        let cut: String = said[..length].iter().collect();
        alike(&format!("{cut}\u{2026}"));
        alike(&format!("{cut}..."));
    }
}

#[test]
fn r_cap_6_another_text_is_not_taken_for_it() {
    let wanted = fold(SAID);
    for other in [
        "",
        "Hello",
        "Hello José",
        "Hello Jos\u{2026}",
        "Hello Jose & Zoe",
        &SAID.replace("Yours", "Mine"),
    ] {
        assert_eq!(likeness(other, &wanted), Likeness::Other, "{other:?}");
    }
    assert_ne!(fold("a < b"), fold("a > b"));
    assert_eq!(fold("a < b and c > d"), "a<bandc>d");
    assert_eq!(
        fold("e.g. this, Ph.D. (see www.x.org/a)."),
        format!("e.g.this,Ph.D.(see{LINK}).")
    );
}

proptest! {
    #[test]
    fn r_cap_6_folding_twice_is_folding_once_for_plain_texts(text in "[ a-zA-Z,.!?'\"-]{0,60}") {
        let once = fold(&text);
        prop_assert_eq!(likeness(&text, &once), Likeness::Same);
    }

    #[test]
    fn r_cap_6_no_text_makes_folding_fail(text in any::<String>()) {
        let wanted = fold(&text);
        prop_assert_eq!(likeness(&text, &wanted), Likeness::Same);
    }
}
