//! How long a service asks to be left alone.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// RFC 9110, section 10.2.3: seconds, or a date. The service's own clock says how
/// far away the date is, when it tells the time: ours may be wrong.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text(headers, &RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a number can hold is for ever.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = self::text(headers, &DATE).and_then(|text| httpdate::parse_http_date(text).ok());
    Some(date.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(value: &str, date: Option<&str>) -> Option<Duration> {
        let headers = [(RETRY_AFTER, Some(value)), (DATE, date)];
        let headers = headers.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let headers = headers.map(|(name, text)| (name, HeaderValue::from_str(text).unwrap()));
        retry_after(&headers.collect())
    }

    #[test]
    fn it_is_seconds_or_a_date() {
        assert_eq!(read("120", None), Some(Duration::from_secs(120)));
        assert_eq!(read("99999999999999999999999", None), Some(Duration::MAX));
        assert_eq!(read("Fri, 31 Dec 1999 23:59:59 GMT", None), Some(Duration::ZERO));
        for nonsense in ["soon", "", "-1", "1.5"] {
            assert_eq!(read(nonsense, None), None, "{nonsense}");
        }
        let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        let seconds = read(&later, None).unwrap().as_secs();
        assert!((90..=100).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_date_goes_by_the_clock_of_the_service() {
        let its_clock = Some("Fri, 31 Dec 1999 23:59:50 GMT");
        let date = "Fri, 31 Dec 1999 23:59:59 GMT";
        assert_eq!(read(date, its_clock), Some(Duration::from_secs(9)));
    }
}
