//! Who lives these days, what befalls them, and what surrounds them.

use simulator::control::{
    Acceptance, ActionFault, ActionFaultKind, Everyday, Faults, Health, MailServer, Manners, Rate,
    Shown, Span, TextForm,
};
use tests::life::{Person, Step};

const WEEKDAYS: u8 = 0b001_1111;
const EVERY_DAY: u8 = 0b111_1111;
const GROWN: (u32, u32) = (1_000, 0);
const LINKEDIN: &[(&str, i32, i32)] = &[
    ("profile_view", 2, 7),
    ("invite", 3, 10),
    ("message", 3, 11),
    ("withdraw_invite", 1, 4),
];
const MAILBOX: &[(&str, i32, i32)] = &[("email", 5, 18)];
const FEW_MAILS: &[(&str, i32, i32)] = &[("email", 1, 3)];
const RETURNING: &[(&str, i32, i32)] = &[("invite", 12, 60), ("message", 4, 22)];

const fn member(
    name: &'static str,
    zone: &'static str,
    window: (u16, u16),
    days: u8,
    ramp: (u32, u32),
) -> Person {
    Person {
        name,
        zone,
        window,
        days,
        ramp,
        caps: LINKEDIN,
        is_mailbox: false,
    }
}

const fn mailbox(name: &'static str, zone: &'static str, window: (u16, u16)) -> Person {
    Person {
        caps: MAILBOX,
        is_mailbox: true,
        ..member(name, zone, window, WEEKDAYS, GROWN)
    }
}

pub(super) const OLGA: Person = Person {
    caps: RETURNING,
    ..member("olga", "Europe/Berlin", (9 * 60, 18 * 60), EVERY_DAY, GROWN)
};
pub(super) const PEOPLE: [Person; 12] = [
    member("ada", "Europe/Berlin", (9 * 60, 17 * 60), WEEKDAYS, GROWN),
    member(
        "ben",
        "America/New_York",
        (9 * 60, 17 * 60),
        WEEKDAYS,
        (1, 1),
    ),
    member(
        "cleo",
        "Asia/Kolkata",
        (10 * 60, 18 * 60 + 30),
        0b011_1111,
        GROWN,
    ),
    member("dan", "Pacific/Apia", (8 * 60, 12 * 60), WEEKDAYS, GROWN),
    member("eve", "Australia/Lord_Howe", (0, 1440), EVERY_DAY, (2, 1)),
    member(
        "finn",
        "Africa/Cairo",
        (7 * 60 + 45, 15 * 60),
        0b100_1111,
        GROWN,
    ),
    member(
        "gita",
        "America/Sao_Paulo",
        (9 * 60, 10 * 60),
        WEEKDAYS,
        GROWN,
    ),
    member(
        "hugo",
        "America/New_York",
        (22 * 60, 4 * 60),
        EVERY_DAY,
        GROWN,
    ),
    mailbox("ines", "Europe/Berlin", (8 * 60, 16 * 60)),
    mailbox("jon", "America/New_York", (9 * 60, 17 * 60)),
    mailbox("kira", "Africa/Cairo", (10 * 60, 12 * 60)),
    Person {
        caps: FEW_MAILS,
        ..mailbox("lea", "Europe/Berlin", (8 * 60, 16 * 60))
    },
];

pub(super) const COURTSHIP: &[Step] = &[
    ("profile_view", "0"),
    ("invite", "0"),
    ("message", "1 day"),
    ("withdraw_invite", "5 days"),
];
pub(super) const LETTERS: &[Step] = &[("invite", "0"), ("message", "1 day"), ("message", "3 days")];
pub(super) const MAILS: &[Step] = &[("email", "0"), ("email", "2 days"), ("email", "4 days")];

/// What befalls one person or everybody, on a day and at an hour (UTC).
pub(super) enum Event {
    Lost(usize, Health),
    Back(usize),
    Caps(usize, &'static str, i32, i32),
    Zone(usize, &'static str),
    QueuePaused,
    Crash,
    /// The provider's clock is so many minutes ahead from now on.
    Clock(i64),
    /// Whatever is asked is answered with 5xx, for an hour.
    Outage,
    /// LinkedIn restricts that one, and says so.
    Restricted(usize),
    /// That one invites so many people by hand.
    ByHand(usize, u64),
}

/// Days and hours from the beginning; those of ada, ben, … by their place.
pub(super) const EVENTS: &[(i64, i64, Event)] = &[
    (1, 11, Event::Crash),
    (2, 10, Event::Caps(0, "invite", 1, 10)),
    (2, 15, Event::Zone(1, "America/Los_Angeles")),
    (3, 10, Event::Lost(2, Health::Credentials)),
    (3, 13, Event::Back(2)),
    (4, 9, Event::Caps(0, "invite", 4, 6)),
    (4, 15, Event::Crash),
    (5, 10, Event::Zone(0, "Europe/London")),
    (6, 9, Event::Clock(10)),
    (7, 15, Event::Lost(1, Health::Error)),
    (8, 9, Event::Caps(8, "email", 2, 7)),
    (9, 8, Event::ByHand(0, 9)),
    (9, 9, Event::Zone(8, "Asia/Kolkata")),
    (10, 9, Event::Zone(8, "Europe/Berlin")),
    (10, 12, Event::Caps(8, "email", 8, 26)),
    (11, 16, Event::Back(1)),
    (11, 17, Event::Caps(1, "message", 5, 16)),
    (12, 10, Event::Zone(0, "Pacific/Auckland")),
    (12, 22, Event::Zone(0, "America/New_York")),
    (13, 6, Event::Zone(0, "Europe/Berlin")),
    (14, 10, Event::Crash),
    (15, 8, Event::QueuePaused),
    (16, 12, Event::Outage),
    (17, 9, Event::Caps(5, "message", 1, 3)),
    (18, 9, Event::Caps(5, "message", 5, 20)),
    (18, 10, Event::Clock(-10)),
    (19, 2, Event::Zone(4, "Africa/Cairo")),
    (20, 6, Event::Restricted(RESTRICTED)),
    (21, 10, Event::Lost(0, Health::Credentials)),
    (21, 11, Event::Back(0)),
    (22, 11, Event::Crash),
    (24, 15, Event::Zone(6, "America/New_York")),
    (25, 10, Event::Caps(0, "profile_view", 0, 0)),
    (26, 10, Event::Caps(0, "profile_view", 5, 20)),
    (28, 14, Event::Crash),
];

/// Place of the one whom LinkedIn restricts.
pub(super) const RESTRICTED: usize = 7;

/// People as they are: some were met before, some cannot be reached, most accept an invitation within a day, and what lists
/// show is late and in another form.
pub(super) const MANNERS: Manners = Manners {
    strict_relations: true,
    repeated_invites: false,
    inmail_credits: None,
    free_notes: None,
    everyday: Everyday {
        connected: Rate(0.03),
        invited: Rate(0.02),
        withdrawn: Rate(0.01),
        unreachable: Rate(0.02),
    },
    acceptance: Some(Acceptance {
        rate: Rate(0.85),
        after_seconds: Span {
            min: 600,
            max: 72_000,
        },
    }),
    no_mail_profiles: false,
    shown: Shown {
        texts: TextForm::Any,
        late_seconds: Some(Span { min: 0, max: 240 }),
    },
};

/// Servers of ines, jon and lea.
pub(super) const MAIL_SERVERS: [(&str, MailServer); 3] = [
    (
        "s-ines",
        MailServer {
            shows_no_label: true,
            keeps_no_copy: false,
            date_seconds: 0,
        },
    ),
    (
        "s-jon",
        MailServer {
            date_seconds: -3 * 86_400,
            keeps_no_copy: false,
            shows_no_label: false,
        },
    ),
    (
        "s-lea",
        MailServer {
            keeps_no_copy: true,
            shows_no_label: false,
            date_seconds: 0,
        },
    ),
];

/// One of a hundred calls for each, by a clock that is so far ahead.
pub(super) fn faults(clock_min: i64) -> Faults {
    use ActionFaultKind as Kind;
    let kinds = [
        (Kind::ErrorBefore, None),
        (Kind::ResetBefore, None),
        (Kind::Latency, Some(400)),
        (Kind::ErrorAfter, None),
        (Kind::ResetAfter, None),
        (Kind::SilenceAfter, Some(400)),
        (Kind::SlowAfter, Some(500)),
        (Kind::UndecodableAfter, None),
    ];
    let of = |(kind, ms)| ActionFault {
        kind,
        route: None,
        action: None,
        rate: Rate(0.01),
        times: None,
        ms,
    };
    Faults {
        actions: kinds.map(of).to_vec(),
        skew_seconds: 60 * clock_min,
        ..Faults::default()
    }
}
