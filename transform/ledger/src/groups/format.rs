//! How the state of a group is written, and what earlier versions wrote.
//!
//! A field that is added to a group, renamed or taken away is a new format: add
//! to [`MIGRATIONS`] what makes it of the one before, or every cooldown is
//! forgotten by the update. `tests/state/` has what each format looked like.

use serde_json::{Map, Value, json};
use signatures_engine::aggregate::GroupState;

/// The format that states of groups are written in.
pub const FORMAT: u32 = 1 + MIGRATIONS.len() as u32;

/// Makes a state of one format one of the next.
type Migration = fn(&mut Map<String, Value>);

/// The n-th, from 1, makes format n + 1 of format n.
const MIGRATIONS: [Migration; 5] = [
    events_have_times_of_their_own,
    groups_have_names_of_their_own,
    groups_may_be_joined,
    alerts_may_be_taken_back,
    more_than_thresholds_decides,
];

/// Until then events counted when they came, and there was one cooldown. When
/// its alert was raised is not known; had it been at its end, it holds the same.
fn events_have_times_of_their_own(state: &mut Map<String, Value>) {
    let mut take = |name: &str| state.remove(name).unwrap_or_default();
    let [until, suppressed, first] =
        ["cooldown_until", "suppressed", "first_suppressed"].map(&mut take);
    let last_seen = state.get("last_seen").cloned().unwrap_or_default();
    let cooldown = json!({
        "alert": until,
        "until": until,
        "suppressed": suppressed,
        "first_suppressed": first,
        "last_seen": last_seen,
    });
    let cooldowns = if until.is_null() { json!([]) } else { json!([cooldown]) };
    state.insert("cooldowns".to_owned(), cooldowns);
    state.insert("last_arrival".to_owned(), last_seen);
    // The first version did not count them.
    state.entry("alerts").or_insert(json!(0));
}

/// Until then a group was what has the same fingerprint, which is the name of its
/// group where nothing else is said.
fn groups_have_names_of_their_own(state: &mut Map<String, Value>) {
    let Some(fingerprint) = state.remove("fingerprint") else { return };
    if let Some(Value::Object(generic)) = state.get_mut("generic") {
        generic.insert("fingerprint".to_owned(), fingerprint.clone());
    }
    state.insert("group".to_owned(), fingerprint);
}

/// Until then the groups of one error had nothing in common.
fn groups_may_be_joined(state: &mut Map<String, Value>) {
    state.insert("joined".to_owned(), Value::Null);
}

/// Until then an alert that was raised was taken for one that arrived.
fn alerts_may_be_taken_back(state: &mut Map<String, Value>) {
    state.insert("owed".to_owned(), Value::Null);
}

/// Until then nothing was remembered of a group beyond its cooldowns, and what it owed
/// was owed for one of two reasons, of which it is seen again which.
fn more_than_thresholds_decides(state: &mut Map<String, Value>) {
    state.insert("remembered".to_owned(), json!("PT0S"));
    state.insert("baseline".to_owned(), Value::Null);
    if let Some(Value::Object(owed)) = state.get_mut("owed") {
        owed.insert("reason".to_owned(), Value::Null);
    }
}

/// Reads a state in the format that it is said to have, or tells why not.
pub(crate) fn read(format: u32, json: &str) -> Result<GroupState, String> {
    let reason = |error: serde_json::Error| error.to_string();
    if format == FORMAT {
        return serde_json::from_str(json).map_err(reason);
    }
    let mut state = serde_json::from_str(json).map_err(reason)?;
    migrate(&mut state, format, &MIGRATIONS)?;
    serde_json::from_value(Value::Object(state)).map_err(reason)
}

fn migrate(
    state: &mut Map<String, Value>,
    format: u32,
    migrations: &[Migration],
) -> Result<(), String> {
    let done = usize::try_from(format).ok().and_then(|format| format.checked_sub(1));
    let to_do = done.and_then(|done| migrations.get(done..));
    let newest = migrations.len() + 1;
    let to_do = to_do.ok_or(format!("it is of format {format}, and known are 1 to {newest}"))?;
    to_do.iter().for_each(|migration| migration(state));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_format_goes_through_every_later_one() {
        let migrations: [Migration; 2] = [
            |state| {
                let seen = state.remove("seen").unwrap_or_default();
                state.insert("last_seen".into(), seen);
            },
            |state| {
                state.insert("hosts".into(), json!([]));
            },
        ];
        let migrated = |format| {
            let mut state = Map::from_iter([("seen".to_owned(), json!(7))]);
            migrate(&mut state, format, &migrations).map(|()| Value::Object(state))
        };
        assert_eq!(migrated(1), Ok(json!({"last_seen": 7, "hosts": []})));
        assert_eq!(migrated(2), Ok(json!({"seen": 7, "hosts": []})));
        assert_eq!(migrated(3), Ok(json!({"seen": 7})));
        for format in [0, 4, u32::MAX] {
            assert_eq!(
                migrated(format),
                Err(format!("it is of format {format}, and known are 1 to 3"))
            );
        }
    }
}
