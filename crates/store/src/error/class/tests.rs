use super::*;
use ErrorClass::{Damage, Internal, Moment, Server, Session, Work};

/// Every class of PostgreSQL's appendix of codes, by its first two letters, and each code that is judged otherwise.
const CODES: &[(&str, ErrorClass)] = &[
    ("01000", Work),
    ("02000", Work),
    ("03000", Work),
    ("08000", Session),
    ("08001", Session),
    ("08003", Session),
    ("08004", Session),
    ("08006", Session),
    ("08P01", Session),
    ("09000", Work),
    ("0A000", Work),
    ("0B000", Work),
    ("0F000", Work),
    ("0L000", Work),
    ("0P000", Work),
    ("0Z000", Work),
    ("20000", Work),
    ("21000", Work),
    ("22021", Work),
    ("22023", Work),
    ("23505", Work),
    ("24000", Work),
    ("25000", Work),
    ("25001", Work),
    ("25006", Session),
    ("25P01", Session),
    ("25P02", Work),
    ("25P03", Session),
    ("25P04", Session),
    ("26000", Session),
    ("27000", Work),
    ("28000", Work),
    ("28P01", Work),
    ("2B000", Work),
    ("2D000", Work),
    ("2F000", Work),
    ("34000", Session),
    ("38000", Work),
    ("39000", Work),
    ("3B001", Session),
    ("3D000", Work),
    ("3F000", Work),
    ("40000", Moment),
    ("40001", Moment),
    ("40003", Moment),
    ("40P01", Moment),
    ("42501", Work),
    ("42703", Work),
    ("42P01", Work),
    ("42P03", Session),
    ("42P05", Session),
    ("44000", Work),
    ("53000", Server),
    ("53100", Server),
    ("53200", Moment),
    ("53300", Server),
    ("53400", Moment),
    ("54000", Work),
    ("55000", Work),
    ("55006", Work),
    ("55P03", Moment),
    ("57000", Moment),
    ("57014", Moment),
    ("57P01", Session),
    ("57P02", Session),
    ("57P03", Session),
    ("57P04", Session),
    ("57P05", Session),
    ("58000", Damage),
    ("58030", Damage),
    ("58P01", Damage),
    ("58P02", Damage),
    ("72000", Moment),
    ("F0000", Server),
    ("F0001", Server),
    ("HV000", Work),
    ("P0001", Work),
    ("P0002", Work),
    ("XX000", Internal),
    ("XX001", Damage),
    ("XX002", Damage),
];

#[test]
fn r_q_2_every_class_of_codes_is_judged() {
    for (code, expected) in CODES {
        assert_eq!(class_of_code(code), *expected, "{code}");
    }
    for odd in ["", "4", "é", "99999"] {
        assert_eq!(class_of_code(odd), Work, "{odd:?}");
    }
}

#[test]
fn only_what_speaks_of_the_connection_spoils_it() {
    let spoiling = ErrorClass::ALL.into_iter().filter(|class| class.spoils());
    assert_eq!(spoiling.collect::<Vec<_>>(), [Session, Internal, Damage]);
}

#[test]
fn the_drivers_own_errors_are_of_the_connection_unless_our_types_did_not_fit() {
    for (words, expected) in [
        ("error communicating with the server", Session),
        ("unexpected message from server", Session),
        ("error parsing response from server", Session),
        ("error performing TLS handshake", Session),
        ("error connecting to server", Session),
        ("authentication error", Session),
        ("connection closed", Session),
        ("timeout waiting for server", Session),
        ("error serializing parameter 2", Work),
        ("error deserializing column 0", Work),
        ("error encoding message to server", Work),
        ("invalid column `x`", Work),
        ("expected 2 parameters but got 3", Work),
        ("query returned an unexpected number of rows", Work),
        ("query returned an unexpected number of columns", Work),
        ("invalid connection string", Work),
        ("invalid configuration", Work),
    ] {
        assert_eq!(class_of_words(words), expected, "{words}");
    }
}
