//! Time zones by their names.

use jiff::tz::TimeZone;
use signatures_document::{Diagnostic, Reader, yaml::Node};

/// A time zone by its IANA name.
pub(super) fn read_zone(reader: &mut Reader, key: &str, node: &Node) -> Option<TimeZone> {
    let name = reader.text(key, node)?;
    let zone = if name.eq_ignore_ascii_case("utc") {
        Some(TimeZone::UTC)
    } else {
        TimeZone::get(&name).ok().filter(|zone| zone.iana_name().is_some())
    };
    if zone.is_none() {
        let message = format!("there is no time zone `{name}`");
        let help = "names are those of IANA: UTC, Europe/Berlin, America/New_York";
        reader.report(Diagnostic::schema(node.span, message).help(help));
    }
    zone
}
