//! Dates in conditions: a W3C profile of ISO 8601, or seconds since 1970.

/// Nanoseconds since 1970-01-01T00:00:00Z, or `None` when the text is no date.
///
/// Four digits are a year, as in ISO 8601; any other run of digits is an epoch.
pub fn parse(text: &str) -> Option<i128> {
    if !text.is_ascii() {
        return None;
    }
    if text.len() != 4 && !text.get(1..)?.contains(['-', ':', 'T']) {
        return epoch(text);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut fields = date.split('-');
    let year = digits(fields.next()?, 4)?;
    let month = fields.next().map_or(Some(1), |field| digits(field, 2))?;
    let day = fields.next().map_or(Some(1), |field| digits(field, 2))?;
    if fields.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let nanos = time.map_or(Some(0), time_of_day)?;
    Some(days_from_civil(year, month, day) * DAY + nanos)
}

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

fn epoch(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    // Beyond eighteen digits it is no time that S3 would compare with.
    if whole.is_empty() || whole.len() > 18 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos = whole.parse::<i128>().ok()? * SECOND + self::fraction(fraction)?;
    Some(if text.starts_with('-') { -nanos } else { nanos })
}

/// `hh:mm[:ss[.fff]]` and a zone, as nanoseconds of the day in UTC.
fn time_of_day(text: &str) -> Option<i128> {
    let zone_at = text.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let mut fields = clock.split(':');
    let hour = digits(fields.next()?, 2)?;
    let minute = digits(fields.next()?, 2)?;
    let seconds = fields.next().unwrap_or("00");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let second = digits(second, 2)?;
    if fields.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let nanos = (hour * 3600 + minute * 60 + second) * SECOND + self::fraction(fraction)?;
    Some(nanos - zone_offset(zone)?)
}

fn zone_offset(zone: &str) -> Option<i128> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let (hour, minute) = match clock.split_once(':') {
        Some(pair) => pair,
        None => clock.split_at_checked(2)?,
    };
    let offset = (digits(hour, 2)? * 3600 + digits(minute, 2)? * 60) * SECOND;
    Some(if sign == "-" { -offset } else { offset })
}

fn digits(text: &str, length: usize) -> Option<i128> {
    let fits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

fn fraction(text: &str) -> Option<i128> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos: String = text.chars().chain("000000000".chars()).take(9).collect();
    nanos.parse().ok()
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant's
/// `days_from_civil`): years start in March, so that the leap day is the last.
fn days_from_civil(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn one_instant_many_spellings() {
        let expected = Some(1_709_209_845_000_000_000);
        assert_eq!(parse("2024-02-29T12:30:45Z"), expected);
        assert_eq!(parse("2024-02-29T13:30:45+01:00"), expected);
        assert_eq!(parse("2024-02-29T12:30:45.000Z"), expected);
        assert_eq!(parse("1709209845"), expected);
        assert_eq!(parse("1970"), Some(0));
        assert_eq!(parse("1970-01-02"), Some(86_400_000_000_000));
        assert_eq!(parse("-1"), Some(-1_000_000_000));
    }

    #[test]
    fn not_dates() {
        for text in [
            "",
            "x",
            "2024-13-01",
            "2024-01-01T10",
            "2024-01-01T10:00",
            "12-34",
            "ä",
            "1e9",
            "-",
            "2024-01-01T1é:00Z",
            "--",
            "1.x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
