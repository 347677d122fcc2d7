//! Zone, hours, weekdays and ramp as people write them, checked by the rule that obeys them (R-CAP-3).

use crate::Refused;
use crate::workspaces::Setting;
use policy::sends::sender::SendingRules;
use policy::sends::window::Window;
use serde_json::{Map, Value, json};

/// Weekdays in the order of their bits.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Minute of the day after its last.
const MIDNIGHT: u16 = 1440;
/// Sends a day that a ramp may begin with, or add: more is a slip of the pen.
const RAMP_MAX: u32 = 1_000;

/// The zone as the rules of sending will read it.
pub(crate) fn known_zone(zone: &str) -> Result<(), Refused> {
    check_obeyed("zone", zone, (0, MIDNIGHT), 0b111_1111)
}

/// `09:00-18:00` in minutes of the day; `22:00-06:00` ends on the next day, and `00:00` as an end is midnight after it.
fn window_minutes(window: &str) -> Result<(u16, u16), Refused> {
    let wrong = || {
        Refused::invalid(format!(
            "window: {window:?} is none; say 09:00-18:00, or 22:00-06:00 for a night"
        ))
    };
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let is_number = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
        if !is_number(hour) || !is_number(minute) {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60).then_some(hour * 60 + minute)
    };
    let (start, end) = window.split_once('-').ok_or_else(wrong)?;
    let (start, end) = minute(start).zip(minute(end)).ok_or_else(wrong)?;
    let end = if end == 0 && start != 0 {
        MIDNIGHT
    } else {
        end
    };
    check_obeyed("window", "UTC", (start, end), 0b111_1111)?;
    Ok((start, end))
}

/// Weekdays as bits, the lowest for Monday.
pub(crate) fn weekday_bits(days: &[String]) -> Result<u8, Refused> {
    let mut bits = 0;
    for day in days {
        let place = DAYS.iter().position(|it| it == day);
        let all = DAYS.join(", ");
        let place = place
            .ok_or_else(|| Refused::invalid(format!("days: {day:?} is none; there are {all}")))?;
        bits |= 1 << place;
    }
    check_obeyed("days", "UTC", (0, MIDNIGHT), bits)?;
    Ok(bits)
}

/// Refuses rules that the sends' own window could not be made of (R-CAP-3).
fn check_obeyed(
    field: &str,
    zone: &str,
    (start_minute, end_minute): (u16, u16),
    days: u8,
) -> Result<(), Refused> {
    let rules = SendingRules {
        zone: zone.to_owned(),
        start_minute,
        end_minute,
        days,
        ramp_start: 1,
        ramp_step: 0,
    };
    let read = Window::of(&rules).map(drop);
    read.map_err(|bad| Refused::invalid(format!("{field}: {bad}")))
}

/// Writes both ends of a window that is named into the changes.
pub(crate) fn put_window(
    changes: &mut Map<String, Value>,
    window: &Setting<String>,
) -> Result<(), Refused> {
    let ends = match window {
        Setting::Kept => return Ok(()),
        Setting::Default => [Value::Null, Value::Null],
        Setting::To(window) => {
            let (start, end) = window_minutes(window)?;
            [json!(start), json!(end)]
        }
    };
    let names = ["start_minute", "end_minute"].map(str::to_owned);
    changes.extend(names.into_iter().zip(ends));
    Ok(())
}

/// Writes both figures of a ramp that is named into the changes: `10+5` is 10 a day, and 5 more each day.
pub(crate) fn put_ramp(
    changes: &mut Map<String, Value>,
    ramp: &Setting<String>,
) -> Result<(), Refused> {
    let figures = match ramp {
        Setting::Kept => return Ok(()),
        Setting::Default => [Value::Null, Value::Null],
        Setting::To(ramp) => {
            let (start, step) = ramp_figures(ramp)?;
            [json!(start), json!(step)]
        }
    };
    let names = ["ramp_start", "ramp_step"].map(str::to_owned);
    changes.extend(names.into_iter().zip(figures));
    Ok(())
}

fn ramp_figures(ramp: &str) -> Result<(u32, u32), Refused> {
    let wrong = || {
        let why = format!("ramp: {ramp:?} is none; say 10+5, from 1+0 to {RAMP_MAX}+{RAMP_MAX}");
        Refused::invalid(why)
    };
    let (start, step) = ramp.split_once('+').ok_or_else(wrong)?;
    let figure = |text: &str| {
        let text = text.trim();
        let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let number = is_number.then(|| text.parse::<u32>().ok()).flatten();
        number.filter(|it| *it <= RAMP_MAX)
    };
    let (start, step) = figure(start).zip(figure(step)).ok_or_else(wrong)?;
    (0 < start).then_some((start, step)).ok_or_else(wrong)
}

/// A window as it is written, `22:00-06:00`.
pub(crate) fn window_text((start, end): (u16, u16)) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", clock(start), clock(end))
}

/// Weekdays that are set, in their order.
pub(crate) fn day_names(bits: u8) -> Vec<&'static str> {
    let numbered = DAYS.into_iter().enumerate();
    let set = numbered.filter(|(place, _)| bits & (1 << place) != 0);
    set.map(|(_, day)| day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_cap_3_windows_are_read_as_people_write_them() {
        for (text, minutes) in [
            ("09:00-18:00", Some((540, 1_080))),
            (" 08:30 - 24:00", Some((510, 1_440))),
            ("22:00-06:00", Some((1_320, 360))),
            ("22:00-00:00", Some((1_320, 1_440))),
            ("00:00-24:00", Some((0, 1_440))),
            ("23:59-00:01", Some((1_439, 1))),
            ("00:00-00:00", None),
            ("24:00-06:00", None),
            ("22:00-24:01", None),
            ("09:00-09:00", None),
            ("22:00", None),
            ("22-06", None),
            ("22:00-06:00-08:00", None),
        ] {
            let read = window_minutes(text);
            assert_eq!(read.clone().ok(), minutes, "{text}");
            if let Err(refused) = read {
                assert!(refused.why.starts_with("window: "), "{}", refused.why);
            }
        }
        assert_eq!(window_text((1_320, 360)), "22:00-06:00");
    }

    #[test]
    fn r_cap_3_a_ramp_begins_above_nothing() {
        for (text, figures) in [
            ("10+5", Some((10, 5))),
            (" 1 + 0 ", Some((1, 0))),
            ("1000+1000", Some((1_000, 1_000))),
            ("0+5", None),
            ("1001+1", None),
            ("10", None),
            ("10+", None),
            ("-1+5", None),
            ("10+5+1", None),
            ("99999999999+1", None),
        ] {
            assert_eq!(ramp_figures(text).ok(), figures, "{text}");
        }
    }
}
