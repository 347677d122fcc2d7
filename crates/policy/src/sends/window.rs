//! The hours and weekdays in which an account sends, in its own zone (R-CAP-3).

use super::sender::SendingRules;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use std::ops::Range;
use std::sync::LazyLock;

/// The zones that this build knows. Nothing is read from the machine, so that two workers never disagree.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Minutes of a local day.
const DAY_MINUTES: u16 = 1440;
/// One bit for each weekday.
const ALL_DAYS: u8 = 0b111_1111;
/// Local dates after today's whose start may be the next opening. One weekday alone comes again after seven, and a
/// fortnight if a change of zone (Samoa, 2011) or a gap swallowed it.
const DAYS_AHEAD: i8 = 15;

/// Sending rules that cannot be obeyed: which field, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRules {
    /// `zone` is in no tz database.
    #[error("zone {0:?} is unknown: use a name of the tz database, such as Europe/Berlin")]
    UnknownZone(String),
    /// `start_minute` and `end_minute` are the same.
    #[error(
        "a window opens and closes at two minutes of the day, not both at {0}: the whole day is 0 to 1440"
    )]
    EmptyWindow(u16),
    /// `start_minute` is no minute of a day.
    #[error("start_minute {0} is above 1439, the last minute of a day in which a window opens")]
    StartAfterMidnight(u16),
    /// `end_minute` is behind the day's end.
    #[error("end_minute {0} is above 1440, the last minute of a day")]
    EndAfterMidnight(u16),
    /// `days` names no weekday.
    #[error(
        "days {0:#b} names no weekday: set at least one of the lowest seven bits, Monday being the lowest"
    )]
    NoDay(u8),
}

/// When an account may send, in a zone that is known. A window that ends before it starts closes on the next local day; its
/// weekday is that of the date on which it opens.
#[derive(Clone, Debug)]
pub struct Window {
    zone: TimeZone,
    start_minute: u16,
    end_minute: u16,
    days: u8,
}

impl Window {
    /// The window that the rules describe.
    pub fn of(rules: &SendingRules) -> Result<Self, BadRules> {
        let (start, end) = (rules.start_minute, rules.end_minute);
        if DAY_MINUTES <= start {
            return Err(BadRules::StartAfterMidnight(start));
        }
        if DAY_MINUTES < end {
            return Err(BadRules::EndAfterMidnight(end));
        }
        if start == end {
            return Err(BadRules::EmptyWindow(start));
        }
        if rules.days & ALL_DAYS == 0 {
            return Err(BadRules::NoDay(rules.days));
        }
        let zone = zone_of(&rules.zone);
        let zone = zone.ok_or_else(|| BadRules::UnknownZone(rules.zone.clone()))?;
        Ok(Self {
            zone,
            start_minute: start,
            end_minute: end,
            days: rules.days,
        })
    }

    /// Window of these minutes of every day, of one day; null for a zone that this build does not know.
    pub fn daily(zone: &str, minutes: Range<u16>) -> Option<Self> {
        let zone = zone_of(zone)?;
        Some(Self {
            zone,
            start_minute: minutes.start,
            end_minute: minutes.end,
            days: ALL_DAYS,
        })
    }

    /// The account's zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether the local clock shows an hour of the window of an active weekday, and nothing else.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.zone.to_datetime(at);
        self.opening_date(local.date(), minute_of(local.time()))
            .is_some_and(|date| self.is_active(date))
    }

    /// The earliest instant, `from` included, at which it is open; none if that is more than a fortnight away.
    ///
    /// It can only open where the local clock passes the window's start, twice in a fold, or where the zone changes:
    /// out of a gap that held the start, or back into the window.
    pub fn opens(&self, from: Timestamp) -> Option<Timestamp> {
        if self.is_open(from) {
            return Some(from);
        }
        let today = self.zone.to_datetime(from).date();
        let mut dates = (-1..=DAYS_AHEAD)
            .filter_map(|days| today.checked_add(Span::new().days(days)).ok())
            .map(|date| (date, self.first_start(date, from)));
        let (date, start) = dates.find(|(_, start)| start.is_some())?;
        // A clock that was set back by most of a day passes tomorrow's start before it passes today's again.
        let tomorrow = date.tomorrow().ok();
        let tomorrow = tomorrow.and_then(|date| self.first_start(date, from));
        let start = start.into_iter().chain(tomorrow).min()?;
        let changes = self.zone.following(from).map(|it| it.timestamp());
        let mut changes = changes.take_while(|it| *it < start);
        changes.find(|it| self.is_open(*it)).or(Some(start))
    }

    /// The first instant after `from` at which it is closed; none if that is more than a fortnight away.
    ///
    /// It can only close where the local clock passes the window's end, or where the zone changes.
    pub fn closes(&self, from: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(from).date();
        let dates =
            (-1..=DAYS_AHEAD).filter_map(|days| today.checked_add(Span::new().days(days)).ok());
        let mut ends: Vec<_> = dates
            .flat_map(|date| self.passes(date, self.end_minute))
            .flatten()
            .filter(|it| from < *it)
            .collect();
        ends.sort_unstable();
        let last = *ends.last()?;
        let changes = self.zone.following(from).map(|it| it.timestamp());
        let changes = changes.take_while(|it| *it < last);
        let mut closed = changes.filter(|it| from < *it && !self.is_open(*it));
        let end = ends.iter().copied().find(|it| !self.is_open(*it));
        closed.next().into_iter().chain(end).min()
    }

    /// Date on which the window opened that holds that minute of `date`; none if it is in no window of any weekday.
    fn opening_date(&self, date: Date, minute: u16) -> Option<Date> {
        let crosses_midnight = self.end_minute < self.start_minute;
        match (self.start_minute <= minute, minute < self.end_minute) {
            (true, true) => Some(date),
            (true, false) if crosses_midnight => Some(date),
            (false, true) if crosses_midnight => date.yesterday().ok(),
            (true | false, _) => None,
        }
    }

    fn is_active(&self, date: Date) -> bool {
        self.days & (1 << date.weekday().to_monday_zero_offset()) != 0
    }

    /// When the local clock first passes the window's start on that date, at `from` or later.
    fn first_start(&self, date: Date, from: Timestamp) -> Option<Timestamp> {
        if !self.is_active(date) {
            return None;
        }
        self.passes(date, self.start_minute)
            .into_iter()
            .flatten()
            .filter(|it| *it >= from)
            .min()
    }

    /// When the local clock passes that minute of a date: once, twice in a fold, never in a gap. Minute 1440 is the next
    /// date's first.
    fn passes(&self, date: Date, minute: u16) -> [Option<Timestamp>; 2] {
        let date = match minute {
            DAY_MINUTES => date.tomorrow().ok(),
            _ => Some(date),
        };
        let Some(date) = date else {
            return [None, None];
        };
        let local = date.to_datetime(time_of(minute % DAY_MINUTES));
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => [offset.to_timestamp(local).ok(), None],
            AmbiguousOffset::Fold { before, after } => {
                [before, after].map(|it| it.to_timestamp(local).ok())
            }
            AmbiguousOffset::Gap { .. } => [None, None],
        }
    }
}

fn zone_of(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok().filter(|it| !it.is_unknown())
}

fn minute_of(time: Time) -> u16 {
    let [hour, minute] = [time.hour(), time.minute()].map(|it| u16::from(it.unsigned_abs()));
    hour * 60 + minute
}

/// `minute` is below [`DAY_MINUTES`].
fn time_of(minute: u16) -> Time {
    let [hour, minute] = [minute / 60, minute % 60].map(|it| i8::try_from(it).unwrap_or_default());
    Time::new(hour, minute, 0, 0).unwrap_or(Time::MIN)
}

#[cfg(test)]
mod tests;
